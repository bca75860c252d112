package handlers

import (
	"context"
	"errors"
	"slices"
	"time"

	"xunfang/models"
)

// atHand is what was read of a station to choose whom to ask.
type atHand struct {
	onDuty  []models.OnDuty
	held    map[models.ID]models.Role
	leaders []models.ID                    // of the caller
	told    map[models.ID]models.SOSHelper // the class of distance that was told before; nil where that could not be read
	unread  error
}

// lookAround reads who is at hand. What cannot be read keeps the rest from nothing.
func (h *Server) lookAround(ctx context.Context, sos models.SOS, now time.Time) atHand {
	found, errs := atHand{}, [4]error{}
	found.onDuty, errs[0] = h.Store.OnDuty(ctx, sos.Place.Station, now)
	found.held, errs[1] = h.Store.RoleHolders(ctx, sos.Place.Station, models.PersonRoles, now)
	found.leaders, errs[2] = h.Store.SquadLeaders(ctx, sos.CallerID)
	for _, one := range found.onDuty {
		if one.PersonID == sos.CallerID {
			found.leaders = append(found.leaders, one.LeaderID)
		}
	}
	found.unread = errors.Join(errs[:]...)
	if found.told, errs[3] = h.Store.SOSClasses(ctx, sos.CallerID, now.Add(-models.SOSClassAnew)); errs[3] != nil {
		h.Logger.ErrorContext(ctx, "distances told before could not be read", "sos_id", sos.ID, "error", errs[3])
		found.told = nil
	}
	return found
}

// whomToAsk chooses the people of a step: the soonest there among those on duty, the commanders, and who leads the
// caller. Nobody knows who is near a caller whose place is unknown, or an old one: then everybody on duty is asked at
// once. Who cannot be read keeps nobody from being asked who can: the rest is looked for again.
func (h *Server) whomToAsk(ctx context.Context, sos models.SOS, before map[models.ID]bool, now time.Time) asking {
	found := h.lookAround(ctx, sos, now)
	made, taken := asking{incomplete: found.unread != nil}, map[models.ID]bool{sos.CallerID: true}
	add := func(person models.ID) {
		if found.held[person] != "" && !taken[person] && !before[person] && len(made.helpers) < models.MaxSOSAsked {
			taken[person] = true
			made.helpers = append(made.helpers, h.helperOf(sos, person, found, now))
		}
	}
	for _, near := range h.soonest(sos, found.onDuty, before, now) {
		add(near.ID)
	}
	if !sos.PlaceKnown(now) || sos.Step >= models.SOSLastStep {
		for _, one := range found.onDuty {
			add(one.PersonID)
		}
	}
	for person, role := range found.held {
		if role == models.RoleCommander || sos.Step >= models.SOSLastStep && role == models.RoleOfficer {
			add(person)
		}
	}
	for _, leader := range found.leaders {
		add(leader)
	}
	if made.incomplete {
		h.Logger.ErrorContext(ctx, "not everybody could be read who has to be asked for help",
			"sos_id", sos.ID, "asked", len(made.helpers), "error", found.unread)
	}
	return made
}

// helperOf is somebody who is asked, with how far away they are, as far as that is known.
func (h *Server) helperOf(sos models.SOS, person models.ID, found atHand, now time.Time) models.SOSHelper {
	helper := models.SOSHelper{SOSID: sos.ID, PersonID: person, Role: found.held[person], Step: sos.Step, AskedAt: now}
	last, seen := h.positions.grid.Last(person)
	if seen && sos.PlaceKnown(now) && !last.At.Before(now.Add(-models.WhereaboutsKept)) {
		metres := sos.Fix.DistanceM(last.Position)
		helper.DistanceM = &metres
	}
	if found.told == nil {
		return helper // nothing is told rather than something else than before
	}
	return helper.Classed(found.told[person])
}

// soonest chooses those on duty who can be with the caller first, among those who were not asked before.
func (h *Server) soonest(sos models.SOS, onDuty []models.OnDuty, before map[models.ID]bool, now time.Time) []models.Neighbour {
	wanted := map[int]int{1: models.SOSFirstAsked, 2: models.SOSSecondAsked, models.SOSLastStep: models.MaxSOSAsked}[sos.Step]
	if !sos.PlaceKnown(now) || wanted == 0 {
		return nil
	}
	free := slices.DeleteFunc(slices.Clone(onDuty), func(one models.OnDuty) bool {
		return one.PersonID == sos.CallerID || before[one.PersonID]
	})
	radius := models.Radius{OnFootM: models.SOSWithinM, ByCarM: models.SOSWithinM}
	return h.soonestThere(sos.Fix.Position, free, wanted, radius, sos.AskedAt)
}
