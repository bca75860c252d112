package models

import (
	"errors"
	"slices"
	"testing"
	"time"
)

func TestWorthKeepsWithinTheCaps(t *testing.T) {
	for _, one := range []struct {
		name              string
		rule              PointRule
		today, month, was int
	}{
		{"no caps", PointRule{Points: 10}, 1000, 1000, 10},
		{"under both", PointRule{Points: 10, DailyCap: 30, MonthlyCap: 200}, 20, 190, 10},
		{"a part of the day's", PointRule{Points: 10, DailyCap: 25}, 20, 20, 5},
		{"the day is full", PointRule{Points: 10, DailyCap: 20}, 20, 20, 0},
		{"over the day, since the rule was lowered", PointRule{Points: 10, DailyCap: 20}, 50, 50, 0},
		{"a part of the month's", PointRule{Points: 10, DailyCap: 30, MonthlyCap: 200}, 0, 199, 1},
		{"the month is full", PointRule{Points: 10, DailyCap: 30, MonthlyCap: 200}, 0, 200, 0},
		{"worth nothing", PointRule{}, 0, 0, 0},
	} {
		if got := one.rule.Worth(one.today, one.month); got != one.was {
			t.Errorf("%s: %d, want %d", one.name, got, one.was)
		}
	}
}

func TestLevelsByTheSum(t *testing.T) {
	levels := []PointLevel{{MinPoints: 0, NameZH: "一"}, {MinPoints: 50, NameZH: "二"}, {MinPoints: 200, NameZH: "三"}}
	for sum, want := range map[int]string{-5: "-一", 0: "一二", 49: "一二", 50: "二三", 199: "二三", 200: "三-", 9999: "三-"} {
		reached, next := LevelAt(levels, sum)
		name := func(level *PointLevel) string {
			if level == nil {
				return "-"
			}
			return level.NameZH
		}
		if got := name(reached) + name(next); got != want {
			t.Errorf("%d points: %s, want %s", sum, got, want)
		}
	}
}

func TestDefaultPointRulesHold(t *testing.T) {
	rules := DefaultPointRules()
	if err := rules.Check(); err != nil {
		t.Error(err)
	}
	for _, event := range PointEvents {
		if rules.Rule(event).Points == 0 {
			t.Errorf("%s earns nothing", event)
		}
	}
}

func TestPointRulesThatContradictThemselves(t *testing.T) {
	one := PointLevel{}
	for field, rules := range map[string]PointRules{
		"rules[1].event":       {Rules: []PointRule{{Event: EarnFinding}, {Event: EarnFinding}}, Levels: []PointLevel{one}},
		"rules[0].daily_cap":   {Rules: []PointRule{{EarnFinding, 5, 4, 0}}, Levels: []PointLevel{one}},
		"rules[0].monthly_cap": {Rules: []PointRule{{EarnFinding, 5, 20, 19}}, Levels: []PointLevel{one}},
		"levels[0].min_points": {Levels: []PointLevel{{MinPoints: 1}}},
		"levels[1].min_points": {Levels: []PointLevel{one, one}},
		"":                     {Rules: []PointRule{{EarnFinding, 5, 5, 5}}, Levels: []PointLevel{one, {MinPoints: 1}}},
	} {
		var wrong *Error
		found := ""
		if errors.As(rules.Check(), &wrong) {
			found = wrong.Fields[0].Field
		}
		if found != field {
			t.Errorf("%+v: names %q, want %q", rules, found, field)
		}
	}
}

// What can still change is not older than what the ledger keeps, or a deed would be credited twice.
func TestTheLedgerOutlivesWhatItIsAbout(t *testing.T) {
	if PointKept <= FindingKept || PointKept <= MaxPast+DefaultTipPeriods.ReopenWithin || CommendationKept <= PointKept {
		t.Error("lines are forgotten while their deed may still be credited or taken back")
	}
	now := time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)
	for by, earns := range map[time.Duration]bool{-time.Millisecond: false, 0: true, time.Millisecond: true} {
		if MayStillEarn(now.Add(-PointKept).Add(by), now) != earns {
			t.Errorf("%s from the edge: want %t", by, earns)
		}
	}
}

// The lines about one deed: credit, taking back, credit again. Their ids differ, and sort by time.
func TestTheLedgersLines(t *testing.T) {
	at := time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)
	none := PointEntry{PersonID: "p", Event: EarnFinding, AboutID: "f"}
	first := none.Next(5, at)
	back := first.Next(99, at)
	again := back.Next(7, at.Add(time.Hour))
	if none.Credits() || !first.Credits() || back.Credits() || !again.Credits() {
		t.Error("the odd lines credit, the even ones take back")
	}
	if first.Points != 5 || back.Points != -5 || again.Points != 7 {
		t.Errorf("points %d, %d, %d", first.Points, back.Points, again.Points)
	}
	if !back.EarnedAt.Equal(at) || !again.EarnedAt.Equal(at.Add(time.Hour)) {
		t.Error("what is taken back frees the day on which it was earned")
	}
	if first.ID == back.ID || first.ID >= again.ID || first.ID != none.Next(5, at).ID {
		t.Errorf("ids %s, %s, %s", first.ID, back.ID, again.ID)
	}
}

func TestWhoEarnsByATip(t *testing.T) {
	for _, one := range []struct {
		tip                Tip
		resolved, referred []ID
	}{
		{Tip{ReporterID: "p", State: TipResolved}, []ID{"p"}, nil},
		{Tip{ReporterID: "p", State: TipClosed, ClosedReason: "referred"}, nil, []ID{"p"}},
		{Tip{ReporterID: "p", State: TipClosed, ClosedReason: "duplicate"}, nil, nil},
		{Tip{ReporterID: "p", State: TipClosed, ClosedReason: "unfounded"}, nil, nil},
		{Tip{ReporterID: "p", State: TipAcknowledged}, nil, nil},
		{Tip{State: TipResolved}, nil, nil}, // nobody gave a name
	} {
		earned := TipEarns(one.tip)
		if !slices.Equal(earned[EarnTipResolved], one.resolved) || !slices.Equal(earned[EarnTipReferred], one.referred) || len(earned) != 2 {
			t.Errorf("%+v earns %v", one.tip, earned)
		}
	}
}

func TestWhoEarnsByARound(t *testing.T) {
	start := time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)
	member := func(id ID) RoundMember {
		return RoundMember{RoundID: "r", PersonID: id, JoinedAt: start, ConfirmedAt: start}
	}
	scan := func(id, person ID) CheckIn {
		return CheckIn{
			ID: id, PersonID: person, RoundID: "r", CheckpointID: "c", OccurredAt: start.Add(time.Minute),
			Verdict: Verdict{Status: StatusAccepted},
		}
	}
	round := Round{ID: "r", State: RoundCompleted, StartedAt: start, EndedAt: start.Add(time.Hour), EndedBy: "a"}
	members, scans := []RoundMember{member("a"), member("b"), member("idle")}, []CheckIn{scan("1", "a"), scan("2", "b"), scan("3", "a"), scan("4", "stranger")}
	if got := RoundEarns(round, members, scans)[EarnRoundCompleted]; !slices.Equal(got, []ID{"a", "b"}) {
		t.Errorf("%v earn", got)
	}
	rejected := scan("2", "b")
	rejected.Status = StatusRejected
	if got := RoundEarns(round, members, []CheckIn{scan("1", "a"), rejected})[EarnRoundCompleted]; !slices.Equal(got, []ID{"a"}) {
		t.Errorf("after a correction %v earn", got)
	}
	for name, change := range map[string]func(*Round){
		"abandoned":            func(r *Round) { r.State = RoundAbandoned },
		"a team with one scan": func(r *Round) { r.Team, r.Scanners = true, 1 },
	} {
		other := round
		change(&other)
		if got := RoundEarns(other, members, scans)[EarnRoundCompleted]; len(got) != 0 {
			t.Errorf("%s: %v earn", name, got)
		}
	}
}

func TestPoliceEarnNothing(t *testing.T) {
	now := time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)
	held := func(role Role, ends time.Time) []Grant {
		return []Grant{{Role: RoleVolunteer, StartsAt: now}, {Role: role, StartsAt: now.Add(-time.Hour), EndsAt: ends}}
	}
	for _, role := range PersonRoles {
		if want := role != RoleOfficer && role != RoleCommander; MayEarn(held(role, time.Time{}), now) != want {
			t.Errorf("%s earns: want %t", role, want)
		}
	}
	if !MayEarn(held(RoleOfficer, now), now) {
		t.Error("who is an officer no more earns")
	}
}
