package handlers_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"math"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/store"
)

func basic(user models.ID, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(string(user)+":"+password))
}

// walk begins a round at an instant, with those who walk it.
func (r *rig) walk(station models.ID, began time.Time, members ...*caller) models.ID {
	r.t.Helper()
	id := r.ids.next()
	r.write(func(ctx context.Context, tx *store.Store) error {
		err := tx.AddRound(ctx, models.Round{
			ID: id, StationID: station, State: models.RoundInProgress, StartsAt: began, EndsAt: began.Add(8 * time.Hour),
			StartedAt: began, LeaderID: members[0].ID, CreatedAt: began,
		})
		for _, member := range members {
			if err == nil {
				err = tx.AddRoundMember(ctx, models.RoundMember{
					RoundID: id, PersonID: member.ID, Kind: models.MemberJoined, JoinedAt: began, ConfirmedAt: began,
				})
			}
		}
		return err
	})
	return id
}

// endRound ends a round past the API.
func (r *rig) endRound(round models.ID, ended time.Time) {
	r.t.Helper()
	if _, err := r.sql.Exec("UPDATE rounds SET ended_at = ?, state = 'completed' WHERE id = ?", ended.UnixMilli(), string(round)); err != nil {
		r.t.Fatal(err)
	}
}

// stood is one position of a batch; change may be nil.
func stood(when time.Time, change map[string]any) map[string]any {
	item := map[string]any{"at": at(when), "position": spot(models.Position{Lat: 30.52, Lng: 105.601}, nil)}
	for field, value := range change {
		item[field] = value
	}
	return item
}

func (r *rig) track(who *caller, items ...map[string]any) response {
	r.t.Helper()
	return r.call(who, http.MethodPost, "/v1/tracks", map[string]any{"items": items})
}

// counted is a receipt in short: kept, duplicates, and what was dropped for which reason.
func counted(got response) string {
	text := fmt.Sprintf("kept %v duplicates %v", got.at("kept"), got.at("duplicates"))
	if count := got.at("waiting"); count != 0.0 {
		text += fmt.Sprintf(" waiting %v", count)
	}
	for _, reason := range []string{"inaccurate", "zero", "future", "too_old", "too_fast", "thinned"} {
		if count := got.at("dropped." + reason); count != 0.0 {
			text += fmt.Sprintf(" %s %v", reason, count)
		}
	}
	return text
}

func TestOnlyPositionsOfARoundAreKept(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		began := rig.clock.Now()
		rig.advance(3 * time.Hour)
		now := rig.clock.Now()
		round := rig.walk(rig.A, began, rig.Volunteer, rig.Guard)
		rig.endRound(round, began.Add(time.Hour))
		for _, one := range []struct {
			name string
			who  *caller
			when time.Time
			with map[string]any
			want string
		}{
			{"before joining", rig.Volunteer, began.Add(-time.Millisecond), nil, "kept 0 duplicates 0 waiting 1"},
			{"as it began", rig.Volunteer, began, nil, "kept 1 duplicates 0"},
			{"as it ended", rig.Volunteer, began.Add(time.Hour), nil, "kept 1 duplicates 0"},
			{"after it", rig.Volunteer, began.Add(time.Hour + 10*time.Second), nil, "kept 0 duplicates 0 waiting 1"},
			{"somebody who does not walk", rig.Officer, began.Add(time.Minute), nil, "kept 0 duplicates 0 waiting 1"},
			{"again", rig.Volunteer, began, nil, "kept 0 duplicates 1"},
			{"in the same slot", rig.Volunteer, began.Add(9999 * time.Millisecond), nil, "kept 0 duplicates 0 thinned 1"},
			{"in the next", rig.Volunteer, began.Add(10 * time.Second), nil, "kept 1 duplicates 0"},
			{"too fast", rig.Volunteer, began.Add(time.Minute), map[string]any{"speed_mps": 60.5}, "kept 0 duplicates 0 too_fast 1"},
			{"fast", rig.Volunteer, began.Add(time.Minute), map[string]any{"speed_mps": 60}, "kept 1 duplicates 0"},
			{"at zero", rig.Volunteer, began.Add(2 * time.Minute), map[string]any{"position": spot(models.Position{}, nil)}, "kept 0 duplicates 0 zero 1"},
			{"inexact", rig.Volunteer, began.Add(2 * time.Minute), map[string]any{"position": spot(rig.One.At, map[string]any{"accuracy_m": 100.1})}, "kept 0 duplicates 0 inaccurate 1"},
			{"just exact", rig.Volunteer, began.Add(2 * time.Minute), map[string]any{"position": spot(rig.One.At, map[string]any{"accuracy_m": 100})}, "kept 1 duplicates 0"},
			{"too old", rig.Volunteer, now.Add(-models.MaxOffline - time.Millisecond), nil, "kept 0 duplicates 0 too_old 1"},
			{"old", rig.Volunteer, now.Add(-models.MaxOffline), nil, "kept 0 duplicates 0 waiting 1"},
			{"in the future", rig.Volunteer, now.Add(models.MaxClockAhead + time.Millisecond), nil, "kept 0 duplicates 0 future 1"},
		} {
			if got := counted(rig.track(one.who, stood(one.when, one.with)).must(200)); got != one.want {
				t.Errorf("%s: %s, want %s", one.name, got, one.want)
			}
		}
		if count := rig.rows()["track_points"]; count != 5 {
			t.Errorf("%d positions are kept, want 5", count)
		}
		// One position of 1970 must not make the rounds of years hide the present one.
		got := rig.track(rig.Volunteer, stood(time.UnixMilli(0), nil), stood(began.Add(3*time.Minute), nil)).must(200)
		if counted(got) != "kept 1 duplicates 0 too_old 1" {
			t.Errorf("with one of 1970: %s", got.Text)
		}
		if records := rig.audit(rig.A, models.OpCreateTracks); len(records) != 17 || strings.Contains(fmt.Sprint(records), "30.52") {
			t.Errorf("%d batches are recorded, want 17, or a position stands there: %v", len(records), records)
		}
		if logs := rig.logs.all(); strings.Contains(logs, "30.52") || strings.Contains(logs, "105.60") {
			t.Error("a position stands in the log")
		}
	})
}

// A phone a day ahead and one that was set right in the middle: the monotonic clock says when it was. A repeat that
// arrives a little later is a repeat all the same.
func TestAWrongWallClockIsCorrected(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		began := rig.clock.Now()
		rig.walk(rig.A, began, rig.Volunteer)
		rig.advance(time.Hour)
		send := func(wall time.Duration) response {
			now, items := rig.clock.Now(), []any{}
			for minute := range 30 {
				when, shown := began.Add(time.Duration(minute+1)*time.Minute), wall
				if minute >= 20 { // set right
					shown = 0
				}
				items = append(items, stood(when.Add(shown), map[string]any{
					"boot_id": "boot-1", "monotonic_ms": when.Sub(began).Milliseconds() + 5000,
				}))
			}
			return rig.call(rig.Volunteer, http.MethodPost, "/v1/tracks", map[string]any{
				"items": items,
				"clock": map[string]any{"boot_id": "boot-1", "monotonic_ms": now.Sub(began).Milliseconds() + 5000, "wall_at": at(now)},
			}).must(200)
		}
		if got := counted(send(24 * time.Hour)); got != "kept 30 duplicates 0" {
			t.Errorf("a phone that is a day ahead: %s", got)
		}
		rig.advance(1700 * time.Millisecond)
		if got := counted(send(24 * time.Hour)); got != "kept 0 duplicates 30" {
			t.Errorf("again: %s", got)
		}
		got := rig.call(rig.Volunteer, http.MethodGet, "/v1/tracks?limit=100", nil).must(200)
		if len(got.items()) != 30 {
			t.Fatalf("%d positions", len(got.items()))
		}
		for minute := range 30 {
			want := at(began.Add(time.Duration(minute+1) * time.Minute))
			if when := got.text(fmt.Sprintf("items.%d.at", minute)); when != want {
				t.Errorf("position %d is of %s, want %s", minute, when, want)
			}
		}
		if phone := got.text("items.0.phone_at"); phone != at(began.Add(time.Minute+24*time.Hour)) {
			t.Errorf("the phone's own time is %s", phone)
		}
	})
}

func TestWhoSeesATrack(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		began := rig.clock.Now()
		rig.advance(time.Hour)
		round := rig.walk(rig.A, began, rig.Volunteer, rig.VolunteerTwo)
		for minute := range 3 {
			when := began.Add(time.Duration(minute) * time.Minute)
			rig.track(rig.Volunteer, stood(when, nil)).must(200)
			rig.track(rig.VolunteerTwo, stood(when, nil)).must(200) // at the same millisecond
		}
		mine, ofRound := "/v1/tracks?person_id="+string(rig.Volunteer.ID), "/v1/tracks?round_id="+string(round)
		for _, try := range []struct {
			who             *caller
			person, inRound int
		}{
			{rig.Volunteer, 3, 3},
			{rig.Commander, 3, 6},
			{rig.VolunteerTwo, 0, 3},
			{rig.Officer, 0, 0},
			{rig.OfficerTwo, 0, 0},
			{rig.Auxiliary, 0, 0},
			{rig.Guard, 0, 0},
			{rig.Admin, 0, 0},
			{rig.Resident, 0, 0},
			{rig.CommanderB, 0, 0},
			{rig.OfficerB, 0, 0},
		} {
			for path, want := range map[string]int{mine: try.person, ofRound: try.inRound} {
				if got := rig.call(try.who, http.MethodGet, path, nil).must(200); len(got.items()) != want {
					t.Errorf("%s sees %d at %s, want %d", try.who.Name, len(got.items()), path, want)
				}
				for _, accept := range []string{"application/geo+json", "application/gpx+xml"} {
					got := rig.call(try.who, http.MethodGet, path, nil, "Accept", accept).must(200)
					if sees := strings.Contains(got.Text, "30.52"); sees != (want > 0) || got.Header.Get("Content-Type") != accept {
						t.Errorf("%s sees %s as %s: %s", try.who.Name, path, accept, got.Text)
					}
				}
			}
		}
		looks := rig.audit(rig.A, models.OpListTracks)
		if len(looks) != 6 {
			t.Errorf("%d looks are recorded, want the commander's 6", len(looks))
		}
		for _, look := range looks {
			if look.ActorID != rig.Commander.ID || len(look.Subjects) == 0 || look.Subjects[0] == "" ||
				!strings.Contains(fmt.Sprint(look.Subjects), string(rig.Volunteer.ID)) {
				t.Errorf("a look is recorded as %+v", look)
			}
		}
	})
}

// Pages of two positions give the same as one page of all, and nothing twice, where people share every millisecond.
func TestTracksArePaged(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		began := rig.clock.Now()
		rig.advance(time.Hour)
		walkers := []*caller{rig.Volunteer, rig.VolunteerTwo, rig.Guard, rig.Officer, rig.Auxiliary}
		round := rig.walk(rig.A, began, walkers...)
		for _, walker := range walkers {
			items := []map[string]any{}
			for minute := range 7 {
				items = append(items, stood(began.Add(time.Duration(minute)*time.Minute), nil))
			}
			rig.track(walker, items...).must(200)
		}
		for _, path := range []string{"/v1/tracks?round_id=" + string(round), "/v1/tracks?person_id=" + string(rig.Guard.ID)} {
			whole := rig.call(rig.Commander, http.MethodGet, path+"&limit=100", nil).must(200).items()
			paged, next := []any{}, ""
			for {
				got := rig.call(rig.Commander, http.MethodGet, path+"&limit=2"+next, nil).must(200)
				paged = append(paged, got.items()...)
				if got.text("next_cursor") == "" {
					break
				}
				next = "&cursor=" + got.text("next_cursor")
			}
			if !reflect.DeepEqual(whole, paged) || len(whole) < 7 {
				t.Errorf("%s: %d positions in one page, %d in pages of two", path, len(whole), len(paged))
			}
		}
		window := fmt.Sprintf("/v1/tracks?person_id=%s&from=%s&to=%s", rig.Guard.ID, at(began.Add(time.Minute)), at(began.Add(3*time.Minute)))
		if count := len(rig.call(rig.Commander, http.MethodGet, window, nil).must(200).items()); count != 2 {
			t.Errorf("%d positions from the first minute to before the third", count)
		}
	})
}

// A position in GCJ-02 is kept as WGS-84, with its mark of being made up; a line ends where nobody knows the way.
func TestATrackIsDrawn(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		began := rig.clock.Now()
		rig.advance(time.Hour)
		rig.walk(rig.A, began, rig.Volunteer)
		gcj := spot(models.WGS84ToGCJ02(rig.One.At), map[string]any{"crs": "GCJ02", "is_mock": true})
		rig.track(rig.Volunteer,
			stood(began, map[string]any{"position": gcj}), stood(began.Add(time.Minute), nil),
			stood(began.Add(90*time.Second), map[string]any{"position": spot(models.Position{Lat: 31.52, Lng: 105.6}, nil)}), // 110 km away
			stood(began.Add(2*time.Minute), nil), stood(began.Add(10*time.Minute), nil),
		).must(200)
		list := rig.call(rig.Volunteer, http.MethodGet, "/v1/tracks", nil).must(200)
		lat, _ := list.at("items.0.position.lat").(float64)
		if len(list.items()) != 5 || list.at("items.0.position.is_mock") != true || math.Abs(lat-rig.One.At.Lat) > 1e-6 {
			t.Errorf("the list: %s", list.Text)
		}
		drawn := rig.call(rig.Volunteer, http.MethodGet, "/v1/tracks", nil, "Accept", "application/geo+json").must(200)
		first, _ := drawn.at("features.0.geometry.coordinates").([]any)
		second, _ := drawn.at("features.1.geometry.coordinates").([]any)
		if len(first) != 3 || len(second) != 2 || strings.Contains(drawn.Text, "31.52") {
			t.Errorf("drawn as %s", drawn.Text)
		}
		gpx := rig.call(rig.Volunteer, http.MethodGet, "/v1/tracks", nil, "Accept", "text/html, application/gpx+xml;q=0.9").must(200)
		if strings.Count(gpx.Text, "<trkseg>") != 2 || strings.Count(gpx.Text, "<trkpt") != 4 ||
			!strings.Contains(gpx.Text, `<gpx xmlns="http://www.topografix.com/GPX/1/1" version="1.1" creator="Xunfang">`) {
			t.Errorf("as GPX: %s", gpx.Text)
		}
	})
}

// A file has everything or is refused: nobody takes a part for the whole.
func TestATrackFileIsWholeOrNone(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		began := rig.clock.Now()
		points := make([]models.TrackPoint, models.MaxTrackFile+1)
		for at := range points {
			when := began.Add(time.Duration(at) * models.TrackSlot)
			points[at] = models.TrackPoint{
				PersonID: rig.Guard.ID, StationID: rig.A, RoundID: rig.Guard.ID, At: when, PhoneAt: when, ReceivedAt: when,
				Source: models.SourceApp, Fix: models.Fix{ReportedCRS: models.WGS84, Position: rig.One.At},
			}
		}
		rig.write(func(ctx context.Context, tx *store.Store) error {
			return tx.AddTrackPoints(ctx, points, rig.clock.Now())
		})
		rig.advance(time.Duration(len(points)) * models.TrackSlot)
		ask := func(query string) response {
			return rig.call(rig.Guard, http.MethodGet, "/v1/tracks"+query, nil, "Accept", "application/geo+json")
		}
		if got := ask("").must(422); strings.Join(got.fields(), "") != "to too_large" {
			t.Errorf("one too many: %s", got.Text)
		}
		got := ask("?to=" + at(points[models.MaxTrackFile].At)).must(200)
		if line, _ := got.at("features.0.properties.times").([]any); len(line) != models.MaxTrackFile {
			t.Errorf("the file has %d positions", len(line))
		}
	})
}

func TestTheSamePositionsFromSixteenAtOnce(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		began := rig.clock.Now()
		rig.advance(time.Hour)
		rig.walk(rig.A, began, rig.Volunteer)
		items := []map[string]any{}
		for second := range 300 {
			items = append(items, stood(began.Add(time.Duration(second)*time.Second), nil))
		}
		token := rig.token(rig.Volunteer)
		for _, got := range atOnce(16, func(number int) response {
			return rig.callAs(token, http.MethodPost, "/v1/tracks", map[string]any{"items": slices.Concat(items[number*10:], items[:number*10])})
		}) {
			if got.Status != 200 {
				t.Errorf("%d %s", got.Status, got.Text)
			}
		}
		if count := rig.rows()["track_points"]; count != 30 {
			t.Errorf("%d positions are kept of 300 seconds, want 30", count)
		}
		if again := counted(rig.track(rig.Volunteer, items...).must(200)); again != "kept 0 duplicates 30 thinned 270" {
			t.Errorf("once more: %s", again)
		}
	})
}
