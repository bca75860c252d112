package models

import (
	"slices"
	"strings"
	"time"
)

// ConcernReportKind is what a terminal says of whom it believes to have seen.
type ConcernReportKind string

// The kinds.
const (
	ReportedWanted  ConcernReportKind = "wanted"
	ReportedMissing ConcernReportKind = "missing"
	ReportedBarred  ConcernReportKind = "barred"
	ReportedOther   ConcernReportKind = "other"
)

// ConcernReportState is where a report stands.
type ConcernReportState string

// The states: open until one of the duty desk decides, and then for good.
const (
	ReportOpen      ConcernReportState = "open"
	ReportConfirmed ConcernReportState = "confirmed"
	ReportDismissed ConcernReportState = "dismissed"
)

// What a report is taken at, and how long it is kept. The picture is only a reference; it goes before the report does.
const (
	ConcernReportAhead   = 5 * time.Minute     // how far a terminal's clock may be ahead
	ConcernReportLate    = 10 * time.Minute    // an older one is listed, and nobody is told
	ConcernReportOldest  = 24 * time.Hour      // an older one is refused: nothing can be done about it
	ConcernPictureKept   = 24 * time.Hour      // the reference of the picture, after the report came
	ConcernDismissedKept = 24 * time.Hour      // after it was dismissed
	ConcernUnseenKept    = 72 * time.Hour      // after it came, when nobody decided
	ConcernConfirmedKept = 30 * 24 * time.Hour // after it was confirmed
)

// MaxConcernDispatch bounds the people whom one request sends.
const MaxConcernDispatch = 20

// LeastConcernShare is how many decisions it takes before a share of wrong ones is told: of fewer it would say nothing.
const LeastConcernShare = 5

// What alerts say about reports: to the duty desk that there is one, or that it was decided, and to who is sent.
const (
	AlertConcernReport   = "concern_report"
	AlertConcernDecided  = "concern_decided"
	AlertConcernDispatch = "concern_dispatch"
)

// ConcernDispatched are the roles that may be sent.
var ConcernDispatched = []Role{RoleCommander, RoleOfficer, RoleAuxiliary}

// ConcernReport is a terminal's report of a person of concern. It is a lead and no finding: it says nothing of who it is.
type ConcernReport struct {
	ID         ID // made by the device
	OrderID    ID // made by the server, sortable
	Place      Place
	DeviceID   ID
	SourceID   ID
	Kind       ConcernReportKind
	Terminal   string // the device's own name of one of its cameras
	OccurredAt time.Time
	ReceivedAt time.Time
	Confidence *float64 // 0 to 1, as the terminal says
	Picture    Secret   // where the terminal keeps its picture; never fetched from here
	State      ConcernReportState
	SeenAt     time.Time // when somebody first read it alone
	DecidedBy  ID
	DecidedAt  time.Time
	Reason     Secret
	BodyHash   []byte
}

// CheckTime refuses a time of which nothing can be made.
func (r ConcernReport) CheckTime() error {
	switch {
	case r.OccurredAt.After(r.ReceivedAt.Add(ConcernReportAhead)):
		return Unfit("occurred_at", FieldInFuture, "<= now + 5 min")
	case r.OccurredAt.Before(r.ReceivedAt.Add(-ConcernReportOldest)):
		return Unfit("occurred_at", FieldTooSmall, ">= now - 24 h")
	default:
		return nil
	}
}

// CheckPicture refuses a reference that carries the picture itself.
func (r ConcernReport) CheckPicture() error {
	if strings.HasPrefix(strings.ToLower(r.Picture.Reveal()), "data:") {
		return Unfit("picture_ref", FieldNotAllowed, "where it is kept, not the picture")
	}
	return nil
}

// Late says whether the report came so late that nobody is told of it.
func (r ConcernReport) Late() bool { return r.ReceivedAt.Sub(r.OccurredAt) > ConcernReportLate }

// CheckDecision says whether it can still be decided. Who decides second the same way gets the first outcome; who wants the
// other is refused, and told it.
func (r ConcernReport) CheckDecision(to ConcernReportState) (repeated bool, err error) {
	switch r.State {
	case ReportOpen:
		return false, nil
	case to:
		return true, nil
	default:
		return false, r.wrongState()
	}
}

// CheckDispatch says whether anybody may be sent: only after a named officer has confirmed it.
func (r ConcernReport) CheckDispatch() error {
	if r.State != ReportConfirmed || r.DecidedBy == "" {
		return r.wrongState()
	}
	return nil
}

func (r ConcernReport) wrongState() error {
	return Fail(CodeWrongState).WithFields(FieldError{Field: "state", Code: FieldNotAllowed, Want: string(r.State)})
}

// ForgetAt is when the report is deleted.
func (r ConcernReport) ForgetAt() time.Time {
	switch r.State {
	case ReportConfirmed:
		return r.DecidedAt.Add(ConcernConfirmedKept)
	case ReportDismissed:
		return r.DecidedAt.Add(ConcernDismissedKept)
	default:
		return r.ReceivedAt.Add(ConcernUnseenKept)
	}
}

// Forgotten says whether the report is to be gone by now.
func (r ConcernReport) Forgotten(now time.Time) bool { return !now.Before(r.ForgetAt()) }

// PictureAt is the reference of the picture as long as it may be shown.
func (r ConcernReport) PictureAt(now time.Time) Secret {
	if !now.Before(r.ReceivedAt.Add(ConcernPictureKept)) {
		return ""
	}
	return r.Picture
}

// AtConcernDesk says whether somebody sits at the duty desk: a commander always, an officer while on duty. Nobody else reads
// reports.
func AtConcernDesk(who Principal, onDuty []OnDuty) bool {
	roles := who.Roles()
	return slices.Contains(roles, RoleCommander) || slices.Contains(roles, RoleOfficer) &&
		slices.ContainsFunc(onDuty, func(one OnDuty) bool { return one.PersonID == who.ID })
}

// ConcernFigures counts the reports of one device in a month.
type ConcernFigures struct {
	DeviceID  ID
	Month     string // of the station's wall clock, 2026-11
	Reports   int
	Late      int // of these, told nobody
	Refused   int // from a source that was not approved
	Confirmed int
	Dismissed int
	Expired   int // deleted without a decision
}

// ShareWrong is the share of dismissed ones among those that were decided; nil where they are fewer than LeastConcernShare.
func (f ConcernFigures) ShareWrong() *float64 {
	decided := f.Confirmed + f.Dismissed
	if decided < LeastConcernShare {
		return nil
	}
	share := float64(f.Dismissed) / float64(decided)
	return &share
}
