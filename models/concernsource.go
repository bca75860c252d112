package models

import "time"

// ConcernSourceLife is the longest that an approval of a source may hold; then two people look at it anew.
const ConcernSourceLife = 366 * 24 * time.Hour

// ConcernSourceKept is how long a source is kept, from its proposal: two years longer than it can hold.
const ConcernSourceKept = ConcernSourceLife + 731*24*time.Hour

// MaxConcernSources bounds the sources of one station that are not over.
const MaxConcernSources = 500

// ConcernSourceState is where a source stands.
type ConcernSourceState string

// The states.
const (
	SourceProposed ConcernSourceState = "proposed"
	SourceApproved ConcernSourceState = "approved"
	SourceRevoked  ConcernSourceState = "revoked"
	SourceExpired  ConcernSourceState = "expired"
)

// ConcernSource is a device whose reports of persons of concern are taken: proposed by one, approved by another. The lists that
// the device compares with live in the police's own system; nothing of them is here.
type ConcernSource struct {
	ID           ID
	Place        Place // of the device
	DeviceID     ID
	Name         string
	Reason       Secret
	ProposedBy   ID
	ProposerRole Role // commander or officer
	ProposedAt   time.Time
	ValidUntil   time.Time
	ApprovedBy   ID // "" as long as nobody has approved
	ApprovedAt   time.Time
	RevokedBy    ID
	RevokedAt    time.Time
}

// State is where the source stands now.
func (s ConcernSource) State(now time.Time) ConcernSourceState {
	switch {
	case !s.RevokedAt.IsZero():
		return SourceRevoked
	case !now.Before(s.ValidUntil):
		return SourceExpired
	case s.ApprovedBy == "":
		return SourceProposed
	default:
		return SourceApproved
	}
}

// CheckLife refuses an end that has passed or is too far away.
func (s ConcernSource) CheckLife(now time.Time) error {
	switch {
	case !s.ValidUntil.After(now):
		return Unfit("valid_until", FieldTooSmall, "> now")
	case s.ValidUntil.After(now.Add(ConcernSourceLife)):
		return Unfit("valid_until", FieldTooLarge, "<= now + 366 d")
	default:
		return nil
	}
}

// CheckApproval says whether somebody may approve: another than who proposed it, and one of the two is a commander.
func (s ConcernSource) CheckApproval(who ID, role Role, now time.Time) error {
	switch {
	case s.ProposedBy == who, role != RoleCommander && s.ProposerRole != RoleCommander:
		return Fail(CodeSecondPerson)
	case s.State(now) != SourceProposed:
		return s.wrongState(now)
	default:
		return nil
	}
}

// CheckRevocation says whether there is anything to revoke; one person is enough for that.
func (s ConcernSource) CheckRevocation(now time.Time) error {
	if state := s.State(now); state != SourceProposed && state != SourceApproved {
		return s.wrongState(now)
	}
	return nil
}

func (s ConcernSource) wrongState(now time.Time) error {
	return Fail(CodeWrongState).WithFields(FieldError{Field: "state", Code: FieldNotAllowed, Want: string(s.State(now))})
}
