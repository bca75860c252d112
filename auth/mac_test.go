package auth

import (
	"bytes"
	"encoding/hex"
	"io"
	"strings"
	"testing"

	"xunfang/models"
)

func TestMACsAreKeptApart(t *testing.T) {
	keys, other := keysFrom(t, 1), keysFrom(t, 2)
	seen := map[string]string{}
	add := func(name string, mac []byte) {
		if len(mac) != 32 {
			t.Errorf("%s: %d bytes", name, len(mac))
		}
		if before, taken := seen[string(mac)]; taken {
			t.Errorf("%s is the same as %s", name, before)
		}
		seen[string(mac)] = name
	}
	unhex := func(text string) []byte { raw, _ := hex.DecodeString(text); return raw }
	add("index", keys.BlindIndex("phone", "13900000000"))
	add("index of another kind", keys.BlindIndex("plate", "13900000000"))
	add("index of another value", keys.BlindIndex("phone", "13900000001"))
	add("index with the border moved", keys.BlindIndex("phone1", "3900000000"))
	add("index with the border moved left", keys.BlindIndex("phon", "e13900000000"))
	add("index of nothing", keys.BlindIndex("", ""))
	add("code", keys.CodeMAC("phone", "13900000000"))
	add("audit MAC", keys.AuditMAC([]byte("phone13900000000")))
	add("audit hash", unhex(keys.AuditHash("phone", "13900000000")))
	add("other index", other.BlindIndex("phone", "13900000000"))
	add("other code", other.CodeMAC("phone", "13900000000"))
	add("other audit MAC", other.AuditMAC([]byte("phone13900000000")))
	add("other audit hash", unhex(other.AuditHash("phone", "13900000000")))
	if !bytes.Equal(keys.BlindIndex("phone", "1"), keysFrom(t, 1).BlindIndex("phone", "1")) {
		t.Error("the index is not the same twice")
	}
	if hash := keys.AuditHash("name", "x"); len(hash) != 64 || hash != strings.ToLower(hash) {
		t.Errorf("audit hash %q", hash)
	}
}

const (
	wantIndex = "396a27f6b7a70a741f0a1c83de95f5bc689536748275a7279b6a092f82a43b20"
	wantCode  = "870d09a3a09bc1d9dc558225a29bb2ded7c1a01ab0f524b812ec33e566aed395"
	wantAudit = "6a56ffc5b6e85c922423ce4b896e73bc1776b20cb4ecbbd88d9a9af1a2f07ef4"
	wantHash  = "34064cff5fbe54e4adb7427c1245eb080384a5216a35b9b6062cd203a96658cb"
)

// The values are those that a database already holds: a change here would lose them all.
func TestMACsStayTheSameForEver(t *testing.T) {
	keys := keysFrom(t, 1)
	for name, test := range map[string]struct{ got, want string }{
		"index": {hex.EncodeToString(keys.BlindIndex("phone", "1")), wantIndex},
		"code":  {hex.EncodeToString(keys.CodeMAC("pass", "1")), wantCode},
		"audit": {hex.EncodeToString(keys.AuditMAC([]byte("1"))), wantAudit},
		"hash":  {keys.AuditHash("name", "1"), wantHash},
	} {
		if test.got != test.want {
			t.Errorf("%s: %s", name, test.got)
		}
	}
}

func TestSecrets(t *testing.T) {
	random := stream(1)
	seen := map[models.Secret]bool{}
	for range 1000 {
		secret, err := NewSecret(random)
		if err != nil || len(secret) != 43 || seen[secret] {
			t.Fatalf("%d characters, repeated %v, %v", len(secret), seen[secret], err)
		}
		seen[secret] = true
		hash := HashSecret(secret)
		if len(hash) != 32 || !SameSecret(hash, secret) || SameSecret(hash, secret+"x") || SameSecret(hash, "") {
			t.Fatal("the hash does not tell its secret")
		}
	}
	if secret, err := NewSecret(io.LimitReader(random, 31)); err == nil || secret != "" {
		t.Error("too little randomness made a secret")
	}
	if SameBytes(nil, nil) || SameBytes([]byte{}, nil) || SameSecret(nil, "x") || SameBytes([]byte("a"), []byte("ab")) {
		t.Error("a missing or cut hash matches")
	}
	if !SameBytes([]byte("a"), []byte("a")) {
		t.Error("equal bytes differ")
	}
}
