package auth

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"xunfang/models"
)

const openCommand = `{"id":"1","door":"2","action":"open"}`

func TestDoorCommandRoundTrip(t *testing.T) {
	keys := keysFrom(t, 1)
	jws, err := keys.SignDoorCommand([]byte(openCommand))
	if err != nil {
		t.Fatal(err)
	}
	header := part(t, jws, 0)
	if len(header) != 3 || header["typ"] != "door-command+jws" || header["alg"] != "EdDSA" {
		t.Errorf("header %v", header)
	}
	payload, err := VerifyDoorCommand(jws, keys.DoorPublicKeys())
	if err != nil || string(payload) != openCommand {
		t.Fatalf("%s, %v", payload, err)
	}
	rotated, err := keys.Rotate(stream(2))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := VerifyDoorCommand(jws, rotated.DoorPublicKeys()); err != nil {
		t.Errorf("a command from before the rotation: %v", err)
	}
	fresh, _ := rotated.SignDoorCommand([]byte(openCommand))
	if _, err := VerifyDoorCommand(fresh, keys.DoorPublicKeys()); !errors.Is(err, ErrDoorCommand) {
		t.Error("a key that the controller does not have was taken")
	}
	for _, size := range []int{0, maxDoorPayload + 1} {
		if _, err := keys.SignDoorCommand(make([]byte, size)); err == nil {
			t.Errorf("%d bytes were signed", size)
		}
	}
	largest, err := keys.SignDoorCommand(bytes.Repeat([]byte("a"), maxDoorPayload))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := VerifyDoorCommand(largest, keys.DoorPublicKeys()); err != nil {
		t.Errorf("the largest command: %v", err)
	}
	clear(keys.DoorPublicKeys()[keys.ring().door[0].kid])
	if _, err := VerifyDoorCommand(jws, keys.DoorPublicKeys()); err != nil {
		t.Error("a caller's change reached the keys")
	}
}

func TestDoorCommandMustBeWhole(t *testing.T) {
	keys := keysFrom(t, 1)
	public := keys.DoorPublicKeys()
	good, err := keys.SignDoorCommand([]byte(openCommand))
	if err != nil {
		t.Fatal(err)
	}
	refuse := func(name, jws string) {
		t.Helper()
		if payload, err := VerifyDoorCommand(jws, public); !errors.Is(err, ErrDoorCommand) || payload != nil {
			t.Errorf("%s: %s, %v", name, payload, err)
		}
	}
	parts := strings.Split(good, ".")
	for _, c := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_" {
		for at := range good {
			if altered := good[:at] + string(c) + good[at+1:]; altered != good && (c < 'C' || at == len(good)-1) {
				refuse("altered letter", altered)
			}
		}
	}
	for name, jws := range map[string]string{
		"nothing": "", "dots": "..", "line break": good + "\n", "inner line break": good[:9] + "\n" + good[9:],
		"space": " " + good, "padding": good + "==", "a part more": good + ".AAAA",
		"no signature": parts[0] + "." + parts[1] + ".", "too long": strings.Repeat("a", maxDoorCommand+1),
		"other payload": parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"door":"3"}`)) + "." + parts[2],
	} {
		refuse(name, jws)
	}
	private := keys.ring().door[0].private
	type object = map[string]any
	kid := keys.ring().door[0].kid
	for name, header := range map[string]object{
		"typ JWT":     {"alg": "EdDSA", "typ": "JWT", "kid": kid},
		"no typ":      {"alg": "EdDSA", "kid": kid},
		"alg none":    {"alg": "none", "typ": doorCommandType, "kid": kid},
		"alg HS256":   {"alg": "HS256", "typ": doorCommandType, "kid": kid},
		"crit":        {"alg": "EdDSA", "typ": doorCommandType, "kid": kid, "crit": []string{"b64"}},
		"jwk":         {"alg": "EdDSA", "typ": doorCommandType, "kid": kid, "jwk": object{}},
		"no kid":      {"alg": "EdDSA", "typ": doorCommandType},
		"unknown kid": {"alg": "EdDSA", "typ": doorCommandType, "kid": "x"},
	} {
		refuse(name, forge(t, private, header, object{"door": "2"}))
	}
	control := object{"alg": "EdDSA", "typ": doorCommandType, "kid": kid}
	if _, err := VerifyDoorCommand(forge(t, private, control, object{}), public); err != nil {
		t.Errorf("control: %v", err)
	}
	for _, bad := range []ed25519.PublicKey{nil, {1, 2}} { // no panic
		if _, err := VerifyDoorCommand(good, map[string]ed25519.PublicKey{kid: bad}); !errors.Is(err, ErrDoorCommand) {
			t.Error("a broken public key verified")
		}
	}
}

// Neither key does the other's work, whatever the header claims.
func TestAccessAndDoorKeysNeverStandInForEachOther(t *testing.T) {
	keys := keysFrom(t, 1)
	tokens := tokensFrom(t, keys)
	token := issue(t, tokens, someClaims(someSession), noon)
	command, err := keys.SignDoorCommand([]byte(openCommand))
	if err != nil {
		t.Fatal(err)
	}
	access, door := keys.ring().access[0], keys.ring().door[0]
	if _, err := VerifyDoorCommand(token, keys.DoorPublicKeys()); !errors.Is(err, ErrDoorCommand) {
		t.Error("a token opens a door")
	}
	// Even a controller that was given the access key refuses a token, by its typ.
	if _, err := VerifyDoorCommand(token, map[string]ed25519.PublicKey{access.kid: access.public()}); err == nil {
		t.Error("a token opens a door whose controller was set up with the wrong key")
	}
	if _, err := tokens.Verify(command, noon); models.CodeOf(err) != models.CodeUnauthenticated {
		t.Errorf("a door command signs in: %v", err)
	}
	for _, kid := range []string{access.kid, door.kid} {
		header := map[string]any{"alg": "EdDSA", "typ": doorCommandType, "kid": kid}
		forged := forge(t, access.private, header, map[string]any{"door": "2"})
		if _, err := VerifyDoorCommand(forged, keys.DoorPublicKeys()); !errors.Is(err, ErrDoorCommand) {
			t.Error("the access key signed a door command")
		}
		header["typ"] = accessTokenType
		forged = forge(t, door.private, header, part(t, token, 1))
		if _, err := tokens.Verify(forged, noon); models.CodeOf(err) != models.CodeUnauthenticated {
			t.Errorf("the door key signed a token: %v", err)
		}
	}
	for kid := range keys.DoorPublicKeys() {
		if kid == access.kid {
			t.Error("an access key is among the door keys")
		}
	}
}

func FuzzVerifyDoorCommand(f *testing.F) {
	keys := keysFrom(f, 1)
	good, _ := keys.SignDoorCommand([]byte(openCommand))
	f.Add(good[1:])
	f.Add("e30.e30.")
	f.Fuzz(func(t *testing.T, jws string) {
		if _, err := VerifyDoorCommand(jws, keys.DoorPublicKeys()); err == nil && jws != good {
			t.Errorf("%q verifies", jws)
		}
	})
}
