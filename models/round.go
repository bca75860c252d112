package models

import "time"

// RoundState is where a round stands: scheduled → in_progress → completed | abandoned.
type RoundState string

// The states of a round.
const (
	RoundScheduled  RoundState = "scheduled"
	RoundInProgress RoundState = "in_progress"
	RoundCompleted  RoundState = "completed"
	RoundAbandoned  RoundState = "abandoned" // with a reason
)

// Priority is how much a planned stop matters.
type Priority string

// The priorities.
const (
	PriorityHigh     Priority = "high"
	PriorityNormal   Priority = "normal"
	PriorityOptional Priority = "optional" // never missed
)

// StopState is what became of a stop.
type StopState string

// The states of a stop; a stop that is still ahead is pending.
const (
	StopPending StopState = "pending"
	StopOnTime  StopState = "on_time"
	StopLate    StopState = "late"
	StopMissed  StopState = "missed"
	StopSkipped StopState = "skipped" // with a reason
	StopExtra   StopState = "extra"   // seen on the way, but not planned
)

// Round is one walk of a squad, planned or not.
type Round struct {
	ID        ID // derived from plan and date for a planned one
	StationID ID
	PlanID    ID // "" for one that nobody planned
	SquadID   ID
	Date      Date // of the shift, in the station's time zone: the day on which the shift starts
	LeaderID  ID   // who started it; "" before
	State     RoundState
	StartsAt  time.Time // planned
	EndsAt    time.Time // planned
	StartedAt time.Time // zero before
	EndedAt   time.Time // zero before
	EndedBy   ID        // who finished it; "" while nobody has, also when it ended by itself
	Reason    string    // why it was abandoned
	Ordered   bool      // stops must be taken in order
	Team      bool      // credited to a team: needs scans by at least two of its members
	Scanners  int       // how many members have counting scans
	Stops     []RoundStop
	CreatedAt time.Time
}

// RoundStop is one checkpoint of a round.
type RoundStop struct {
	Ordinal      int // from 1; after the planned ones for an extra
	CheckpointID ID
	FromAt       time.Time
	UntilAt      time.Time
	Priority     Priority
	State        StopState
	SeenAt       time.Time // zero until seen
	SeenBy       ID
	CheckInID    ID
	SkipReason   string
}

// StopSkip is a member's word that a planned stop will not be seen, and why.
type StopSkip struct {
	RoundID      ID
	CheckpointID ID
	PersonID     ID
	Reason       Secret
	At           time.Time
}

// MemberKind is by which right somebody walks with a round.
type MemberKind string

// The kinds of members.
const (
	MemberLeader MemberKind = "leader"
	MemberJoined MemberKind = "member"
	MemberGuest  MemberKind = "guest" // a volunteer for this one round
)

// RoundMember is a person who walks with a round.
type RoundMember struct {
	RoundID     ID
	PersonID    ID
	Kind        MemberKind
	JoinedAt    time.Time
	ConfirmedAt time.Time // zero until the leader has confirmed a guest
	LeftAt      time.Time // zero while with it
	LeftOut     bool      // the round has no place for them: see Round.LeftOut
}

// RoundGuest is somebody without an account who walks along, named by the leader.
type RoundGuest struct {
	ID      ID // made by the phone
	RoundID ID
	Name    Secret // "" once erased
	Phone   Secret
	AddedAt time.Time // by the phone that named them
}

// Counts says whether the member's check-ins and positions at an instant are those of the round:
// confirmed and with a place, after joining and before leaving. Positions of before joining are nobody's business.
func (m RoundMember) Counts(at time.Time) bool {
	return !m.ConfirmedAt.IsZero() && !m.LeftOut && !at.Before(m.JoinedAt) && (m.LeftAt.IsZero() || !at.After(m.LeftAt))
}
