package handlers_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

func (r *rig) open(who *caller, door models.ID, body any, headers ...string) response {
	r.t.Helper()
	return r.call(who, http.MethodPost, "/v1/doors/"+string(door)+"/open", body, headers...)
}

func (r *rig) command(who *caller, id string) response {
	r.t.Helper()
	return r.call(who, http.MethodGet, "/v1/door-commands/"+id, nil).must(200)
}

func TestWhoOpensWhat(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		one := rig.One
		why := map[string]any{"reason": "接报有人求助"}
		tries := []struct {
			name string
			who  *caller
			door models.ID
			body any
			want int
		}{
			{"resident, gate", rig.Resident, one.Gate, nil, 202},
			{"resident, own building", rig.Resident, one.BuildingDoor, nil, 202},
			{"resident, own unit", rig.Resident, one.UnitDoor, nil, 202},
			{"resident, another building's unit", rig.Resident, one.OtherUnitDoor, nil, 404},
			{"neighbour, this building", rig.Neighbour, one.BuildingDoor, nil, 404},
			{"resident of another compound", rig.Stranger, one.Gate, nil, 404},
			{"guard", rig.Guard, one.OtherUnitDoor, nil, 202},
			{"guard of another compound", rig.GuardTwo, one.Gate, nil, 404},
			{"property", rig.Property, one.UnitDoor, nil, 202},
			{"officer without a reason", rig.Officer, one.Gate, nil, 422},
			{"officer with a reason", rig.Officer, one.Gate, why, 202},
			{"officer of another compound", rig.OfficerTwo, one.Gate, why, 404},
			{"officer of another station", rig.OfficerB, one.Gate, why, 404},
			{"commander", rig.Commander, one.Gate, why, 403},
			{"administrator", rig.Admin, one.Gate, why, 403},
			{"volunteer", rig.Volunteer, one.Gate, why, 403},
			{"missing door", rig.Guard, rig.ids.next(), nil, 404},
		}
		sent := 0
		for _, try := range tries {
			got := rig.open(try.who, try.door, try.body)
			if got.Status != try.want {
				t.Errorf("%s: %d, want %d: %s", try.name, got.Status, try.want, got.Text)
			}
			if try.want == 202 {
				sent++
			}
			if have := len(rig.doors.commands()); have != sent {
				t.Fatalf("%s: %d commands have left, want %d", try.name, have, sent)
			}
		}
		// The reason is for the audit alone.
		records := rig.audit(rig.A, models.OpOpenDoor)
		found := false
		for _, record := range records {
			found = found || record.ActorID == rig.Officer.ID && record.Outcome == models.AuditAllowed && record.Reason.Reveal() == "接报有人求助"
		}
		if !found {
			t.Error("the officer's reason is not in the audit")
		}
		if where := rig.everywhere("接报有人求助"); where != "" {
			t.Errorf("the reason lies open in %s", where)
		}
		if strings.Contains(rig.logs.all(), "接报有人求助") {
			t.Error("the reason is in the log")
		}
		refused := 0
		for _, record := range records {
			if record.Outcome == models.AuditRefused {
				refused++
			}
		}
		if refused != 10 {
			t.Errorf("%d refusals are recorded, want 10", refused)
		}
	})
}

// The command and its audit are on disk before anything leaves for the controller.
func TestCommandIsWrittenBeforeItIsSent(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		looked := 0
		rig.doors.set(func(sent sentCommand) (acknowledge, opened bool) {
			looked++
			held, err := rig.store.DoorCommand(context.Background(), sent.ID)
			if err != nil || held.State != models.CommandRequested || held.DoorID != rig.One.UnitDoor {
				t.Errorf("when the command leaves, the database has %+v, %v", held, err)
			}
			records := rig.audit(rig.A, models.OpOpenDoor)
			if len(records) != 1 || records[0].Facts["command"] != string(sent.ID) || records[0].ActorID != rig.Resident.ID {
				t.Errorf("when the command leaves, the audit has %+v", records)
			}
			if sent.Nonce != "nonce of "+string(rig.One.UnitDevice.ID) || sent.DeviceID != rig.One.UnitDevice.ID {
				t.Errorf("sent to %s with nonce %q", sent.DeviceID, sent.Nonce)
			}
			if !sent.ExpiresAt.Equal(rig.clock.Now().Add(models.DoorCommandLife)) {
				t.Errorf("it expires at %s", sent.ExpiresAt)
			}
			return true, true
		})
		got := rig.open(rig.Resident, rig.One.UnitDoor, nil, "Prefer", "wait=5").must(200)
		if looked != 1 || got.text("state") != "opened" || got.at("confirmed_by_device") != true {
			t.Errorf("%d sendings, %s", looked, got.Text)
		}
	})
}

func TestPreferWait(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		gate := rig.One.Gate
		got := rig.open(rig.Resident, gate, nil).must(202)
		if got.text("state") != "sent" || got.at("ended_at") != nil {
			t.Errorf("without Prefer: %s", got.Text)
		}
		began := time.Now()
		if silent := rig.open(rig.Resident, gate, nil, "Prefer", "wait=1").must(202); silent.text("state") != "sent" {
			t.Errorf("a silent controller: %s", silent.Text)
		}
		if took := time.Since(began); took < time.Second || took > 5*time.Second {
			t.Errorf("waited %s for wait=1", took)
		}
		rig.doors.set(refusesAtOnce)
		refused := rig.open(rig.Resident, gate, nil, "Prefer", "wait=5", "Idempotency-Key", "waited-key").must(200)
		if refused.text("state") != "failed" || refused.at("confirmed_by_device") != true {
			t.Errorf("a controller that refuses: %s", refused.Text)
		}
		again := rig.open(rig.Resident, gate, nil, "Prefer", "wait=5", "Idempotency-Key", "waited-key").must(200)
		if again.Text != refused.Text {
			t.Errorf("the repeat got %s", again.Text)
		}
		if len(rig.doors.commands()) != 3 {
			t.Errorf("%d commands left for 3 openings", len(rig.doors.commands()))
		}
	})
}

func TestSilentControllerIsUnknown(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		ctx := context.Background()
		id := rig.open(rig.Resident, rig.One.Gate, nil).must(202).text("id")
		rig.advance(models.DoorCommandLife + models.DoorCommandGrace)
		if settled, err := rig.server.SettleOverdue(ctx); settled != 0 || err != nil {
			t.Errorf("too early: %d settled, %v", settled, err)
		}
		rig.advance(time.Millisecond)
		if settled, err := rig.server.SettleOverdue(ctx); settled != 1 || err != nil {
			t.Errorf("%d settled, %v", settled, err)
		}
		if got := rig.command(rig.Resident, id); got.text("state") != "unknown" || got.at("confirmed_by_device") != false {
			t.Errorf("nobody answered: %s", got.Text)
		}
		if len(rig.doors.commands()) != 1 {
			t.Error("the command was sent again")
		}
		// Its acknowledgement comes late: the act did not.
		if err := rig.server.Acknowledged(ctx, rig.One.GateDevice.ID, rig.One.Gate, models.ID(id), true, ""); err != nil {
			t.Fatal(err)
		}
		if got := rig.command(rig.Resident, id); got.text("state") != "opened" || got.at("confirmed_by_device") != true {
			t.Errorf("after a late acknowledgement: %s", got.Text)
		}
	})
}

func TestWhoseWordCounts(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		ctx := context.Background()
		id := rig.open(rig.Resident, rig.One.Gate, nil).must(202).text("id")
		acknowledge := func(device models.ID, opened bool) {
			t.Helper()
			if err := rig.server.Acknowledged(ctx, device, rig.One.Gate, models.ID(id), opened, ""); err != nil {
				t.Fatal(err)
			}
		}
		acknowledge(rig.One.UnitDevice.ID, true) // not this door's controller
		acknowledge(rig.Two.GateDevice.ID, true)
		if got := rig.command(rig.Resident, id); got.text("state") != "sent" {
			t.Errorf("another device's word: %s", got.Text)
		}
		acknowledge(rig.One.GateDevice.ID, false)
		acknowledge(rig.One.GateDevice.ID, true) // only the first word counts
		if got := rig.command(rig.Resident, id); got.text("state") != "failed" {
			t.Errorf("after refused, then opened: %s", got.Text)
		}
		events := rig.call(rig.Guard, http.MethodGet, "/v1/access-events?way=remote", nil).must(200)
		if len(events.items()) != 1 || events.text("items.0.outcome") != "denied" || events.text("items.0.command_id") != id {
			t.Errorf("the passages: %s", events.Text)
		}
		if err := rig.server.Acknowledged(ctx, rig.One.GateDevice.ID, rig.One.Gate, rig.ids.next(), true, ""); err != nil {
			t.Errorf("a command nobody gave: %v", err)
		}
		if got := rig.call(rig.Flatmate, http.MethodGet, "/v1/door-commands/"+id, nil); got.Status != 404 {
			t.Errorf("the flatmate reads the command: %d", got.Status)
		}
	})
}

// Another device's word must not cut short the wait for the right one.
func TestWaitIsNotCutShort(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.doors.set(func(sent sentCommand) (acknowledge, opened bool) {
			rig.doors.pending.Add(1)
			go func() {
				defer rig.doors.pending.Done()
				time.Sleep(50 * time.Millisecond) // let the caller begin to wait
				_ = rig.server.Acknowledged(context.Background(), rig.One.UnitDevice.ID, sent.DoorID, sent.ID, true, "")
				time.Sleep(150 * time.Millisecond)
				_ = rig.server.Acknowledged(context.Background(), sent.DeviceID, sent.DoorID, sent.ID, true, "")
			}()
			return false, false
		})
		if got := rig.open(rig.Resident, rig.One.Gate, nil, "Prefer", "wait=5"); got.Status != 200 || got.text("state") != "opened" {
			t.Errorf("%d %s", got.Status, got.Text)
		}
	})
}

// A broker that is known to be away is said at once, and nothing is begun.
func TestBrokerAway(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.doors.fail(errBrokerGone)
		before := rig.rows()
		got := rig.open(rig.Resident, rig.One.Gate, nil, "Idempotency-Key", "broker-away").must(503)
		if got.code() != models.CodeBrokerUnavailable || got.Header.Get("Retry-After") == "" {
			t.Errorf("the broker is away: %s", got.Text)
		}
		sameRows(t, before, rig.rows())
		rig.doors.fail(nil)
		rig.doors.set(opensAtOnce)
		again := rig.open(rig.Resident, rig.One.Gate, nil, "Idempotency-Key", "broker-away", "Prefer", "wait=5").must(200)
		if again.text("state") != "opened" || len(rig.doors.commands()) != 1 {
			t.Errorf("the broker is back: %s", again.Text)
		}
	})
}

// One that goes away in between takes nothing: the command has failed, and is not tried again.
func TestBrokerGoesAwayBetween(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.doors.mutex.Lock()
		rig.doors.failure = errBrokerGone
		rig.doors.mutex.Unlock()
		got := rig.open(rig.Resident, rig.One.Gate, nil, "Idempotency-Key", "broker-left").must(200)
		if got.text("state") != "failed" || got.at("confirmed_by_device") != false || got.at("ended_at") == nil {
			t.Errorf("the broker left: %s", got.Text)
		}
		if strings.Contains(got.Text, errBrokerGone.Error()) {
			t.Error("the answer tells of the broker's inside")
		}
		rig.doors.fail(nil)
		again := rig.open(rig.Resident, rig.One.Gate, nil, "Idempotency-Key", "broker-left").must(200)
		if again.Text != got.Text || len(rig.doors.commands()) != 0 {
			t.Errorf("the repeat sent something: %s", again.Text)
		}
	})
}
