package handlers_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"xunfang/auth"
	"xunfang/models"
)

// gate is the barrier of compound One.
func (r *rig) gate() *caller {
	r.makeBarrier(r.One.GateDevice)
	return r.One.GateDevice
}

// readPlate sends a reading of an arrival, certain and on the way out.
func (r *rig) readPlate(arrival models.ID, sequence int, plate string, more map[string]any) response {
	r.t.Helper()
	body := map[string]any{
		"arrival_id": arrival, "sequence": sequence, "plate": plate, "confidence": 0.97, "direction": "out", "lane": "东门出口",
		"read_at": instant(r.clock.Now()),
	}
	for field, value := range more {
		if body[field] = value; value == nil {
			delete(body, field)
		}
	}
	return r.call(r.One.GateDevice, http.MethodPost, "/v1/plate-reads", body)
}

// decided says in one word what an answer is.
func decided(answer response) string { return answer.text("decision") + " " + answer.text("reason") }

func TestBarrierIsTold(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.gate()
		locked := rig.addVehicle(rig.Resident, nil).must(201).text("id")
		rig.vehicleTo(rig.Resident, locked, "lock").must(200)
		rig.addVehicle(rig.Neighbour, map[string]any{"kind": "e_bike", "plate": nil, "tag": "E280 1160"}).must(201)
		rig.addVehicle(rig.Stranger, map[string]any{"plate": "川J60000"}).must(201)
		rig.call(rig.Resident, http.MethodPost, "/v1/visitor-passes", map[string]any{
			"visitor_name": "王师傅", "plate": "川j 77777", "starts_at": instant(rig.clock.Now()), "ends_at": instant(rig.clock.Now().Add(time.Hour)),
		}).must(201)
		for name, one := range map[string]struct {
			plate string
			more  map[string]any
			want  string
		}{
			"locked":                       {"川J10852", nil, "hold locked"},
			"locked, uncertain":            {"川J10852", map[string]any{"confidence": 0.1}, "hold locked"},
			"locked, coming in":            {"川J10852", map[string]any{"direction": "in"}, "open resident"},
			"like it, uncertain":           {"川J1O852", map[string]any{"confidence": 0.84}, "hold like_locked"},
			"like it but for the province": {"渝J10852", map[string]any{"confidence": 0.5}, "hold like_locked"},
			"like it, certain":             {"川J1O852", map[string]any{"confidence": 0.85}, "open unknown_plate"},
			"a tag": {
				"", map[string]any{"plate": nil, "tag": "E2801160", "confidence": 0, "direction": "in"}, "open resident",
			},
			"another compound's": {"川J60000", map[string]any{"direction": "in"}, "hold unknown_plate"},
			"unknown, out":       {"川J99999", nil, "open unknown_plate"},
			"unclear":            {"川J99999", map[string]any{"confidence": 0.3}, "hold low_confidence"},
			"a visitor":          {"川J77777", map[string]any{"direction": "in"}, "open visitor_pass"},
			"a scrap":            {"?7", map[string]any{"confidence": 0.2}, "hold low_confidence"},
		} {
			if got := decided(rig.readPlate(rig.ids.next(), 1, one.plate, one.more).must(200)); got != one.want {
				t.Errorf("%s: %s, want %s", name, got, one.want)
			}
		}
		if heard := rig.heardOfVehicle(rig.Resident); heard != 2 {
			t.Errorf("the owner was told %d times of a vehicle that was held twice", heard)
		}
		rig.advance(2 * time.Hour)
		if got := decided(rig.readPlate(rig.ids.next(), 1, "川J77777", map[string]any{"direction": "in"}).must(200)); got != "hold unknown_plate" {
			t.Errorf("an ended pass: %s", got)
		}
		rig.endHome(rig.Resident)
		if got := decided(rig.readPlate(rig.ids.next(), 1, "川J10852", map[string]any{"direction": "in"}).must(200)); got != "hold unknown_plate" {
			t.Errorf("of who has moved out: %s", got)
		}
		for name, one := range map[string]struct {
			more   map[string]any
			status int
		}{
			"plate and tag": {map[string]any{"tag": "E2801160"}, 422}, "neither": {map[string]any{"plate": nil}, 422},
			"from tomorrow": {map[string]any{"read_at": instant(rig.clock.Now().Add(time.Hour))}, 422},
			"of yesterday":  {map[string]any{"read_at": instant(rig.clock.Now().Add(-6 * time.Minute))}, 422},
		} {
			if got := rig.readPlate(rig.ids.next(), 1, "川J10852", one.more); got.Status != one.status {
				t.Errorf("%s: %d %s", name, got.Status, got.Text)
			}
		}
		rig.call(rig.Device, http.MethodPost, "/v1/plate-reads", map[string]any{ // a terminal
			"arrival_id": rig.ids.next(), "sequence": 1, "plate": "川J1", "confidence": 1, "direction": "in", "read_at": instant(rig.clock.Now()),
		}).must(403)
	})
}

// What was misread is decided on the last reading; that a locked vehicle was let out by a wrong one is on record, and told at once.
func TestMisreadPlateIsCorrected(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.gate()
		id := rig.addVehicle(rig.Resident, nil).must(201).text("id")
		rig.vehicleTo(rig.Resident, id, "lock").must(200)
		arrival := rig.ids.next()
		if got := decided(rig.readPlate(arrival, 1, "川J1O852", nil).must(200)); got != "open unknown_plate" {
			t.Error(got)
		}
		corrected := rig.readPlate(arrival, 3, "川J10852", nil).must(200)
		if decided(corrected) != "hold locked" || corrected.at("opened_wrongly") != true || rig.heardOfVehicle(rig.Resident) != 1 {
			t.Errorf("%s, told %d", corrected.Text, rig.heardOfVehicle(rig.Resident))
		}
		for sequence, plate := range map[int]string{1: "川J1O852", 2: "川J1O852", 3: "川J10852"} { // repeated, and late
			if got := rig.readPlate(arrival, sequence, plate, nil).must(200); decided(got) != "hold locked" || got.at("sequence") != 3.0 {
				t.Errorf("%d: %s", sequence, got.Text)
			}
		}
		rig.readPlate(arrival, 3, "川J1O852", nil).must(409)
		rig.readPlate(arrival, 4, "川J10852", map[string]any{"direction": "in"}).must(409)
		rig.makeBarrier(rig.Two.GateDevice)
		other := rig.call(rig.Two.GateDevice, http.MethodPost, "/v1/plate-reads", map[string]any{
			"arrival_id": arrival, "sequence": 9, "plate": "川J1", "confidence": 1, "direction": "out", "read_at": instant(rig.clock.Now()),
		}).must(409)
		if strings.Contains(other.Text, "0852") || strings.Contains(other.Text, "locked") {
			t.Errorf("another's arrival: %s", other.Text)
		}
		got := rig.call(rig.Resident, http.MethodGet, "/v1/arrivals/"+string(arrival), nil).must(200)
		if decided(got) != "hold locked" || got.at("reads") != 3.0 || got.text("plate") != "川J10852" || rig.heardOfVehicle(rig.Resident) != 1 {
			t.Errorf("in the end: %s", got.Text)
		}
		if seen := rig.call(rig.Guard, http.MethodGet, "/v1/arrivals?held=true", nil).must(200); strings.Contains(seen.Text, "10852") ||
			len(seen.items()) != 1 {
			t.Errorf("the guard sees %s", seen.Text)
		}
		if looks := rig.audit(rig.A, models.OpListArrivals); len(looks) != 1 || len(looks[0].Subjects) != 1 {
			t.Errorf("%d looks", len(looks))
		}
		rig.advance(models.ArrivalKept + time.Hour)
		rig.forgetOld()
		if rows := rig.rows(); rows["arrivals"] != 0 || rows["plate_reads"] != 0 {
			t.Errorf("kept: %v", rows)
		}
	})
}

// Of readings of one arrival that come at the same moment the last one by number decides, whichever is taken first.
func TestReadingsAtOnce(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		token := rig.token(rig.gate())
		id := rig.addVehicle(rig.Resident, nil).must(201).text("id")
		rig.addVehicle(rig.Neighbour, map[string]any{"plate": "川J20000"}).must(201)
		rig.vehicleTo(rig.Resident, id, "lock").must(200)
		for range 4 {
			arrival := rig.ids.next()
			answers := atOnce(8, func(at int) response {
				return rig.callAs(token, http.MethodPost, "/v1/plate-reads", map[string]any{
					"arrival_id": arrival, "sequence": at/2 + 1, "plate": []string{"川J20000", "川J10852"}[at/2%2], "confidence": 1, "direction": "out",
					"read_at": instant(rig.clock.Now()),
				})
			})
			for _, got := range answers {
				if got.Status != 200 || got.at("sequence") == 4.0 && decided(got) != "hold locked" {
					t.Errorf("%d %s", got.Status, got.Text)
				}
			}
			got := rig.call(rig.One.GateDevice, http.MethodGet, "/v1/arrivals/"+string(arrival), nil).must(200)
			if decided(got) != "hold locked" || got.at("reads") != 4.0 {
				t.Errorf("in the end: %s", got.Text)
			}
		}
	})
}

// A visitor's vehicle stands in the barrier's list for its time, as a hash, until its pass is revoked.
func TestVisitorsVehicleAtABarrierAlone(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		gate, now := rig.gate(), rig.clock.Now()
		made := rig.pass(rig.Resident, map[string]any{
			"kind": "vehicle", "plate": "川J·d1234", "starts_at": at(now.Add(time.Hour)), "ends_at": at(now.Add(2 * time.Hour)),
		})
		rig.pass(rig.Stranger, map[string]any{"kind": "vehicle", "plate": "川JX9999"}) // of another compound
		rig.pass(rig.Resident, map[string]any{"kind": "group", "max_guests": 5, "plate": "川JX8888"})
		path, hash := "/v1/devices/"+string(gate.ID)+"/plate-list", auth.PlateHash(auth.HashSecret(models.Secret(gate.Secret)))
		read := func() (models.PlateList, string) {
			t.Helper()
			answer := rig.call(gate, http.MethodGet, path, nil).must(200)
			list, err := auth.VerifyPlateList(answer.text("jws"), gate.ID, rig.keys.DoorPublicKeys())
			if err != nil {
				t.Fatal(err)
			}
			return list, answer.Header.Get("ETag")
		}
		list, tag := read()
		if text := fmt.Sprint(list); len(list.Visitors) != 1 || strings.Contains(text, "1234") || strings.Contains(text, made.text("id")) {
			t.Errorf("the list has %v", list.Visitors)
		}
		for after, want := range map[time.Duration]models.BarrierReason{
			time.Hour - time.Second: models.BarrierUnknownPlate, time.Hour: models.BarrierVisitorPass,
			2*time.Hour - time.Second: models.BarrierVisitorPass, 2 * time.Hour: models.BarrierUnknownPlate,
		} {
			reading := models.Reading{Direction: models.DirectionIn, Confidence: 1}
			if _, reason := list.DecideOffline(reading, "川JD1234", hash, now.Add(after)); reason != want {
				t.Errorf("after %s: %s, want %s", after, reason, want)
			}
		}
		rig.advance(time.Minute)
		rig.call(gate, http.MethodGet, path, nil, "If-None-Match", tag).must(304)
		rig.call(rig.Resident, http.MethodPost, "/v1/visitor-passes/"+made.text("id")+"/revoke", nil).must(200)
		if list, changed := read(); len(list.Visitors) != 0 || changed == tag {
			t.Errorf("revoked, and listed: %v", list.Visitors)
		}
	})
}

// Away from the server a barrier decides by its list as the server would, and what it read is recorded later without any effect but
// that the owner of a locked vehicle is told.
func TestBarrierDecidesAlone(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		gate := rig.gate()
		locked := rig.addVehicle(rig.Resident, nil).must(201).text("id")
		rig.addVehicle(rig.Neighbour, map[string]any{"plate": "川J20000"}).must(201)
		path := "/v1/devices/" + string(gate.ID) + "/plate-list"
		first := rig.call(gate, http.MethodGet, path, nil).must(200)
		rig.call(gate, http.MethodGet, path, nil, "If-None-Match", first.Header.Get("ETag")).must(304)
		rig.vehicleTo(rig.Resident, locked, "lock").must(200)
		answer := rig.call(gate, http.MethodGet, path, nil, "If-None-Match", first.Header.Get("ETag")).must(200)
		list, err := auth.VerifyPlateList(answer.text("jws"), gate.ID, rig.keys.DoorPublicKeys())
		if err != nil || strings.Contains(fmt.Sprint(list), "10852") {
			t.Fatal(err, list)
		}
		hash := auth.PlateHash(auth.HashSecret(models.Secret(gate.Secret)))
		for plate, want := range map[models.Secret]models.BarrierReason{
			"川J10852": models.BarrierLocked, "川J20000": models.BarrierResident, "川J99999": models.BarrierUnknownPlate,
		} {
			_, reason := list.DecideOffline(models.Reading{Direction: "out", Confidence: 1}, plate, hash, rig.clock.Now())
			if reason != want {
				t.Errorf("%s: %s", plate.Reveal(), reason)
			}
		}
		rig.advance(models.PlateListLife) // nobody changed anything, and yet it must not end unnoticed
		rig.call(gate, http.MethodGet, path, nil, "If-None-Match", answer.Header.Get("ETag")).must(200)

		before, taken := rig.clock.Now().Add(-2*models.PlateListLife), rig.ids.next()
		rig.readPlate(taken, 1, "川J20000", nil).must(200)
		item := func(arrival models.ID, plate, decision string, at time.Time) map[string]any {
			return map[string]any{
				"arrival_id": arrival, "sequence": 1, "plate": plate, "confidence": 1, "direction": "out", "read_at": instant(at), "decision": decision,
			}
		}
		out, held, unlocked := rig.ids.next(), rig.ids.next(), rig.ids.next()
		rig.advance(time.Second)
		rig.vehicleTo(rig.Resident, locked, "unlock").must(200)
		items := []any{
			item(out, "川J10852", "open", rig.clock.Now().Add(-time.Minute)), item(held, "川J10852", "hold", rig.clock.Now().Add(-time.Minute)),
			item(unlocked, "川J10852", "open", before), item(taken, "川J10852", "open", before),
		}
		for _, want := range []string{"[recorded recorded recorded taken]", "[repeated repeated repeated taken]"} {
			got := rig.call(gate, http.MethodPost, "/v1/offline-plate-reads", map[string]any{"items": items}).must(200)
			results := []string{}
			for at := range got.items() {
				results = append(results, got.text(fmt.Sprintf("items.%d.result", at)))
			}
			if fmt.Sprint(results) != want {
				t.Errorf("%v, want %s", results, want)
			}
		}
		if heard := rig.heardOfVehicle(rig.Resident); heard != 1 {
			t.Errorf("the owner was told %d times", heard)
		}
		got := rig.call(gate, http.MethodGet, "/v1/arrivals/"+string(out), nil).must(200)
		if got.at("replayed") != true || got.at("opened_wrongly") != true || decided(got) != "open locked" {
			t.Errorf("recorded: %s", got.Text)
		}
		rig.call(rig.Commander, http.MethodPost, "/v1/arrivals/"+string(held)+"/override", map[string]any{"reason": "补报的不能放行"}).must(409)
	})
}
