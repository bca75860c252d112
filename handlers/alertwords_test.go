package handlers_test

import (
	"fmt"
	"net/http"
	"regexp"
)

// wordedIn wants what somebody was told in the words of each language, without the codes of ours that foreign matches.
func (r *rig) wordedIn(who *caller, foreign string) {
	r.t.Helper()
	for language, not := range map[string]*regexp.Regexp{"en": regexp.MustCompile(`\p{Han}`), "zh-CN": regexp.MustCompile(foreign)} {
		told := r.call(who, http.MethodGet, "/v1/me/inbox", nil, "Accept-Language", language).must(200)
		if len(told.items()) == 0 {
			r.t.Errorf("%s was told nothing", who.ID)
		}
		for at := range told.items() {
			title, body := told.text(fmt.Sprintf("items.%d.title", at)), told.text(fmt.Sprintf("items.%d.body", at))
			if title == "" || body == "" || not.MatchString(title+body) {
				r.t.Errorf("%s: %s, %s", language, title, body)
			}
		}
	}
}
