package api

import (
	"mime"
	"strconv"
	"strings"
)

// Preferred picks the form of an answer by an Accept header (RFC 9110, 12.5.1): the offer with the greatest weight, of
// equals the first. Where nothing fits, or nothing is asked for, it is the first: better than no answer.
func Preferred(accept string, offers ...string) string {
	best, bestWeight := offers[0], 0.0
	for _, offer := range offers {
		if weight := weightOf(accept, offer); weight > bestWeight {
			best, bestWeight = offer, weight
		}
	}
	return best
}

// weightOf is the weight that the most exact of the ranges gives to a media type; 0 when none fits.
func weightOf(accept, offer string) float64 {
	kind, _, _ := strings.Cut(offer, "/")
	weight, exactness := 0.0, 0
	for _, part := range strings.Split(accept, ",") {
		wanted, parameters, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		exact := map[string]int{"*/*": 1, kind + "/*": 2, offer: 3}[wanted]
		if exact <= exactness {
			continue
		}
		weight, exactness = 1, exact
		if text, given := parameters["q"]; given {
			if weight, err = strconv.ParseFloat(text, 64); err != nil || weight < 0 || weight > 1 {
				weight = 0
			}
		}
	}
	return weight
}
