package models

import "time"

// TipTalkAfter is how long after a tip ended its reporter and the station may still write to each other.
const TipTalkAfter = 7 * 24 * time.Hour

// AlertTipMessage tells one side of a tip's conversation that the other one wrote.
const AlertTipMessage = "tip_message"

// TipMessage is what one side of a tip's conversation wrote to the other.
type TipMessage struct {
	ID           ID // made by the phone
	TipID        ID
	Ordinal      int  // the server's, from 1 for each tip: the order, which tells no time
	FromReporter bool // else from the station
	AuthorID     ID   // "" for a reporter whom nobody knows
	Text         Secret
	Sealed       []byte // the text, encrypted to the station's key; Text is empty then
	MediaIDs     []ID
	SentAt       time.Time
	ReadAt       time.Time // when the other side had it before its eyes
}

// TipNote is what police write about a tip for each other. The reporter never learns of it.
type TipNote struct {
	ID       ID // made by the phone
	OrderID  ID // made by the server, sortable
	TipID    ID
	AuthorID ID
	Text     Secret
	At       time.Time
}

// TipUnread counts the messages of a tip that nobody on the other side has read.
type TipUnread struct{ Reporter, Station int }

// UnreadFor is the count for a person who may read the tip: its reporter's, or else the one that all police share.
func (t Tip) UnreadFor(who Principal) int {
	if t.SpokenFor(who) {
		return t.Unread.Reporter
	}
	return t.Unread.Station
}

// EndedAt is when the tip ended; zero while it is open.
func (t Tip) EndedAt() time.Time {
	if t.State != TipResolved && t.State != TipClosed || len(t.Steps) == 0 {
		return time.Time{}
	}
	return t.Steps[len(t.Steps)-1].At
}

// CheckTalk says whether the two sides may still write: CodeConversationOver from TipTalkAfter after the end on,
// CodeNoReporter where nobody would read it.
func (t Tip) CheckTalk(now time.Time) error {
	if t.Reporting == ReportingCivicApp {
		return Fail(CodeNoReporter)
	}
	if ended := t.EndedAt(); !ended.IsZero() && !now.Before(ended.Add(TipTalkAfter)) {
		return Fail(CodeConversationOver)
	}
	return nil
}

// SpokenFor says whether who is the tip's reporter, openly or hidden, who speaks for nobody else about it, whatever roles
// they hold.
func (t Tip) SpokenFor(who Principal) bool { return who.Owns(t.ReporterID) }

// MayNote says whether the caller may read and write notes about the tip: police in whose scope it is, but for its
// own reporter. No is CodeNotFound.
func (t Tip) MayNote(operation Operation, who Principal) error {
	if t.SpokenFor(who) {
		return Fail(CodeNotFound)
	}
	return May(operation, who, Object{Place: t.Place})
}

// TipMessageDraft is a message before it is known what it says.
type TipMessageDraft struct {
	FromReporter bool
	Text         bool // there are words
	QuickAnswer  bool // there is one of the station's prepared texts
	Language     bool // it is said in which language
	Photos       int
}

// Check says what is wrong with a message: words, a prepared text or a photo it must have, and prepared
// texts are the station's.
func (d TipMessageDraft) Check() error {
	fields := []FieldError{}
	if d.QuickAnswer && d.FromReporter {
		fields = append(fields, FieldError{Field: "quick_answer_id", Code: FieldNotAllowed, Want: "only from the station"})
	}
	if d.QuickAnswer && d.Text {
		fields = append(fields, FieldError{Field: "text", Code: FieldNotAllowed, Want: "text | quick_answer_id"})
	}
	if d.Language && !d.QuickAnswer {
		fields = append(fields, FieldError{Field: "quick_answer_language", Code: FieldNotAllowed, Want: "only with quick_answer_id"})
	}
	if !d.QuickAnswer && !d.Text && d.Photos == 0 {
		fields = append(fields, FieldError{Field: "text", Code: FieldRequired, Want: "text | quick_answer_id | media_ids"})
	}
	if len(fields) > 0 {
		return Fail(CodeUnprocessable).WithFields(fields...)
	}
	return nil
}
