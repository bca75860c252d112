package models

import (
	"slices"
	"strings"
	"time"
)

const (
	// TrackWaits is how long after it was recorded a position waits for the record of a round or of a joining that claims
	// it: as long as phones may bring such a record, and an hour for the leader to confirm a guest.
	TrackWaits = MaxOffline + time.Hour
	// MaxTrackWaiting is how many positions of one person wait: as many as one phone records until the first is too old.
	MaxTrackWaiting = int(MaxOffline / TrackSlot)
	// MaxTrackBoots is how many starts of a phone one request may tell of; what was recorded over more goes in several.
	MaxTrackBoots = 8
)

// Membership is one person's part in one round.
type Membership struct {
	RoundMember
	SquadKind SquadKind // "" for a round without a squad
	State     RoundState
	EndedAt   time.Time // of the round; zero while it goes on
}

// RoundAt is the round to which a person's position at an instant belongs: of those that they walked with then, the one
// joined first, of two the smaller id; "" when there is none.
func RoundAt(at time.Time, walked []Membership) ID {
	first := Membership{}
	for _, one := range walked {
		if !one.Counts(at) || !one.EndedAt.IsZero() && at.After(one.EndedAt) {
			continue
		}
		earlier := one.JoinedAt.Before(first.JoinedAt) || one.JoinedAt.Equal(first.JoinedAt) && one.RoundID < first.RoundID
		if first.RoundID == "" || earlier {
			first = one
		}
	}
	return first.RoundID
}

// WalkChange says that a person's part in a round has changed, and since when.
type WalkChange struct {
	PersonID ID
	From     time.Time
}

// WalkChanges compares a round and its members with what they were before, in the order of people: whose positions may
// belong to another round now, and from which instant on.
func WalkChanges(before, after Round, membersBefore, membersAfter []RoundMember) []WalkChange {
	changes := []WalkChange{}
	for _, member := range membersAfter {
		was := RoundMember{}
		if at := slices.IndexFunc(membersBefore, func(one RoundMember) bool { return one.PersonID == member.PersonID }); at >= 0 {
			was = membersBefore[at]
		}
		turns := []time.Time{}
		if !was.JoinedAt.Equal(member.JoinedAt) || was.ConfirmedAt.IsZero() != member.ConfirmedAt.IsZero() || was.LeftOut != member.LeftOut {
			turns = append(turns, was.JoinedAt, member.JoinedAt)
		}
		if !was.LeftAt.Equal(member.LeftAt) {
			turns = append(turns, was.LeftAt, member.LeftAt)
		}
		if !before.EndedAt.Equal(after.EndedAt) {
			turns = append(turns, before.EndedAt, after.EndedAt)
		}
		turns = slices.DeleteFunc(turns, time.Time.IsZero)
		if len(turns) > 0 {
			changes = append(changes, WalkChange{member.PersonID, slices.MinFunc(turns, time.Time.Compare)})
		}
	}
	slices.SortFunc(changes, func(left, right WalkChange) int {
		return strings.Compare(string(left.PersonID), string(right.PersonID))
	})
	return changes
}
