package handlers

import (
	"context"
	"errors"
	"time"

	"xunfang/models"
)

// whomToAsk chooses the people of a step: the soonest there among those on duty, the commanders, and who leads the
// caller. Nobody knows who is near a caller whose place is unknown, or an old one: then everybody on duty is asked at
// once. What cannot be read keeps nobody from being asked who can: the rest is looked for again.
func (h *Server) whomToAsk(ctx context.Context, sos models.SOS, before map[models.ID]bool, now time.Time) asking {
	station := sos.Place.Station
	onDuty, unread := h.Store.OnDuty(ctx, station, now)
	held, err := h.Store.RoleHolders(ctx, station, models.PersonRoles, now)
	unread = errors.Join(unread, err)
	told, untold := h.Store.SOSClasses(ctx, sos.CallerID, now.Add(-models.SOSClassAnew))
	if untold != nil { // then nothing is told of distances
		h.Logger.ErrorContext(ctx, "distances told before could not be read", "sos_id", sos.ID, "error", untold)
	}
	made, taken, known := asking{}, map[models.ID]bool{sos.CallerID: true}, sos.PlaceKnown(now)
	add := func(person models.ID) {
		role := held[person]
		if role == "" || taken[person] || before[person] || len(made.helpers) >= models.MaxSOSAsked {
			return
		}
		taken[person] = true
		helper := models.SOSHelper{SOSID: sos.ID, PersonID: person, Role: role, Step: sos.Step, AskedAt: now}
		if last, seen := h.positions.grid.Last(person); known && seen && !last.At.Before(now.Add(-models.WhereaboutsKept)) {
			metres := sos.Fix.DistanceM(last.Position)
			helper.DistanceM = &metres
		}
		if untold == nil {
			helper = helper.Classed(told[person])
		}
		made.helpers = append(made.helpers, helper)
	}
	for _, near := range h.soonest(sos, onDuty, before, now) {
		add(near.ID)
	}
	if !known || sos.Step >= models.SOSLastStep {
		for _, one := range onDuty {
			add(one.PersonID)
		}
	}
	for person, role := range held {
		if role == models.RoleCommander || sos.Step >= models.SOSLastStep && role == models.RoleOfficer {
			add(person)
		}
	}
	leaders, unled := h.Store.SquadLeaders(ctx, sos.CallerID)
	for _, one := range onDuty {
		if one.PersonID == sos.CallerID {
			leaders = append(leaders, one.LeaderID)
		}
	}
	for _, leader := range leaders {
		add(leader)
	}
	if unread = errors.Join(unread, unled); unread != nil {
		h.Logger.ErrorContext(ctx, "not everybody could be read who has to be asked for help",
			"sos_id", sos.ID, "asked", len(made.helpers), "error", unread)
		made.incomplete = true
	}
	return made
}

// soonest chooses those on duty who can be there first, by where they were seen last and how they move.
func (h *Server) soonest(sos models.SOS, onDuty []models.OnDuty, before map[models.ID]bool, now time.Time) []models.Neighbour {
	wanted := map[int]int{1: models.SOSFirstAsked, 2: models.SOSSecondAsked, models.SOSLastStep: models.MaxSOSAsked}[sos.Step]
	if !sos.PlaceKnown(now) || wanted == 0 {
		return nil
	}
	byCar, onFoot := map[models.ID]bool{}, map[models.ID]bool{}
	for _, one := range onDuty {
		switch {
		case one.PersonID == sos.CallerID || before[one.PersonID]:
		case one.Mode == models.SquadVehicle:
			byCar[one.PersonID] = true
		default:
			onFoot[one.PersonID] = true
		}
	}
	among := func(people map[models.ID]bool) []models.Neighbour {
		oldest := sos.AskedAt.Add(-models.WhereaboutsKept)
		return h.positions.grid.Nearest(sos.Fix.Position, wanted, models.SOSWithinM, func(seen models.Whereabouts) bool {
			return people[seen.ID] && !seen.At.Before(oldest)
		})
	}
	return models.Soonest(wanted, among(onFoot), among(byCar))
}
