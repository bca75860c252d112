package handlers_test

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"xunfang/auth"
	"xunfang/doors"
	"xunfang/models"
)

// terminal is a controller that keeps a list, with what it fetched and told.
type terminal struct {
	rig    *rig
	device *caller
	door   models.ID
	panel  *doors.OfflinePanel
	tag    string
	latest string
	off    time.Duration // of its clock
	number int
	told   int // uses of its that the server knew of when it last answered
}

func (r *rig) terminal(device *caller, door models.ID) *terminal {
	made := &terminal{rig: r, device: device, door: door}
	began := r.clock.Now()
	keys, hash := r.keys.DoorPublicKeys(), auth.AllowHash(auth.HashSecret(models.Secret(device.Secret)))
	made.panel = doors.NewOfflinePanel(doors.OfflineConfig{
		DeviceID:   device.ID,
		VerifyList: func(jws string) (models.AllowList, error) { return auth.VerifyAllowList(jws, device.ID, keys) },
		VerifyPass: func(text string) (models.SignedPass, error) { return auth.VerifyPass(text, keys) },
		Hash: func(list models.AllowList, code models.VisitorCode) string {
			key, err := base64.RawURLEncoding.DecodeString(list.CodeKey)
			if err != nil {
				r.t.Error(err)
			}
			return hash(auth.AllowInner(key, code))
		},
		NewID: r.ids.next, Now: func() time.Time { return r.clock.Now().Add(made.off) },
		Elapsed: func() time.Duration { return r.clock.Now().Sub(began) },
	})
	r.advance(models.OfflinePause) // since it was switched on
	return made
}

func (t *terminal) path() string { return "/v1/devices/" + string(t.device.ID) + "/allow-list" }

// fetch asks for the list as every minute.
func (t *terminal) fetch(want int) {
	t.rig.t.Helper()
	headers := []string{}
	if t.tag != "" {
		headers = []string{"If-None-Match", t.tag}
	}
	got := t.rig.call(t.device, http.MethodGet, t.path(), nil, headers...).must(want)
	if want == 200 {
		t.latest = got.text("jws")
		if err := t.panel.Accept(t.latest, t.told); err != nil {
			t.rig.t.Fatal(err)
		}
		t.tag, t.told = got.Header.Get("ETag"), 0
	}
}

// report tells of what was opened, the second time as a repeat.
func (t *terminal) report() {
	t.rig.t.Helper()
	for _, use := range t.panel.Untold() {
		t.number++
		event := map[string]any{
			"sequence": t.number, "kind": "access_granted", "way": "code", "door_id": use.DoorID, "credential_ref": use.Pass,
			"occurred_at": instant(use.At), "replayed": true,
		}
		t.rig.tell(t.device, "one", 0, event).must(200)
		t.rig.tell(t.device, "one", 0, event).must(200)
		t.told = t.panel.Told(use.ID)
	}
}

func (t *terminal) types(name string, pass response, want models.OfflineReason) {
	t.rig.t.Helper()
	code := models.VisitorCode{Code: models.Secret(pass.text("code")), Extension: models.Secret(pass.text("extension"))}
	if got := t.panel.Type(t.door, code); got != want {
		t.rig.t.Errorf("%s: typed: %q, want %q", name, got, want)
	}
}

func (t *terminal) scans(name string, pass response, want models.OfflineReason) {
	t.rig.t.Helper()
	if got := t.panel.Scan(t.door, pass.text("qr_payload")); got != want {
		t.rig.t.Errorf("%s: scanned: %q, want %q", name, got, want)
	}
}

// passDoor is the state of a pass's door, as the host sees it.
func (r *rig) passDoor(pass response, door models.ID) string {
	r.t.Helper()
	list, _ := r.call(r.Resident, http.MethodGet, "/v1/visitor-passes/"+pass.text("id"), nil).must(200).at("doors").([]any)
	for _, entry := range list {
		if one, _ := entry.(map[string]any); one["door_id"] == string(door) {
			state, _ := one["state"].(string)
			return state
		}
	}
	return ""
}

// conflicts counts passages that are marked.
func (r *rig) conflicts() int {
	r.t.Helper()
	count := 0
	for _, item := range r.call(r.Resident, http.MethodGet, "/v1/access-events?limit=100", nil).must(200).items() {
		if fields, _ := item.(map[string]any); fields["conflict"] == true {
			count++
		}
	}
	return count
}

// A pass works at a door without a network once its controller holds the list, or by its signed QR code; a one-time code that two
// such doors accepted is counted at both, and its host is told once.
func TestDoorsOpenWithoutNetwork(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		gate, unit := rig.terminal(rig.One.GateDevice, rig.One.Gate), rig.terminal(rig.One.UnitDevice, rig.One.UnitDoor)
		if before := rig.pass(rig.Resident, nil); !strings.HasPrefix(before.text("qr_payload"), "XF1.V.") || rig.passDoor(before, rig.One.Gate) != "issued" {
			t.Errorf("doors that ask need no list: %s", before.Text)
		}
		gate.fetch(200)
		unit.fetch(200)
		made := rig.pass(rig.Resident, nil)
		if text := made.text("qr_payload"); !strings.HasPrefix(text, "XF2.") || len(text) > auth.MaxSignedPass {
			t.Errorf("the QR code is %q", text)
		}
		if rig.passDoor(made, rig.One.Gate) != "pending" || rig.passDoor(made, rig.One.UnitDoor) != "pending" {
			t.Errorf("not yet there: %s", made.Text)
		}
		gate.types("before the list", made, models.OfflineUnknown)
		gate.types("at once again", made, models.OfflineWait)
		rig.advance(models.OfflinePause)
		gate.fetch(200)
		unit.fetch(200)
		if arrived, err := rig.store.PassArrived(context.Background(), made.id("id"), gate.device.ID); arrived || err != nil {
			t.Errorf("sent is not held: %t %v", arrived, err)
		}
		gate.fetch(304)
		if arrived, err := rig.store.PassArrived(context.Background(), made.id("id"), gate.device.ID); !arrived || err != nil {
			t.Errorf("the gate holds it: %t %v", arrived, err)
		}
		if rig.passDoor(made, rig.One.Gate) != "issued" || rig.passDoor(made, rig.One.UnitDoor) != "pending" {
			t.Error("only the gate has said that it holds the list")
		}
		// The network goes away.
		gate.types("in the list", made, "")
		gate.scans("twice", made, models.OfflineUsedUp)
		rig.advance(2 * time.Hour)
		unit.scans("at the other door", made, "") // which cannot know
		if rig.usesOf(made) != "0" {
			t.Error("nobody can know yet")
		}
		// It comes back.
		gate.report()
		if rig.usesOf(made) != "1" || rig.conflicts() != 0 || rig.inboxHas(rig.Resident.ID, models.AlertVisitorPass, made.text("id")) != 0 {
			t.Error("one use, and nothing follows from what is told late")
		}
		unit.report()
		if rig.usesOf(made) != "2" || rig.conflicts() != 1 || rig.inboxHas(rig.Resident.ID, models.AlertVisitorPass, made.text("id")) != 1 {
			t.Errorf("uses %v, %d marked, the host was told %d times", rig.usesOf(made), rig.conflicts(),
				rig.inboxHas(rig.Resident.ID, models.AlertVisitorPass, made.text("id")))
		}
		rig.tell(gate.device, "two", 0, rig.event(1, models.EventAccessGranted, gate.door, map[string]any{
			"way": "code", "credential_ref": models.PassRef(made.id("id")),
		})).must(200)
		if rig.usesOf(made) != "2" || rig.conflicts() != 2 || rig.inboxHas(rig.Resident.ID, models.AlertVisitorPass, made.text("id")) != 1 {
			t.Error("a further door of the same visit is no use of its own; each is marked, and the host is told once")
		}
		overBroker := models.AccessEvent{
			DoorID: gate.door, Way: models.WayCode, Outcome: models.AccessGranted, OccurredAt: rig.clock.Now(), PassID: made.id("id"),
			DeviceEventID: rig.ids.next(),
		}
		for range 2 {
			if err := rig.server.Happened(context.Background(), gate.device.ID, overBroker); err != nil {
				t.Fatal(err)
			}
		}
		if rig.usesOf(made) != "3" || rig.conflicts() != 3 {
			t.Error("what comes over the broker counts too, once")
		}
		gate.fetch(200)
		gate.types("counted", made, models.OfflineUnknown)
		gate.scans("counted", made, models.OfflineDenied)
		if got := rig.enter(rig.Guard, rig.One.Gate, made.text("qr_payload")); got.text("decision") != "deny" {
			t.Errorf("to the server it is used up: %s", got.Text)
		}
	})
}

// What was revoked or changed opens by no newer list; an old, a forged or an ended list opens nothing.
func TestListsEndAndRevoke(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		gate, now := rig.terminal(rig.One.GateDevice, rig.One.Gate), rig.clock.Now()
		first := atOnce(4, func(int) response { return rig.callAs(rig.token(gate.device), http.MethodGet, gate.path(), nil) })
		for _, got := range first {
			if got.must(200).at("serial") != first[0].at("serial") {
				t.Errorf("asked at once: %s and %s", got.Text, first[0].Text)
			}
		}
		gate.fetch(200)
		long := map[string]any{"ends_at": at(now.Add(10 * 24 * time.Hour)), "max_uses": 9}
		revoked, moved, kept := rig.pass(rig.Resident, long), rig.pass(rig.Resident, long), rig.pass(rig.Resident, long)
		if got := rig.enter(rig.Guard, rig.One.Gate, kept.text("qr_payload")); got.text("decision") != "open" {
			t.Errorf("the server reads it too: %s", got.Text)
		}
		gate.scans("signed, and not in the list", kept, "")
		gate.fetch(200)
		old := gate.latest
		rig.call(rig.Resident, http.MethodPost, "/v1/visitor-passes/"+revoked.text("id")+"/revoke", nil).must(200)
		rig.change(rig.Resident, moved.text("id"), map[string]any{"door_ids": []models.ID{rig.One.UnitDoor}}).must(200)
		gate.scans("revoked where nobody hears of it", revoked, "")
		rig.advance(time.Second)
		gate.fetch(200)
		gate.fetch(304)
		for name, pass := range map[string]response{"revoked": revoked, "moved": moved} {
			gate.scans(name, pass, models.OfflineDenied)
			gate.types(name, pass, models.OfflineUnknown)
			rig.advance(models.OfflinePause)
			if arrived, err := rig.store.PassArrived(context.Background(), pass.id("id"), gate.device.ID); !arrived || err != nil {
				t.Errorf("%s: the gate let go of it: %t %v", name, arrived, err)
			}
		}
		gate.types("kept", kept, "")
		gate.report() // the use of the revoked one came after the revocation
		if rig.usesOf(kept) != "3" || rig.usesOf(revoked) != "1" || rig.conflicts() != 1 {
			t.Errorf("uses %v and %v, %d marked", rig.usesOf(kept), rig.usesOf(revoked), rig.conflicts())
		}
		rig.advance(time.Second)
		gate.fetch(200)
		gate.fetch(304)
		if err := gate.panel.Accept(old, 0); !errors.Is(err, doors.ErrSerialBack) {
			t.Errorf("a list played again: %v", err)
		}
		forged := []byte(gate.latest)
		forged[len(forged)/2] ^= 1
		if err := gate.panel.Accept(string(forged), 0); !errors.Is(err, auth.ErrAllowList) {
			t.Errorf("forged: %v", err)
		}
		payload, err := base64.RawURLEncoding.DecodeString(strings.Split(gate.latest, ".")[1])
		for _, secret := range []string{kept.text("code"), kept.text("visitor_name"), kept.text("id")} {
			if err != nil || strings.Contains(string(payload), secret) {
				t.Errorf("the list tells %q", secret)
			}
		}
		gate.off = -time.Hour
		gate.types("the clock was set", kept, models.OfflineClock)
		gate.off = 0
		gate.types("and set again", kept, models.OfflineClock)
		rig.advance(models.AllowListLife / 8)
		gate.fetch(200) // it says the same, and yet it is made anew
		gate.types("asked again", kept, "")
		rig.advance(models.AllowListLife - time.Second)
		gate.scans("a second before its end", kept, "")
		rig.advance(time.Second)
		gate.scans("at its end", kept, models.OfflineExpired)
		if other := rig.call(rig.One.UnitDevice, http.MethodGet, gate.path(), nil); other.Status != 404 {
			t.Errorf("another's list: %d", other.Status)
		}
	})
}
