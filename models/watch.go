package models

import (
	"strings"
	"time"
)

// ConcernKind is what is wrong about patrol.
type ConcernKind string

// The kinds of concerns.
const (
	ConcernStopMissed ConcernKind = "stop_missed"
	ConcernNotStarted ConcernKind = "round_not_started"
	ConcernPostLeft   ConcernKind = "post_left"    // nobody of the squad whose shift it is stands at its street post
	ConcernGap        ConcernKind = "gap_too_long" // nobody at all was at a key place
)

// The tolerances of watching. A stop has none: it is missed the moment its window is over, optional ones never.
// A street post has its own, StreetPost.MaxGap.
const (
	StartTolerance   = 10 * time.Minute     // how long after its planned start a round may begin without anybody being told
	KeyPlaceGap      = 4 * time.Hour        // how long nobody may be at a key place by day; a minute of the night counts double
	NightFromMinute  = 22 * 60              // of the station's wall clock: with night minutes double, 2 hours from 22:00
	NightUntilMinute = 6 * 60               // to 06:00
	KeyPlaceLookBack = 48 * time.Hour       // how far back somebody is looked for at a key place
	ConcernTold      = 24 * time.Hour       // an older one is recorded, and nobody is told
	ConcernClimbs    = 10 * time.Minute     // when the duty commander is told what the leader has not acknowledged
	ConcernOpen      = MaxOffline           // how long phones may still bring what ends a missed stop or a round not started
	ConcernKept      = 180 * 24 * time.Hour // after it has ended
)

// AlertWatch tells of a concern; AlertWatchUpdate tells the same people that it is over.
const (
	AlertWatch       = "patrol_watch"
	AlertWatchUpdate = "patrol_watch_update"
)

// ConcernOutcome is how a concern ended.
type ConcernOutcome string

// The outcomes.
const (
	ConcernResolved ConcernOutcome = "resolved" // somebody came after all, or had been there
	ConcernLapsed   ConcernOutcome = "lapsed"   // nothing can mend it any more, or the shift is over
)

// Concern is one thing that is wrong about patrol, from when it was noticed until it ends.
type Concern struct {
	ID        ID // tells when it was noticed
	StationID ID
	Subject   string // one thing has one open concern at most
	Kind      ConcernKind
	Severity  string
	SquadID   ID
	RoundID   ID
	PlaceID   ID        // a checkpoint or a street post
	LeaderID  ID        // who is told first; "" when nobody leads
	Name      string    // of the checkpoint, the street post or the plan
	RoundName string    // of the plan
	From      time.Time // the end of the window, the planned start, or when somebody was last there
	Since     time.Time // since when it is a concern
	LapsesAt  time.Time // zero: it lasts until somebody comes
	Unseen    bool      // nobody was there in KeyPlaceLookBack: From is no more than its beginning

	LeaderAlertID    ID
	ToldLeaderAt     time.Time // zero while not told
	CommanderAlertID ID
	ToldCommanderAt  time.Time // zero while not told
	ClimbsAt         time.Time // when the duty commander is to be told; zero when not to be
	EndedAt          time.Time // zero while open
	Outcome          ConcernOutcome
}

// WatchFacts is all that watching one station needs to know.
type WatchFacts struct {
	StationID   ID
	Zone        *time.Location
	Rounds      []WatchedRound
	Posts       []WatchedPost
	Places      []WatchedPlace
	Checkpoints map[ID]string // names
}

// WatchedRound is a planned round.
type WatchedRound struct {
	Round
	Name        string // of the plan
	SquadLeader ID
}

// WatchedPost is a street post while a squad's shift is to stand there.
type WatchedPost struct {
	StreetPost
	Shift    Shift
	On       Occurrence
	LeaderID ID
	LastSeen time.Time // somebody of the squad within the radius; zero when nobody was in this shift
}

// WatchedPlace is a key place.
type WatchedPlace struct {
	ID       ID
	Name     string
	From     time.Time // since when it is watched
	LastSeen time.Time // anybody; zero when nobody was in KeyPlaceLookBack
	AsOf     time.Time // what came in later is not known yet
}

// Group is what is told together: the stops of one round that are missed at the same time.
func (c Concern) Group() string {
	if c.RoundID != "" {
		return string(c.Kind) + "/" + string(c.RoundID)
	}
	return c.Subject
}

// Tell says whether anybody is to be told of a concern that is noticed now: data that comes days late is no alarm.
func (c Concern) Tell(now time.Time) bool { return now.Sub(c.Since) < ConcernTold }

// Climbs says whether it is time to tell the duty commander.
func (c Concern) Climbs(now time.Time) bool { return !c.ClimbsAt.IsZero() && !now.Before(c.ClimbsAt) }

// Told says whether anybody was told.
func (c Concern) Told() bool { return !c.ToldLeaderAt.IsZero() || !c.ToldCommanderAt.IsZero() }

// End is the concern as it ends now.
func (c Concern) End(now time.Time) Concern {
	c.EndedAt, c.Outcome = now, ConcernResolved
	if !c.LapsesAt.IsZero() && !now.Before(c.LapsesAt) {
		c.Outcome = ConcernLapsed
	}
	return c
}

// CompareConcerns says what begins, what of the open ones is a matter of another time by now, since data came late,
// and what is over.
func CompareConcerns(open, standing []Concern) (begun, moved, gone []Concern) {
	stands, known := map[string]Concern{}, map[string]bool{}
	for _, concern := range standing {
		stands[concern.Subject] = concern
	}
	for _, concern := range open {
		known[concern.Subject] = true
		now, still := stands[concern.Subject]
		switch {
		case !still:
			gone = append(gone, concern)
		case !now.Unseen && !now.From.Equal(concern.From):
			concern.From, concern.Since = now.From, now.Since
			moved = append(moved, concern)
		}
	}
	for _, concern := range standing {
		if !known[concern.Subject] {
			begun = append(begun, concern)
		}
	}
	return begun, moved, gone
}

// GroupConcerns puts together, in order, those for which key is the same.
func GroupConcerns(concerns []Concern, key func(Concern) string) [][]Concern {
	groups, at := [][]Concern{}, map[string]int{}
	for _, concern := range concerns {
		name := key(concern)
		if _, there := at[name]; !there {
			at[name] = len(groups)
			groups = append(groups, nil)
		}
		groups[at[name]] = append(groups[at[name]], concern)
	}
	return groups
}

// ToldTogether is Group for concerns that were told by the same alerts.
func (c Concern) ToldTogether() string {
	return strings.Join([]string{c.Group(), string(c.LeaderAlertID), string(c.CommanderAlertID)}, " ")
}
