package doors

import (
	"bytes"
	"strings"
	"testing"
)

func TestMessagesThereAndBack(t *testing.T) {
	command := goodCommand()
	if got := thereAndBack(t, command.encode, decodeCommand); got != command {
		t.Errorf("got %+v", got)
	}
	ack := Ack{ID: anID, DoorID: doorA1, Result: ResultRefused, Reason: ReasonExpired, At: noon}
	if got := thereAndBack(t, ack.encode, decodeAck); got != ack {
		t.Errorf("got %+v", got)
	}
	event := Event{ID: anID, DoorID: doorA1, At: noon, Way: WayCard, Outcome: OutcomeDenied, CredentialRef: "card-7"}
	if got := thereAndBack(t, event.encode, decodeEvent); got != event {
		t.Errorf("got %+v", got)
	}
	greeting := hello{deviceA, nonceA, "1.0", noon}
	if got := thereAndBack(t, greeting.encode, decodeHello); got != greeting {
		t.Errorf("got %+v", got)
	}
	farewell := bye{deviceA, nonceA}
	if got := thereAndBack(t, farewell.encode, decodeBye); got != farewell {
		t.Errorf("got %+v", got)
	}
}

func thereAndBack[M any](t *testing.T, there func() ([]byte, error), back func([]byte) (M, error)) M {
	t.Helper()
	payload, err := there()
	if err != nil {
		t.Fatal(err)
	}
	message, err := back(payload)
	if err != nil {
		t.Fatalf("%s: %v", payload, err)
	}
	return message
}

func TestDecodingIsStrict(t *testing.T) {
	payload, err := goodCommand().encode()
	if err != nil {
		t.Fatal(err)
	}
	good := string(payload)
	swap := func(old, changed string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("%q is not in %s", old, good)
		}
		return strings.Replace(good, old, changed, 1)
	}
	if _, err := decodeCommand([]byte(good)); err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]string{
		"empty":             "",
		"no object":         `["open"]`,
		"cut off":           good[:len(good)-1],
		"something behind":  good + "{}",
		"unknown field":     swap(`{`, `{"hold":"1",`),
		"field twice":       swap(`{`, `{"action":"open",`),
		"other case":        swap(`"action"`, `"Action"`),
		"missing":           swap(`"action":"open",`, ``),
		"number":            swap(`"open"`, `1`),
		"null":              swap(`"open"`, `null`),
		"nested":            swap(`"open"`, `{"open":"open"}`),
		"empty text":        swap(`"open"`, `""`),
		"long text":         swap(`"open"`, `"`+strings.Repeat("o", 33)+`"`),
		"no UUID":           swap(string(doorA1), "door-1"),
		"comma in time":     swap(`12:00:00.000Z`, `12:00:00,000Z`),
		"seconds only":      swap(`12:00:00.000Z`, `12:00:00Z`),
		"other zone":        swap(`12:00:00.000Z`, `20:00:00.000+08:00`),
		"short nonce":       swap(nonceA, nonceA[:21]),
		"loose nonce":       swap(nonceA, nonceA[:21]+"x"), // bits beyond 128
		"padded nonce":      swap(nonceA, nonceA+"=="),
		"not UTF-8":         swap(`"open"`, "\"op\xffn\""),
		"larger than 4 KiB": strings.Repeat(" ", maxMessage+1-len(good)) + good,
	} {
		if _, err := decodeCommand([]byte(bad)); err == nil {
			t.Errorf("%s was taken: %s", name, bad)
		}
	}
	atLimit := strings.Repeat(" ", maxMessage-len(good)) + good
	if _, err := decodeCommand([]byte(atLimit)); err != nil {
		t.Errorf("exactly 4 KiB: %v", err)
	}
	for name, bad := range map[string]string{
		"way":     `{"id":"` + string(anID) + `","door_id":"` + string(doorA1) + `","at":"2026-11-24T12:00:00.000Z","way":"window","outcome":"granted"}`,
		"outcome": `{"id":"` + string(anID) + `","door_id":"` + string(doorA1) + `","at":"2026-11-24T12:00:00.000Z","way":"card","outcome":"maybe"}`,
	} {
		if _, err := decodeEvent([]byte(bad)); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTopics(t *testing.T) {
	topic := deviceTopic(deviceA, leafAcks)
	if id, leaf, ok := splitTopic(topic); !ok || id != deviceA || leaf != leafAcks {
		t.Fatalf("%s: %s %s %v", topic, id, leaf, ok)
	}
	for _, bad := range []string{
		"", "xunfang/v1/devices/", "xunfang/v1/devices/x/acks", "xunfang/v2/devices/" + string(deviceA) + "/acks",
		topicRoot + strings.ToUpper(string(deviceA)) + "/acks", "/" + topic, topicRoot + "+/acks", topicPing,
	} {
		if _, _, ok := splitTopic(bad); ok {
			t.Errorf("%q was taken", bad)
		}
	}
}

// What is read is either refused, or written the same way again.
func FuzzDecode(f *testing.F) {
	if payload, err := goodCommand().encode(); err == nil {
		f.Add(payload)
	}
	f.Add([]byte(`{"id":"\ud800"}`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		_, _ = decodeAck(payload)
		_, _ = decodeEvent(payload)
		_, _ = decodeHello(payload)
		command, err := decodeCommand(payload)
		if err != nil {
			return
		}
		again, err := command.encode()
		if err != nil {
			t.Fatal(err)
		}
		second, err := decodeCommand(again)
		if err != nil || second != command {
			t.Fatalf("%v: %s became %s", err, payload, bytes.TrimSpace(again))
		}
	})
}
