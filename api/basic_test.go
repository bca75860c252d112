package api

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/valyala/fasthttp"
)

func TestBasic(t *testing.T) {
	coded := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
	for name, one := range map[string]struct{ header, user, password string }{
		"right":             {"Basic " + coded("jane:se:cret"), "jane", "se:cret"},
		"in small letters":  {"basic " + coded("jane:secret"), "jane", "secret"},
		"no password":       {"Basic " + coded("jane:"), "jane", ""},
		"no colon":          {"Basic " + coded("jane"), "", ""},
		"not base64":        {"Basic jane:secret", "", ""},
		"of another scheme": {"Bearer " + coded("jane:secret"), "", ""},
		"none":              {"", "", ""},
		"too long":          {"Basic " + coded("jane:"+strings.Repeat("x", maxToken)), "", ""},
	} {
		header := fasthttp.RequestHeader{}
		if one.header != "" {
			header.Set("Authorization", one.header)
		}
		if got := basicOf(&header); got.User != one.user || got.Password.Reveal() != one.password {
			t.Errorf("%s: %q %q", name, got.User, got.Password.Reveal())
		}
	}
	header := fasthttp.RequestHeader{}
	header.Add("Authorization", "Basic "+coded("jane:secret"))
	header.Add("Authorization", "Basic "+coded("john:secret"))
	if got := basicOf(&header); got != (Basic{}) {
		t.Error("of two headers one is taken")
	}
}

// A scheme that the gate does not know must not open an operation.
func TestOnlyTheTrackersSchemeDoesWithoutAToken(t *testing.T) {
	head := "openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths:\n  /x:\n    get:\n      operationId: x\n" +
		"      responses: {'204': {description: d}}\n      security: %s\n" +
		"components: {securitySchemes: {tracker: {type: http, scheme: basic}, other: {type: http, scheme: basic}, bearer: {type: http, scheme: bearer}}}\n"
	for security, open := range map[string]bool{
		"[]": true, "[{tracker: []}]": true, "[{other: []}]": false, "[{bearer: []}]": false, "[{tracker: []}, {bearer: []}]": false,
		"[{tracker: [], bearer: []}]": false, "[{}]": false,
	} {
		if _, err := LoadContract([]byte(strings.Replace(head, "%s", security, 1))); (err == nil) != open {
			t.Errorf("%s: %v", security, err)
		}
	}
}
