package models

import "time"

// CorrectionState is where a correction stands: proposed → approved | declined.
type CorrectionState string

// The states of a correction.
const (
	CorrectionProposed CorrectionState = "proposed"
	CorrectionApproved CorrectionState = "approved"
	CorrectionDeclined CorrectionState = "declined"
)

// Correction is what an officer finds that a check-in is worth, against or beside its verdict. It counts from the moment
// at which somebody else approves it; the check-in itself never changes.
type Correction struct {
	ID             ID // made by the proposer's app
	OrderID        ID // made by the server, sortable
	Place          Place
	CheckInID      ID
	PersonID       ID // whose check-in it is
	Status         CheckInStatus
	Reason         Secret
	ProposerID     ID
	ProposedAt     time.Time
	State          CorrectionState
	DeciderID      ID // "" before
	DecidedAt      time.Time
	DecisionReason Secret
}

// CheckProposer refuses a correction of one's own check-in.
func (c Correction) CheckProposer() error {
	if c.ProposerID == c.PersonID {
		return Fail(CodeOwnCheckIn)
	}
	return nil
}

// CheckDecider says whether the person may decide: neither whose check-in it is nor who proposed it, and only once.
func (c Correction) CheckDecider(decider ID) error {
	switch {
	case decider == c.PersonID:
		return Fail(CodeOwnCheckIn)
	case decider == c.ProposerID:
		return Fail(CodeSecondPerson)
	case c.State != CorrectionProposed:
		return Fail(CodeWrongState)
	default:
		return nil
	}
}

// Same says whether another proposal says the same, so that a repeat can be told from a reused id.
func (c Correction) Same(other Correction) bool {
	return c.CheckInID == other.CheckInID && c.ProposerID == other.ProposerID && c.Status == other.Status && c.Reason == other.Reason
}
