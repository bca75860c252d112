package models_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

// concernsAt says what is wrong at an instant, as "subject leader severity".
func concernsAt(facts models.WatchFacts, now time.Time) string {
	words := []string{}
	for _, concern := range models.Concerns(facts, now) {
		words = append(words, fmt.Sprint(concern.Subject, " ", concern.LeaderID, " ", concern.Severity))
	}
	return strings.Join(words, ", ")
}

func TestConcernsAboutRounds(t *testing.T) {
	unstarted := walked("a 0 10 high", "b 0 20")
	unstarted.StartedAt, unstarted.LeaderID, unstarted.State = time.Time{}, "", models.RoundScheduled
	calledOff := unstarted
	calledOff.EndedBy, calledOff.State = "chief", models.RoundAbandoned
	going := walked("a 0 10 high", "b 0 20", "c 0 10 optional")
	seen, skipped, completed := going, going, going
	seen.Stops = []models.RoundStop{going.Stops[0], going.Stops[1]}
	seen.Stops[0].State, seen.Stops[0].SeenAt = models.StopLate, pastNoon(12)
	skipped.Stops = []models.RoundStop{going.Stops[0]}
	skipped.Stops[0].State = models.StopSkipped
	completed.State, completed.EndedBy, completed.EndedAt = models.RoundCompleted, "ann", pastNoon(5)
	const a, b = "stop_missed/round/1 ann high", "stop_missed/round/2 ann normal"
	instant := 1.0 / 60_000
	for name, c := range map[string]struct {
		round models.Round
		after float64 // minutes
		want  string
	}{
		"not started, nearly":       {unstarted, 10 - instant, ""},
		"not started":               {unstarted, 10, "round_not_started/round squad normal"},
		"not started, stops due":    {unstarted, 30, "round_not_started/round squad normal"},
		"not started, for 3 days":   {unstarted, 10 + 72*60 - instant, "round_not_started/round squad normal"},
		"not started, longer":       {unstarted, 10 + 72*60, ""},
		"called off":                {calledOff, 30, ""},
		"a window is open":          {going, 10 - instant, ""},
		"a window is over":          {going, 10, a},
		"two are":                   {going, 20, a + ", " + b},
		"seen late":                 {seen, 20, b},
		"skipped":                   {skipped, 20, ""},
		"ended early, window open":  {completed, 10 - instant, ""},
		"ended early, window over":  {completed, 10, a},
		"for 3 days":                {going, 10 + 72*60 - instant, a + ", " + b},
		"longer, the first is past": {going, 10 + 72*60, b},
	} {
		facts := models.WatchFacts{Zone: time.UTC, Rounds: []models.WatchedRound{{Round: c.round, SquadLeader: "squad"}}}
		if got := concernsAt(facts, pastNoon(c.after)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestConcernsAboutPosts(t *testing.T) {
	post := models.WatchedPost{
		StreetPost: models.StreetPost{ID: "post", MaxGap: 30 * time.Minute}, LeaderID: "ann",
		Shift: models.Shift{ID: "shift", SquadID: "squad"},
		On:    models.Occurrence{Date: models.Date{Year: 2026, Month: 6, Day: 1}, Start: noon, End: pastNoon(120)},
	}
	came, planned := post, post
	came.LastSeen = pastNoon(40)
	planned.Shift.CreatedAt = pastNoon(20)
	const left = "post_left/post/shift/2026-06-01 ann normal"
	instant := 1.0 / 60_000
	for name, c := range map[string]struct {
		post  models.WatchedPost
		after float64
		want  string
	}{
		"nobody came yet":           {post, 30 - instant, ""},
		"nobody came":               {post, 30, left},
		"nobody came, to the end":   {post, 120 - instant, left},
		"the shift is over":         {post, 120, ""},
		"away":                      {came, 70 - instant, ""},
		"away too long":             {came, 70, left},
		"planned during the shift":  {planned, 50 - instant, ""},
		"and nobody came from then": {planned, 50, left},
	} {
		if got := concernsAt(models.WatchFacts{Zone: time.UTC, Posts: []models.WatchedPost{c.post}}, pastNoon(c.after)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestWhenAKeyPlaceIsDue(t *testing.T) {
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		from, want string
		zone       *time.Location
	}{
		{"2026-06-01 12:00", "2026-06-01 16:00", shanghai},
		{"2026-06-01 18:00", "2026-06-01 22:00", shanghai},
		{"2026-06-01 19:30", "2026-06-01 22:45", shanghai}, // 2½ hours of the day, and 1½ halved
		{"2026-06-01 22:00", "2026-06-02 00:00", shanghai},
		{"2026-06-01 23:30", "2026-06-02 01:30", shanghai},
		{"2026-06-01 04:00", "2026-06-01 06:00", shanghai},
		{"2026-06-01 05:00", "2026-06-01 08:00", shanghai},
		{"2026-06-01 06:00", "2026-06-01 10:00", shanghai},
		{"2026-03-29 01:30", "2026-03-29 04:30", berlin}, // the clocks skip an hour: two hours are two hours
		{"2026-10-25 01:30", "2026-10-25 02:30", berlin}, // and here the second 02:30 is meant
	} {
		from, err := time.ParseInLocation("2006-01-02 15:04", c.from, c.zone)
		if err != nil {
			t.Fatal(err)
		}
		due := models.KeyPlaceDue(from, c.zone)
		if got := due.In(c.zone).Format("2006-01-02 15:04"); got != c.want {
			t.Errorf("from %s due at %s, want %s", c.from, got, c.want)
		}
		place := models.WatchedPlace{ID: "gate", LastSeen: from, From: from.Add(-time.Hour)}
		for offset, want := range map[time.Duration]string{-time.Millisecond: "", 0: "gap_too_long/gate  normal"} {
			place.AsOf = due.Add(offset)
			facts := models.WatchFacts{Zone: c.zone, Places: []models.WatchedPlace{place}}
			if got := concernsAt(facts, due.Add(time.Hour)); got != want { // what is not counted yet accuses nobody
				t.Errorf("from %s %v: %q, want %q", c.from, offset, got, want)
			}
		}
	}
}

func TestAKeyPlaceNobodyWasAt(t *testing.T) {
	at := func(from time.Time) models.Concern {
		facts := models.WatchFacts{Zone: time.UTC, Places: []models.WatchedPlace{{ID: "gate", From: from, AsOf: noon}}}
		found := models.Concerns(facts, noon)
		if len(found) == 0 {
			return models.Concern{}
		}
		return found[0]
	}
	if got := at(noon.Add(-4*time.Hour + time.Millisecond)); got.Subject != "" {
		t.Errorf("watched for less than four hours: %+v", got)
	}
	if got := at(noon.Add(-4 * time.Hour)); !got.Since.Equal(noon) || got.Unseen {
		t.Errorf("for four hours: %+v", got)
	}
	if got := at(noon.Add(-90 * time.Hour)); !got.From.Equal(noon.Add(-models.KeyPlaceLookBack)) || !got.Unseen || got.Tell(noon) {
		t.Errorf("for days: %+v", got)
	}
}

func TestConcernsThatChange(t *testing.T) {
	of := func(subject string, from float64) models.Concern {
		return models.Concern{ID: models.ID(subject), Subject: subject, From: pastNoon(from), Since: pastNoon(from + 1)}
	}
	unseen := of("unseen", 5)
	unseen.Unseen = true
	begun, moved, gone := models.CompareConcerns(
		[]models.Concern{of("same", 0), of("later", 0), of("over", 0), of("unseen", 0)},
		[]models.Concern{of("same", 0), of("later", 3), of("new", 0), unseen})
	short := func(concerns []models.Concern) (words string) {
		for _, concern := range concerns {
			words += fmt.Sprint(concern.ID, " ", concern.From.Sub(noon), " ", concern.Since.Sub(noon))
		}
		return words
	}
	if short(begun) != "new 0s 1m0s" || short(moved) != "later 3m0s 4m0s" || short(gone) != "over 0s 1m0s" {
		t.Errorf("begun %q, moved %q, gone %q", short(begun), short(moved), short(gone))
	}
}

func TestAConcernOverTime(t *testing.T) {
	concern := models.Concern{Since: noon, LapsesAt: pastNoon(60), ClimbsAt: pastNoon(10)}
	for offset, want := range map[time.Duration]bool{models.ConcernTold - time.Millisecond: true, models.ConcernTold: false} {
		if concern.Tell(noon.Add(offset)) != want {
			t.Errorf("told after %v: %t", offset, !want)
		}
	}
	for after, want := range map[float64]bool{10 - 1.0/60_000: false, 10: true} {
		if concern.Climbs(pastNoon(after)) != want {
			t.Errorf("climbs after %v minutes: %t", after, !want)
		}
	}
	if (models.Concern{}).Climbs(noon) {
		t.Error("climbs without a time")
	}
	for after, want := range map[float64]models.ConcernOutcome{60 - 1.0/60_000: models.ConcernResolved, 60: models.ConcernLapsed} {
		if ended := concern.End(pastNoon(after)); ended.Outcome != want || !ended.EndedAt.Equal(pastNoon(after)) {
			t.Errorf("ended after %v minutes: %+v", after, ended)
		}
	}
	concern.LapsesAt = time.Time{}
	if concern.End(noon.Add(1000*time.Hour)).Outcome != models.ConcernResolved {
		t.Error("a gap that ends is resolved, whenever")
	}
}
