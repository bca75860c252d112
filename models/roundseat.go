package models

import (
	"cmp"
	"slices"
	"time"
)

// MaxRoundKept is how many members and named guests a round keeps, those for whom it has no place included: who has one
// is only known when every phone has delivered.
const MaxRoundKept = 4 * MaxRoundMembers

// LeftOut names the members and named guests for whom the round has no place. Those who lead have one before everybody
// else, and one is kept for a leader while nobody leads; then come those who joined or were added first, of two at one
// instant the smaller id, in whatever order the records come. Who came after the end takes no place from anybody.
func (r Round) LeftOut(members []RoundMember, guests []RoundGuest) map[ID]bool {
	type walker struct {
		id    ID
		leads int // 0 for a leader, to come first
		at    time.Time
	}
	walkers, places := []walker{}, MaxRoundMembers
	if r.LeaderID == "" {
		places--
	}
	for _, member := range members {
		leads := 1
		if member.Kind == MemberLeader {
			leads = 0
		}
		walkers = append(walkers, walker{member.PersonID, leads, member.JoinedAt})
	}
	for _, guest := range guests {
		walkers = append(walkers, walker{guest.ID, 1, guest.AddedAt})
	}
	walkers = slices.DeleteFunc(walkers, func(one walker) bool { return r.After(one.at) })
	slices.SortFunc(walkers, func(left, right walker) int {
		return cmp.Or(cmp.Compare(left.leads, right.leads), left.at.Compare(right.at), cmp.Compare(left.id, right.id))
	})
	left := map[ID]bool{}
	for _, one := range walkers[min(places, len(walkers)):] {
		left[one.id] = true
	}
	return left
}

// After says whether an instant lies after the round's end.
func (r Round) After(at time.Time) bool { return !r.EndedAt.IsZero() && at.After(r.EndedAt) }

// MayAddGuest says whether the leader may name a guest as of an instant, beside so many whom the round keeps.
func (r Round) MayAddGuest(keeps int, at, now time.Time) error {
	if err := CheckRecorded("added_at", at, now); err != nil {
		return err
	}
	switch ended := r.endsBy(now); {
	case !ended.IsZero() && at.After(ended):
		return Fail(CodeWrongState)
	case keeps >= MaxRoundKept:
		return Fail(CodeRoundFull)
	default:
		return nil
	}
}
