package models_test

import (
	"errors"
	"testing"
	"time"

	"xunfang/models"
)

// refusal is the code of an error, or the field that it names.
func refusal(err error) string {
	var ours *models.Error
	if !errors.As(err, &ours) {
		return ""
	}
	if len(ours.Fields) > 0 {
		return ours.Fields[0].Field + " " + string(ours.Fields[0].Code)
	}
	return string(ours.Code)
}

func TestRoundBegins(t *testing.T) {
	planned := walked("a 0 10")
	planned.StartedAt, planned.LeaderID, planned.State = time.Time{}, "", models.RoundScheduled
	finished := planned
	finished.EndedBy, finished.State = "chief", models.RoundAbandoned
	planned.PlanID, finished.PlanID = "plan", "plan"
	finished.EndedAt = noon
	begunByAnn := walked("a 0 10")
	begunByAnn.PlanID = "plan"
	last := planned.EndsAt.Add(models.UnfinishedRoundEnds)
	for name, c := range map[string]struct {
		round   models.Round
		at, now time.Time
		want    string
	}{
		"on time":               {planned, noon, noon, ""},
		"an hour early":         {planned, noon.Add(-models.EarlyStart), noon, ""},
		"earlier":               {planned, noon.Add(-models.EarlyStart - time.Millisecond), noon, "wrong_state"},
		"at the last moment":    {planned, last.Add(-time.Millisecond), last, ""},
		"too late":              {planned, last, last, "wrong_state"},
		"three days offline":    {planned, noon, noon.Add(models.MaxOffline), ""},
		"longer":                {planned, noon, noon.Add(models.MaxOffline + time.Millisecond), "started_at too_old"},
		"a clock ahead":         {planned, noon.Add(models.MaxClockAhead), noon, ""},
		"further ahead":         {planned, noon.Add(models.MaxClockAhead + time.Millisecond), noon, "started_at in_the_future"},
		"nobody planned it":     {walked("a 0 10"), noon, noon, "wrong_state"},
		"abandoned before that": {finished, noon, noon, ""},
		"abandoned after that":  {finished, noon.Add(-time.Millisecond), noon, ""},
		"before another":        {begunByAnn, noon.Add(-time.Millisecond), noon, ""},
	} {
		begun, leader, err := c.round.Begin("bob", c.at, c.now)
		if refusal(err) != c.want {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
		if err == nil && (begun.LeaderID != "bob" || !begun.StartedAt.Equal(c.at) || leader.Kind != models.MemberLeader || !leader.Counts(c.at)) {
			t.Errorf("%s: %+v %+v", name, begun, leader)
		}
	}
}

// Two of a squad who start one planned round without a network: the same leader, whoever's record comes first.
func TestRoundBegunTwice(t *testing.T) {
	for name, c := range map[string]struct {
		ann, bob time.Time
		leader   models.ID
	}{
		"ann first": {noon, noon.Add(time.Millisecond), "ann"},
		"bob first": {noon, noon.Add(-time.Millisecond), "bob"},
		"at once":   {noon, noon, "ann"},
	} {
		planned := walked("a 0 10")
		planned.PlanID, planned.StartedAt, planned.LeaderID = "plan", time.Time{}, ""
		times := map[models.ID]time.Time{"ann": c.ann, "bob": c.bob}
		for _, order := range [][]models.ID{{"ann", "bob"}, {"bob", "ann"}} {
			round := planned
			for _, who := range order {
				begun, member, err := round.Begin(who, times[who], noon)
				if err != nil || member.Kind != models.MemberLeader || !member.JoinedAt.Equal(times[who]) {
					t.Errorf("%s: %+v, %v", name, member, err)
				}
				round = begun
			}
			if round.LeaderID != c.leader || !round.StartedAt.Equal(times[c.leader]) {
				t.Errorf("%s, in the order %v: led by %s since %v", name, order, round.LeaderID, round.StartedAt)
			}
		}
	}
}

func TestRoundFinishes(t *testing.T) {
	going, unstarted := walked("a 0 10"), walked("a 0 10")
	unstarted.StartedAt, unstarted.State = time.Time{}, models.RoundScheduled
	completed := going
	completed.State, completed.EndedBy, completed.EndedAt = models.RoundCompleted, "ann", pastNoon(50)
	bobLeads, bobs := going, completed
	bobLeads.LeaderID = "bob"
	bobs.EndedBy = "bob"
	alone := models.SettleRound(going, nil, nil, nil, pastNoon(1000))
	for name, c := range map[string]struct {
		round  models.Round
		state  models.RoundState
		reason string
		at     time.Time
		want   string
		by     models.ID
	}{
		"completed":              {going, models.RoundCompleted, "", pastNoon(60), "", "bob"},
		"abandoned":              {going, models.RoundAbandoned, "rain", pastNoon(60), "", "bob"},
		"abandoned without why":  {going, models.RoundAbandoned, "", pastNoon(60), "reason required", ""},
		"completed with a why":   {going, models.RoundCompleted, "rain", pastNoon(60), "reason not_allowed", ""},
		"at its start":           {going, models.RoundCompleted, "", noon, "", "bob"},
		"before one's own start": {bobLeads, models.RoundCompleted, "", pastNoon(-0.01), "ended_at too_small", ""},
		"before another's start": {going, models.RoundCompleted, "", pastNoon(-0.01), "", "bob"},
		"never started":          {unstarted, models.RoundCompleted, "", pastNoon(60), "wrong_state", ""},
		"given up before it was": {unstarted, models.RoundAbandoned, "rain", pastNoon(-60), "", "bob"},
		"the same again":         {completed, models.RoundCompleted, "", pastNoon(60), "", "ann"},
		"the other way":          {completed, models.RoundAbandoned, "rain", pastNoon(60), "wrong_state", ""},
		"the other way, at once": {completed, models.RoundAbandoned, "rain", pastNoon(50), "wrong_state", ""},
		"of one's own, at once":  {bobs, models.RoundAbandoned, "rain", pastNoon(50), "", "bob"},
		"of one's own, later":    {bobs, models.RoundAbandoned, "rain", pastNoon(50.01), "wrong_state", ""},
		"the other way, before":  {completed, models.RoundAbandoned, "rain", pastNoon(49), "", "bob"},
		"the same, before":       {completed, models.RoundCompleted, "", pastNoon(49), "", "bob"},
		"one's own other word":   {bobs, models.RoundAbandoned, "rain", pastNoon(49), "", "bob"},
		"ended by itself":        {alone, models.RoundCompleted, "", pastNoon(60), "", "bob"},
	} {
		got, err := c.round.Finish("bob", c.state, c.reason, c.at, pastNoon(61))
		if refusal(err) != c.want || err == nil && (got.EndedBy != c.by || got.State != c.state) {
			t.Errorf("%s: %v by %q, %v; want %q", name, got.State, got.EndedBy, err, c.want)
		}
	}
}

func TestRoundIsJoined(t *testing.T) {
	round := walked("a 0 10")
	round.StationID = station.Station
	finished := round
	finished.State, finished.EndedBy, finished.EndedAt = models.RoundCompleted, "ann", pastNoon(50)
	left := bob
	left.JoinedAt, left.LeftAt = pastNoon(5), pastNoon(10)
	auxiliary, volunteer := with("bob", role(models.RoleAuxiliary, garden)), with("bob", role(models.RoleVolunteer, garden))
	abroadOnly := with("bob", role(models.RoleVolunteer, garden), role(models.RoleOfficer, abroad))
	crowd := func(size int) []models.RoundMember {
		members := []models.RoundMember{ann}
		for len(members) < size {
			members = append(members, member(models.ID(rune('0'+len(members))), models.MemberJoined))
		}
		return members
	}
	for name, c := range map[string]struct {
		round   models.Round
		who     models.Principal
		ofSquad bool
		members []models.RoundMember
		guests  int
		at      time.Time
		want    string
		kind    models.MemberKind
		joined  time.Time
	}{
		"an auxiliary":             {round, auxiliary, false, crowd(1), 0, pastNoon(5), "", models.MemberJoined, pastNoon(5)},
		"a volunteer":              {round, volunteer, false, crowd(1), 0, pastNoon(5), "", models.MemberGuest, pastNoon(5)},
		"a volunteer of the squad": {round, volunteer, true, crowd(1), 0, pastNoon(5), "", models.MemberJoined, pastNoon(5)},
		"an officer elsewhere":     {round, abroadOnly, false, crowd(1), 0, pastNoon(5), "", models.MemberGuest, pastNoon(5)},
		"the eighth":               {round, auxiliary, false, crowd(8), 0, pastNoon(5), "", models.MemberJoined, pastNoon(5)},
		"one too many":             {round, auxiliary, false, crowd(9), 0, pastNoon(5), "", models.MemberJoined, pastNoon(5)},
		"the last kept":            {round, auxiliary, false, crowd(34), 1, pastNoon(5), "", models.MemberJoined, pastNoon(5)},
		"more than are kept":       {round, auxiliary, false, crowd(34), 2, pastNoon(5), "round_full", "", time.Time{}},
		"again, earlier":           {round, auxiliary, false, []models.RoundMember{ann, left}, 9, pastNoon(4), "", models.MemberJoined, pastNoon(4)},
		"again, later":             {round, auxiliary, false, []models.RoundMember{ann, left}, 9, pastNoon(10), "", models.MemberJoined, pastNoon(5)},
		"after leaving":            {round, auxiliary, false, []models.RoundMember{ann, left}, 0, pastNoon(10.01), "wrong_state", "", time.Time{}},
		"at the end":               {finished, auxiliary, false, crowd(1), 0, pastNoon(50), "", models.MemberJoined, pastNoon(50)},
		"after the end":            {finished, auxiliary, false, crowd(1), 0, pastNoon(50.01), "wrong_state", "", time.Time{}},
		"ahead":                    {round, auxiliary, false, crowd(1), 0, pastNoon(64), "joined_at in_the_future", "", time.Time{}},
	} {
		got, err := c.round.Join(c.who, c.ofSquad, c.members, c.guests, c.at, pastNoon(61))
		if refusal(err) != c.want || err == nil && (got.Kind != c.kind || !got.JoinedAt.Equal(c.joined) || got.ConfirmedAt.IsZero() != (c.kind == models.MemberGuest)) {
			t.Errorf("%s: %+v, %v; want %q", name, got, err, c.want)
		}
	}
}

func TestMemberLeaves(t *testing.T) {
	for name, c := range map[string]struct {
		member models.RoundMember
		at     time.Time
		want   string
		left   time.Time
	}{
		"a member":       {bob, pastNoon(5), "", pastNoon(5)},
		"before joining": {bob, pastNoon(-5), "", pastNoon(-5)},
		"the leader":     {ann, pastNoon(5), "wrong_state", time.Time{}},
		"too old":        {bob, pastNoon(61).Add(-models.MaxOffline - time.Millisecond), "left_at too_old", time.Time{}},
	} {
		got, err := c.member.Leave(c.at, pastNoon(61))
		if refusal(err) != c.want || err == nil && !got.LeftAt.Equal(c.left) {
			t.Errorf("%s: %v, %v", name, got.LeftAt, err)
		}
	}
	first, _ := bob.Leave(pastNoon(9), pastNoon(61))
	if again, _ := first.Leave(pastNoon(7), pastNoon(61)); !again.LeftAt.Equal(pastNoon(7)) {
		t.Errorf("the earlier of two: %v", again.LeftAt)
	}
	if again, _ := first.Leave(pastNoon(11), pastNoon(61)); !again.LeftAt.Equal(pastNoon(9)) {
		t.Errorf("the earlier of two: %v", again.LeftAt)
	}
}
