package auth_test

import (
	"bytes"
	"testing"

	"xunfang/auth"
	"xunfang/models"
)

// What is sealed for a guest opens with the guest's own address, at its own place, under the server's pepper, and not else.
func TestSealedForAGuest(t *testing.T) {
	keys, other := generate(t), generate(t)
	const token, code = models.Secret("t6wYb9eHd4gAuPiLoXqErCvMv7mZ0c1rQ2f3Jx8sK5n"), models.Secret("4829130571")
	sealed, err := keys.SealForGuest(token, code, "pass 1")
	if err != nil || bytes.Contains(sealed, []byte(code.Reveal())) {
		t.Fatalf("sealed %x, %v", sealed, err)
	}
	bent := bytes.Clone(sealed)
	bent[len(bent)-1]++
	for name, open := range map[string]func() (models.Secret, error){
		"another address": func() (models.Secret, error) { return keys.OpenForGuest(token+"x", sealed, "pass 1") },
		"another pass":    func() (models.Secret, error) { return keys.OpenForGuest(token, sealed, "pass 2") },
		"another pepper":  func() (models.Secret, error) { return other.OpenForGuest(token, sealed, "pass 1") },
		"altered":         func() (models.Secret, error) { return keys.OpenForGuest(token, bent, "pass 1") },
		"nothing":         func() (models.Secret, error) { return keys.OpenForGuest(token, nil, "pass 1") },
	} {
		if got, err := open(); err == nil || got != "" {
			t.Errorf("%s: %q, %v", name, got.Reveal(), err)
		}
	}
	if got, err := keys.OpenForGuest(token, sealed, "pass 1"); err != nil || got != code {
		t.Errorf("its own: %q, %v", got.Reveal(), err)
	}
	if bytes.Equal(keys.GuestHash(token), auth.HashSecret(token)) || !bytes.Equal(keys.GuestHash(token), keys.GuestHash(token)) {
		t.Error("the hash of an address is not keyed, or not stable")
	}
}
