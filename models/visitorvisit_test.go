package models_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"xunfang/models"
)

func TestWhichVisitADoorOpensIn(t *testing.T) {
	const ms, window = time.Millisecond, models.VisitWindow
	at := func(number int, door models.ID, started time.Duration) models.VisitDoor {
		return models.VisitDoor{Number: number, DoorID: door, StartedAt: noon.Add(started)}
	}
	type visits = []models.VisitDoor
	tests := map[string]struct {
		opened visits
		uses   int
		most   int
		door   models.ID
		now    time.Duration
		number int // 0: it stays shut
		begins bool
	}{
		"the first door":                      {nil, 0, 1, "gate", 0, 1, true},
		"the same door again":                 {visits{at(1, "gate", 0)}, 1, 1, "gate", 0, 0, false},
		"the next door at the same instant":   {visits{at(1, "gate", 0)}, 1, 1, "tower", 0, 1, false},
		"the next door, last millisecond":     {visits{at(1, "gate", 0)}, 1, 1, "tower", window - ms, 1, false},
		"the next door, too late":             {visits{at(1, "gate", 0)}, 1, 1, "tower", window, 0, false},
		"by a clock that is behind":           {visits{at(1, "gate", 0)}, 1, 1, "tower", -models.VisitSkew, 1, false},
		"long before the first door":          {visits{at(1, "gate", 0)}, 1, 1, "tower", -models.VisitSkew - ms, 0, false},
		"the next door twice":                 {visits{at(1, "gate", 0), at(1, "tower", 0)}, 1, 1, "tower", ms, 0, false},
		"a third door":                        {visits{at(1, "gate", 0), at(1, "tower", 0)}, 1, 1, "stairs", ms, 1, false},
		"too late, with uses left":            {visits{at(1, "gate", 0)}, 1, 2, "tower", window, 2, true},
		"the same door, with uses left":       {visits{at(1, "gate", 0)}, 1, 2, "gate", ms, 2, true},
		"the first of two at the next door":   {visits{at(1, "gate", 0), at(2, "gate", ms)}, 2, 2, "tower", 2 * ms, 1, false},
		"the second of two at the next door":  {visits{at(1, "gate", 0), at(2, "gate", ms), at(1, "tower", 0)}, 2, 2, "tower", 2 * ms, 2, false},
		"the first's time is over":            {visits{at(1, "gate", 0), at(2, "gate", ms)}, 2, 2, "tower", window, 2, false},
		"a third at the next door":            {visits{at(1, "gate", 0), at(1, "tower", 0)}, 2, 2, "tower", ms, 0, false},
		"none is known any more, none left":   {nil, 3, 3, "tower", 0, 0, false},
		"none is known any more, one is left": {nil, 2, 3, "tower", 0, 3, true},
	}
	for name, test := range tests {
		visit, begins, opens := models.VisitAt(test.opened, test.uses, test.most, test.door, noon.Add(test.now))
		if visit.Number != test.number || begins != test.begins || opens != (test.number > 0) || opens && visit.DoorID != test.door {
			t.Errorf("%s: %+v %v %v", name, visit, begins, opens)
		}
	}
}

// However a pass's doors are tried, each opens at most as often as the pass has uses, each once in a visit, and none outside of
// the visit's time.
func TestNoDoorOpensMoreOftenThanThePassHasUses(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a test that is the same each time
	for range 500 {
		most, uses, opened, now := 1+random.IntN(4), 0, []models.VisitDoor{}, noon
		count := map[models.ID]int{}
		for range 40 {
			now = now.Add(time.Duration(random.IntN(int(models.VisitWindow))) / 3)
			door := []models.ID{"gate", "tower", "stairs"}[random.IntN(3)]
			visit, begins, opens := models.VisitAt(opened, uses, most, door, now)
			if !opens {
				continue
			}
			if begins {
				uses++
			}
			for _, before := range opened {
				if before.Number == visit.Number && before.DoorID == door {
					t.Fatalf("%s opened twice in visit %d", door, visit.Number)
				}
			}
			if now.Sub(visit.StartedAt) >= models.VisitWindow {
				t.Fatalf("%s opened %s after its visit began", door, now.Sub(visit.StartedAt))
			}
			opened = append(opened, visit)
			if count[door]++; count[door] > most || uses > most {
				t.Fatalf("%s opened %d times, %d uses of %d", door, count[door], uses, most)
			}
		}
	}
}

func TestUntilWhenAVisitGoesOn(t *testing.T) {
	pass := models.VisitorPass{DoorIDs: []models.ID{"gate", "tower"}, VisitStartedAt: noon, EndsAt: noon.Add(time.Hour), MaxUses: 1, Uses: 1}
	soon, revoked, single, never := pass, pass, pass, pass
	soon.EndsAt, revoked.RevokedAt, single.DoorIDs, never.VisitStartedAt = noon.Add(time.Minute), noon, single.DoorIDs[:1], time.Time{}
	for name, test := range map[string]struct {
		pass models.VisitorPass
		now  time.Duration
		want time.Duration
	}{
		"as it begins": {pass, 0, models.VisitWindow}, "the last millisecond": {pass, models.VisitWindow - time.Millisecond, models.VisitWindow},
		"over": {pass, models.VisitWindow, 0}, "the pass ends sooner": {soon, 0, time.Minute}, "it has ended": {soon, time.Minute, 0},
		"revoked": {revoked, 0, 0}, "one door": {single, 0, 0}, "not used yet": {never, 0, 0},
	} {
		want := time.Time{}
		if test.want > 0 {
			want = noon.Add(test.want)
		}
		if got := test.pass.VisitUntil(noon.Add(test.now)); !got.Equal(want) {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

// What controllers without a network tell late, in any order: each door once in a visit, and what no visit covers begins one.
func TestVisitLate(t *testing.T) {
	start := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	gate := models.VisitDoor{Number: 1, DoorID: "gate", StartedAt: start}
	for name, test := range map[string]struct {
		opened []models.VisitDoor
		uses   int
		door   models.ID
		after  time.Duration
		number int
		begins bool
	}{
		"the first":                    {nil, 0, "gate", 0, 1, true},
		"the next door":                {[]models.VisitDoor{gate}, 1, "unit", 5 * time.Minute, 1, false},
		"the same door":                {[]models.VisitDoor{gate}, 1, "gate", 5 * time.Minute, 2, true},
		"the last instant":             {[]models.VisitDoor{gate}, 1, "unit", models.VisitWindow - time.Millisecond, 1, false},
		"an instant later":             {[]models.VisitDoor{gate}, 1, "unit", models.VisitWindow, 2, true},
		"told before what went before": {[]models.VisitDoor{gate}, 1, "unit", -5 * time.Minute, 1, false},
		"too long before":              {[]models.VisitDoor{gate}, 1, "unit", -models.VisitWindow, 2, true},
		"the nearer of two": {
			[]models.VisitDoor{gate, {Number: 2, DoorID: "gate", StartedAt: start.Add(10 * time.Minute)}}, 2, "unit", 8 * time.Minute, 2, false,
		},
		"the one it was not in": {
			[]models.VisitDoor{gate, {Number: 2, DoorID: "unit", StartedAt: start.Add(10 * time.Minute)}}, 2, "unit", 8 * time.Minute, 1, false,
		},
	} {
		visit, begins := models.VisitLate(test.opened, test.uses, test.door, start.Add(test.after))
		if visit.Number != test.number || begins != test.begins || visit.DoorID != test.door {
			t.Errorf("%s: %+v, begins %t", name, visit, begins)
		}
	}
}
