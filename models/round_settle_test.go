package models_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"xunfang/models"
)

func pastNoon(at float64) time.Time { return noon.Add(time.Duration(at * float64(time.Minute))) }

// walked is a round from noon to one, in progress, with stops "checkpoint from until [priority]" in minutes.
func walked(stops ...string) models.Round {
	round := models.Round{
		ID: "round", State: models.RoundInProgress, LeaderID: "ann", StartsAt: noon, EndsAt: pastNoon(60), StartedAt: noon,
	}
	for at, text := range stops {
		from, until, priority := 0.0, 0.0, models.PriorityNormal
		var checkpoint models.ID
		if read, _ := fmt.Sscan(text, &checkpoint, &from, &until, &priority); read < 3 {
			panic(text)
		}
		round.Stops = append(round.Stops, models.RoundStop{
			Ordinal: at + 1, CheckpointID: checkpoint, FromAt: pastNoon(from), UntilAt: pastNoon(until), Priority: priority, State: models.StopPending,
		})
	}
	return round
}

func scanned(person, checkpoint models.ID, at float64) models.CheckIn {
	return models.CheckIn{
		ID: models.ID(fmt.Sprint(person, checkpoint, at)), RoundID: "round", PersonID: person, CheckpointID: checkpoint,
		CapturedAt: pastNoon(at + 24*60), OccurredAt: pastNoon(at), Verdict: models.Verdict{Status: models.StatusAccepted},
	}
}

func member(person models.ID, kind models.MemberKind) models.RoundMember {
	return models.RoundMember{RoundID: "round", PersonID: person, Kind: kind, JoinedAt: noon, ConfirmedAt: noon}
}

var (
	ann = member("ann", models.MemberLeader)
	bob = member("bob", models.MemberJoined)
)

// told is a round's stops in short: "a:on_time@3 b:missed".
func told(round models.Round) string {
	words := []string{}
	for _, stop := range round.Stops {
		word := fmt.Sprintf("%s:%s", stop.CheckpointID, stop.State)
		if !stop.SeenAt.IsZero() {
			word += fmt.Sprintf("@%g", stop.SeenAt.Sub(noon).Minutes())
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}

func TestSettleRoundStops(t *testing.T) {
	skip := func(person, checkpoint models.ID, at float64) models.StopSkip {
		return models.StopSkip{RoundID: "round", CheckpointID: checkpoint, PersonID: person, Reason: "locked", At: pastNoon(at)}
	}
	change := func(scan models.CheckIn, edit func(*models.CheckIn)) models.CheckIn {
		edit(&scan)
		return scan
	}
	ordered := func(round models.Round) models.Round { round.Ordered = true; return round }
	finished := func(round models.Round, at float64) models.Round {
		round.State, round.EndedBy, round.EndedAt = models.RoundCompleted, "ann", pastNoon(at)
		return round
	}
	late, guest := bob, member("bob", models.MemberGuest)
	late.JoinedAt, late.ConfirmedAt, late.LeftAt = pastNoon(5), pastNoon(5), pastNoon(10)
	guest.ConfirmedAt = time.Time{}
	unstarted := walked("a 0 10")
	unstarted.StartedAt = time.Time{}
	repeated := walked("a 0 10", "a 30 40")
	scans := func(scans ...models.CheckIn) []models.CheckIn { return scans }
	for name, c := range map[string]struct {
		round   models.Round
		members []models.RoundMember
		scans   []models.CheckIn
		skips   []models.StopSkip
		now     float64
		want    string
	}{
		"nothing yet":                 {round: walked("a 0 10"), now: 9.99, want: "a:pending"},
		"the window is over":          {round: walked("a 0 10"), now: 10, want: "a:missed"},
		"optional is never missed":    {round: walked("a 0 10 optional"), now: 1000, want: "a:pending"},
		"from is in the window":       {round: walked("a 5 10"), scans: scans(scanned("ann", "a", 5)), now: 20, want: "a:on_time@5"},
		"until is not":                {round: walked("a 5 10"), scans: scans(scanned("ann", "a", 10)), now: 20, want: "a:late@10"},
		"the first in the window":     {round: walked("a 0 10"), scans: scans(scanned("ann", "a", 8), scanned("bob", "a", 7), scanned("ann", "a", 12)), now: 20, want: "a:on_time@7"},
		"the first after it":          {round: walked("a 0 10"), scans: scans(scanned("ann", "a", 13), scanned("bob", "a", 12)), now: 20, want: "a:late@12"},
		"before it is an extra":       {round: walked("a 5 10"), scans: scans(scanned("ann", "a", 4.9)), now: 20, want: "a:missed a:extra@4.9"},
		"no stop is an extra":         {round: walked("a 0 10"), scans: scans(scanned("bob", "z", 3), scanned("ann", "z", 2), scanned("ann", "y", 1)), now: 5, want: "a:pending y:extra@1 z:extra@2"},
		"no checkpoint is nothing":    {round: walked("a 0 10"), scans: scans(scanned("ann", "", 3)), now: 5, want: "a:pending"},
		"rejected":                    {round: walked("a 0 10"), scans: scans(change(scanned("ann", "a", 3), func(s *models.CheckIn) { s.Status = models.StatusRejected })), now: 5, want: "a:pending"},
		"in review counts":            {round: walked("a 0 10"), scans: scans(change(scanned("ann", "a", 3), func(s *models.CheckIn) { s.Status = models.StatusReview })), now: 5, want: "a:on_time@3"},
		"another round's":             {round: walked("a 0 10"), scans: scans(change(scanned("ann", "a", 3), func(s *models.CheckIn) { s.RoundID = "other" })), now: 5, want: "a:pending"},
		"before the start":            {round: walked("a -10 10"), members: []models.RoundMember{{PersonID: "ann", JoinedAt: pastNoon(-9), ConfirmedAt: noon}}, scans: scans(scanned("ann", "a", -1)), now: 5, want: "a:pending"},
		"not started":                 {round: unstarted, scans: scans(scanned("ann", "a", 3)), now: 5, want: "a:pending"},
		"a stranger's":                {round: walked("a 0 10"), scans: scans(scanned("eve", "a", 3)), now: 5, want: "a:pending"},
		"before joining":              {round: walked("a 0 10"), members: []models.RoundMember{ann, late}, scans: scans(scanned("bob", "a", 4.99)), now: 6, want: "a:pending"},
		"at joining":                  {round: walked("a 0 10"), members: []models.RoundMember{ann, late}, scans: scans(scanned("bob", "a", 5)), now: 6, want: "a:on_time@5"},
		"at leaving":                  {round: walked("a 0 20"), members: []models.RoundMember{ann, late}, scans: scans(scanned("bob", "a", 10)), now: 11, want: "a:on_time@10"},
		"after leaving":               {round: walked("a 0 20"), members: []models.RoundMember{ann, late}, scans: scans(scanned("bob", "a", 10.01)), now: 11, want: "a:pending"},
		"a guest not confirmed":       {round: walked("a 0 10"), members: []models.RoundMember{ann, guest}, scans: scans(scanned("bob", "a", 5)), now: 6, want: "a:pending"},
		"skipped":                     {round: walked("a 0 10"), skips: []models.StopSkip{skip("ann", "a", 9.99)}, now: 20, want: "a:skipped"},
		"skipped when over":           {round: walked("a 0 10"), skips: []models.StopSkip{skip("ann", "a", 10)}, now: 20, want: "a:missed"},
		"skipped by a stranger":       {round: walked("a 0 10"), skips: []models.StopSkip{skip("eve", "a", 5)}, now: 20, want: "a:missed"},
		"skipped and seen":            {round: walked("a 0 10"), skips: []models.StopSkip{skip("ann", "a", 5)}, scans: scans(scanned("ann", "a", 12)), now: 20, want: "a:late@12"},
		"any order":                   {round: walked("a 0 60", "b 0 60"), scans: scans(scanned("ann", "b", 1), scanned("ann", "a", 2)), now: 5, want: "a:on_time@2 b:on_time@1"},
		"in order":                    {round: ordered(walked("a 0 60", "b 0 60", "c 0 60")), scans: scans(scanned("ann", "a", 1), scanned("ann", "c", 3), scanned("ann", "b", 4)), now: 5, want: "a:on_time@1 b:pending c:on_time@3"},
		"early is not out of order":   {round: ordered(walked("a 0 60", "b 10 60")), scans: scans(scanned("ann", "b", 1), scanned("ann", "a", 4)), now: 5, want: "a:on_time@4 b:pending b:extra@1"},
		"two windows":                 {round: repeated, scans: scans(scanned("ann", "a", 1), scanned("ann", "a", 30)), now: 50, want: "a:on_time@1 a:on_time@30"},
		"late for the first window":   {round: repeated, scans: scans(scanned("ann", "a", 20)), now: 35, want: "a:late@20 a:pending"},
		"not late from the second":    {round: repeated, scans: scans(scanned("ann", "a", 31), scanned("bob", "a", 32)), now: 50, want: "a:missed a:on_time@31"},
		"late for the last that was":  {round: repeated, scans: scans(scanned("ann", "a", 41)), now: 50, want: "a:missed a:late@41"},
		"after both, one after other": {round: repeated, scans: scans(scanned("ann", "a", 41), scanned("ann", "a", 42)), now: 50, want: "a:late@42 a:late@41"},
		"finished: at the end":        {round: finished(walked("a 0 60"), 9), scans: scans(scanned("ann", "a", 9)), now: 10, want: "a:on_time@9"},
		"finished: after it":          {round: finished(walked("a 0 60"), 9), scans: scans(scanned("ann", "a", 9.01)), now: 10, want: "a:missed"},
	} {
		members := c.members
		if members == nil {
			members = []models.RoundMember{ann, bob}
		}
		if got := told(models.SettleRound(c.round, members, c.scans, c.skips, pastNoon(c.now))); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestSettleRoundStates(t *testing.T) {
	alone := 60 + models.UnfinishedRoundEnds.Minutes()
	scheduled := walked("a 0 10")
	scheduled.StartedAt, scheduled.State = time.Time{}, models.RoundScheduled
	team := walked("a 0 10")
	team.Team = true
	for name, c := range map[string]struct {
		round    models.Round
		scans    []models.CheckIn
		now      float64
		state    models.RoundState
		reason   string
		credited bool
	}{
		"not started":               {scheduled, nil, alone - 0.01, models.RoundScheduled, "", true},
		"never started":             {scheduled, nil, alone, models.RoundAbandoned, models.ReasonNobodyStarted, true},
		"going on":                  {walked("a 0 10"), nil, alone - 0.01, models.RoundInProgress, "", true},
		"never finished":            {walked("a 0 10"), nil, alone, models.RoundAbandoned, models.ReasonNobodyFinished, true},
		"never finished, all seen":  {walked("a 0 10", "b 0 10 optional"), []models.CheckIn{scanned("ann", "a", 12)}, alone, models.RoundCompleted, "", true},
		"a team of one":             {team, []models.CheckIn{scanned("ann", "a", 2), scanned("ann", "z", 3), scanned("eve", "a", 4)}, 20, models.RoundInProgress, "", false},
		"a team: two at one stop":   {team, []models.CheckIn{scanned("ann", "a", 2), scanned("bob", "a", 3)}, 20, models.RoundInProgress, "", true},
		"seen after it ended alone": {walked("a 0 10"), []models.CheckIn{scanned("ann", "a", alone+0.01)}, alone + 1, models.RoundAbandoned, models.ReasonNobodyFinished, true},
	} {
		got := models.SettleRound(c.round, []models.RoundMember{ann, bob}, c.scans, nil, pastNoon(c.now))
		if got.State != c.state || got.Reason != c.reason || got.Credited() != c.credited || got.Ended() == got.EndedAt.IsZero() {
			t.Errorf("%s: %s %q credited %t ended %v", name, got.State, got.Reason, got.Credited(), got.EndedAt)
		}
	}
}

// The same facts, shuffled, repeated and brought in batches between which the round is settled and kept, give the same.
func TestSettleRoundDoesNotDependOnOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		checkpoints, people := []models.ID{"a", "b", "c", "d"}, []models.ID{"ann", "bob", "eve"}
		round := walked()
		round.Ordered, round.Team = rapid.Bool().Draw(t, "ordered"), rapid.Bool().Draw(t, "team")
		for at := range rapid.IntRange(0, 6).Draw(t, "stops") {
			from := rapid.IntRange(0, 40).Draw(t, "from")
			round.Stops = append(round.Stops, models.RoundStop{
				Ordinal: at + 1, CheckpointID: rapid.SampledFrom(checkpoints[:3]).Draw(t, "stop"), FromAt: pastNoon(float64(from)),
				UntilAt:  pastNoon(float64(from + rapid.IntRange(1, 20).Draw(t, "length"))),
				Priority: rapid.SampledFrom([]models.Priority{models.PriorityNormal, models.PriorityOptional}).Draw(t, "priority"),
			})
		}
		members := []models.RoundMember{ann, bob}
		members[1].JoinedAt = pastNoon(float64(rapid.IntRange(0, 30).Draw(t, "joined")))
		facts := []any{}
		for at := range rapid.IntRange(0, 30).Draw(t, "scans") {
			scan := scanned(rapid.SampledFrom(people).Draw(t, "who"), rapid.SampledFrom(checkpoints).Draw(t, "where"), float64(rapid.IntRange(0, 70).Draw(t, "when")))
			scan.ID = models.ID(fmt.Sprint(at))
			scan.Status = rapid.SampledFrom([]models.CheckInStatus{models.StatusAccepted, models.StatusReview, models.StatusRejected}).Draw(t, "status")
			facts = append(facts, scan)
		}
		for range rapid.IntRange(0, 12).Draw(t, "skips") {
			skip := models.StopSkip{
				RoundID: "round", CheckpointID: rapid.SampledFrom(checkpoints).Draw(t, "skipped"),
				PersonID: rapid.SampledFrom(people).Draw(t, "by"), At: pastNoon(float64(rapid.IntRange(0, 9).Draw(t, "said"))),
			}
			skip.Reason = models.Secret(fmt.Sprint(skip.PersonID, skip.At))
			facts = append(facts, skip)
		}
		now := pastNoon(float64(rapid.IntRange(0, 400).Draw(t, "now")))
		settle := func(round models.Round, facts []any, members []models.RoundMember) models.Round {
			scans, skips := []models.CheckIn{}, []models.StopSkip{}
			for _, fact := range facts {
				switch fact := fact.(type) {
				case models.CheckIn:
					scans = append(scans, fact)
				case models.StopSkip:
					skips = append(skips, fact)
				}
			}
			return models.SettleRound(round, members, scans, skips, now)
		}
		want := settle(round, facts, members)
		slices.Reverse(members)
		arriving := rapid.Permutation(append(slices.Clone(facts), facts...)).Draw(t, "order")
		kept, seen := round, 0
		for seen < len(arriving) {
			seen = min(len(arriving), seen+rapid.IntRange(1, 10).Draw(t, "batch"))
			kept = settle(kept, arriving[:seen], members)
		}
		if len(facts) > 0 && !reflect.DeepEqual(kept, want) {
			t.Fatalf("in another order:\n%+v\nwant\n%+v", kept, want)
		}
	})
}
