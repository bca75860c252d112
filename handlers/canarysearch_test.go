package handlers_test

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// writtenAs are the ways in which a word may stand in something: name → what to look for.
func writtenAs(word string) map[string]string {
	percent, escaped := "", ""
	for _, one := range []byte(word) {
		percent += fmt.Sprintf("%%%02X", one)
		escaped += fmt.Sprintf(`\u%04x`, one)
	}
	ways := map[string]string{
		"as it is": word, "in hex": hex.EncodeToString([]byte(word)), "in capital hex": strings.ToUpper(hex.EncodeToString([]byte(word))),
		"for a URL": url.QueryEscape(word), "in a URL's path": url.PathEscape(word), "in percent": percent, "escaped for JSON": escaped,
	}
	for name, encoding := range map[string]*base64.Encoding{"base64": base64.RawStdEncoding, "base64 for URLs": base64.RawURLEncoding} {
		for before := range 3 { // where in a group of three bytes it begins
			text := encoding.EncodeToString(append(make([]byte, before), word...))
			whole := (before + len(word)) / 3 * 4 // of the last group the end depends on what comes after
			ways[fmt.Sprintf("in %s from byte %d", name, before)] = text[(before*8+5)/6 : whole]
		}
	}
	return ways
}

// findWritten says how a word stands in a text, "" when it does not.
func findWritten(text, word string) string {
	for way, written := range writtenAs(word) {
		if strings.Contains(text, written) {
			return way
		}
	}
	return ""
}

func TestTheCanarysSearchFindsWhatIsThere(t *testing.T) {
	const word = "canary-text/7f3a?"
	for before := range 4 {
		for after := range 4 {
			around := strings.Repeat("<", before) + word + strings.Repeat(">", after)
			for name, text := range map[string]string{
				"plain": around, "hex": hex.EncodeToString([]byte(around)), "HEX": fmt.Sprintf("%X", around),
				"base64": base64.StdEncoding.EncodeToString([]byte(around)), "base64url": base64.URLEncoding.EncodeToString([]byte(around)),
				"query": url.QueryEscape(around), "path": url.PathEscape(around),
			} {
				if findWritten("x"+text+"x", word) == "" {
					t.Errorf("%s, %d before and %d after: not found in %s", name, before, after, text)
				}
			}
		}
	}
	if found := findWritten(strings.Repeat("canary-text/7f3b?", 10), word); found != "" {
		t.Errorf("found %s where it is not", found)
	}
}

// controlIsFound says that each place was searched in earnest: the same search finds there what is no secret.
func (r *rig) controlIsFound(t *testing.T, kept map[string]string, control planted) {
	t.Helper()
	wanted := map[string]string{
		"table checkpoints": control.word, "log": control.word, "audit export": control.checkpoint,
		"metrics": "createAnonymousTip", "push to phone-of-the-guard": control.alert, "push to canary-push-7f3a": "canary-push-7f3a",
		"blobs": control.photo, "stream of " + r.Commander.Name: control.word,
		"stream of " + r.Officer.Name: control.word, "stream of " + r.Guard.Name: control.word,
		"stream of " + r.Volunteer.Name: control.word, "stream of " + r.Resident.Name: control.word,
	}
	if _, there := kept["backup"]; there {
		wanted["backup"] = control.word
	}
	if file, there := kept["file xunfang.db"]; there { // what was written last may still be in the log beside it
		kept["file xunfang.db"] = file + kept["file xunfang.db-wal"]
		wanted["file xunfang.db"] = control.word
	}
	for place, word := range wanted {
		if findWritten(kept[place], word) == "" {
			t.Errorf("%s is searched in vain for %q, which is there", place, word)
		}
	}
	for _, who := range []*caller{r.Guard, r.Officer} { // and the tip itself was told of
		if !strings.Contains(kept["stream of "+who.Name], `"about"`) {
			t.Errorf("the stream of %s has nothing of the tip: %s", who.Name, kept["stream of "+who.Name])
		}
	}
}
