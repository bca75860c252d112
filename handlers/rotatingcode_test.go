package handlers_test

import (
	"encoding/base32"
	"fmt"
	"net/http"
	"testing"
	"time"

	"xunfang/models"
)

// screen is what stands at a checkpoint: it was told the secret once and needs nobody since.
type screen struct {
	prefix string
	secret []byte
}

func (r *rig) screen(got response) screen {
	r.t.Helper()
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(got.text("secret"))
	if err != nil || len(secret) != 32 {
		r.t.Fatalf("secret %s: %v", got.Text, err)
	}
	return screen{prefix: got.text("payload_prefix"), secret: secret}
}

// shows is the QR code at an instant.
func (s screen) shows(at time.Time) string {
	step := at.Unix() / 30
	return fmt.Sprintf("%s%d.%s", s.prefix, step, models.RotatingCode(s.secret, step))
}

// turning makes a checkpoint in compound One with a rotating code.
func (r *rig) turning(name string) models.ID {
	r.t.Helper()
	return r.call(r.Officer, http.MethodPost, "/v1/checkpoints", map[string]any{
		"name": name, "position": spot(r.One.At, nil), "methods": []string{"rotating_qr", "gps"}, "compound_id": r.One.ID(),
	}).must(201).id("id")
}

func secretPath(checkpoint models.ID) string {
	return "/v1/checkpoints/" + string(checkpoint) + "/rotating-secret"
}

func (r *rig) scan(who *caller, checkpoint models.ID, code string, captured time.Time) (status, reasons string) {
	r.t.Helper()
	got := r.checkIn(who, map[string]any{
		"id": r.ids.next(), "checkpoint_id": checkpoint, "method": "rotating_qr", "code": code, "captured_at": at(captured),
	}).must(200)
	return got.text("items.0.status"), reasonsAt(got, 0)
}

func TestRotatingCodeIsScanned(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		one, other := rig.turning("北门"), rig.turning("南门")
		north := rig.screen(rig.call(rig.Guard, http.MethodGet, secretPath(one), nil).must(200))
		south := rig.screen(rig.call(rig.Officer, http.MethodGet, secretPath(other), nil).must(200))
		if string(north.secret) == string(south.secret) {
			t.Fatal("two checkpoints share a secret")
		}
		if records := rig.audit(rig.A, models.OpGetRotatingSecret); len(records) != 2 || records[0].ObjectID != other {
			t.Errorf("the audit knows of %d readings", len(records))
		}
		shown := rig.clock.Now()
		code := north.shows(shown)
		expect := func(name string, who *caller, checkpoint models.ID, code string, captured time.Time, status, reasons string) {
			t.Helper()
			if gotStatus, got := rig.scan(who, checkpoint, code, captured); gotStatus != status || got != reasons {
				t.Errorf("%s: %s [%s], want %s [%s]", name, gotStatus, got, status, reasons)
			}
		}
		expect("as it is shown", rig.Guard, one, code, shown, "accepted", "")
		expect("by a second of the squad", rig.Volunteer, one, code, shown.Add(10*time.Second), "accepted", "")
		expect("at another checkpoint", rig.Guard, other, code, shown, "rejected", "wrong_code")
		expect("with another's prefix", rig.Guard, other, south.prefix+code[len(north.prefix):], shown, "rejected", "wrong_code")
		expect("one digit off", rig.Guard, one, code[:len(code)-1]+string('0'+(code[len(code)-1]-'0'+1)%10), shown, "rejected", "wrong_code")
		expect("no step", rig.Guard, one, north.prefix+"12345678", shown, "rejected", "wrong_code")
		expect("a step with a sign", rig.Guard, one, north.prefix+"+"+code[len(north.prefix):], shown, "rejected", "wrong_code")
		expect("the printed sign's instead", rig.Guard, one, "XF1.C."+string(one)+".00000000", shown, "rejected", "wrong_code")
		rig.advance(3 * 24 * time.Hour)
		expect("scanned in time, three days late", rig.Auxiliary, one, code, shown, "accepted", "")
		expect("three days old, passed off as new", rig.Auxiliary, one, code, rig.clock.Now(), "rejected", "replayed_code")
		expect("of tomorrow: a clock is wrong", rig.Auxiliary, one, north.shows(rig.clock.Now().Add(24*time.Hour)), rig.clock.Now(), "review", "clock_skew")
	})
}

// A new secret ends the old one from then on, and not what was scanned before.
func TestRotatingSecretIsRenewed(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		point := rig.turning("北门")
		before := rig.screen(rig.call(rig.Guard, http.MethodGet, secretPath(point), nil).must(200))
		scanned := rig.clock.Now()
		rig.advance(time.Hour)
		renewed := rig.call(rig.Officer, http.MethodPost, secretPath(point), nil).must(200)
		after := rig.screen(renewed)
		if renewed.at("generation") != 1.0 || string(before.secret) == string(after.secret) {
			t.Fatalf("renewed: %s", renewed.Text)
		}
		if again := rig.screen(rig.call(rig.Guard, http.MethodGet, secretPath(point), nil).must(200)); string(again.secret) != string(after.secret) {
			t.Error("the guard is given another secret")
		}
		rig.advance(time.Hour)
		now := rig.clock.Now()
		for name, test := range map[string]struct {
			code     string
			captured time.Time
			want     string
		}{
			"the new screen":                 {after.shows(now), now, "accepted"},
			"the old screen":                 {before.shows(now), now, "rejected"},
			"the old screen, scanned before": {before.shows(scanned), scanned, "accepted"},
			"the new secret, for before":     {after.shows(scanned), scanned, "accepted"}, // whoever holds it may show what they like
		} {
			if got, reasons := rig.scan(rig.Guard, point, test.code, test.captured); got != test.want {
				t.Errorf("%s: %s [%s]", name, got, reasons)
			}
		}
		key := string(rig.ids.next())
		first := rig.call(rig.Officer, http.MethodPost, secretPath(point), nil, "Idempotency-Key", key).must(200)
		if again := rig.call(rig.Officer, http.MethodPost, secretPath(point), nil, "Idempotency-Key", key).must(200); again.Text != first.Text {
			t.Errorf("the repeat renewed it again: %s", again.Text)
		}
		if found := rig.everywhere(first.text("secret")); found != "" {
			t.Errorf("the secret lies open in %s", found)
		}
		rig.call(rig.Guard, http.MethodPost, secretPath(point), nil).must(403)
	})
}
