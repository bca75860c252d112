package auth

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"
)

// stream is a source of randomness that gives the same bytes for the same number.
func stream(number byte) io.Reader { return rand.NewChaCha8([32]byte{number}) }

func keysFrom(t testing.TB, number byte) *Keys {
	t.Helper()
	keys, err := GenerateKeys(stream(number), false)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// everyKey lists the bytes of every key, those in the file and those derived.
func everyKey(keys *Keys) [][]byte {
	ring := keys.ring()
	all := [][]byte{
		ring.index, ring.pepper, ring.audit,
		ring.derived.auditHash, ring.derived.auditMAC, ring.derived.blindIndex, ring.derived.codeMAC,
	}
	for _, key := range append(append([]signingKey{}, ring.access...), ring.door...) {
		all = append(all, key.private.Seed())
	}
	for _, key := range ring.data {
		all = append(all, key.key)
	}
	return all
}

func TestEveryGeneratedAndDerivedKeyIsDifferent(t *testing.T) {
	keys := keysFrom(t, 1)
	seen := map[string]bool{}
	for at, key := range everyKey(keys) {
		if len(key) != keySize || seen[string(key)] {
			t.Errorf("key %d: %d bytes, or the same as another", at, len(key))
		}
		seen[string(key)] = true
	}
	if bytes.Equal(keysFrom(t, 1).ring().pepper, keysFrom(t, 2).ring().pepper) {
		t.Error("two installations have one pepper")
	}
	demo, err := GenerateKeys(stream(1), true)
	if err != nil || !demo.Demo() || keys.Demo() {
		t.Errorf("the demo mark is lost: %v", err)
	}
}

func TestGenerateKeysSaysThatRandomnessRanOut(t *testing.T) {
	for _, length := range []int64{0, 31, 100, 191} {
		if keys, err := GenerateKeys(io.LimitReader(stream(1), length), false); err == nil || keys != nil {
			t.Errorf("%d bytes of randomness made keys", length)
		}
	}
	if _, err := GenerateKeys(iotest.ErrReader(io.ErrNoProgress), false); err == nil {
		t.Error("a broken source made keys")
	}
	if _, err := GenerateKeys(zeros{}, false); err == nil {
		t.Error("a source of zeros made keys")
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestKeysCannotBePrinted(t *testing.T) {
	keys := keysFrom(t, 1)
	var out strings.Builder
	holder := struct {
		Keys   *Keys
		Value  Keys
		hidden Keys
		other  *Keys
	}{keys, *keys, *keys, keys}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%X", "%o", "%b", "%c", "%t", "%U"} {
		for _, what := range []any{keys, *keys, holder, &holder, []*Keys{keys}, map[string]Keys{"a": *keys}} {
			fmt.Fprintf(&out, verb+"\n", what)
		}
	}
	text, err := json.Marshal(map[string]any{"pointer": keys, "value": *keys})
	if err != nil {
		t.Fatal(err)
	}
	out.Write(text)
	for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(handler).Info("keys", "pointer", keys, "value", *keys, "holder", holder)
	}
	fmt.Fprint(&out, keys.String(), keys.GoString())
	if leak := leaked(keys, out.String()); leak != "" {
		t.Errorf("a key was printed %s", leak)
	}
	if !strings.Contains(out.String(), "***") {
		t.Error("nothing was masked")
	}
	// Negative control: the look for keys finds them where they are.
	if leaked(keys, fmt.Sprintf("%v", keys.ring().pepper)) == "" || leaked(keys, fmt.Sprintf("%+v", *keys.ring())) == "" {
		t.Error("the check for printed keys finds none")
	}
}

func leaked(keys *Keys, text string) string {
	for _, key := range everyKey(keys) {
		for form, spelled := range map[string]string{
			"as text": string(key), "in decimal": strings.Trim(fmt.Sprint(key), "[]"),
			"in hexadecimal": hex.EncodeToString(key), "in upper hexadecimal": fmt.Sprintf("%X", key),
			"in base64":    base64.StdEncoding.EncodeToString(key),
			"in base64url": base64.RawURLEncoding.EncodeToString(key),
			"in Go":        strings.TrimPrefix(fmt.Sprintf("%#v", key), "[]byte"),
		} {
			if strings.Contains(text, spelled) {
				return form
			}
		}
	}
	return ""
}

func TestRotatePutsNewKeysInFrontAndKeepsTheOld(t *testing.T) {
	old := keysFrom(t, 1)
	next, err := old.Rotate(stream(2))
	if err != nil {
		t.Fatal(err)
	}
	if len(old.ring().access) != 1 || len(old.ring().door) != 1 || len(old.ring().data) != 1 {
		t.Error("rotating changed the keys it was given")
	}
	if len(next.ring().access) != 2 || len(next.ring().door) != 2 || len(next.ring().data) != 2 ||
		next.ring().access[1].kid != old.ring().access[0].kid ||
		next.ring().door[1].kid != old.ring().door[0].kid ||
		next.ring().data[1].kid != old.ring().data[0].kid {
		t.Error("the old keys are not behind the new ones")
	}
	if !bytes.Equal(next.BlindIndex("phone", "1"), old.BlindIndex("phone", "1")) ||
		!bytes.Equal(next.CodeMAC("pass", "1"), old.CodeMAC("pass", "1")) ||
		!bytes.Equal(next.AuditMAC([]byte("1")), old.AuditMAC([]byte("1"))) {
		t.Error("rotating lost what can only be compared")
	}
	sealed := old.Seal([]byte("text"), "here")
	if plain, err := next.Open(sealed, "here"); err != nil || string(plain) != "text" {
		t.Errorf("an old value does not open: %v", err)
	}
	if _, err := old.Open(next.Seal([]byte("text"), "here"), "here"); err == nil {
		t.Error("a new value opened with the old keys: the new key is not used")
	}
}

func TestRotateStopsAtTheBound(t *testing.T) {
	keys := keysFrom(t, 1)
	random, err := stream(2), error(nil)
	for range maxKeysInList - 1 {
		if keys, err = keys.Rotate(random); err != nil {
			t.Fatal(err)
		}
	}
	if _, err = keys.Rotate(random); err == nil || !strings.Contains(err.Error(), "access_keys") {
		t.Errorf("want an error that names the full list, got %v", err)
	}
	if _, err = keysFrom(t, 3).Rotate(stream(3)); err == nil {
		t.Error("a source that repeats itself made the same keys again unnoticed")
	}
}
