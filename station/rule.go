package station

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// rule is what a text must be; the lengths and patterns are those of the contract's schemas.
type rule struct {
	least, most int // characters
	pattern     *regexp.Regexp
	want        string // what would be right, for whoever wrote the file
}

var (
	keyRule     = rule{1, 64, regexp.MustCompile(`^[a-z0-9][a-z0-9_-]*$`), "small letters, digits, - and _"}
	nameRule    = rule{1, 64, nil, ""}
	partRule    = rule{1, 32, regexp.MustCompile(`^[^/]*$`), "no /"} // a part of a path
	pathRule    = rule{1, 256, nil, ""}
	phoneRule   = rule{1, 16, regexp.MustCompile(`^(\+[1-9][0-9]{6,14}|1[0-9]{10})$`), "11 digits beginning with 1, or +, country and number"}
	accountRule = rule{3, 64, regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._@-]*$`), "letters, digits, and . _ @ -"}
	numberRule  = rule{18, 18, regexp.MustCompile(`^[0-9]{17}[0-9Xx]$`), "18 digits, the last may be X"}
	nfcRule     = rule{8, 20, regexp.MustCompile(`^[0-9A-Fa-f]{8,20}$`), "8 to 20 hexadecimal digits"}
	clockRule   = rule{5, 5, regexp.MustCompile(`^([01][0-9]|2[0-3]):[0-5][0-9]$`), "a time like 22:00"}
	tipKeyRule  = rule{62, 62, regexp.MustCompile(`^age1[02-9ac-hj-np-z]{58}$`), "a public key made by xunfang station-key new: age1…"}
	urlRule     = rule{1, 255, regexp.MustCompile(`^[!-~]+$`), "an address"}
	// fingerprintRule is SHA-256 in hex.
	fingerprintRule = rule{64, 64, regexp.MustCompile(`^[0-9a-f]+$`), "64 small hexadecimal digits"}
	anyRule         = rule{1, 64, nil, ""}
)

// check says what is wrong with a text; "" when nothing is.
func (r rule) check(text string) string {
	length := utf8.RuneCountInString(text)
	switch {
	case length < r.least || length > r.most:
		if r.least == r.most {
			return fmt.Sprintf("wants %d characters", r.most)
		}
		return fmt.Sprintf("wants %d to %d characters", r.least, r.most)
	case strings.ContainsFunc(text, unicode.IsControl):
		return "must not hold control characters"
	case r.pattern != nil && !r.pattern.MatchString(text):
		return "wants " + r.want
	default:
		return ""
	}
}

// plainText is a scalar that can be read as text. Numbers are taken as they are written,
// so that a home's label or a phone needs no quotes.
func plainText(node *yaml.Node) (string, bool) {
	if node.Kind != yaml.ScalarNode {
		return "", false
	}
	switch node.ShortTag() {
	case "!!str", "!!int", "!!float":
		return strings.TrimSpace(node.Value), utf8.ValidString(node.Value)
	default:
		return "", false
	}
}

// number is a finite number.
func number(node *yaml.Node) (float64, bool) {
	value := 0.0
	tag := node.ShortTag()
	if node.Kind != yaml.ScalarNode || (tag != "!!int" && tag != "!!float") || node.Decode(&value) != nil {
		return 0, false
	}
	return value, !math.IsNaN(value) && !math.IsInf(value, 0)
}

// instant is a time of RFC 3339, or a day, which begins at midnight of the station's zone.
func instant(node *yaml.Node, zone *time.Location) (time.Time, bool) {
	tag := node.ShortTag()
	if node.Kind != yaml.ScalarNode || (tag != "!!timestamp" && tag != "!!str") {
		return time.Time{}, false
	}
	at, err := time.Parse(time.RFC3339, node.Value)
	if err != nil {
		at, err = time.ParseInLocation(time.DateOnly, node.Value, zone)
	}
	at = at.UTC().Truncate(time.Millisecond)
	return at, err == nil && at.Year() >= 1970 && at.Year() <= 9999
}
