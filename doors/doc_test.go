package doors

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

// page gives the fenced blocks of docs/door-protocol.md with a label: ```json hello → "hello".
func page(t testing.TB) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("../docs/door-protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := map[string][]string{}
	for at, part := range strings.Split("\n"+string(text), "\n```") {
		if at%2 == 0 {
			continue
		}
		info, body, _ := strings.Cut(part, "\n")
		_, label, _ := strings.Cut(info, " ")
		blocks[label] = append(blocks[label], body)
	}
	return blocks
}

// What the page shows to makers is what this program takes and sends.
func TestThePageShowsRealMessages(t *testing.T) {
	blocks := page(t)
	readers := map[string]func(payload []byte) ([]byte, error){
		"hello":   again(decodeHello, hello.encode),
		"bye":     again(decodeBye, bye.encode),
		"command": again(decodeCommand, Command.encode),
		"ack":     again(decodeAck, Ack.encode),
		"event":   again(decodeEvent, Event.encode),
	}
	for label, read := range readers {
		if len(blocks[label]) == 0 {
			t.Errorf("no example of %s", label)
		}
		for _, text := range blocks[label] {
			written, err := read([]byte(text))
			if err != nil || string(written) != text {
				t.Errorf("%s: %v\nshown   %s\nwritten %s", label, err, text, written)
			}
		}
	}
	var words []string
	for _, one := range Checks() {
		if one.Reason != Repeated {
			words = append(words, "`"+one.Reason+"`")
		}
	}
	text, err := os.ReadFile("../docs/door-protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	from := 0 // the reasons stand in the table in the order of the checks
	for _, word := range words {
		at := bytes.Index(text[from:], []byte("`refused`, "+word))
		if at < 0 {
			t.Fatalf("%s is not in its place in the table", word)
		}
		from += at
	}
}

func again[M any](decode func([]byte) (M, error), encode func(M) ([]byte, error)) func([]byte) ([]byte, error) {
	return func(payload []byte) ([]byte, error) {
		message, err := decode(payload)
		if err != nil {
			return nil, err
		}
		return encode(message)
	}
}

// The vector holds by itself, with nothing of ours but the standard library's Ed25519.
func TestThePagesVector(t *testing.T) {
	blocks := page(t)
	vector := map[string]string{}
	for _, line := range strings.Split(blocks["vector"][0], "\n") {
		name, value, _ := strings.Cut(line, ": ")
		vector[name] = value
	}
	seed, err := hex.DecodeString(vector["seed"])
	if err != nil || len(seed) != ed25519.SeedSize {
		t.Fatal("seed", err)
	}
	private := ed25519.NewKeyFromSeed(seed)
	public, err := base64.RawURLEncoding.DecodeString(vector["public"])
	if err != nil || !bytes.Equal(public, private.Public().(ed25519.PublicKey)) {
		t.Fatal("public key", err)
	}
	var keys struct {
		Keys []struct {
			Kid string `json:"kid"`
			X   string `json:"x"`
		} `json:"keys"`
	}
	if err := json.Unmarshal([]byte(blocks["jwks"][0]), &keys); err != nil || len(keys.Keys) != 1 || keys.Keys[0].X != vector["public"] {
		t.Fatal("JWK set", err)
	}
	header, payload, signature := blocks["header"][0], blocks["command"][0], strings.Split(vector["jws"], ".")[2]
	signed := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString([]byte(payload))
	if vector["jws"] != signed+"."+signature {
		t.Fatal("the JWS is not of the header and the payload shown")
	}
	bits, err := base64.RawURLEncoding.Strict().DecodeString(signature)
	if err != nil || !ed25519.Verify(public, []byte(signed), bits) || !bytes.Equal(bits, ed25519.Sign(private, []byte(signed))) {
		t.Fatal("the signature does not hold", err)
	}
	bits[0] ^= 1
	if ed25519.Verify(public, []byte(signed), bits) {
		t.Fatal("control: any signature holds")
	}
	verified, err := verifyJWS(vector["jws"], map[string]ed25519.PublicKey{keys.Keys[0].Kid: public})
	if err != nil {
		t.Fatal(err)
	}
	command, err := decodeCommand(verified)
	if err != nil {
		t.Fatal(err)
	}
	state := State{DeviceID: deviceA, DoorIDs: []models.ID{doorA1}, Nonce: nonceA}
	for clock, want := range map[string]string{"12:00:09.999": "", "12:00:10.000": ReasonExpired, "11:59:29.999": ReasonNotYet} {
		now, err := time.Parse(wireTime, "2026-11-24T"+clock+"Z")
		if err != nil {
			t.Fatal(err)
		}
		if verdict := Judge(command, state, now); verdict.Act != (want == "") || verdict.Answer.Reason != want {
			t.Errorf("at %s: %+v", clock, verdict)
		}
	}
}
