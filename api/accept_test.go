package api

import "testing"

func TestPreferred(t *testing.T) {
	offers := []string{"application/json", "application/geo+json", "application/gpx+xml"}
	for accept, want := range map[string]int{
		"": 0, "*/*": 0, "application/*": 0, "text/html": 0, "nonsense": 0, "application/json": 0, ";;;": 0,
		"application/geo+json": 1, "APPLICATION/GEO+JSON": 1, "application/gpx+xml, */*;q=0.1": 2,
		"application/geo+json;q=0.5, application/json;q=0.4": 1, "application/json, application/geo+json": 0,
		"application/geo+json;q=0": 0, "application/*;q=0.5, application/json;q=0.1": 1, "application/geo+json;q=2": 0,
		"text/html, application/xhtml+xml, */*;q=0.8": 0, "application/geo+json;charset=utf-8": 1,
	} {
		if got := Preferred(accept, offers...); got != offers[want] {
			t.Errorf("%q prefers %s, want %s", accept, got, offers[want])
		}
	}
}
