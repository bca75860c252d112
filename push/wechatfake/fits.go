package wechatfake

import (
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

var phrasePattern = regexp.MustCompile(`^\p{Han}{1,5}$`)

// fits holds each value against what the documents allow for its keyword.
func fits(data map[string]struct {
	Value string `json:"value"`
},
) bool {
	if len(data) == 0 {
		return false
	}
	for keyword, field := range data {
		length := utf8.RuneCountInString(field.Value)
		switch strings.TrimRight(keyword, "0123456789") {
		case "thing":
			if length == 0 || length > 20 {
				return false
			}
		case "phrase":
			if !phrasePattern.MatchString(field.Value) {
				return false
			}
		case "time", "date":
			if _, err := time.Parse("2006年1月2日 15:04", field.Value); err != nil {
				return false
			}
		default:
			return false
		}
	}
	return true
}
