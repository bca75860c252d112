package models

import "time"

// IdentityOpening is one officer's wish to know who reported a hidden tip. It opens with the consent of another.
type IdentityOpening struct {
	ID         ID
	TipID      ID
	AskedBy    ID
	Reason     Secret
	AskedAt    time.Time
	ApprovedBy ID // "" as long as nobody has consented
	ApprovedAt time.Time
}

// CheckAsk says whether there is an identity to be opened: of a hidden tip only.
func (t Tip) CheckAsk() error {
	if t.Reporting != ReportingHidden {
		return Fail(CodeWrongState)
	}
	return nil
}

// CheckApproval says whether somebody may consent: CodeSecondPerson for who asked, CodeWrongState when it was done.
func (o IdentityOpening) CheckApproval(who ID) error {
	switch {
	case o.AskedBy == who:
		return Fail(CodeSecondPerson)
	case o.ApprovedBy != "":
		return Fail(CodeWrongState)
	default:
		return nil
	}
}

// Opens says whether the identity may be shown to somebody: to the two who opened it, and to nobody else.
func (o IdentityOpening) Opens(who ID) bool {
	return o.ApprovedBy != "" && o.ApprovedBy != o.AskedBy && (who == o.AskedBy || who == o.ApprovedBy)
}
