package auth

import "testing"

// The vector stands in docs/controllers.md, for makers. It was made with openssl:
//
//	hash=$(printf %s secret | openssl dgst -sha256 -r | cut -d' ' -f1)
//	key=$(printf 'xunfang device events v1' | openssl dgst -sha256 -mac hmac -macopt hexkey:$hash -r | cut -d' ' -f1)
//	printf '1764000000.{"epoch":"a","events":[]}' | openssl dgst -sha256 -mac hmac -macopt hexkey:$key -r
func TestSignedEvents(t *testing.T) {
	const (
		timestamp = "1764000000"
		signature = "d57cc015bc80500c9c5e17f48fb88284b3af79bd79fb1e1173e1f2d5cf1518c0"
	)
	body, hash := []byte(`{"epoch":"a","events":[]}`), HashSecret("secret")
	if !SignedEvents(hash, timestamp, body, signature) {
		t.Errorf("the vector is refused; ours is %s", SignEvents(DeviceEventKey(hash), timestamp, body))
	}
	for name, bad := range map[string]bool{
		"another secret":    SignedEvents(HashSecret("Secret"), timestamp, body, signature),
		"another time":      SignedEvents(hash, "1764000001", body, signature),
		"the full stop":     SignedEvents(hash, "176400000", []byte(`0.`+string(body)), signature),
		"another body":      SignedEvents(hash, timestamp, append(body, ' '), signature),
		"no signature":      SignedEvents(hash, timestamp, body, ""),
		"a shorter one":     SignedEvents(hash, timestamp, body, signature[:62]),
		"a device of none":  SignedEvents(nil, timestamp, body, SignEvents(DeviceEventKey(nil), timestamp, body)),
		"signed by the key": SignedEvents(hash, timestamp, body, SignEvents(hash, timestamp, body)),
	} {
		if bad {
			t.Errorf("%s is taken", name)
		}
	}
}
