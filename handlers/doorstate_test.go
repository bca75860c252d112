package handlers_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

func (r *rig) doorState(who *caller, door models.ID) response {
	r.t.Helper()
	return r.call(who, http.MethodGet, "/v1/doors/"+string(door)+"/state", nil).must(200)
}

// leaves makes a controller's connection to the broker end: it is heard by its batches alone.
func (r *rig) leaves(device *caller) {
	r.t.Helper()
	if err := r.server.Left(r.t.Context(), device.ID, "nonce of "+string(device.ID)); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) watchDoors() {
	r.t.Helper()
	for range 2 { // the second finds nothing to do
		if err := r.server.WatchDoors(r.t.Context()); err != nil {
			r.t.Fatal(err)
		}
	}
}

// A door opens, is held, is closed; what is not known is never said.
func TestADoorIsHeldOpen(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		device, gate := rig.One.GateDevice, rig.One.Gate
		rig.leaves(device)
		if got := rig.doorState(rig.Guard, gate); got.text("position") != "unknown" || got.at("held_open_s") != 30.0 {
			t.Errorf("nothing was told: %s", got.Text)
		}
		rig.call(rig.Property, http.MethodPut, "/v1/doors/"+string(gate)+"/alarm-settings", map[string]any{"held_open_s": 20}).must(200)
		rig.tell(device, "a", 0, rig.event(1, models.EventDoorOpened, gate, nil)).must(200)
		if got := rig.doorState(rig.Guard, gate); got.text("position") != "open" || got.text("alarm") != "normal" || got.at("held_open_s") != 20.0 {
			t.Errorf("opened: %s", got.Text)
		}
		if got := rig.doorState(rig.Guard, rig.One.BuildingDoor); got.text("position") != "unknown" {
			t.Errorf("the door beside: %s", got.Text)
		}
		rig.advance(20*time.Second - time.Millisecond)
		rig.watchDoors()
		if told := rig.inboxOf(rig.Guard, models.AlertDoorAlarm); told != 0 {
			t.Error("told too early")
		}
		rig.advance(time.Millisecond)
		rig.watchDoors()
		if guard, desk := rig.inboxOf(rig.Guard, models.AlertDoorAlarm), rig.inboxOf(rig.Commander, models.AlertDoorAlarm); guard != 1 || desk != 0 {
			t.Errorf("by day the guard was told %d times, the desk %d", guard, desk)
		}
		if got := rig.doorState(rig.Property, gate); got.text("alarm") != "door_open_too_long" {
			t.Errorf("held: %s", got.Text)
		}
		// The device says so too: it is the same occurrence.
		rig.tell(device, "a", 0, rig.event(2, models.EventHeldOpen, gate, nil)).must(200)
		rig.advance(models.DoorAlarmAgain)
		rig.watchDoors()
		if told := rig.inboxOf(rig.Guard, models.AlertDoorAlarm); told != 2 {
			t.Errorf("told %d times, want again after a while", told)
		}
		if got := rig.doorState(rig.Guard, gate); got.text("position") != "unknown" || got.text("alarm") != "unknown" {
			t.Errorf("the controller is away: %s", got.Text)
		}
		rig.tell(device, "a", 0, rig.event(3, models.EventDoorClosed, gate, nil)).must(200)
		if got := rig.doorState(rig.Guard, gate); got.text("position") != "closed" || got.text("alarm") != "normal" {
			t.Errorf("closed: %s", got.Text)
		}
		rig.advance(2 * models.DoorAlarmAgain)
		rig.watchDoors()
		if told := rig.inboxOf(rig.Guard, models.AlertDoorAlarm); told != 2 {
			t.Errorf("told after it ended: %d", told)
		}
		events := rig.call(rig.Officer, http.MethodGet, "/v1/door-events?kind=door_open_too_long&door_id="+string(gate), nil).must(200)
		if len(events.items()) != 2 { // the server's, and the device's
			t.Errorf("the history: %s", events.Text)
		}
		if begun := len(rig.audit(rig.A, "beginDoorAlarm")); begun != 1 {
			t.Errorf("%d occurrences are recorded", begun)
		}
	})
}

// Nobody knows whether a door still stands open whose controller went away.
func TestASilentControllersDoorIsNotHeld(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.leaves(rig.One.GateDevice)
		rig.tell(rig.One.GateDevice, "a", 0, rig.event(1, models.EventDoorOpened, rig.One.Gate, nil)).must(200)
		rig.advance(models.DoorSilence + time.Second)
		rig.watchDoors()
		if told := rig.inboxOf(rig.Guard, models.AlertDoorAlarm); told != 0 {
			t.Errorf("told %d", told)
		}
		rig.tell(rig.One.GateDevice, "a", 0).must(200) // it is there again, and says nothing new
		if got := rig.doorState(rig.Guard, rig.One.Gate); got.text("position") != "open" {
			t.Errorf("%s", got.Text)
		}
	})
}

// Nothing automatic acts on a replayed event: it is history, and that is all.
func TestNothingActsOnReplayedEvents(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		device, gate := rig.One.GateDevice, rig.One.Gate
		old := map[string]any{"occurred_at": instant(rig.clock.Now().Add(-models.DoorReplayAge - time.Millisecond))}
		ahead := map[string]any{"occurred_at": instant(rig.clock.Now().Add(models.DoorReplayAge + time.Millisecond))}
		said := map[string]any{"replayed": true}
		rig.tell(device, "a", 0, rig.event(1, models.EventDoorClosed, gate, nil)).must(200)
		rig.wantResults(rig.tell(device, "a", 0,
			rig.event(2, models.EventForcedOpen, gate, old), rig.event(3, models.EventDuress, gate, old),
			rig.event(4, models.EventTamper, "", ahead), rig.event(5, models.EventDoorOpened, gate, said),
			rig.event(6, models.EventForcedOpen, gate, said), rig.event(7, models.EventFault, "", said),
		), `[]`, "2 accepted", "3 accepted", "4 accepted", "5 accepted", "6 accepted", "7 accepted")
		rig.advance(2 * time.Minute)
		rig.watchDoors()
		for _, who := range []*caller{rig.Guard, rig.Property, rig.Commander} {
			if told := rig.inboxOf(who, models.AlertDoorAlarm) + rig.inboxOf(who, models.AlertDuress); told != 0 {
				t.Errorf("%s was told of %d", who.Name, told)
			}
		}
		state := rig.doorState(rig.Guard, gate)
		if state.text("position") != "closed" || state.text("alarm") != "normal" || state.text("tamper") != "unknown" || state.text("fault") != "unknown" {
			t.Errorf("the state was moved: %s", state.Text)
		}
		if len(rig.doors.commands()) != 0 || rig.rows()["door_alarms"] != 0 {
			t.Error("a replayed event did something")
		}
		history := rig.call(rig.Guard, http.MethodGet, "/v1/door-events?kind=door_forced_open", nil).must(200)
		if len(history.items()) != 2 || history.at("items.0.replayed") != true {
			t.Errorf("the history: %s", history.Text)
		}
		// Control: the same, told in time, does all of that.
		rig.tell(device, "a", 0, rig.event(8, models.EventForcedOpen, gate, nil), rig.event(9, models.EventTamper, "", nil)).must(200)
		state = rig.doorState(rig.Guard, gate)
		if rig.inboxOf(rig.Guard, models.AlertDoorAlarm) != 2 || state.text("alarm") != "door_forced_open" || state.text("tamper") != "tamper_detected" {
			t.Errorf("told in time: %d, %s", rig.inboxOf(rig.Guard, models.AlertDoorAlarm), state.Text)
		}
	})
}

// Duress is told to the duty desk, and nothing that the panel, the guard or a resident can see differs.
func TestDuressIsSilent(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		device, gate := rig.One.GateDevice, rig.One.Gate
		granted := map[string]any{"way": "card"}
		plain := rig.tell(device, "a", 0, rig.event(1, models.EventAccessGranted, gate, granted), rig.event(2, models.EventOther, gate, nil))
		forced := rig.tell(device, "a", 0, rig.event(3, models.EventAccessGranted, gate, granted), rig.event(4, models.EventDuress, gate, nil))
		same := strings.NewReplacer(`:3`, `:1`, `:4`, `:2`).Replace(forced.Text)
		if plain.must(200).Text != same || len(plain.Header) != len(forced.Header) {
			t.Errorf("the device is answered %s, else %s", forced.Text, plain.Text)
		}
		for who, want := range map[*caller]int{rig.Commander: 1, rig.Guard: 0, rig.Property: 0, rig.Officer: 0, rig.Resident: 0, rig.CommanderB: 0} {
			if told := rig.inboxOf(who, models.AlertDuress) + rig.inboxOf(who, models.AlertDoorAlarm); told != want {
				t.Errorf("%s was told %d times, want %d", who.Name, told, want)
			}
		}
		for _, who := range []*caller{rig.Guard, rig.Property, rig.Officer} {
			for _, path := range []string{"/v1/door-events", "/v1/door-events?kind=duress", "/v1/access-events", "/v1/doors", "/v1/alerts"} {
				if got := rig.call(who, http.MethodGet, path, nil).must(200); strings.Contains(got.Text, "duress") {
					t.Errorf("%s reads of duress in %s", who.Name, path)
				}
			}
		}
		if got := rig.call(rig.Commander, http.MethodGet, "/v1/door-events?kind=duress", nil).must(200); len(got.items()) != 1 {
			t.Errorf("the commander reads %s", got.Text)
		}
		if state := rig.doorState(rig.Guard, gate); state.text("alarm") != "unknown" || state.text("position") != "unknown" {
			t.Errorf("the state: %s", state.Text)
		}
	})
}

// Who lives behind a door does not learn who comes and goes.
func TestStatesInTheListOfDoors(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.tell(rig.One.UnitDevice, "a", 0, rig.event(1, models.EventDoorOpened, rig.One.UnitDoor, nil)).must(200)
		for _, who := range []*caller{rig.Resident, rig.One.UnitDevice, rig.Admin} {
			if got := rig.call(who, http.MethodGet, "/v1/doors", nil).must(200); len(got.items()) == 0 || strings.Contains(got.Text, "position") {
				t.Errorf("%s reads %s", who.Name, got.Text)
			}
		}
		got := rig.call(rig.Guard, http.MethodGet, "/v1/doors", nil).must(200)
		open := 0
		for _, item := range got.items() {
			door, _ := item.(map[string]any)
			state, _ := door["state"].(map[string]any)
			if state["position"] == "open" && door["id"] == string(rig.One.UnitDoor) {
				open++
			} else if state["position"] != "unknown" {
				t.Errorf("%v", door)
			}
		}
		if open != 1 {
			t.Errorf("the guard reads %s", got.Text)
		}
		rig.call(rig.Resident, http.MethodGet, "/v1/doors/"+string(rig.One.UnitDoor)+"/state", nil).must(403)
		rig.call(rig.Resident, http.MethodGet, "/v1/door-events", nil).must(403)
	})
}
