package models

import (
	"testing"
	"time"
)

func TestWhatMayLeave(t *testing.T) {
	roles, people := Audience{Roles: []Role{RoleGuard}}, Audience{People: []ID{"p"}}
	for kind, want := range map[string][2]bool{ // to roles, to people by name
		"warning": {true, false}, AlertSOS: {true, true}, AlertDoorAlarm: {true, true}, AlertWatch: {true, true},
		AlertTip: {false, false}, AlertTipUpdate: {true, false}, AlertMessage: {true, false}, AlertReward: {true, false},
		AlertVisitorPass: {true, false}, AlertCall: {true, false}, AlertConcernReport: {true, false},
	} {
		if got := [2]bool{Alert{Kind: kind, Audience: roles}.MayLeave(), Alert{Kind: kind, Audience: people}.MayLeave()}; got != want {
			t.Errorf("%s: %v", kind, got)
		}
	}
	hook := AlertWebhook{Severities: []string{SeverityHigh}, Kinds: []string{AlertSOS}}
	alert := Alert{Kind: AlertSOS, Severity: SeverityHigh, Audience: people}
	if !hook.Wants(alert) {
		t.Error("what is asked for is not told")
	}
	other, off, open := alert, hook, hook
	other.Severity, off.DisabledAt, open.Kinds = SeverityInfo, time.UnixMilli(1), nil
	warning := Alert{Kind: "warning", Severity: SeverityHigh, Audience: roles}
	if hook.Wants(other) || off.Wants(alert) || hook.Wants(warning) || !open.Wants(warning) {
		t.Error("severity, kind and being off do not count")
	}
}

func TestWebhooksWearOut(t *testing.T) {
	start, hook := time.UnixMilli(1_000_000), AlertWebhook{}
	waits := []time.Duration{}
	for range 9 {
		hook = hook.Failed(start)
		waits = append(waits, hook.RetryAt.Sub(start))
	}
	if waits[0] != AlertWebhookLeast || waits[1] != 2*AlertWebhookLeast || waits[8] != AlertWebhookMost || !hook.FailingSince.Equal(start) {
		t.Errorf("%v %v", waits, hook)
	}
	once := AlertWebhook{}.Failed(start)
	for after, want := range map[time.Duration]bool{AlertWebhookWorn - 1: false, AlertWebhookWorn: true} {
		if hook.Worn(start.Add(after)) != want || once.Worn(start.Add(after)) {
			t.Errorf("%s", after)
		}
	}
}

func TestSecretsOverlap(t *testing.T) {
	now := time.UnixMilli(1_000_000)
	hook := AlertWebhook{Secret: "new", Before: "old", BeforeEnds: now.Add(AlertWebhookOverlap)}
	if got := hook.Secrets(hook.BeforeEnds.Add(-1)); len(got) != 2 || got[0] != "new" {
		t.Errorf("before its end: %d", len(got))
	}
	if got := hook.Secrets(hook.BeforeEnds); len(got) != 1 || got[0] != "new" {
		t.Errorf("at its end: %d", len(got))
	}
}

func TestWebhookAddresses(t *testing.T) {
	for text, want := range map[string]bool{
		"https://siren.example/alerts?key=1": true, "https://10.0.0.5:8443/": true, "http://siren.example/": false, "https://user:word@siren.example/": false,
		"https:///alerts": false, "https://127.0.0.1/": false, "https://169.254.169.254/": false, "https://[::1]/": false, "https://siren.example/#a": false,
	} {
		if got := CheckWebhookURL(text, nil) == nil; got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

func TestWebhookKinds(t *testing.T) {
	for kind, want := range map[string]bool{"sos": true, "door_alarm2": true, "sos,tip": false, "Sos": false, "张伟": false, "a b": false} {
		if got := CheckWebhookKinds([]string{"sos", kind}) == nil; got != want {
			t.Errorf("%s: %v", kind, got)
		}
	}
}
