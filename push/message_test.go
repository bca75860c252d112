package push

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

const testAlert = models.ID("01939c1e-8a00-7000-8000-000000000801")

var testNow = time.Date(2026, 11, 24, 2, 10, 0, 0, time.UTC)

func testMessage(change func(*Message)) Message {
	message := Message{
		AlertID: testAlert, Kind: "notice", Severity: models.SeverityNormal, ExpiresAt: testNow.Add(time.Hour),
		Address: "token-1", Platform: "android", Locale: "zh-CN",
	}
	if change != nil {
		change(&message)
	}
	return message
}

// forAnyPhone is a message to a phone of which nobody knows who made it: every maker's part is in it.
func forAnyPhone(message Message) Message {
	message.Platform = ""
	return message
}

// TestFirebaseMessageParts: a phone is sent its maker's part, and any part that may be its own.
func TestFirebaseMessageParts(t *testing.T) {
	for platform, want := range map[string]struct{ android, apns bool }{
		"android": {true, false}, "ios": {false, true}, "harmony": {true, true}, "web": {true, true}, "": {true, true},
	} {
		made, err := FirebaseMessage(testMessage(func(m *Message) { m.Platform, m.Severity = platform, models.SeverityEmergency }), testNow)
		if err != nil || (made.Android != nil) != want.android || (made.APNS != nil) != want.apns || made.Notification == nil {
			t.Errorf("%q: %+v %v", platform, made, err)
		}
		makeCritical(made)
		if want.apns && made.APNS.Payload.Aps.CriticalSound == nil {
			t.Errorf("%q: not critical", platform)
		}
	}
}

func TestFirebaseMessageUrgency(t *testing.T) {
	for _, row := range []struct {
		severity, android, apns, level string
		sound                          bool
	}{
		{models.SeverityInfo, "normal", "5", "passive", false},
		{models.SeverityNormal, "normal", "5", "active", false},
		{"", "normal", "5", "active", false},
		{models.SeverityHigh, "high", "10", "time-sensitive", true},
		{models.SeverityEmergency, "high", "10", "time-sensitive", true},
	} {
		made, err := FirebaseMessage(forAnyPhone(testMessage(func(m *Message) { m.Severity = row.severity })), testNow)
		if err != nil {
			t.Fatal(err)
		}
		if made.Android.Priority != row.android || made.APNS.Headers["apns-priority"] != row.apns ||
			made.APNS.Payload.Aps.CustomData["interruption-level"] != row.level ||
			made.Android.Notification.DefaultSound != row.sound || (made.APNS.Payload.Aps.Sound != "") != row.sound {
			t.Errorf("%q: %+v %+v %+v", row.severity, made.Android, made.APNS.Headers, made.APNS.Payload.Aps)
		}
		if made.Android.CollapseKey != string(testAlert) || made.APNS.Headers["apns-collapse-id"] != string(testAlert) {
			t.Errorf("%q: the collapse key is not the alert's id", row.severity)
		}
	}
}

func TestFirebaseMessageLife(t *testing.T) {
	for _, row := range []struct {
		left, ttl time.Duration
		err       error
	}{
		{-time.Second, 0, ErrExpired},
		{0, 0, ErrExpired},
		{time.Millisecond, 0, nil}, // now or never
		{90*time.Second + time.Millisecond, 90 * time.Second, nil},
		{28 * 24 * time.Hour, 28 * 24 * time.Hour, nil},
		{365 * 24 * time.Hour, 28 * 24 * time.Hour, nil},
	} {
		made, err := FirebaseMessage(testMessage(func(m *Message) { m.ExpiresAt = testNow.Add(row.left) }), testNow)
		if !errors.Is(err, row.err) || (err != nil) != (row.err != nil) {
			t.Errorf("%s: %v", row.left, err)
			continue
		}
		if err == nil && (made.Android.TTL == nil || *made.Android.TTL != row.ttl) {
			t.Errorf("%s: ttl %v, want %s", row.left, made.Android.TTL, row.ttl)
		}
	}
	made, err := FirebaseMessage(forAnyPhone(testMessage(nil)), testNow)
	if err != nil || made.APNS.Headers["apns-expiration"] != "1795489800" { // 2026-11-24T03:10:00Z
		t.Errorf("apns-expiration %v %v", made.APNS.Headers, err)
	}
}

func TestFirebaseMessageRefuses(t *testing.T) {
	for name, change := range map[string]func(*Message){
		"no address":        func(m *Message) { m.Address = "" },
		"no id":             func(m *Message) { m.AlertID = "" },
		"a name for an id":  func(m *Message) { m.AlertID = "张伟" },
		"no kind":           func(m *Message) { m.Kind = "" },
		"a name for a kind": func(m *Message) { m.Kind = "张伟被盗" },
		"a long kind":       func(m *Message) { m.Kind = strings.Repeat("a", 33) },
	} {
		if _, err := FirebaseMessage(testMessage(change), testNow); !errors.Is(err, ErrInvalidMessage) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWordsFollowTheLocale(t *testing.T) {
	for locale, want := range map[string]string{
		"": "社区通知", "zh-CN": "社区通知", "zh-Hant": "社区通知", "fr": "社区通知", "eng": "社区通知",
		"en": "Community notice", "en-GB": "Community notice", "EN_us": "Community notice",
	} {
		made, err := FirebaseMessage(testMessage(func(m *Message) { m.Locale = locale }), testNow)
		if err != nil || made.Notification.Title != want {
			t.Errorf("%q: %q %v", locale, made.Notification.Title, err)
		}
	}
}

// TestNothingPersonalLeaves walks everything that is sent and finds a known place for each word.
func TestNothingPersonalLeaves(t *testing.T) {
	fixed := []string{
		"normal", "high", "5", "10", "0", "0s", "passive", "active", "time-sensitive", "default", "alert", "3600s", "1795489800",
		string(testAlert), "token-1",
	}
	for _, kind := range []string{"notice", "warning", "call_for_help", "missing_person", "tip_update", "tip", "tip_help", "call", "not_known", "tel18600001234"} {
		for _, locale := range []string{"zh-CN", "en"} {
			for _, severity := range []string{models.SeverityInfo, models.SeverityNormal, models.SeverityHigh, models.SeverityEmergency} {
				made, err := FirebaseMessage(testMessage(func(m *Message) { m.Kind, m.Locale, m.Severity = kind, locale, severity }), testNow)
				if err != nil {
					t.Fatal(err)
				}
				sent, err := json.Marshal(made)
				if err != nil {
					t.Fatal(err)
				}
				shown := phraseOf(kind).in(locale)
				called := kind
				if kind == "not_known" || kind == "tel18600001234" { // somebody has made it up
					called = "alert"
				}
				allowed := append(slices.Clone(fixed), called, shown.title, shown.body)
				var tree map[string]any
				if err := json.Unmarshal(sent, &tree); err != nil {
					t.Fatal(err)
				}
				if !reflect.DeepEqual(tree["data"], map[string]any{"alert_id": string(testAlert), "kind": called}) {
					t.Errorf("data is %v", tree["data"])
				}
				for _, text := range texts(tree) {
					if !slices.Contains(allowed, text) {
						t.Errorf("%s/%s/%s sends %q", kind, locale, severity, text)
					}
				}
			}
		}
	}
	// By construction: Message has no field for words. A new field must be thought about here.
	fields := []string{}
	for field := range reflect.TypeFor[Message]().Fields() {
		fields = append(fields, field.Name)
	}
	if want := []string{"AlertID", "Kind", "Severity", "ExpiresAt", "Address", "Platform", "Locale", "DeliveryID", "Round", "CreatedAt", "Secrets"}; !slices.Equal(fields, want) {
		t.Errorf("Message has the fields %v", fields)
	}
}

// texts lists every string value in a JSON tree.
func texts(value any) []string {
	switch value := value.(type) {
	case string:
		return []string{value}
	case map[string]any:
		found := []string{}
		for _, entry := range value {
			found = append(found, texts(entry)...)
		}
		return found
	case []any:
		found := []string{}
		for _, entry := range value {
			found = append(found, texts(entry)...)
		}
		return found
	default:
		return nil
	}
}
