package handlers_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

// Who may not see tracks does not read from the cover, minute by minute, where one who walks alone is now.
func TestCoverIsNoTrack(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.advance(39 * time.Minute) // 10:39
		rig.checkIn(rig.Volunteer, rig.here(nil)).must(200)
		rig.count()
		ask := func(who *caller, query string) response {
			now := rig.clock.Now()
			return rig.call(who, http.MethodGet, fmt.Sprintf("/v1/coverage?from=%s&to=%s&slot=30m%s",
				instant(now), instant(now.Add(time.Minute)), query), nil)
		}
		for _, query := range []string{"&kind=checkpoint", "&kind=cell"} {
			got := ask(rig.Officer, query).must(200)
			if strings.Contains(got.Text, `"patrol_minutes":1`) || got.text("from") != at(firstInstant.Add(30*time.Minute)) || got.text("to") != got.text("from") {
				t.Errorf("while the slot goes on: %s", got.Text)
			}
			if got := ask(rig.Commander, query).must(200); !strings.Contains(got.Text, `"patrol_minutes":1`) || got.text("from") != at(rig.clock.Now()) {
				t.Errorf("the commander: %s", got.Text)
			}
		}
		for _, cell := range []int{50, 100, 200, 250, 450, 1000} { // of the last five, each tells more beside those of 150 m
			if got := ask(rig.Officer, fmt.Sprintf("&cell=%d", cell)); got.Status != 422 || strings.Join(got.fields(), "") != "cell not_one_of" {
				t.Errorf("a cell of %d m: %d %s", cell, got.Status, got.Text)
			}
			ask(rig.Commander, fmt.Sprintf("&cell=%d", cell)).must(200)
		}
		for _, cell := range models.ShownCellsM {
			ask(rig.Officer, fmt.Sprintf("&cell=%d", cell)).must(200)
		}
		minute := rig.clock.Now()
		rig.advance(21 * time.Minute) // 11:00
		got := rig.call(rig.Officer, http.MethodGet, fmt.Sprintf("/v1/coverage?kind=checkpoint&from=%s&to=%s&slot=30m",
			instant(minute), instant(minute.Add(time.Minute))), nil).must(200)
		if got.text("from") != at(firstInstant.Add(30*time.Minute)) || got.text("to") != at(firstInstant.Add(time.Hour)) ||
			got.at("slots.0.from") != got.at("from") || got.at("slots.1") != nil || place(t, got, rig.One.Checkpoint) != "1 1 1 15" {
			t.Errorf("a minute of a slot that is over: %s", got.Text)
		}
	})
}

// The longest gap of a slot, a gap's bounds and when a checkpoint was seen last give the minute away as well.
func TestGapsAndLastSeenAreNoTrack(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		ask := func(who *caller, path string) response {
			return rig.call(who, http.MethodGet, "/v1/coverage"+path, nil)
		}
		gaps := func(who *caller, query string) string {
			got, lines := ask(who, "/gaps?"+query).must(200), []string{}
			for at := range got.items() {
				if path := fmt.Sprintf("items.%d.", at); got.text(path+"id") == string(rig.One.Checkpoint) {
					lines = append(lines, fmt.Sprintf("%s %v", strings.Fields(got.text(path + "sentence.zh"))[1], got.at(path+"minutes")))
				}
			}
			return strings.Join(lines, ", ")
		}
		rig.advance(14 * time.Hour) // the 25th begins
		rig.advance(70 * time.Minute)
		rig.checkIn(rig.Volunteer, rig.here(nil)).must(200) // 01:10
		rig.advance(69 * time.Minute)
		rig.checkIn(rig.Volunteer, rig.here(nil)).must(200) // 02:19
		rig.count()
		rig.advance(50 * time.Minute) // 03:09
		for query, want := range map[string]string{
			"min_minutes=30": "00:00–01:00 60, 01:30–02:00 30, 02:30–03:00 30", "min_minutes=31": "00:00–01:00 60", "min_minutes=61": "", "": "00:00–01:00 60",
		} {
			if got := gaps(rig.Officer, query); got != want {
				t.Errorf("gaps %s: %s, want %s", query, got, want)
			}
		}
		if got := gaps(rig.Commander, "min_minutes=1"); got != "00:00–01:10 70, 01:11–02:19 68, 02:20–03:09 49" {
			t.Errorf("the commander: %s", got)
		}
		if got := ask(rig.Officer, "/gaps?min_minutes=29").must(422); strings.Join(got.fields(), "") != "min_minutes too_small" {
			t.Errorf("%v", got.fields())
		}
		for _, accept := range []string{"application/json", "application/geo+json", "text/csv"} {
			path := "/v1/coverage?kind=checkpoint&slot=1h&from=2026-11-24T17:00:00Z&to=2026-11-24T18:00:00Z"
			got := rig.call(rig.Officer, http.MethodGet, path, nil, "Accept", accept).must(200)
			exact := rig.call(rig.Commander, http.MethodGet, path, nil, "Accept", accept).must(200)
			if gap := map[string]string{"text/csv": ",1,1,1,%d"}[accept]; gap != "" && (!strings.Contains(got.Text, fmt.Sprintf(gap, 45)) || !strings.Contains(exact.Text, fmt.Sprintf(gap, 49))) ||
				gap == "" && (strings.Contains(got.Text, `"longest_gap_minutes":49`) || !strings.Contains(exact.Text, `"longest_gap_minutes":49`)) {
				t.Errorf("%s: %s; %s", accept, got.Text, exact.Text)
			}
		}
	})
}

func TestUnseenIsToldOfWholeDays(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		last := func(who *caller) string {
			got := rig.call(who, http.MethodGet, "/v1/coverage/unseen?days=1", nil).must(200)
			for at := range got.items() {
				if path := fmt.Sprintf("items.%d.", at); got.text(path+"checkpoint_id") == string(rig.One.Checkpoint) {
					return got.text(path + "last_seen_at")
				}
			}
			return "seen"
		}
		rig.advance(39 * time.Minute) // the 24th, 10:39
		rig.checkIn(rig.Volunteer, rig.here(nil)).must(200)
		rig.count()
		rig.advance(24*time.Hour + time.Minute) // the 25th, 10:40
		if officer, commander := last(rig.Officer), last(rig.Commander); officer != "seen" || commander != "2026-11-24T02:39:00.000Z" {
			t.Errorf("the next day: %s, the commander %s", officer, commander)
		}
		rig.advance(13*time.Hour + 19*time.Minute) // the 25th, 23:59
		if officer := last(rig.Officer); officer != "seen" {
			t.Errorf("before midnight: %s", officer)
		}
		rig.advance(time.Minute)
		if officer := last(rig.Officer); officer != "2026-11-23T16:00:00.000Z" {
			t.Errorf("after a whole day: %s", officer)
		}
		rig.advance(39 * time.Minute) // the 26th, 00:39
		rig.checkIn(rig.Volunteer, rig.here(nil)).must(200)
		rig.count()
		rig.advance(20 * time.Minute) // 00:59
		if officer, commander := last(rig.Officer), last(rig.Commander); officer == "seen" || commander != "seen" {
			t.Errorf("while the half hour goes on: %s, the commander %s", officer, commander)
		}
		rig.advance(time.Minute) // 01:00
		if officer := last(rig.Officer); officer != "seen" {
			t.Errorf("after the half hour: %s", officer)
		}
	})
}
