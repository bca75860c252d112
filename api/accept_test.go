package api

import "testing"

func TestPreferred(t *testing.T) {
	offers := []string{"application/json", "text/csv", "image/svg+xml"}
	for accept, want := range map[string]string{
		"": "application/json", "*/*": "application/json", "text/csv": "text/csv", "TEXT/CSV": "text/csv",
		"text/*": "text/csv", "text/html, image/svg+xml;q=0.9, */*;q=0.1": "image/svg+xml",
		"application/json;q=0.5, text/csv": "text/csv", "text/csv;q=0, */*": "application/json",
		"application/json;q=0, text/csv;q=0.1": "text/csv", "video/mp4": "application/json", ";;;,": "application/json",
		"text/csv;q=no, image/*;q=0.2": "image/svg+xml", "text/csv; charset=utf-8": "text/csv",
	} {
		if got := Preferred(accept, offers...); got != want {
			t.Errorf("%q: %s, want %s", accept, got, want)
		}
	}
}
