package api

import (
	"strconv"
	"strings"
)

// Preferred picks, of the media types that an operation offers, the one an Accept header likes best (RFC 9110,
// 12.5.1): by quality, then in the order offered. The first is given where the header names none of them: an
// answer in another form is of more use than a refusal.
func Preferred(accept string, offers ...string) string {
	best, chosen := 0.0, offers[0]
	for _, offer := range offers {
		if quality := qualityOf(accept, offer); quality > best {
			best, chosen = quality, offer
		}
	}
	return chosen
}

// qualityOf is the weight of the most exact range that covers the media type; 0 when none does.
func qualityOf(accept, offer string) float64 {
	exactness, quality := 0, 0.0
	family, _, _ := strings.Cut(offer, "/")
	for part := range strings.SplitSeq(accept, ",") {
		pattern, parameters, _ := strings.Cut(part, ";")
		exact := map[string]int{"*/*": 1, family + "/*": 2, offer: 3}[strings.ToLower(strings.TrimSpace(pattern))]
		if exact <= exactness {
			continue
		}
		exactness, quality = exact, 1
		for parameter := range strings.SplitSeq(parameters, ";") {
			name, weight, _ := strings.Cut(strings.TrimSpace(parameter), "=")
			if strings.EqualFold(name, "q") {
				quality, _ = strconv.ParseFloat(weight, 64)
			}
		}
	}
	return quality
}
