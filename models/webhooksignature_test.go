package models

import (
	"strings"
	"testing"
	"time"
)

// The vector of the Standard Webhooks specification's own test suite, both edges of the window, and everything that is signed.
func TestWebhookSignatures(t *testing.T) {
	key, err := WebhookKey("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	if err != nil {
		t.Fatal(err)
	}
	const id, body = "msg_p5jXN8AQM9LWM0D4loKWxJek", `{"test": 2432232314}`
	at := time.Unix(1614265330, 0)
	made := WebhookHeaders(id, at, []byte(body), []byte(strings.Repeat("o", 24)), key)
	older, published, _ := strings.Cut(made[WebhookHeaderSignature], " ")
	if published != "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" || older == published || made[WebhookHeaderTimestamp] != "1614265330" {
		t.Errorf("%v", made)
	}
	for name, try := range map[string]struct {
		id, timestamp, signatures, body string
		now                             time.Time
		want                            bool
	}{
		"as it was sent":       {id, "1614265330", made[WebhookHeaderSignature], body, at, true},
		"the last moment":      {id, "1614265330", published, body, at.Add(WebhookSigned), true},
		"too late":             {id, "1614265330", published, body, at.Add(WebhookSigned + time.Second), false},
		"the first moment":     {id, "1614265330", published, body, at.Add(-WebhookSigned), true},
		"too early":            {id, "1614265330", published, body, at.Add(-WebhookSigned - time.Second), false},
		"another id":           {"msg_2", "1614265330", published, body, at, false},
		"another time":         {id, "1614265331", published, body, at, false},
		"another body":         {id, "1614265330", published, body + " ", at, false},
		"another key's":        {id, "1614265330", older, body, at, false},
		"another version":      {id, "1614265330", "v1a" + published[2:], body, at, false},
		"no signature":         {id, "1614265330", "", body, at, false},
		"a time without bound": {id, "-9223372036854775808", published, body, at, false},
		"no number":            {id, "now", published, body, at, false},
	} {
		if got := WebhookGenuine(key, try.id, try.timestamp, try.signatures, []byte(try.body), try.now); got != try.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if WebhookGenuine(nil, id, "1614265330", WebhookHeaders(id, at, nil, nil)[WebhookHeaderSignature], nil, at) {
		t.Error("without a key anybody is genuine")
	}
	if again, err := WebhookKey(NewWebhookSecret(key)); err != nil || string(again) != string(key) {
		t.Errorf("%v", err)
	}
}
