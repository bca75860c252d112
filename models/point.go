package models

import (
	"slices"
	"strconv"
	"time"
)

// PointEvent is a kind of deed that earns points.
type PointEvent string

// The deeds. None of them can be brought about by their doer alone: an officer must have found a tip or a finding good,
// a round needs check-ins that count, a commendation takes two.
const (
	EarnTipResolved    PointEvent = "tip_resolved"
	EarnTipReferred    PointEvent = "tip_referred" // closed, because others must act on it: it helped all the same
	EarnRoundCompleted PointEvent = "round_completed"
	EarnFinding        PointEvent = "finding_confirmed"
	EarnCommendation   PointEvent = "commendation_granted"
)

// PointEvents lists the deeds in the order in which they are shown.
var PointEvents = []PointEvent{EarnTipResolved, EarnTipReferred, EarnRoundCompleted, EarnFinding, EarnCommendation}

// MaxLevels bounds the levels of a station.
const MaxLevels = 20

// PointRule is what one kind of deed is worth to a station. A cap of 0 is none; days and months are the station's.
type PointRule struct {
	Event      PointEvent
	Points     int
	DailyCap   int // points a day
	MonthlyCap int // points a month
}

// PointLevel is a level that begins at a sum of points.
type PointLevel struct {
	MinPoints      int
	NameZH, NameEN string
}

// PointRules are what a station has set. A deed without a rule earns nothing.
type PointRules struct {
	Rules  []PointRule
	Levels []PointLevel // by MinPoints; the first begins at 0
}

// DefaultPointRules hold for a station that has set none.
func DefaultPointRules() PointRules {
	return PointRules{
		Rules: []PointRule{
			{EarnTipResolved, 10, 30, 200},
			{EarnTipReferred, 5, 15, 100},
			{EarnRoundCompleted, 5, 10, 150},
			{EarnFinding, 5, 20, 150},
			{EarnCommendation, 50, 0, 0},
		},
		Levels: []PointLevel{
			{0, "热心居民", "Good neighbour"},
			{50, "平安志愿者", "Volunteer"},
			{200, "平安卫士", "Guardian"},
			{500, "巡防先锋", "Vanguard"},
			{1000, "守护之星", "Star"},
		},
	}
}

// Check refuses rules that contradict themselves: a deed twice, a cap below one deed's points, a month's cap below a
// day's, levels that do not rise from 0.
func (r PointRules) Check() error {
	fields, seen := []FieldError{}, map[PointEvent]bool{}
	for at, rule := range r.Rules {
		field := Indexed("rules", at)
		switch {
		case seen[rule.Event]:
			fields = append(fields, FieldError{Field: field + ".event", Code: FieldNotUnique})
		case rule.DailyCap > 0 && rule.DailyCap < rule.Points:
			fields = append(fields, FieldError{Field: field + ".daily_cap", Code: FieldTooSmall, Want: "0, or >= points"})
		case rule.MonthlyCap > 0 && rule.MonthlyCap < max(rule.Points, rule.DailyCap):
			fields = append(fields, FieldError{Field: field + ".monthly_cap", Code: FieldTooSmall, Want: "0, or >= points and daily_cap"})
		}
		seen[rule.Event] = true
	}
	for at, level := range r.Levels {
		field := Indexed("levels", at) + ".min_points"
		switch {
		case at == 0 && level.MinPoints != 0:
			fields = append(fields, FieldError{Field: field, Code: FieldTooLarge, Want: "0"})
		case at > 0 && level.MinPoints <= r.Levels[at-1].MinPoints:
			fields = append(fields, FieldError{Field: field, Code: FieldTooSmall, Want: "more than the level before"})
		}
	}
	if len(fields) == 0 {
		return nil
	}
	return Fail(CodeUnprocessable).WithFields(fields...)
}

// Rule finds what a kind of deed is worth; the zero rule, which earns nothing, where there is none.
func (r PointRules) Rule(event PointEvent) PointRule {
	for _, rule := range r.Rules {
		if rule.Event == event {
			return rule
		}
	}
	return PointRule{Event: event}
}

// Worth is what one more deed earns somebody who has earned so much by its kind on the day and in the month: what the
// caps leave of its points.
func (r PointRule) Worth(today, thisMonth int) int {
	worth := r.Points
	if r.DailyCap > 0 {
		worth = min(worth, r.DailyCap-today)
	}
	if r.MonthlyCap > 0 {
		worth = min(worth, r.MonthlyCap-thisMonth)
	}
	return max(0, worth)
}

// LevelAt is the level that a sum of points has reached, and the next one; nil where there is none. levels rise.
func LevelAt(levels []PointLevel, sum int) (reached, next *PointLevel) {
	for at := range levels {
		if levels[at].MinPoints > sum {
			return reached, &levels[at]
		}
		reached = &levels[at]
	}
	return reached, nil
}

// PointEntry is one line of the ledger, which only grows. The lines about one deed of one person are numbered: the odd
// ones credit it, the even ones take it back, so that no deed is credited twice at the same time.
type PointEntry struct {
	ID        ID // made of At and of what the line is about, sortable
	StationID ID
	PersonID  ID
	Event     PointEvent
	AboutID   ID
	Ordinal   int       // from 1
	Points    int       // 0 where a cap left nothing; negative, or 0, where a deed is taken back
	EarnedAt  time.Time // when the deed was credited: what caps go by. Taking back keeps it, and so frees the day's cap
	At        time.Time
}

// MayStillEarn says whether the ledger still knows what was credited for something that began then: of older things nobody is
// credited any more, or it might be twice.
func MayStillEarn(began, now time.Time) bool { return !began.Before(now.Add(-PointKept)) }

// Credits says whether the deed stands after this line.
func (e PointEntry) Credits() bool { return e.Ordinal%2 == 1 }

// Next is the line after this one about the same deed: it takes back what this one credited, or credits it anew.
func (e PointEntry) Next(worth int, at time.Time) PointEntry {
	next := e
	next.Ordinal, next.At = e.Ordinal+1, at
	if next.Credits() {
		next.Points, next.EarnedAt = worth, at
	} else {
		next.Points = -e.Points
	}
	next.ID = OrderID(at, e.PersonID+ID(e.Event)+e.AboutID+ID(strconv.Itoa(next.Ordinal)))
	return next
}

// NamedReporter is who reported a tip, if they gave their name: the only ones whom points, commendations and rewards
// may name. "" for everybody else.
func NamedReporter(tip Tip) ID {
	if tip.Reporting == ReportingHidden || tip.Reporting == ReportingAnonymous {
		return ""
	}
	return tip.ReporterID
}

// TipEarns says which deeds stand by a tip as it is now.
func TipEarns(tip Tip) map[PointEvent][]ID {
	earned, reporter := map[PointEvent][]ID{EarnTipResolved: nil, EarnTipReferred: nil}, NamedReporter(tip)
	switch {
	case reporter == "":
	case tip.State == TipResolved:
		earned[EarnTipResolved] = []ID{reporter}
	case tip.State == TipClosed && tip.ClosedReason == "referred":
		earned[EarnTipReferred] = []ID{reporter}
	}
	return earned
}

// FindingEarns says whether a finding is confirmed: an officer has accepted it, and it was not dismissed since.
func FindingEarns(finding Finding) map[PointEvent][]ID {
	earned := map[PointEvent][]ID{EarnFinding: nil}
	if finding.State != FindingReported && finding.State != FindingDismissed {
		earned[EarnFinding] = []ID{finding.FinderID}
	}
	return earned
}

// RoundEarns says who completed a round: every member of whom a check-in counts, where the round counts for its team.
func RoundEarns(round Round, members []RoundMember, scans []CheckIn) map[PointEvent][]ID {
	walkers := []ID{}
	if round.State == RoundCompleted && round.Credited() {
		for _, scan := range countingScans(round, members, scans, round.EndedAt) {
			if !slices.Contains(walkers, scan.PersonID) {
				walkers = append(walkers, scan.PersonID)
			}
		}
	}
	return map[PointEvent][]ID{EarnRoundCompleted: walkers}
}

// MayEarn says whether somebody collects points: police do not, it is their work.
func MayEarn(grants []Grant, now time.Time) bool {
	return !slices.ContainsFunc(InForce(grants, now), func(grant Grant) bool {
		return grant.Role == RoleOfficer || grant.Role == RoleCommander
	})
}

// MayReach says whether somebody lies within the caller's reach: a role that they hold now does, and it tells which.
func MayReach(operation Operation, who Principal, grants []Grant, now time.Time) (Grant, error) {
	for _, grant := range InForce(grants, now) {
		if May(operation, who, Object{Place: grant.Place}) == nil {
			return grant, nil
		}
	}
	return Grant{}, Fail(CodeNotFound)
}
