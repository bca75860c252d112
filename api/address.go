package api

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// trusted are the proxies whose X-Forwarded-For is believed.
type trusted []netip.Prefix

func parseTrusted(proxies []string) (trusted, error) {
	var ranges trusted
	for _, proxy := range proxies {
		if address, err := netip.ParseAddr(proxy); err == nil {
			ranges = append(ranges, netip.PrefixFrom(address.Unmap(), address.Unmap().BitLen()))
			continue
		}
		prefix, err := netip.ParsePrefix(proxy)
		if err != nil {
			return nil, fmt.Errorf("api: trusted proxy %q is neither an address nor a range", proxy)
		}
		ranges = append(ranges, prefix)
	}
	return ranges, nil
}

func (t trusted) contains(address netip.Addr) bool {
	for _, prefix := range t {
		if prefix.Contains(address.Unmap()) {
			return true
		}
	}
	return false
}

// addressOf is the caller's address. X-Forwarded-For is read from its end, as far as the
// proxies are ours: what stands further left was written by the caller.
func (t trusted) addressOf(c *fiber.Ctx) netip.Addr {
	address, ok := netip.AddrFromSlice(c.Context().RemoteIP())
	if !ok {
		return netip.Addr{}
	}
	address = address.Unmap()
	if len(t) == 0 || !t.contains(address) {
		return address
	}
	var hops []string
	for _, line := range c.Request().Header.PeekAll(fiber.HeaderXForwardedFor) {
		hops = append(hops, strings.Split(string(line), ",")...)
	}
	for at := len(hops) - 1; at >= 0; at-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[at]))
		if err != nil {
			return address
		}
		address = hop.Unmap()
		if !t.contains(address) {
			return address
		}
	}
	return address
}

// neighbourhood is what is limited as one address: an IPv6 caller owns a whole /64.
func neighbourhood(address netip.Addr) string {
	if address.Is6() {
		if prefix, err := address.WithZone("").Prefix(64); err == nil {
			return prefix.String()
		}
	}
	return address.String()
}
