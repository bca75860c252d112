package handlers_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/store"
)

// change changes a pass.
func (r *rig) change(who *caller, pass string, body map[string]any) response {
	r.t.Helper()
	return r.call(who, http.MethodPatch, "/v1/visitor-passes/"+pass, body)
}

func TestKindsOfPasses(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		one, now := rig.One, rig.clock.Now()
		delivery := rig.pass(rig.Resident, map[string]any{"kind": "delivery", "ends_at": at(now.Add(time.Hour))})
		if !sameIDs(delivery.at("door_ids"), one.Gate) || delivery.at("max_uses") != 1.0 {
			t.Errorf("a delivery comes to the gate, once: %s", delivery.Text)
		}
		if kinds := rig.pass(rig.Resident, map[string]any{"max_uses": 2}); kinds.text("kind") != "n_times" || kinds.at("schedule") != nil {
			t.Errorf("without a kind, twice: %s", kinds.Text)
		}
		hours := map[string]any{"weekdays": []string{"monday"}, "start_time": "09:00", "length_minutes": 60}
		refuse := func(name string, change map[string]any, field string) scenario {
			return scenario{
				name: name, who: rig.Resident, method: http.MethodPost, path: "/v1/visitor-passes", body: passBody(rig, change),
				want: 422, code: models.CodeUnprocessable, fields: []string{field},
			}
		}
		before := rig.rows()
		rig.play(t,
			refuse("a delivery of a day", map[string]any{"kind": "delivery"}, "ends_at too_large"),
			refuse("a delivery through two doors", map[string]any{
				"kind": "delivery", "ends_at": at(now.Add(time.Hour)), "door_ids": []models.ID{one.Gate, one.UnitDoor},
			}, "door_ids too_large"),
			refuse("hours of one visit", map[string]any{"schedule": hours}, "schedule not_allowed"),
			refuse("a cleaner without hours", map[string]any{"kind": "recurring"}, "schedule required"),
			refuse("a cleaner whose day never comes", map[string]any{"kind": "recurring", "schedule": map[string]any{
				"weekdays": []string{strings.ToLower(now.AddDate(0, 0, 3).Weekday().String())}, "start_time": "09:00", "length_minutes": 60,
			}}, "schedule not_allowed"),
			refuse("a group without a number", map[string]any{"kind": "group"}, "max_guests required"),
			refuse("once, twice", map[string]any{"kind": "one_time", "max_uses": 2}, "max_uses too_large"),
		)
		sameRows(t, before, rig.rows())
	})
}

// A cleaner comes on the days and at the hours of the station's own clock, over midnight too, and not a millisecond else.
func TestRecurringPassKeepsItsHours(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		zone, err := rig.store.StationZone(context.Background(), rig.A)
		if err != nil {
			t.Fatal(err)
		}
		tomorrow := models.DateIn(rig.clock.Now(), zone).Add(1)
		night := map[string]any{
			"weekdays": []string{strings.ToLower(tomorrow.Weekday().String())}, "start_time": "23:30", "length_minutes": 60,
		}
		made := rig.pass(rig.Resident, map[string]any{
			"kind": "recurring", "schedule": night, "ends_at": at(rig.clock.Now().Add(models.MaxRecurringLength)),
		})
		try := func(moment time.Time, want string) {
			t.Helper()
			rig.advance(moment.Sub(rig.clock.Now()))
			if got := rig.enter(rig.Guard, rig.One.Gate, made.text("code")); got.text("decision") != want {
				t.Errorf("at %s: %s", moment.In(zone), got.Text)
			}
		}
		from := tomorrow.At(23*60+30, zone)
		try(from.Add(-24*time.Hour), "deny")
		try(from.Add(-time.Millisecond), "deny")
		try(from, "open")
		try(from.Add(30*time.Minute), "open") // midnight
		try(from.Add(time.Hour-time.Millisecond), "open")
		try(from.Add(time.Hour), "deny")
		try(from.Add(7*24*time.Hour), "open")
		rig.change(rig.Resident, made.text("id"), map[string]any{"schedule": map[string]any{
			"weekdays": night["weekdays"], "start_time": "08:00", "length_minutes": 60,
		}}).must(200)
		try(from.Add(7*24*time.Hour), "deny")
		try(tomorrow.Add(14).At(8*60, zone), "open")
	})
}

func TestPassIsExtended(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		now := rig.clock.Now()
		made := rig.pass(rig.Resident, map[string]any{"ends_at": at(now.Add(time.Hour))})
		pass := made.text("id")
		for _, who := range []*caller{rig.Neighbour, rig.Flatmate, rig.PropertyTwo} {
			rig.change(who, pass, map[string]any{"max_uses": 9}).must(404)
		}
		got := rig.change(rig.Resident, pass, map[string]any{"ends_at": at(now.Add(3 * time.Hour)), "door_ids": []models.ID{rig.One.Gate}}).must(200)
		if !sameIDs(got.at("door_ids"), rig.One.Gate) || got.text("changed_at") != at(now) || got.text("doors.0.state") != "issued" {
			t.Errorf("changed: %s", got.Text)
		}
		if read := rig.call(rig.Resident, http.MethodGet, "/v1/visitor-passes/"+pass, nil).must(200); read.Text != got.Text {
			t.Errorf("the answer says %s, the pass is %s", got.Text, read.Text)
		}
		rig.advance(2 * time.Hour)
		if in := rig.enter(rig.Guard, rig.One.BuildingDoor, made.text("code")); in.text("decision") != "deny" {
			t.Errorf("a door that it no longer leads through: %s", in.Text)
		}
		if in := rig.enter(rig.Guard, rig.One.Gate, made.text("code")); in.text("decision") != "open" {
			t.Errorf("in the time it was given: %s", in.Text)
		}
		if late := rig.change(rig.Resident, pass, map[string]any{"max_uses": 2}).must(409); late.code() != models.CodeWrongState || late.text("errors.0.want") != "used" {
			t.Errorf("a pass that is used up: %s", late.Text)
		}
		if told := rig.call(rig.Resident, http.MethodGet, "/v1/me/inbox", nil).must(200); len(told.items()) != 1 ||
			told.text("items.0.kind") != models.AlertVisitorPass || strings.Contains(told.Text, "王师傅") {
			t.Errorf("the host was told: %s", told.Text)
		}
		if found := rig.audit(rig.A, models.OpUpdateVisitorPass); len(found) != 5 { // three who may not, one done, one too late
			t.Errorf("the audit has %d entries of changes", len(found))
		}
	})
}

// One that asks the server knows at once; one that holds codes itself, when its controller has confirmed what the pass is now.
func TestPassArrivesAtItsDoors(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		ctx, now := context.Background(), rig.clock.Now()
		write := func(do func(tx *store.Store) error) {
			t.Helper()
			if err := rig.store.Atomically(ctx, do); err != nil {
				t.Fatal(err)
			}
		}
		door, err := rig.store.Door(ctx, rig.One.UnitDoor)
		if err != nil {
			t.Fatal(err)
		}
		write(func(tx *store.Store) error { return tx.SetDeviceHoldsCodes(ctx, door.DeviceID, true) })
		made := rig.pass(rig.Resident, map[string]any{"max_uses": 2})
		states := func() string {
			got, text := rig.call(rig.Resident, http.MethodGet, "/v1/visitor-passes/"+made.text("id"), nil).must(200), ""
			list, _ := got.at("doors").([]any)
			for _, entry := range list {
				if one, _ := entry.(map[string]any); one["door_id"] == string(door.ID) {
					text, _ = one["state"].(string)
					if reason, _ := one["reason"].(string); reason != "" {
						text += " " + reason
					}
				} else if one["state"] != "issued" {
					t.Errorf("a door that asks: %v", one)
				}
			}
			return text
		}
		pending := func() []store.PassAtDoor {
			t.Helper()
			found, err := rig.store.PendingPassDoors(ctx, door.DeviceID, now, 10)
			if err != nil {
				t.Fatal(err)
			}
			return found
		}
		settle := func(revision int, reason string, want bool) {
			t.Helper()
			write(func(tx *store.Store) error {
				var done bool
				var err error
				if reason == "" {
					done, err = tx.PassDoorArrived(ctx, made.id("id"), door.ID, revision, now)
				} else {
					done, err = tx.PassDoorFailed(ctx, made.id("id"), door.ID, revision, reason, now)
				}
				if done != want {
					t.Errorf("revision %d counts: %t", revision, done)
				}
				return err
			})
		}
		if found := pending(); len(found) != 1 || found[0].Gone || found[0].Pass.ID != made.id("id") || states() != "pending" {
			t.Fatalf("at first %s, and to be told %v", states(), found)
		}
		settle(1, "full", true)
		if got := states(); got != "failed full" || len(pending()) != 0 {
			t.Errorf("refused: %s", got)
		}
		rig.change(rig.Resident, made.text("id"), map[string]any{"max_uses": 3}).must(200)
		settle(1, "", false) // the confirmation of what it was
		if got := states(); got != "pending" {
			t.Errorf("changed: %s", got)
		}
		settle(2, "", true)
		if got := states(); got != "issued" || len(pending()) != 0 {
			t.Errorf("confirmed: %s", got)
		}
		rig.change(rig.Resident, made.text("id"), map[string]any{"door_ids": []models.ID{rig.One.Gate}}).must(200)
		if found := pending(); len(found) != 1 || !found[0].Gone {
			t.Errorf("a door it no longer leads through: %v", found)
		}
		settle(3, "", true)
		if got := states(); got != "" {
			t.Errorf("let go of: %s", got)
		}
		rig.change(rig.Resident, made.text("id"), map[string]any{"door_ids": []models.ID{door.ID}}).must(200)
		settle(1, "", true)
		rig.call(rig.Resident, http.MethodPost, "/v1/visitor-passes/"+made.text("id")+"/revoke", nil).must(200)
		if found := pending(); len(found) != 1 || !found[0].Gone || states() != "pending" {
			t.Errorf("revoked: %s, %v", states(), found)
		}
	})
}

// At a board no code can be typed: a pass says so from the start, the guest is sent to the guard, whose entry opens, and nothing is
// put on the board. It is so for as long as the board is there.
func TestPassAtABoardIsForTheGuard(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		board := newBoard(rig, 0)
		host := rig.Neighbour
		doors := func(got response) string {
			list, _ := got.at("doors").([]any)
			one, _ := list[0].(map[string]any)
			return fmt.Sprint(len(list), " ", one["state"], " ", one["reason"])
		}
		made := rig.pass(host, map[string]any{"door_ids": []models.ID{board.door}})
		path := "/v1/visitor-passes/" + made.text("id")
		if at, read := doors(made), doors(rig.call(host, http.MethodGet, path, nil).must(200)); at != "1 failed hardware_cannot" || read != at {
			t.Errorf("made: %s, read: %s", at, read)
		}
		if page := rig.page(made.text("guest_path")).must(200); !strings.Contains(page.Text, " · 请出示给门卫</li>") {
			t.Errorf("the page says %s", page.Text)
		}
		if got := rig.enter(rig.Guard, board.door, made.text("code")); got.text("decision") != "open" {
			t.Errorf("the guard's entry: %s", got.Text)
		}
		if _, err := rig.sql.Exec("DELETE FROM device_drivers WHERE device_id = ?", string(board.device)); err != nil {
			t.Fatal(err)
		}
		if got := doors(rig.call(host, http.MethodGet, path, nil).must(200)); got != "1 issued <nil>" {
			t.Errorf("fitted to our own controller: %s", got)
		}
	})
}

func TestVehiclePassIsFoundByItsPlate(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		ctx := context.Background()
		ends := rig.clock.Now().Add(12 * time.Hour)
		made := rig.pass(rig.Resident, map[string]any{"kind": "vehicle", "plate": "川J·d1234"})
		find := func(compound models.ID, plate string, now time.Time) models.ID {
			passes, err := rig.store.VehiclePassesAt(ctx, compound, rig.keys.BlindIndex("plate", models.NormalPlate(plate).Reveal()), now)
			if err != nil || len(passes) > 1 {
				t.Error(err, len(passes))
			}
			if len(passes) == 0 {
				return ""
			}
			return passes[0].ID
		}
		compound := rig.One.Home.Compound
		if got := find(compound, "川JD1234", ends.Add(-time.Millisecond)); got != made.id("id") {
			t.Errorf("its own plate finds %q", got)
		}
		for name, got := range map[string]models.ID{
			"another compound": find(rig.Two.Home.Compound, "川JD1234", rig.clock.Now()), "another plate": find(compound, "川JD1235", rig.clock.Now()),
			"as it ends": find(compound, "川JD1234", ends), "before": find(compound, "川JD1234", rig.clock.Now().Add(-time.Millisecond)),
		} {
			if got != "" {
				t.Errorf("%s finds %s", name, got)
			}
		}
		if found := rig.everywhere("D1234", "d1234"); found != "" {
			t.Errorf("the plate lies in %s", found)
		}
		rig.call(rig.Resident, http.MethodPost, "/v1/visitor-passes/"+made.text("id")+"/revoke", nil).must(200)
		if got := find(compound, "川JD1234", rig.clock.Now()); got != "" {
			t.Errorf("revoked, and found: %s", got)
		}
	})
}
