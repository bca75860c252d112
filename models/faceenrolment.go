package models

import "time"

const (
	// FaceTokenLife is how long a terminal takes the token that the person shows it.
	FaceTokenLife = 10 * time.Minute
	// FaceConfirmLife is how long after the token's end a terminal's confirmation may still come.
	FaceConfirmLife = time.Hour
	// FaceEnrolmentKept is how long an enrolment is kept after the terminal has confirmed that nothing is left of it.
	FaceEnrolmentKept = 180 * 24 * time.Hour
)

// FaceDeletionTold says how long after a deletion was asked for those over the terminal are told that it is still not
// confirmed. The first of them is when it is overdue; after the last nobody is told again, and the order stands.
var FaceDeletionTold = []time.Duration{24 * time.Hour, 72 * time.Hour, 168 * time.Hour}

// AlertFaceDeletion tells of a terminal that has not confirmed a deletion.
const AlertFaceDeletion = "face_deletion"

// FaceState is where an enrolment stands.
type FaceState string

// The states: requested → enrolled | failed; requested, enrolled → deletion_requested → deleted.
const (
	FaceRequested         FaceState = "requested"
	FaceEnrolled          FaceState = "enrolled"
	FaceFailed            FaceState = "failed" // the terminal keeps nothing
	FaceDeletionRequested FaceState = "deletion_requested"
	FaceDeleted           FaceState = "deleted" // the terminal says so
)

// Why a deletion was asked for, besides the ends of a consent.
const (
	FaceReasonExpired  = "expired"        // the terminal said nothing in time: nobody knows whether it keeps something
	FaceReasonReplaced = "replaced"       // by another request for the same terminal
	FaceReasonTerminal = "terminal_gone"  // closed, off its doors, not ours any more, or these are not entered by face any more
	FaceReasonWiped    = "terminal_wiped" // somebody wiped or destroyed the terminal, and an administrator answers for it
	FaceReasonLate     = "late"           // the terminal told of an enrolment that was over
)

// FaceResult is what a terminal says of an enrolment.
type FaceResult string

// The results.
const (
	FaceResultEnrolled FaceResult = "enrolled"
	FaceResultFailed   FaceResult = "failed"
	FaceResultDeleted  FaceResult = "deleted"
)

// FaceEnrolment asks one terminal to enrol one person. It holds no face, nor anything made from one.
type FaceEnrolment struct {
	ID            ID // made by the phone
	ConsentID     ID // and, for the terminal, the only name that the person has
	PersonID      ID
	AskedBy       ID    // the person, or of a child a guardian
	Place         Place // the terminal's compound
	DoorID        ID    // before which the person stands
	DeviceID      ID
	CredentialRef string // by which the terminal tells of passages
	State         FaceState
	Token         Secret // "" once it is of no use any more
	TokenHash     []byte // SHA-256
	TokenUntil    time.Time
	ValidUntil    time.Time // zero: until it is deleted
	RequestedAt   time.Time
	EnrolledAt    time.Time
	DeletionAt    time.Time // when deletion was asked for
	Reason        string    // why
	OverAt        time.Time // when the terminal said that it keeps nothing
	Told          int       // how often those over the terminal were told that it does not confirm
	TellAt        time.Time // when they are told next; zero: never
}

// Live says whether the enrolment is or may become good.
func (e FaceEnrolment) Live() bool { return e.State == FaceRequested || e.State == FaceEnrolled }

// DeletedFor asks for the deletion of what is live; false where there is nothing to ask for.
func (e FaceEnrolment) DeletedFor(reason string, now time.Time) (FaceEnrolment, bool) {
	if !e.Live() {
		return e, false
	}
	return e.deletion(reason, now), true
}

func (e FaceEnrolment) deletion(reason string, now time.Time) FaceEnrolment {
	e.State, e.Token, e.DeletionAt, e.Reason, e.OverAt = FaceDeletionRequested, "", now, reason, time.Time{}
	e.Told, e.TellAt = 0, now.Add(FaceDeletionTold[0])
	return e
}

// Confirmed is the enrolment after a terminal's word. A repeat changes nothing; an enrolment that comes after it was to be
// deleted leaves the order standing, and one of which nothing should be left gets a new order. CodeWrongState for what cannot be.
func (e FaceEnrolment) Confirmed(result FaceResult, now time.Time) (FaceEnrolment, error) {
	switch {
	case result == FaceResultEnrolled && e.State == FaceRequested:
		e.State, e.Token, e.EnrolledAt = FaceEnrolled, "", now
	case result == FaceResultEnrolled && (e.State == FaceFailed || e.State == FaceDeleted):
		return e.deletion(FaceReasonLate, now), nil
	case result == FaceResultFailed && e.State == FaceRequested:
		e.State, e.Token, e.OverAt = FaceFailed, "", now
	case result == FaceResultFailed && (e.State == FaceEnrolled || e.State == FaceDeletionRequested && !e.EnrolledAt.IsZero()):
		return e, Fail(CodeWrongState) // only "deleted" says that nothing is left of it
	case result != FaceResultEnrolled && e.State != FaceFailed && e.State != FaceDeleted:
		e.State, e.Token, e.OverAt, e.TellAt = FaceDeleted, "", now, time.Time{}
	}
	return e, nil
}

// NeedsToken says whether the terminal's word is only taken with the token: it is the proof that the person stood before it.
func (e FaceEnrolment) NeedsToken(result FaceResult) bool {
	return result == FaceResultEnrolled && e.State == FaceRequested
}

// Overdue says whether a terminal should have confirmed a deletion by now.
func (e FaceEnrolment) Overdue(now time.Time) bool {
	return e.State == FaceDeletionRequested && !now.Before(e.DeletionAt.Add(FaceDeletionTold[0]))
}

// ToldAgain counts one telling, and says when the next is due.
func (e FaceEnrolment) ToldAgain() FaceEnrolment {
	e.Told++
	e.TellAt = time.Time{}
	if e.Told < len(FaceDeletionTold) {
		e.TellAt = e.DeletionAt.Add(FaceDeletionTold[e.Told])
	}
	return e
}

// MayEnrol says whether a terminal can be asked to enrol faces: one of our own protocol, in use.
func (d Device) MayEnrol() bool { return d.Kind == "terminal" && d.Driver.Ours() && !d.Disabled() }

// FaceFigures count the enrolments of a compound's terminals.
type FaceFigures struct {
	Enrolled  int
	Requested int
	Deleting  int // not yet confirmed
	Overdue   int // of these
}
