package models

import (
	"cmp"
	"slices"
	"time"
)

// The limits of a round.
const (
	MaxRoundMembers    = 9                   // the leader and 8 others, named guests included
	UnplannedRound     = 4 * time.Hour       // how long a round that nobody planned is meant to take
	EarlyStart         = time.Hour           // how long before its time a planned round can be started
	RoundsAhead        = 48 * time.Hour      // how far ahead rounds are made from plans
	RoundGuestNameKept = 30 * 24 * time.Hour // a named guest's name and phone, after the planned end of the round
)

// CheckRecorded refuses a time at which nothing can have happened that a phone sends now: one that has not come
// yet, and one older than a phone keeps.
func CheckRecorded(field string, at, now time.Time) error {
	switch {
	case at.After(now.Add(MaxClockAhead)):
		return Unfit(field, FieldInFuture, "<= now")
	case at.Before(now.Add(-MaxOffline)):
		return Unfit(field, FieldTooOld, ">= now - 72 h")
	default:
		return nil
	}
}

// BeginsAnew says whether a start of somebody who leads the round already tells something new: their own before the one that
// is known, as from a second phone, or one by which the round began earlier.
func (r Round) BeginsAnew(leader RoundMember, at time.Time) bool {
	earlier := at.Before(r.StartedAt) || at.Equal(r.StartedAt) && leader.PersonID < r.LeaderID
	return r.PlanID != "" && (earlier || at.Before(leader.JoinedAt))
}

// Begin is the round with somebody as its leader from an instant on, and the leader as a member. Two of a squad, or two
// phones of one, may each have started a planned round without a network: all lead, and it began with the earlier of them, of two at one
// instant with the smaller id, whoever's record comes first. CodeWrongState when it is not its time; a round that nobody
// planned has one leader alone.
func (r Round) Begin(leader ID, at, now time.Time) (Round, RoundMember, error) {
	if err := CheckRecorded("started_at", at, now); err != nil {
		return r, RoundMember{}, err
	}
	early, late := at.Before(r.StartsAt.Add(-EarlyStart)), !at.Before(r.EndsAt.Add(UnfinishedRoundEnds))
	if early || late || !r.StartedAt.IsZero() && r.PlanID == "" {
		return r, RoundMember{}, Fail(CodeWrongState)
	}
	if r.StartedAt.IsZero() || at.Before(r.StartedAt) || at.Equal(r.StartedAt) && leader < r.LeaderID {
		r.LeaderID, r.StartedAt = leader, at
	}
	return r, RoundMember{RoundID: r.ID, PersonID: leader, Kind: MemberLeader, JoinedAt: at, ConfirmedAt: at}, nil
}

// Finish is the round as ended by somebody's word; of several the earliest counts, of two people's at one instant that of
// the smaller id, of two of one person's the smaller state and reason, whichever comes first: two phones of one person
// may each say something. CodeWrongState when the word does not count and says something else, or the round is to be
// completed without having been started.
func (r Round) Finish(by ID, state RoundState, reason string, at, now time.Time) (Round, error) {
	if r.EndedBy == by && r.State == state && r.Reason == reason && r.EndedAt.Equal(at) {
		return r, nil // the same word again, however late
	}
	if err := CheckRecorded("ended_at", at, now); err != nil {
		return r, err
	}
	switch {
	case state == RoundAbandoned && reason == "":
		return r, Unfit("reason", FieldRequired, "with state abandoned")
	case state == RoundCompleted && reason != "":
		return r, Unfit("reason", FieldNotAllowed, "only with state abandoned")
	case r.endStands(by, state, reason, at) && r.State == state:
		return r, nil
	case r.endStands(by, state, reason, at), r.StartedAt.IsZero() && state == RoundCompleted:
		return r, Fail(CodeWrongState)
	case by == r.LeaderID && at.Before(r.StartedAt): // another's word may be of before
		return r, Unfit("ended_at", FieldTooSmall, ">= started_at")
	}
	r.State, r.Reason, r.EndedAt, r.EndedBy = state, reason, at, by
	return r, nil
}

// endStands says whether the round's end is not moved by a word of somebody about an instant.
func (r Round) endStands(by ID, state RoundState, reason string, at time.Time) bool {
	return r.EndedBy != "" && cmp.Or(at.Compare(r.EndedAt), cmp.Compare(by, r.EndedBy), cmp.Compare(state, r.State),
		cmp.Compare(reason, r.Reason)) >= 0
}

// Join is somebody's membership from an instant on, beside the members there are: those who patrol at the station
// and those of the squad walk with it at once, a volunteer as a guest whom the leader must confirm. Joining again
// is the same as before; of two the earlier instant counts. Who has a place, LeftOut
// says; CodeRoundFull when the round keeps MaxRoundKept already, CodeWrongState
// when the round was over by then, or the person has left: who left has left.
func (r Round) Join(who Principal, ofSquad bool, members []RoundMember, guests int, at, now time.Time) (RoundMember, error) {
	same := func(member RoundMember) bool { return member.PersonID == who.ID }
	before := slices.IndexFunc(members, same)
	if before >= 0 && members[before].JoinedAt.Equal(at) {
		return members[before], nil // the same word again, however late
	}
	if err := CheckRecorded("joined_at", at, now); err != nil {
		return RoundMember{}, err
	}
	if ended := r.endsBy(now); !ended.IsZero() && at.After(ended) {
		return RoundMember{}, Fail(CodeWrongState)
	}
	if before >= 0 {
		member := members[before]
		if !member.LeftAt.IsZero() && at.After(member.LeftAt) {
			return member, Fail(CodeWrongState)
		}
		if at.Before(member.JoinedAt) {
			member.JoinedAt = at
		}
		return member, nil
	}
	if len(members)+guests >= MaxRoundKept {
		return RoundMember{}, Fail(CodeRoundFull)
	}
	member := RoundMember{RoundID: r.ID, PersonID: who.ID, Kind: MemberJoined, JoinedAt: at, ConfirmedAt: at}
	if !ofSquad && !r.byOffice(who) {
		member.Kind, member.ConfirmedAt = MemberGuest, time.Time{}
	}
	return member, nil
}

// MayBegin says whether somebody may begin the round, or lead it beside who began it: of a squad's rounds its own
// people whose role leads patrols. CodeForbidden for those who only walk with others, so that no guest confirms themself.
func (r Round) MayBegin(who Principal, ofSquad bool) error {
	leads := func(grant Grant) bool { return grant.Role.Leads() && grant.Place.Station == r.StationID }
	switch {
	case r.SquadID == "" && r.LeaderID == "", r.SquadID != "" && ofSquad && slices.ContainsFunc(who.Grants, leads):
		return nil
	default:
		return Fail(CodeForbidden)
	}
}

// byOffice says whether patrol at the round's station is the person's work: a volunteer's it is not.
func (r Round) byOffice(who Principal) bool {
	return slices.ContainsFunc(who.Grants, func(grant Grant) bool {
		return grant.Role != RoleVolunteer && grant.Place.Station == r.StationID && Permissions[OpJoinRound][grant.Role] != 0
	})
}

// Leave is the membership as it ends; of two leavings the earlier counts. The leader stays: a leader finishes. One
// before joining is kept as it was said: an earlier joining may be on its way.
func (m RoundMember) Leave(at, now time.Time) (RoundMember, error) {
	if err := CheckRecorded("left_at", at, now); err != nil {
		return m, err
	}
	if m.Kind == MemberLeader {
		return m, Fail(CodeWrongState)
	}
	if m.LeftAt.IsZero() || at.Before(m.LeftAt) {
		m.LeftAt = at
	}
	return m, nil
}

// UnplannedRoundOf is a round that somebody starts without a plan: its stops are due from now until its end.
func UnplannedRoundOf(id, station, squad ID, checkpoints []ID, startedAt, now time.Time, zone *time.Location) Round {
	round := Round{
		ID: id, StationID: station, SquadID: squad, Date: DateIn(startedAt, zone), State: RoundScheduled,
		StartsAt: startedAt, EndsAt: startedAt.Add(UnplannedRound), Team: squad != "", CreatedAt: now,
	}
	for at, checkpoint := range checkpoints {
		round.Stops = append(round.Stops, RoundStop{
			Ordinal: at + 1, CheckpointID: checkpoint, FromAt: round.StartsAt, UntilAt: round.EndsAt,
			Priority: PriorityNormal, State: StopPending,
		})
	}
	return round
}
