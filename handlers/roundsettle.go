package handlers

import (
	"context"
	"reflect"
	"slices"
	"time"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// addCheckIns writes new check-ins and settles the rounds that they name and their person walks with. One of a round
// that is unknown, foreign, or of which the person is no member is a check-in like any other: nothing tells them
// apart, and settling counts it should the person become a member yet.
func (h *Server) addCheckIns(ctx context.Context, tx *store.Store, fresh []models.CheckIn, now time.Time) error {
	named := []models.ID{}
	for _, checkIn := range fresh {
		if checkIn.RoundID != "" {
			named = append(named, checkIn.RoundID)
		}
	}
	if len(named) == 0 {
		tx.AddCheckIns(fresh)
		return nil
	}
	slices.Sort(named)
	// The rounds are locked before anything is written: of two batches that come at the same time the second to
	// settle must see the check-ins of the first. Nor may they wait for the commit in a buffer, which no query sees.
	rounds, err := tx.LockRounds(ctx, patrolledBy(api.From(ctx).Principal), slices.Compact(named))
	if err != nil {
		return err
	}
	if err := tx.AddCheckInsNow(ctx, fresh); err != nil {
		return err
	}
	return h.settleWalked(ctx, tx, rounds, fresh[0].PersonID, now)
}

// patrolledBy are the stations whose rounds somebody can walk with.
func patrolledBy(who models.Principal) []models.ID {
	stations := []models.ID{who.StationID}
	for _, grant := range who.Grants {
		stations = append(stations, grant.Place.Station)
	}
	slices.Sort(stations)
	return slices.Compact(stations)
}

// settleWalked is settleRounds for those of the rounds that a person walks with.
func (h *Server) settleWalked(ctx context.Context, tx *store.Store, rounds []models.ID, person models.ID, now time.Time) error {
	walks := func(member models.RoundMember) bool { return member.PersonID == person }
	walked := []models.ID{}
	for _, round := range rounds {
		members, err := tx.RoundMembers(ctx, round)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(members, walks) {
			walked = append(walked, round)
		}
	}
	return h.settleRounds(ctx, tx, walked, now)
}

// settleRounds works out anew what became of rounds, in the transaction of a new fact about them: a check-in, a skip,
// a member, a correction. The rows of the rounds must be locked, by LockRound or LockRounds, before the fact is written.
func (h *Server) settleRounds(ctx context.Context, tx *store.Store, rounds []models.ID, now time.Time) error {
	for _, id := range rounds {
		round, err := tx.Round(ctx, id)
		if err != nil {
			return err
		}
		if _, err := settleRound(ctx, tx, round, round, now); err != nil {
			return err
		}
	}
	return nil
}

// seatMembers says anew for whom of its members a round has a place, after one of them or who leads it has changed.
func seatMembers(ctx context.Context, tx *store.Store, round models.Round, now time.Time) error {
	members, err := tx.RoundMembers(ctx, round.ID)
	if err != nil {
		return err
	}
	guests, err := tx.RoundGuests(ctx, round.ID)
	if err != nil {
		return err
	}
	without := round.LeftOut(members, guests)
	for _, member := range members {
		if member.LeftOut == without[member.PersonID] {
			continue
		}
		seated := member
		seated.LeftOut = !member.LeftOut
		if err := tx.KeepRoundMember(ctx, round.StationID, member, seated, now); err != nil {
			return err
		}
	}
	return nil
}

// settleRound is settleRounds for one round that was read and then changed.
func settleRound(ctx context.Context, tx *store.Store, read, changed models.Round, now time.Time) (models.Round, error) {
	members, err := tx.RoundMembers(ctx, read.ID)
	if err != nil {
		return read, err
	}
	scans, err := tx.RoundScans(ctx, read.ID)
	if err != nil {
		return read, err
	}
	skips, err := tx.StopSkips(ctx, read.ID)
	if err != nil {
		return read, err
	}
	settled := models.SettleRound(changed, members, scans, skips, now)
	if (settled.Ended() || read.Ended()) && models.MayStillEarn(read.StartedAt, now) {
		if err := creditDeeds(ctx, tx, read.StationID, read.ID, models.RoundEarns(settled, members, scans), now); err != nil {
			return settled, err
		}
	}
	if reflect.DeepEqual(settled, read) {
		return settled, nil
	}
	if err := tx.UpdateRound(ctx, read, settled); err != nil || settled.EndedAt.Equal(read.EndedAt) {
		return settled, err
	}
	return settled, settleTracks(ctx, tx, models.WalkChanges(read, settled, members, members), now)
}
