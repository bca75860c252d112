package handlers_test

import (
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

// spot is a position on the wire.
func spot(at models.Position, change map[string]any) map[string]any {
	position := map[string]any{"lat": at.Lat, "lng": at.Lng, "crs": "WGS84", "accuracy_m": 8}
	for field, value := range change {
		position[field] = value
	}
	return position
}

// here is one check-in at compound One's checkpoint; change may be nil, and a nil value leaves a field out.
func (r *rig) here(change map[string]any) map[string]any {
	item := map[string]any{
		"id": r.ids.next(), "checkpoint_id": r.One.Checkpoint, "method": "gps", "position": spot(r.One.At, nil),
		"captured_at": at(r.clock.Now()),
	}
	for field, value := range change {
		if item[field] = value; value == nil {
			delete(item, field)
		}
	}
	return item
}

func (r *rig) checkIn(who *caller, items ...map[string]any) response {
	r.t.Helper()
	return r.call(who, http.MethodPost, "/v1/check-ins", map[string]any{"items": items})
}

func reasonsAt(got response, item int) string {
	words, _ := got.at(fmt.Sprintf("items.%d.reasons", item)).([]any)
	return strings.Trim(fmt.Sprint(words), "[]")
}

func TestBatchOf500(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		items := []map[string]any{}
		for range 501 {
			items = append(items, rig.here(nil))
		}
		before := rig.rows()
		rig.checkIn(rig.Officer, items...).must(400)
		sameRows(t, before, rig.rows())
		items = items[:500]
		items[7]["method"] = "by_eye"
		items[11]["captured_at"] = at(rig.clock.Now().Add(48 * time.Hour))
		items[13]["checkpoint_id"] = rig.ids.next()
		items[17]["colour"] = "red"
		got := rig.checkIn(rig.Officer, items...).must(200)
		if len(got.items()) != 500 {
			t.Fatalf("%d verdicts", len(got.items()))
		}
		for place, item := range items {
			if id := got.id(fmt.Sprintf("items.%d.id", place)); id != item["id"] {
				t.Fatalf("verdict %d is about %s, not %s", place, id, item["id"])
			}
			want := "accepted"
			if place == 7 || place == 11 || place == 13 || place == 17 {
				want = "rejected"
			}
			if status := got.text(fmt.Sprintf("items.%d.status", place)); status != want {
				t.Errorf("item %d is %s, want %s", place, status, want)
			}
		}
		for place, field := range map[int]string{
			7: "items[7].method", 11: "items[11].captured_at", 13: "items[13].checkpoint_id", 17: "items[17].colour",
		} {
			if named := got.text(fmt.Sprintf("items.%d.errors.0.field", place)); named != field {
				t.Errorf("item %d: the problem names %q, want %q", place, named, field)
			}
		}
		if count := rig.rows()["check_ins"]; count != 496 {
			t.Errorf("%d check-ins are kept, want 496", count)
		}
	})
}

func TestRepeatedCheckIns(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		far := spot(models.Position{Lat: rig.One.At.Lat + 0.01, Lng: rig.One.At.Lng}, nil)
		first, second := rig.here(map[string]any{"position": far}), rig.here(nil)
		got := rig.checkIn(rig.Officer, first, second).must(200)
		if got.text("items.0.status") != "rejected" || got.at("items.0.duplicate") != false {
			t.Fatalf("the first verdict: %s", got.Text)
		}
		rig.advance(time.Hour)
		better := rig.here(map[string]any{"id": first["id"]}) // the same id with a better story
		again := rig.checkIn(rig.Officer, rig.here(nil), second, better, second).must(200)
		if again.text("items.2.status") != "rejected" || again.at("items.2.duplicate") != true ||
			again.at("items.2.distance_m") != got.at("items.0.distance_m") || again.at("items.2.clock_skew_ms") != 0.0 {
			t.Errorf("the repeat got another verdict: %s", again.Text)
		}
		if again.at("items.0.duplicate") != false || again.at("items.1.duplicate") != true || again.at("items.3.duplicate") != true {
			t.Errorf("duplicates: %s", again.Text)
		}
		if count := rig.rows()["check_ins"]; count != 3 {
			t.Errorf("%d rows, want 3", count)
		}
		foreign := rig.checkIn(rig.Volunteer, second, rig.here(nil)).must(200)
		if foreign.text("items.0.errors.0.code") != "not_unique" || foreign.at("items.0.distance_m") != nil {
			t.Errorf("somebody else's id: %s", foreign.Text)
		}
		twin := rig.here(nil)
		if both := rig.checkIn(rig.Officer, twin, twin).must(200); both.at("items.0.duplicate") != false || both.at("items.1.duplicate") != true {
			t.Errorf("twice in one batch: %s", both.Text)
		}
	})
}

func TestSameCheckInsAtOnce(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		items := []map[string]any{}
		for range 20 {
			items = append(items, rig.here(nil))
		}
		token, fresh := rig.token(rig.Officer), 0
		for _, got := range atOnce(8, func(turn int) response {
			mine := append(slices.Clone(items[turn:]), items[:turn]...)
			return rig.callAs(token, http.MethodPost, "/v1/check-ins", map[string]any{"items": mine})
		}) {
			got.must(200)
			for place := range got.items() {
				if got.at(fmt.Sprintf("items.%d.duplicate", place)) == false {
					fresh++
				}
				if got.text(fmt.Sprintf("items.%d.status", place)) != "accepted" {
					t.Errorf("item %d: %s", place, got.Text)
				}
			}
		}
		if count := rig.rows()["check_ins"]; fresh != 20 || count != 20 {
			t.Errorf("20 ids sent 8 times at once: %d called new, %d rows", fresh, count)
		}
	})
}

func TestReasonsOfVerdicts(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		one, now := rig.One, rig.clock.Now()
		sign := rig.call(rig.Officer, http.MethodGet, "/v1/checkpoints/"+string(one.Checkpoint)+"/sign", nil).must(200)
		tagged := rig.call(rig.Officer, http.MethodPost, "/v1/checkpoints", map[string]any{
			"name": "配电房", "position": spot(one.At, nil), "methods": []string{"nfc"}, "nfc_uid": "04a2b3c4d5", "compound_id": one.ID(),
		}).must(201).id("id")
		north := func(metres float64) models.Position {
			return models.Position{Lat: one.At.Lat + metres/111_195, Lng: one.At.Lng}
		}
		gcj := models.WGS84ToGCJ02(one.At)
		cases := []struct {
			name    string
			change  map[string]any
			status  string
			reasons string
		}{
			{"good", nil, "accepted", ""},
			{"the same place as a mini-program says it", map[string]any{"position": spot(gcj, map[string]any{"crs": "GCJ02"})}, "accepted", ""},
			{"GCJ-02 taken for WGS-84", map[string]any{"position": spot(gcj, nil)}, "review", "coordinates_system_suspect"},
			{"BD-09", map[string]any{"position": spot(models.BD09.FromWGS84(one.At), map[string]any{"crs": "BD09"})}, "accepted", ""},
			{"BD-09 taken for GCJ-02", map[string]any{"position": spot(models.BD09.FromWGS84(one.At), map[string]any{"crs": "GCJ02"})}, "review", "coordinates_system_suspect"},
			{"a position of two minutes before", map[string]any{"position": spot(one.At, map[string]any{"fixed_at": at(now.Add(-2 * time.Minute))})}, "review", "stale_fix"},
			{"mock", map[string]any{"position": spot(one.At, map[string]any{"is_mock": true})}, "review", "mock_location"},
			{"vague", map[string]any{"position": spot(one.At, map[string]any{"accuracy_m": 101})}, "review", "low_accuracy"},
			{"a little outside", map[string]any{"position": spot(north(55), map[string]any{"accuracy_m": 8})}, "review", "outside_radius"},
			{"far outside", map[string]any{"position": spot(north(60), map[string]any{"accuracy_m": 8})}, "rejected", "outside_radius"},
			{"no position", map[string]any{"position": nil}, "review", "no_position"},
			{"nowhere near", map[string]any{"checkpoint_id": nil, "position": spot(north(5000), nil)}, "accepted", "no_checkpoint_near"},
			{"position only", map[string]any{"checkpoint_id": nil}, "accepted", ""},
			{"a clock ahead", map[string]any{"captured_at": at(now.Add(2*time.Minute + time.Millisecond))}, "review", "clock_skew"},
			{"a clock just not ahead", map[string]any{"captured_at": at(now.Add(2 * time.Minute))}, "accepted", ""},
			{"72 hours offline", map[string]any{"captured_at": at(now.Add(-models.MaxOffline))}, "accepted", ""},
			{"longer", map[string]any{"captured_at": at(now.Add(-models.MaxOffline - time.Millisecond))}, "review", "too_old"},
			{"scanned", map[string]any{"method": "qr", "code": sign.text("qr_payload"), "position": nil}, "accepted", ""},
			{"typed", map[string]any{"method": "manual_code", "code": strings.ToLower(sign.text("manual_code")), "position": nil}, "accepted", ""},
			{"another sign's code", map[string]any{"method": "qr", "code": "XF1.C." + string(rig.Street) + "." + sign.text("manual_code")}, "rejected", "wrong_code"},
			{"no code", map[string]any{"method": "manual_code"}, "rejected", "wrong_code"},
			{"NFC", map[string]any{"checkpoint_id": tagged, "method": "nfc", "code": "04A2B3C4D5"}, "accepted", ""},
			{"another tag", map[string]any{"checkpoint_id": tagged, "method": "nfc", "code": "04A2B3C4D6"}, "rejected", "wrong_tag"},
			{"a way not offered", map[string]any{"checkpoint_id": tagged}, "review", "method_not_offered"},
			{"another station's checkpoint", map[string]any{"checkpoint_id": rig.Three.Checkpoint}, "rejected", "unknown_checkpoint"},
			{"a missing checkpoint", map[string]any{"checkpoint_id": rig.ids.next()}, "rejected", "unknown_checkpoint"},
			{"a day ahead", map[string]any{"captured_at": at(now.Add(models.MaxFuture + time.Millisecond))}, "rejected", "invalid"},
		}
		items := []map[string]any{}
		for _, one := range cases {
			items = append(items, rig.here(one.change))
		}
		got := rig.checkIn(rig.Officer, items...).must(200)
		for place, one := range cases {
			status, reasons := got.text(fmt.Sprintf("items.%d.status", place)), reasonsAt(got, place)
			if status != one.status || reasons != one.reasons {
				t.Errorf("%s: %s [%s], want %s [%s]", one.name, status, reasons, one.status, one.reasons)
			}
		}
	})
}

// Both clocks are kept, and a position in GCJ-02 as WGS-84.
func TestCheckInIsKeptAsItWas(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		captured := rig.clock.Now()
		item := rig.here(map[string]any{
			"captured_at": at(captured), "note": "一切正常",
			"position": spot(models.WGS84ToGCJ02(rig.One.At), map[string]any{"crs": "GCJ02"}),
		})
		rig.advance(3 * time.Hour)
		rig.checkIn(rig.Volunteer, item).must(200)
		got := rig.call(rig.Volunteer, http.MethodGet, "/v1/check-ins", nil).must(200)
		lat, _ := got.at("items.0.position.lat").(float64)
		lng, _ := got.at("items.0.position.lng").(float64)
		if math.Abs(lat-rig.One.At.Lat) > 1e-6 || math.Abs(lng-rig.One.At.Lng) > 1e-6 || got.text("items.0.position.crs") != "WGS84" {
			t.Errorf("kept at %s", got.Text)
		}
		if got.text("items.0.captured_at") != at(captured) || got.text("items.0.received_at") != at(captured.Add(3*time.Hour)) ||
			got.at("items.0.clock_skew_ms") != float64(3*time.Hour/time.Millisecond) || got.text("items.0.note") != "一切正常" {
			t.Errorf("kept as %s", got.Text)
		}
		if found := rig.everywhere("一切正常"); found != "" {
			t.Errorf("the note lies open in %s", found)
		}
	})
}

func TestCheckInsAreFiltered(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		now, two := rig.clock.Now(), rig.Two
		officer, volunteer := rig.here(map[string]any{"captured_at": at(now)}), rig.here(map[string]any{"captured_at": at(now.Add(-time.Hour))})
		reviewed := rig.here(map[string]any{"position": nil, "captured_at": at(now.Add(-2 * time.Hour))})
		other := rig.here(map[string]any{"checkpoint_id": two.Checkpoint, "position": spot(two.At, nil), "captured_at": at(now.Add(-3 * time.Hour))})
		rig.checkIn(rig.Officer, officer, reviewed).must(200)
		rig.checkIn(rig.Volunteer, volunteer).must(200)
		rig.checkIn(rig.VolunteerTwo, other).must(200)
		all := []map[string]any{officer, volunteer, reviewed, other}
		list := func(name string, who *caller, query string, want ...map[string]any) {
			t.Helper()
			got := rig.call(who, http.MethodGet, "/v1/check-ins?"+query, nil).must(200)
			have, wanted := []string{}, []string{}
			for _, item := range got.items() {
				checkIn, _ := item.(map[string]any)
				have = append(have, fmt.Sprint(checkIn["id"]))
			}
			for _, item := range want {
				wanted = append(wanted, fmt.Sprint(item["id"]))
			}
			if !slices.Equal(have, wanted) {
				t.Errorf("%s: %v, want %v", name, have, wanted)
			}
		}
		list("all of the station, newest first", rig.Commander, "", all...)
		list("the officer's compound", rig.Officer, "", officer, volunteer, reviewed)
		list("own only", rig.Volunteer, "", volunteer)
		list("another station", rig.CommanderB, "")
		list("route", rig.Commander, "route_id="+string(rig.Route), officer, volunteer, reviewed)
		list("foreign route", rig.Commander, "route_id="+string(rig.RouteB))
		list("checkpoint", rig.Commander, "checkpoint_id="+string(two.Checkpoint), other)
		list("person", rig.Commander, "person_id="+string(rig.Officer.ID), officer, reviewed)
		list("status", rig.Commander, "status=review", reviewed)
		list("time, from included, to not", rig.Commander, "from="+at(now.Add(-2*time.Hour))+"&to="+at(now), volunteer, reviewed)
		list("somebody out of scope", rig.Volunteer, "person_id="+string(rig.Officer.ID))
	})
}

// Thousands are read page by page while new ones arrive: none is left out and none comes twice.
func TestPagesHaveNoGaps(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		const batches = 5
		want, begin := map[string]bool{}, rig.clock.Now()
		for batch := range batches {
			items := []map[string]any{}
			for place := range 400 { // several share an instant
				item := rig.here(map[string]any{"captured_at": at(begin.Add(-time.Duration(batch*400+place) / 3 * time.Second))})
				want[fmt.Sprint(item["id"])] = true
				items = append(items, item)
			}
			rig.checkIn(rig.Auxiliary, items...).must(200)
		}
		seen, path := map[string]int{}, "/v1/check-ins?limit=100"
		for pages, query := 0, ""; ; pages++ {
			got := rig.call(rig.Commander, http.MethodGet, path+query, nil).must(200)
			for _, item := range got.items() {
				checkIn, _ := item.(map[string]any)
				seen[fmt.Sprint(checkIn["id"])]++
			}
			cursor, more := got.at("next_cursor").(string)
			if !more {
				break
			}
			if pages > 40 {
				t.Fatal("the pages have no end")
			}
			rig.advance(time.Second)
			rig.checkIn(rig.Auxiliary, rig.here(nil)).must(200) // newer than every page
			query = "&cursor=" + cursor
		}
		for id := range want {
			if seen[id] != 1 {
				t.Fatalf("%s came %d times", id, seen[id])
			}
		}
	})
}
