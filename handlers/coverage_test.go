package handlers_test

import (
	"context"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/store"
)

// count brings the cover up to date, as the worker does beside the API.
func (r *rig) count() {
	r.t.Helper()
	r.countAt(r.clock.Now())
}

func (r *rig) countAt(now time.Time) {
	r.t.Helper()
	counter := store.NewCoverageCounter(r.store, "test", func() time.Time { return now })
	for range 100 {
		counted, err := counter.CountOnce(r.t.Context())
		if err != nil {
			r.t.Fatal(err)
		}
		if counted == 0 {
			return
		}
	}
	r.t.Fatal("the cover is never counted")
}

// cover asks for the cover of the station's day, from midnight to midnight in Shanghai.
func (r *rig) cover(who *caller, query string, headers ...string) response {
	r.t.Helper()
	midnight := firstInstant.Add(-10 * time.Hour) // 16:00 UTC
	path := fmt.Sprintf("/v1/coverage?from=%s&to=%s&%s", instant(midnight), instant(midnight.Add(24*time.Hour)), query)
	return r.call(who, http.MethodGet, path, nil, headers...)
}

// place finds an item by its id, and gives the figures of the whole: visits, patrol, officer and gap minutes.
func place(t *testing.T, answer response, id models.ID) string {
	t.Helper()
	for at := range answer.items() {
		if path := fmt.Sprintf("items.%d.", at); answer.id(path+"id") == id {
			total := func(name string) any { return answer.at(path + "total." + name) }
			return fmt.Sprint(total("visits"), total("patrol_minutes"), total("officer_minutes"), total("longest_gap_minutes"))
		}
	}
	return "not there"
}

func TestCoverage(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		scan := func(who *caller, ago time.Duration, change map[string]any) response {
			item := rig.here(map[string]any{"captured_at": at(rig.clock.Now().Add(-ago))})
			for field, value := range change {
				item[field] = value
			}
			return rig.checkIn(who, item).must(200)
		}
		checkpoint := func(want, why string) {
			t.Helper()
			rig.count()
			if got := place(t, rig.cover(rig.Commander, "kind=checkpoint").must(200), rig.One.Checkpoint); got != want {
				t.Errorf("%s: %s, want %s", why, got, want)
			}
		}
		checkpoint("0 0 0 1440", "nobody yet")
		rig.advance(30 * time.Minute) // 10:30
		scan(rig.Volunteer, 0, nil)
		if until := rig.cover(rig.Commander, "kind=checkpoint").text("counted_until"); until != at(rig.clock.Now()) {
			t.Errorf("counted until %s, with a scan of now waiting", until)
		}
		rig.advance(time.Second)
		if until := rig.cover(rig.Commander, "kind=checkpoint").text("counted_until"); until != at(rig.clock.Now().Add(-time.Second)) {
			t.Errorf("counted until %s, with a scan waiting", until)
		}
		checkpoint("1 1 1 809", "one scan at 10:30")
		if until := rig.cover(rig.Commander, "kind=checkpoint").text("counted_until"); until != at(rig.clock.Now()) {
			t.Errorf("counted until %s, with nothing waiting", until)
		}
		scan(rig.Guard, 0, nil)
		checkpoint("1 1 2 809", "two people in one minute")
		scan(rig.Volunteer, 20*time.Minute, map[string]any{"method": "qr", "code": "XF1.C.false"})
		checkpoint("1 1 2 809", "a wrong code is no presence")
		scan(rig.Volunteer, 10*time.Minute, nil)
		checkpoint("1 2 3 809", "ten minutes before, brought late: one visit")
		again := rig.here(map[string]any{"captured_at": at(rig.clock.Now().Add(-7 * time.Hour))})
		rig.checkIn(rig.Volunteer, again).must(200)
		rig.checkIn(rig.Volunteer, again).must(200)
		checkpoint("2 3 4 809", "at 03:30, from a phone without signal, twice")

		slots := rig.cover(rig.Commander, "kind=checkpoint&slot=12h").must(200)
		for at := range slots.items() {
			if path := fmt.Sprintf("items.%d.", at); slots.id(path+"id") == rig.One.Checkpoint &&
				fmt.Sprint(slots.at(path+"slots.0.patrol_minutes"), slots.at(path+"slots.1.longest_gap_minutes")) != "3 720" {
				t.Errorf("by half days: %s", slots.Text)
			}
		}
		if got := place(t, rig.cover(rig.Commander, "kind=route").must(200), rig.Route); got != "2 3 4 809" {
			t.Errorf("its route: %s", got)
		}
		if got := place(t, rig.cover(rig.Commander, "kind=compound").must(200), rig.One.ID()); got != "2 3 4 809" {
			t.Errorf("its compound: %s", got)
		}
		if got := place(t, rig.cover(rig.Commander, "kind=checkpoint").must(200), rig.Street); got != "0 0 0 1440" {
			t.Errorf("another checkpoint: %s", got)
		}
		for query, want := range map[string]int{"": 1, "cell=50": 1, "cell=1000": 1, "mode=none": 1, "mode=foot": 0} {
			if got := rig.cover(rig.Commander, query).must(200); len(got.items()) != want {
				t.Errorf("cells of %q: %s", query, got.Text)
			}
		}
		if got := rig.cover(rig.CommanderB, "").must(200); len(got.items()) != 0 {
			t.Errorf("the other station sees %s", got.Text)
		}
		if got := rig.cover(rig.CommanderB, "kind=checkpoint").must(200); len(got.items()) != 1 || got.id("items.0.id") != rig.Three.Checkpoint {
			t.Errorf("the other station sees %s", got.Text)
		}
	})
}

// Every form of the answer names places and nobody.
func TestFormsOfCoverage(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		made := rig.call(rig.Commander, http.MethodPost, "/v1/checkpoints", map[string]any{
			"name": `=广场 <东&西>`, "position": spot(rig.One.At, nil), "radius_m": 50, "methods": []string{"gps"}, "key_place": true,
		}).must(201).id("id")
		rig.checkIn(rig.Officer, rig.here(map[string]any{"checkpoint_id": made})).must(200)
		rig.count()
		for accept, want := range map[string]string{
			"": "application/json", "application/json": "application/json", "application/geo+json": "application/geo+json",
			"text/csv": "text/csv", "image/svg+xml": "image/svg+xml", "text/html, image/*;q=0.8": "image/svg+xml",
		} {
			for _, kind := range []string{"cell", "checkpoint", "key_place", "route", "compound", "street_post"} {
				got := rig.cover(rig.Commander, "kind="+kind, "Accept", accept).must(200)
				if form := got.Header.Get("Content-Type"); form != want {
					t.Errorf("Accept %q gives %s", accept, form)
				}
				for _, who := range []*caller{rig.Officer, rig.Volunteer} {
					if strings.Contains(got.Text, string(who.ID)) || strings.Contains(got.Text, who.Name) {
						t.Errorf("%s of %s names a person: %s", want, kind, got.Text)
					}
				}
			}
		}
		rows, err := csv.NewReader(strings.NewReader(rig.cover(rig.Commander, "kind=key_place&slot=12h", "Accept", "text/csv").Text)).ReadAll()
		want := "key_place " + string(made) + " '=广场 <东&西> 2026-11-23T16:00:00.000Z 2026-11-24T04:00:00.000Z 1 1 1 600"
		if err != nil || len(rows) != 3 || strings.Join(rows[1], " ") != want {
			t.Errorf("%v: %q, want %q", err, rows, want)
		}
		point := rig.cover(rig.Commander, "kind=key_place", "Accept", "application/geo+json")
		if fmt.Sprint(point.at("features.0.geometry.coordinates")) != "[105.601 30.52]" || point.at("features.0.properties.patrol_minutes") != 1.0 {
			t.Errorf("a point: %s", point.Text)
		}
		cell := rig.cover(rig.Commander, "", "Accept", "application/geo+json")
		west, _ := cell.at("features.0.geometry.coordinates.0.0.0").(float64)
		north, _ := cell.at("features.0.geometry.coordinates.0.2.1").(float64)
		if cell.at("features.0.geometry.type") != "Polygon" || west > 105.601 || north < 30.52 {
			t.Errorf("a cell: %s", cell.Text)
		}
		picture := rig.cover(rig.Commander, "", "Accept", "image/svg+xml")
		for _, words := range []string{"<title id=", "有人的分钟数", "重点部位", "=广场 &lt;东&amp;西&gt;", "2026-11-24 00:00 至 2026-11-25 00:00"} {
			if !strings.Contains(picture.Text, words) {
				t.Errorf("the picture has no %q: %s", words, picture.Text)
			}
		}
		for read := xml.NewDecoder(strings.NewReader(picture.Text)); ; {
			if _, err := read.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("the picture is not well formed: %v", err)
			}
		}
	})
}

func TestBoundsOfCoverage(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		days := func(count int) string {
			return "from=" + instant(firstInstant) + "&to=" + instant(firstInstant.AddDate(0, 0, count))
		}
		for query, want := range map[string]string{
			days(31): "", days(0): "to too_small", days(-1): "to too_small", days(31) + "&cell=1000&slot=30m": "", days(1) + "&cell=75": "cell not_one_of",
			"from=" + instant(firstInstant) + "&to=" + instant(firstInstant.AddDate(0, 0, 31).Add(time.Millisecond)): "to too_large",
		} {
			got := rig.call(rig.Commander, http.MethodGet, "/v1/coverage?"+query, nil)
			if strings.Join(got.fields(), "") != want || (want == "") != (got.Status == 200) || want != "" && got.Status != 422 {
				t.Errorf("%s: %d %v, want %q", query, got.Status, got.fields(), want)
			}
		}
		rig.write(func(ctx context.Context, tx *store.Store) error { // 34 checkpoints × 1,488 half hours are too much
			for at := range 34 - 3 {
				err := tx.AddCheckpoint(ctx, models.Checkpoint{
					ID: rig.ids.next(), Place: models.Place{Station: rig.A}, Name: fmt.Sprint("点位", at), At: rig.One.At, CreatedAt: firstInstant,
				})
				if err != nil {
					return err
				}
			}
			return nil
		})
		rig.call(rig.Commander, http.MethodGet, "/v1/coverage?kind=checkpoint&slot=1h&"+days(31), nil).must(200)
		rig.call(rig.Commander, http.MethodPost, "/v1/checkpoints", map[string]any{
			"name": "又一处", "position": spot(rig.One.At, nil), "radius_m": 50, "methods": []string{"gps"},
		}).must(201)
		got := rig.call(rig.Commander, http.MethodGet, "/v1/coverage?kind=checkpoint&slot=30m&"+days(31), nil).must(422)
		if strings.Join(got.fields(), "") != "slot too_small" {
			t.Errorf("%v", got.fields())
		}
	})
}

func TestGapsOfADay(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		post, shift, squad := rig.ids.next(), rig.ids.next(), rig.ids.next()
		for statement, values := range map[string][]any{
			"INSERT INTO street_posts (id, station_id, compound_id, name, lat, lng, radius_m, max_gap_minutes, created_at, ended_at) VALUES (?, ?, '', ?, ?, ?, 60, 30, 1, 0)": {
				string(post), string(rig.A), "环岛屯警点", rig.Two.At.Lat, rig.Two.At.Lng,
			},
			"INSERT INTO shifts (id, station_id, squad_id, post_id, name, start_minute, length_minutes, recurrence, weekdays, dates, from_date, until_date, created_at, ended_at) VALUES (?, ?, ?, ?, '夜班', 1320, 480, 'daily', 0, '', '2026-11-01', '', 1, 0)": {
				string(shift), string(rig.A), string(squad), string(post),
			},
		} {
			if _, err := rig.sql.Exec(statement, values...); err != nil {
				t.Fatal(err)
			}
		}
		rig.advance(14 * time.Hour) // midnight: the 25th begins
		rig.advance(70 * time.Minute)
		rig.checkIn(rig.Guard, rig.here(nil)).must(200) // 01:10
		rig.advance(210 * time.Minute)
		rig.checkIn(rig.Guard, rig.here(nil)).must(200)                                                                          // 04:40
		rig.checkIn(rig.Guard, rig.here(map[string]any{"checkpoint_id": nil, "position": spot(rig.Two.At, nil)})).must(200)      // at the post
		rig.checkIn(rig.Guard, rig.here(map[string]any{"checkpoint_id": rig.Street, "position": nil, "method": "qr"})).must(200) // rejected
		rig.advance(time.Hour)                                                                                                   // 05:40
		rig.count()
		gaps := func(query string) []string {
			found := []string{}
			got := rig.call(rig.Commander, http.MethodGet, "/v1/coverage/gaps?date=2026-11-25"+query, nil).must(200)
			for at := range got.items() {
				path := fmt.Sprintf("items.%d.", at)
				found = append(found, fmt.Sprintf("%s %v", got.text(path+"sentence.zh"), got.at(path+"minutes")))
			}
			return found
		}
		want := "环岛商务中心 00:00–05:40 无人 340, 河东小区巡更点 00:00–04:40 无人 280, 环岛屯警点 00:00–04:40 无人 280, 阳光小区巡更点 01:11–04:40 无人 209"
		if got := strings.Join(gaps("&min_minutes=71"), ", "); got != want {
			t.Errorf("gaps: %s\nwant: %s", got, want)
		}
		if got := gaps(""); len(got) != 5 || got[4] != "阳光小区巡更点 00:00–01:10 无人 70" {
			t.Errorf("gaps of an hour: %q", got)
		}
		for query, want := range map[string]string{"date=2026-11-26": "date in_the_future", "date=2023-11-26": "date too_old"} {
			if got := rig.call(rig.Officer, http.MethodGet, "/v1/coverage/gaps?"+query, nil).must(422); strings.Join(got.fields(), "") != want {
				t.Errorf("%s: %v", query, got.fields())
			}
		}
		// The day before: no checkpoint was there before ten, and the shift of the night begins at ten in the evening.
		got := rig.call(rig.Officer, http.MethodGet, "/v1/coverage/gaps?date=2026-11-24", nil).must(200)
		lines := []string{}
		for at := range got.items() {
			lines = append(lines, got.text(fmt.Sprintf("items.%d.sentence.en", at)))
		}
		want = "Nobody at 阳光小区巡更点 from 10:00 to 24:00, Nobody at 河东小区巡更点 from 10:00 to 24:00, Nobody at 环岛商务中心 from 10:00 to 24:00, " +
			"Nobody at 环岛屯警点 from 00:00 to 06:00, Nobody at 环岛屯警点 from 22:00 to 24:00"
		if strings.Join(lines, ", ") != want {
			t.Errorf("%s\nwant %s", strings.Join(lines, ", "), want)
		}
	})
}

func TestUnseenCheckpoints(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		unseen := func(who *caller, query string) string {
			lines := []string{}
			got := rig.call(who, http.MethodGet, "/v1/coverage/unseen"+query, nil).must(200)
			for at := range got.items() {
				path := fmt.Sprintf("items.%d.", at)
				lines = append(lines, got.text(path+"name")+" "+got.text(path+"last_seen_at"))
			}
			return strings.Join(lines, ", ")
		}
		rig.checkIn(rig.Guard, rig.here(nil)).must(200)
		rig.count()
		rig.advance(24 * time.Hour)
		if got := unseen(rig.Commander, "?days=1"); got != "" {
			t.Errorf("not there for a day, and unseen: %s", got)
		}
		rig.advance(time.Minute)
		want := "河东小区巡更点 , 环岛商务中心 , 阳光小区巡更点 2026-11-24T02:00:00.000Z"
		if got := unseen(rig.Commander, "?days=1"); got != want {
			t.Errorf("%s, want %s", got, want)
		}
		if got := unseen(rig.Commander, ""); got != "" {
			t.Errorf("not there for a week, and unseen: %s", got)
		}
		rig.checkIn(rig.Guard, rig.here(nil)).must(200)
		rig.count()
		if got := unseen(rig.Commander, "?days=1"); got != "河东小区巡更点 , 环岛商务中心 " {
			t.Errorf("%s", got)
		}
		rig.advance(14 * time.Hour)
		if got := unseen(rig.OfficerB, "?days=1"); got != "西苑小区巡更点 " {
			t.Errorf("the other station: %s", got)
		}
	})
}

func TestStopShares(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		squad, plan := rig.ids.next(), rig.ids.next()
		stops := []models.RoundStop{}
		for at, state := range []models.StopState{
			models.StopOnTime, models.StopOnTime, models.StopLate, models.StopMissed, models.StopSkipped, models.StopPending, models.StopExtra,
		} {
			stops = append(stops, models.RoundStop{Ordinal: at + 1, CheckpointID: rig.Street, Priority: models.PriorityNormal, State: state})
		}
		rig.write(func(ctx context.Context, tx *store.Store) error {
			for at, round := range []models.Round{
				{StationID: rig.A, SquadID: squad, PlanID: plan, StartsAt: firstInstant, Stops: stops},
				{StationID: rig.A, StartsAt: firstInstant.Add(time.Hour), Stops: stops[5:]},
				{StationID: rig.A, StartsAt: firstInstant.Add(24 * time.Hour), Stops: stops},
				{StationID: rig.B, StartsAt: firstInstant, Stops: stops},
			} {
				round.ID, round.State, round.EndsAt = rig.ids.next(), models.RoundInProgress, firstInstant.Add(time.Duration(at))
				if err := tx.AddRound(ctx, round); err != nil {
					return err
				}
			}
			return nil
		})
		for statement, values := range map[string][]any{
			"INSERT INTO squads (id, station_id, name, kind, leader_id, created_at, ended_at) VALUES (?, ?, '夜巡一队', 'night', '', 1, 0)":                    {string(squad), string(rig.A)},
			"INSERT INTO round_plans (id, station_id, shift_id, route_id, name, ordered, team, created_at, ended_at) VALUES (?, ?, '', ?, '', 0, 0, 1, 0)": {string(plan), string(rig.A), string(rig.Route)},
		} {
			if _, err := rig.sql.Exec(statement, values...); err != nil {
				t.Fatal(err)
			}
		}
		day := "/v1/coverage/stops?from=" + instant(firstInstant) + "&to=" + instant(firstInstant.Add(24*time.Hour))
		got := rig.call(rig.Officer, http.MethodGet, day, nil).must(200)
		if len(got.items()) != 2 {
			t.Fatalf("%s", got.Text)
		}
		if got.at("items.0.route_name") != nil || got.at("items.0.pending") != 1.0 || got.at("items.0.done_share") != nil {
			t.Errorf("without a plan: %s", got.Text)
		}
		line := ""
		for _, field := range []string{"route_name", "squad_name", "on_time", "late", "missed", "skipped", "pending", "extra", "done_share"} {
			line += fmt.Sprint(got.at("items.1."+field), " ")
		}
		if line != "香林路 夜巡一队 2 1 1 1 1 1 0.6 " {
			t.Errorf("%s", line)
		}
		far := "/v1/coverage/stops?from=" + instant(firstInstant) + "&to=" + instant(firstInstant.Add(32*24*time.Hour))
		if got := rig.call(rig.Officer, http.MethodGet, far, nil).must(422); strings.Join(got.fields(), "") != "to too_large" {
			t.Errorf("%v", got.fields())
		}
	})
}
