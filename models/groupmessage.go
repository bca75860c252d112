package models

import "time"

// GroupMessage is what somebody wrote in a compound's security group.
type GroupMessage struct {
	ID         ID // made by the phone
	Place      Place
	Ordinal    int // the server's, from 1 for each group
	AuthorID   ID
	AuthorRole Role // at that time
	Text       Secret
	MediaIDs   []ID
	ReplyToID  ID
	Notice     bool      // every member but the author is asked to acknowledge it
	DueAt      time.Time // of a notice; zero: no time was set
	AlertID    ID        // that told of it; "" where there was nobody to tell
	SentAt     time.Time
	DeletedAt  time.Time // by its author: nothing of it is left but its place
	HiddenAt   time.Time // by a commander, who alone still sees it
}

// Gone says whether the message is deleted or hidden.
func (m GroupMessage) Gone() bool { return !m.DeletedAt.IsZero() || !m.HiddenAt.IsZero() }

// ShownTo is the message as a seat sees it: of one that is gone, only that it was there.
func (m GroupMessage) ShownTo(seat GroupSeat) GroupMessage {
	if m.Gone() && !seat.Oversees {
		m.Text, m.MediaIDs = "", nil
	}
	return m
}

// CheckDelete says whether somebody may delete the message: its author, before GroupDeleteFor has passed.
// Somebody else gets CodeNotFound, who is late or whose message is hidden CodeWrongState.
func (m GroupMessage) CheckDelete(who ID, now time.Time) error {
	switch {
	case m.AuthorID != who:
		return Fail(CodeNotFound)
	case !m.HiddenAt.IsZero(), !now.Before(m.SentAt.Add(GroupDeleteFor)):
		return Fail(CodeWrongState)
	}
	return nil
}

// CheckHide says whether the message can be hidden: CodeWrongState when there is nothing left of it.
func (m GroupMessage) CheckHide() error {
	if !m.DeletedAt.IsZero() {
		return Fail(CodeWrongState)
	}
	return nil
}

// CheckAcknowledge says whether somebody may acknowledge the message: CodeWrongState unless it is somebody else's notice, and stands.
func (m GroupMessage) CheckAcknowledge(who ID) error {
	if !m.Notice || m.Gone() || m.AuthorID == who {
		return Fail(CodeWrongState)
	}
	return nil
}

// AlertEnds is when the alert about the message ends.
func (m GroupMessage) AlertEnds() time.Time {
	switch {
	case !m.Notice:
		return m.SentAt.Add(GroupMessageAlert)
	case m.DueAt.IsZero():
		return m.SentAt.Add(GroupNoticeAlert)
	case m.DueAt.Sub(m.SentAt) > MaxGroupAlert:
		return m.SentAt.Add(MaxGroupAlert)
	default:
		return m.DueAt
	}
}

// GroupMessageDraft is a message before it is known what it says.
type GroupMessageDraft struct {
	Text   bool
	Media  int
	Notice bool
	DueAt  time.Time
}

// Check says what is wrong with a message from a seat.
func (d GroupMessageDraft) Check(seat GroupSeat, now time.Time) error {
	fields := []FieldError{}
	refuse := func(field string, code FieldCode, want string) {
		fields = append(fields, FieldError{Field: field, Code: code, Want: want})
	}
	if !d.Text && d.Media == 0 {
		refuse("text", FieldRequired, "text | media_ids")
	}
	if d.Notice && !seat.LeadsGroup() {
		refuse("notice", FieldNotAllowed, "officer | commander")
	}
	switch {
	case d.DueAt.IsZero():
	case !d.Notice:
		refuse("due_at", FieldNotAllowed, "only with notice")
	case !d.DueAt.After(now):
		refuse("due_at", FieldTooSmall, "> now")
	case d.DueAt.After(now.Add(MaxGroupDue)):
		refuse("due_at", FieldTooLarge, "<= now + 30 d")
	}
	if len(fields) > 0 {
		return Fail(CodeUnprocessable).WithFields(fields...)
	}
	return nil
}

// Answered says whether an alert that climbs need climb no further: with one acknowledgement, for one is enough to act; with
// everybody's where it is a group's notice, which each is asked to read.
func (a Alert) Answered() bool {
	if a.Kind == AlertGroup {
		return a.Acknowledged >= a.Recipients
	}
	return a.Acknowledged > 0
}

// GroupAcknowledgement is that somebody has acknowledged a notice, or has not yet.
type GroupAcknowledgement struct {
	PersonID ID
	Role     Role // now, or when they acknowledged it
	Member   bool // is one now
	At       time.Time
}

// GroupRoll says who of a notice's readers has acknowledged it: the members there are now, but for its author, and those
// who did so before they went. Only members count.
func GroupRoll(
	message GroupMessage, members []GroupMember, done []GroupAcknowledgement,
) (roll []GroupAcknowledgement, asked, acknowledged int) {
	left := map[ID]GroupAcknowledgement{}
	for _, one := range done {
		left[one.PersonID] = one
	}
	for _, member := range members {
		if member.PersonID == message.AuthorID {
			continue
		}
		at := left[member.PersonID].At
		delete(left, member.PersonID)
		roll = append(roll, GroupAcknowledgement{PersonID: member.PersonID, Role: member.Role, Member: true, At: at})
		asked++
		if !at.IsZero() {
			acknowledged++
		}
	}
	for _, one := range left {
		roll = append(roll, one)
	}
	return roll, asked, acknowledged
}
