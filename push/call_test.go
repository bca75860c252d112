package push

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

// TestACallRingsNowOrNever: nobody is at the door any more when a phone that was off comes back.
func TestACallRingsNowOrNever(t *testing.T) {
	ring := testMessage(func(m *Message) {
		m.Kind, m.Severity, m.ExpiresAt = models.AlertCall, models.SeverityHigh, testNow.Add(models.CallLife)
	})
	made, err := FirebaseMessage(forAnyPhone(ring), testNow)
	if err != nil {
		t.Fatal(err)
	}
	if *made.Android.TTL != 0 || made.APNS.Headers["apns-expiration"] != "0" || made.Android.Priority != "high" ||
		made.APNS.Headers["apns-priority"] != "10" {
		t.Errorf("%+v %+v", made.Android, made.APNS.Headers)
	}
	sent, err := json.Marshal(made)
	if err != nil || !strings.Contains(string(sent), `"ttl":"0s"`) || len(made.Data) != 2 || made.Data["alert_id"] != string(testAlert) {
		t.Errorf("sent %s %v", sent, err)
	}
	if _, err := FirebaseMessage(ring, testNow.Add(models.CallLife)); err == nil {
		t.Error("a call that is over is pushed")
	}
	fake := startFake(t)
	channel := newFirebase(t, FirebaseConfig{Endpoint: fake.Endpoint(), Now: func() time.Time { return testNow }})
	if got := channel.Send(t.Context(), ring); got.State != StateSent {
		t.Errorf("%+v", got)
	}
	if got := fake.Received("token-1"); len(got) != 1 || got[0] != string(testAlert) {
		t.Errorf("the phone has %v", got)
	}
}
