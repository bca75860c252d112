package api

import "testing"

func TestPreferred(t *testing.T) {
	for accept, want := range map[string]string{
		"":                             "a/one",
		"*/*":                          "a/one",
		"b/*":                          "b/two",
		"b/two":                        "b/two",
		"B/TWO":                        "b/two",
		"text/html, b/two":             "b/two",
		"a/one;q=0.5, b/two":           "b/two",
		"a/one;q=0.5, b/two;q=0.4":     "a/one",
		"*/*, a/one;q=0.1":             "b/two", // the exact range counts, not the wide one
		"a/one;q=0, b/two;q=0.1":       "b/two",
		"text/html":                    "a/one",
		"a/one;q=x, b/two;q=0.001":     "b/two",
		"b/two;level=1;q=0.9, a/*;q=0": "b/two",
		",,;;q=1,=":                    "a/one",
	} {
		if got := Preferred(accept, "a/one", "b/two"); got != want {
			t.Errorf("%q: %s, want %s", accept, got, want)
		}
	}
}
