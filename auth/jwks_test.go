package auth

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
)

func TestJWKSListsEveryPublicKeyAndNothingElse(t *testing.T) {
	keys, err := keysFrom(t, 1).Rotate(stream(2))
	if err != nil {
		t.Fatal(err)
	}
	text := keys.JWKS()
	var document struct {
		Keys []map[string]string `json:"keys"`
	}
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	want := append(append([]signingKey{}, keys.ring().access...), keys.ring().door...)
	if len(document.Keys) != len(want) {
		t.Fatalf("%d keys, %d expected", len(document.Keys), len(want))
	}
	for at, key := range document.Keys {
		x, err := base64.RawURLEncoding.DecodeString(key["x"])
		if err != nil || !want[at].public().Equal(ed25519.PublicKey(x)) || key["kid"] != want[at].kid {
			t.Errorf("key %d is another one", at)
		}
		if len(key) != 6 || key["kty"] != "OKP" || key["crv"] != "Ed25519" || key["use"] != "sig" || key["alg"] != "EdDSA" {
			t.Errorf("key %d: %v", at, key)
		}
		if _, private := key["d"]; private {
			t.Error("a private key is in the document")
		}
	}
	if leak := leaked(keys, string(text)); leak != "" {
		t.Errorf("a secret key is in the document %s", leak)
	}
	text[0] = 'x'
	if !strings.HasPrefix(string(keys.JWKS()), `{"keys":[`) {
		t.Error("a caller's change reached the keys")
	}
}

// RFC 8037, appendix A.2 and A.3: the public key and its thumbprint.
func TestThumbprintOfTheStandard(t *testing.T) {
	x, err := base64.RawURLEncoding.DecodeString("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")
	if err != nil {
		t.Fatal(err)
	}
	if got := thumbprint(x); got != "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k" {
		t.Errorf("%s", got)
	}
}
