package api

import (
	"encoding/base64"
	"fmt"
	"net/mail"
	"net/netip"
	"net/url"
	"time"

	"xunfang/models"
)

// fillFormat sets how a string's format is checked.
func fillFormat(made *shape, format string) error {
	made.formatIs = format
	switch format {
	case "", "password", "binary":
	case "uuid":
		made.foldCase = true
		made.format = func(text string) bool { _, err := models.ParseID(text); return err == nil }
	case "date-time":
		made.formatIs = "RFC 3339"
		made.format = func(text string) bool { _, ok := parseTime(text); return ok }
	case "date":
		made.formatIs = "YYYY-MM-DD"
		made.format = func(text string) bool { _, err := time.Parse(time.DateOnly, text); return err == nil }
	case "byte":
		made.formatIs = "base64"
		made.format = func(text string) bool { _, err := base64.StdEncoding.DecodeString(text); return err == nil }
	case "email":
		made.format = func(text string) bool {
			address, err := mail.ParseAddress(text)
			return err == nil && address.Address == text
		}
	case "ipv4":
		made.format = func(text string) bool { ip, err := netip.ParseAddr(text); return err == nil && ip.Is4() }
	case "ipv6":
		made.format = func(text string) bool { ip, err := netip.ParseAddr(text); return err == nil && ip.Is6() }
	case "uri":
		made.format = func(text string) bool { parsed, err := url.Parse(text); return err == nil && parsed.IsAbs() }
	default:
		return fmt.Errorf("format %q cannot be checked", format)
	}
	return nil
}
