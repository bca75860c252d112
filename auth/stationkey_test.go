package auth_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"xunfang/auth"
	"xunfang/models"
)

func TestWhatIsSealedToAStationOpensThereOnly(t *testing.T) {
	key, private, err := auth.NewStationIdentity()
	if err != nil {
		t.Fatal(err)
	}
	_, foreign, err := auth.NewStationIdentity()
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := auth.ParseStationKey(key.String())
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := parsed.Seal([]byte("有人撬锁"))
	if err != nil || bytes.Contains(sealed, []byte("有人撬锁")) {
		t.Fatalf("sealed: %q, %v", sealed, err)
	}
	open := func(private models.Secret, sealed []byte) (string, error) {
		identity, err := auth.ParseStationIdentity(private)
		if err != nil {
			t.Fatal(err)
		}
		plain, err := identity.Open(sealed)
		return string(plain), err
	}
	if plain, err := open(private, sealed); err != nil || plain != "有人撬锁" {
		t.Errorf("opened: %q, %v", plain, err)
	}
	if plain, err := open(foreign+"\n"+private, sealed); err != nil || plain != "有人撬锁" {
		t.Errorf("opened with two keys: %q, %v", plain, err)
	}
	if _, err := open(foreign, sealed); !errors.Is(err, auth.ErrSealed) {
		t.Errorf("another station's key: %v", err)
	}
	for at := range sealed {
		altered := bytes.Clone(sealed)
		altered[at] ^= 1
		if plain, err := open(private, altered); err == nil {
			t.Errorf("altered at %d it opens: %q", at, plain)
		}
	}
	for _, wrong := range []string{"", "age1", "age1qqqq", private.Reveal(), key.String() + "q", "ssh-ed25519 AAAA"} {
		if _, err := auth.ParseStationKey(wrong); err == nil || wrong != "" && strings.Contains(err.Error(), wrong) && len(wrong) > 10 {
			t.Errorf("%q as a public key: %v", wrong, err)
		}
	}
}

func TestStationIdentityFile(t *testing.T) {
	key, private, err := auth.NewStationIdentity()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "identity.txt")
	if err := auth.WriteStationIdentity(path, key, private); err != nil {
		t.Fatal(err)
	}
	if err := auth.WriteStationIdentity(path, key, private); !errors.Is(err, os.ErrExist) {
		t.Errorf("overwritten: %v", err)
	}
	identity, err := auth.LoadStationIdentity(path)
	if err != nil || identity.Key() != key.String() {
		t.Fatalf("read: %v", err)
	}
	for _, format := range []string{"%v", "%s", "%+v", "%#v"} {
		if text := fmt.Sprintf(format, identity) + fmt.Sprintf(format, *identity); strings.Contains(text, "AGE-SECRET") {
			t.Errorf("%s prints %s", format, text)
		}
	}
	if err := os.Chmod(path, 0o644); err != nil { //nolint:gosec // this is what must be refused
		t.Fatal(err)
	}
	if _, err := auth.LoadStationIdentity(path); err == nil {
		t.Error("a file that others may read is taken")
	}
	if _, err := auth.ParseStationIdentity("AGE-SECRET-KEY-1NOTAKEY"); err == nil || strings.Contains(err.Error(), "NOTAKEY") {
		t.Errorf("a wrong key: %v", err)
	}
}
