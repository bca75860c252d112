package models_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

func TestWhoIsLeftOut(t *testing.T) {
	for name, c := range map[string]struct {
		begun   bool
		walkers string // each is "kind name minute"
		want    string
	}{
		"nine":                      {true, "leader l 9,member a 0,member b 1,member c 1,member d 2,member e 3,member f 4,guest g 5,named h 6", ""},
		"the tenth":                 {true, "leader l 9,member a 0,member b 1,member c 1,member d 2,member e 3,member f 4,guest g 5,named h 6,member i 7", "i"},
		"of two at one instant":     {true, "leader l 9,member a 0,member b 1,member c 1,member d 2,member e 3,member f 4,guest g 5,member i 7,named h 7", "i"},
		"a guest, named later":      {true, "leader l 9,member a 0,member b 1,member c 1,member d 2,member e 3,member f 4,guest g 5,named h 8,member i 7", "h"},
		"for a second leader":       {true, "leader l 9,leader k 9,member a 0,member b 1,member c 1,member d 2,member e 3,member f 4,guest g 5,named h 6", "h"},
		"before anybody leads":      {false, "member a 0,member b 1,member c 1,member d 2,member e 3,member f 4,guest g 5,named h 6,member i 7", "i"},
		"who came as it ended":      {true, "leader l 9,member a 0,member b 1,member c 1,member d 2,member e 3,member f 4,guest g 5,named h 6,member i 60", "i"},
		"after the end: not seated": {true, "leader l 9,member a 0,member b 1,member c 1,member d 2,member e 3,member f 4,guest g 5,member h 60,member i 61", ""},
	} {
		round := models.Round{EndedAt: pastNoon(60)}
		if c.begun {
			round.LeaderID = "l"
		}
		walkers := strings.Split(c.walkers, ",")
		for range 5 {
			rand.Shuffle(len(walkers), func(left, right int) { walkers[left], walkers[right] = walkers[right], walkers[left] })
			members, guests := []models.RoundMember{}, []models.RoundGuest{}
			for _, text := range walkers {
				var kind, id string
				var at float64
				if _, err := fmt.Sscan(text, &kind, &id, &at); err != nil {
					t.Fatal(err)
				}
				if kind == "named" {
					guests = append(guests, models.RoundGuest{ID: models.ID(id), AddedAt: pastNoon(at)})
					continue
				}
				members = append(members, models.RoundMember{PersonID: models.ID(id), Kind: models.MemberKind(kind), JoinedAt: pastNoon(at)})
			}
			if got := fmt.Sprint(slices.Sorted(maps.Keys(round.LeftOut(members, guests)))); got != "["+c.want+"]" {
				t.Errorf("%s: %s, want %s", name, got, c.want)
			}
		}
	}
}

func TestWhenAGuestMayBeNamed(t *testing.T) {
	going := walked("a 0 10")
	ended := going
	ended.EndedBy, ended.EndedAt, ended.State = "ann", pastNoon(50), models.RoundCompleted
	late := pastNoon(60).Add(models.UnfinishedRoundEnds)
	for name, c := range map[string]struct {
		round   models.Round
		keeps   int
		at, now time.Time
		want    string
	}{
		"now":               {going, 1, pastNoon(5), pastNoon(5), ""},
		"ahead":             {going, 1, pastNoon(5).Add(models.MaxClockAhead + time.Millisecond), pastNoon(5), "added_at in_the_future"},
		"too old":           {going, 1, pastNoon(5), pastNoon(5).Add(models.MaxOffline + time.Millisecond), "added_at too_old"},
		"as it ended":       {ended, 1, pastNoon(50), pastNoon(90), ""},
		"after it":          {ended, 1, pastNoon(50.01), pastNoon(90), "wrong_state"},
		"by itself":         {going, 1, late, late, ""},
		"after that":        {going, 1, late.Add(time.Millisecond), late.Add(time.Millisecond), "wrong_state"},
		"the last kept":     {going, models.MaxRoundKept - 1, pastNoon(5), pastNoon(5), ""},
		"more than a crowd": {going, models.MaxRoundKept, pastNoon(5), pastNoon(5), "round_full"},
	} {
		if got := refusal(c.round.MayAddGuest(c.keeps, c.at, c.now)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestRoundOfAPosition(t *testing.T) {
	part := func(round models.ID, joined, left, ended float64) models.Membership {
		made := models.Membership{RoundMember: models.RoundMember{RoundID: round, JoinedAt: pastNoon(joined), ConfirmedAt: noon}}
		if left > 0 {
			made.LeftAt = pastNoon(left)
		}
		if ended > 0 {
			made.EndedAt = pastNoon(ended)
		}
		return made
	}
	waits, without := part("a", 0, 0, 0), part("a", 0, 0, 0)
	waits.ConfirmedAt, without.LeftOut = time.Time{}, true
	for name, c := range map[string]struct {
		at     float64
		walked []models.Membership
		want   models.ID
	}{
		"nowhere":            {5, nil, ""},
		"before joining":     {4.99, []models.Membership{part("a", 5, 0, 0)}, ""},
		"as they joined":     {5, []models.Membership{part("a", 5, 0, 0)}, "a"},
		"as they left":       {9, []models.Membership{part("a", 5, 9, 20)}, "a"},
		"after leaving":      {9.01, []models.Membership{part("a", 5, 9, 20)}, ""},
		"as it ended":        {20, []models.Membership{part("a", 5, 0, 20)}, "a"},
		"after it":           {20.01, []models.Membership{part("a", 5, 0, 20)}, ""},
		"not confirmed":      {5, []models.Membership{waits}, ""},
		"without a place":    {5, []models.Membership{without}, ""},
		"the first joined":   {9, []models.Membership{part("a", 5, 0, 0), part("b", 4, 0, 0)}, "b"},
		"of one instant":     {9, []models.Membership{part("b", 5, 0, 0), part("a", 5, 0, 0)}, "a"},
		"the other after it": {9, []models.Membership{part("a", 1, 8, 0), part("b", 5, 0, 0)}, "b"},
	} {
		if got := models.RoundAt(pastNoon(c.at), c.walked); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestSinceWhenWalksChange(t *testing.T) {
	ann := models.RoundMember{PersonID: "ann", JoinedAt: pastNoon(5), ConfirmedAt: noon}
	change := func(alter func(*models.RoundMember)) models.RoundMember { made := ann; alter(&made); return made }
	ended := models.Round{EndedAt: pastNoon(50)}
	for name, c := range map[string]struct {
		before, after models.Round
		was, is       []models.RoundMember
		want          string
	}{
		"nothing":      {ended, ended, []models.RoundMember{ann}, []models.RoundMember{ann}, ""},
		"new":          {ended, ended, nil, []models.RoundMember{ann}, "5"},
		"earlier":      {ended, ended, []models.RoundMember{ann}, []models.RoundMember{change(func(m *models.RoundMember) { m.JoinedAt = pastNoon(3) })}, "3"},
		"left":         {ended, ended, []models.RoundMember{ann}, []models.RoundMember{change(func(m *models.RoundMember) { m.LeftAt = pastNoon(30) })}, "30"},
		"left out":     {ended, ended, []models.RoundMember{ann}, []models.RoundMember{change(func(m *models.RoundMember) { m.LeftOut = true })}, "5"},
		"confirmed":    {ended, ended, []models.RoundMember{change(func(m *models.RoundMember) { m.ConfirmedAt = time.Time{} })}, []models.RoundMember{ann}, "5"},
		"it ended":     {models.Round{}, ended, []models.RoundMember{ann}, []models.RoundMember{ann}, "50"},
		"it ended ago": {ended, models.Round{EndedAt: pastNoon(40)}, []models.RoundMember{ann}, []models.RoundMember{ann}, "40"},
	} {
		got := ""
		for _, one := range models.WalkChanges(c.before, c.after, c.was, c.is) {
			got += fmt.Sprint(one.From.Sub(noon).Minutes())
		}
		if got != c.want {
			t.Errorf("%s: since %q, want %q", name, got, c.want)
		}
	}
}
