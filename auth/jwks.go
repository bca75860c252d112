package auth

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
)

// jwk is one public key (RFC 7517) of the kind OKP (RFC 8037).
type jwk struct {
	KeyType   string `json:"kty"`
	Curve     string `json:"crv"`
	Use       string `json:"use"`
	Algorithm string `json:"alg"`
	KeyID     string `json:"kid"`
	X         string `json:"x"`
}

// JWKS is the JSON document of every public key that still verifies: those of access
// tokens first, then those of door commands. Which is which is told by the typ of what
// they sign, never by the document.
func (k *Keys) JWKS() []byte { return bytes.Clone(k.ring().jwks) }

func jwksOf(lists ...[]signingKey) ([]byte, error) {
	document := struct {
		Keys []jwk `json:"keys"`
	}{}
	for _, list := range lists {
		for _, key := range list {
			document.Keys = append(document.Keys, jwk{
				KeyType: "OKP", Curve: "Ed25519", Use: "sig", Algorithm: "EdDSA",
				KeyID: key.kid, X: base64.RawURLEncoding.EncodeToString(key.public()),
			})
		}
	}
	text, err := json.Marshal(document)
	if err != nil {
		return nil, fmt.Errorf("auth: writing the JWKS: %w", err)
	}
	return text, nil
}
