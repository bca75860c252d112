package api

import (
	"mime"
	"strconv"
	"strings"
)

// Preferred chooses, among the media types that an operation offers, the one that an Accept header (RFC 9110, 12.5.1)
// likes best; the first where it likes several equally, none of them, or says nothing.
func Preferred(accept string, offers ...string) string {
	chosen, best := offers[0], 0.0
	for _, offer := range offers {
		if quality := qualityOf(accept, offer); quality > best {
			chosen, best = offer, quality
		}
	}
	return chosen
}

// qualityOf is how much the header likes a media type, by the most exact of its ranges.
func qualityOf(accept, offer string) float64 {
	quality, exactness := 0.0, -1
	family, _, _ := strings.Cut(offer, "/")
	for _, part := range strings.Split(accept, ",") {
		name, options, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		exact := map[string]int{"*/*": 0, family + "/*": 1, offer: 2}
		how, fits := exact[name]
		if !fits || how <= exactness {
			continue
		}
		quality, exactness = 1, how
		if text, given := options["q"]; given {
			if quality, err = strconv.ParseFloat(text, 64); err != nil || quality < 0 || quality > 1 {
				quality = 0
			}
		}
	}
	return quality
}
