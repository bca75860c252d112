package handlers

import (
	"context"
	"fmt"
	"slices"
	"time"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// CreateRound answers POST /v1/rounds: a round that nobody planned, or that of a plan, begins. The same again is
// answered as the round stands by now.
func (h *Server) CreateRound(ctx context.Context, request api.CreateRoundRequestObject) (api.CreateRoundResponseObject, error) {
	asked, body := api.From(ctx), request.Body
	what := &deed{operation: models.OpCreateRound, kind: "round", id: body.Id}
	body.StartedAt = phoneTime(ctx, what, body.StartedAt, body.Clock, body.BootId, body.MonotonicMs)
	known, err := h.Store.CheckpointPlaces(ctx, value(body.CheckpointIds)) // where a checkpoint lies never changes
	if err != nil {
		return nil, err
	}
	repeated := false
	answer, err := act(ctx, h, what, 201, func(tx *store.Store) (api.Round, error) {
		err := models.May(what.operation, asked.Principal, planned(asked.Principal.StationID))
		draft := models.Round{}
		if err == nil {
			draft, err = h.draftRound(ctx, tx, body, known)
		}
		if err != nil {
			return api.Round{}, err
		}
		what.id = draft.ID
		if err := tx.EnsureRound(ctx, draft); err != nil {
			return api.Round{}, err
		}
		view, err := h.lockedRound(ctx, tx, draft.ID)
		if err != nil {
			return api.Round{}, err
		}
		if repeated, err = repeatedRound(view, draft); err != nil {
			return api.Round{}, err
		}
		if repeated && !view.beginsAnew(body.StartedAt) {
			return h.wireRound(ctx, tx, view)
		}
		return h.beginRound(ctx, tx, view, body.StartedAt)
	})
	switch {
	case err != nil:
		return nil, err
	case repeated:
		return api.CreateRound200JSONResponse(answer), nil
	default:
		return api.CreateRound201JSONResponse(answer), nil
	}
}

// repeatedRound says whether the round that is there under the draft's id was begun by the caller before. Somebody
// else's is never shown; another one of the caller's own is not overwritten.
func repeatedRound(view roundView, draft models.Round) (bool, error) {
	mine := view.leads()
	same := func(left, right models.RoundStop) bool { return left.CheckpointID == right.CheckpointID }
	switch {
	case draft.PlanID != "" && draft.PlanID == view.PlanID && draft.StationID == view.StationID:
		return mine, nil
	case view.PlanID != "" || view.StationID != draft.StationID || view.LeaderID != "" && !mine:
		return false, models.Unfit("id", models.FieldNotUnique, "an id of your own")
	case !mine:
		return false, nil
	case !sameStart(view.StartsAt, draft.StartsAt), view.SquadID != draft.SquadID, !slices.EqualFunc(view.Planned(), draft.Stops, same):
		return false, models.Fail(models.CodeAlreadyExists)
	default:
		return true, nil
	}
}

// draftRound is the round that a request describes, before it begins.
func (h *Server) draftRound(
	ctx context.Context, tx *store.Store, body *api.CreateRoundJSONRequestBody, known map[models.ID]models.Place,
) (models.Round, error) {
	asked := api.From(ctx)
	station := asked.Principal.StationID
	if body.PlanId != nil || body.Date != nil {
		return h.draftPlanned(ctx, tx, body)
	}
	if planned, err := idOfPlan(ctx, tx, body.Id); err != nil {
		return models.Round{}, err
	} else if planned {
		return models.Round{}, models.Unfit("id", models.FieldNotUnique, "an id of your own")
	}
	zone, err := tx.StationZone(ctx, station)
	if err != nil {
		return models.Round{}, err
	}
	if body.SquadId != nil {
		squad, err := tx.Squad(ctx, *body.SquadId)
		if err == nil && (squad.StationID != station || !squad.EndedAt.IsZero() || !slices.Contains(squad.Members, asked.Principal.ID)) {
			err = models.Fail(models.CodeNotFound)
		}
		if err != nil {
			return models.Round{}, noSuch(err, "squad_id")
		}
	}
	checkpoints, err := draftStops(ctx, tx, body, known)
	return models.UnplannedRoundOf(
		body.Id, station, value(body.SquadId), checkpoints, recorded(body.StartedAt), asked.Now, zone), err
}

// idOfPlan says whether the id is that of a round which some plan, of whatever station, is going to make: nobody may
// take it before. Such an id tells a whole minute, as one in sixty thousand of a phone's own does.
func idOfPlan(ctx context.Context, tx *store.Store, id models.ID) (bool, error) {
	at := id.Time()
	if !at.Equal(at.Truncate(time.Minute)) {
		return false, nil
	}
	stations, err := tx.Stations(ctx)
	if err != nil {
		return false, err
	}
	for _, station := range stations {
		zone, err := tx.StationZone(ctx, station.ID)
		if err != nil {
			return false, err
		}
		plans, err := tx.StandingPlans(ctx, station.ID)
		if err != nil {
			return false, err
		}
		for _, plan := range plans {
			for _, one := range plan.Shift.Between(at, at.Add(time.Millisecond), zone) {
				if plan.RoundID(one) == id {
					return true, nil
				}
			}
		}
	}
	return false, nil
}

// draftStops are the checkpoints that a request names, by itself or by a route.
func draftStops(
	ctx context.Context, tx *store.Store, body *api.CreateRoundJSONRequestBody, known map[models.ID]models.Place,
) ([]models.ID, error) {
	station := api.From(ctx).Principal.StationID
	if body.RouteId != nil && body.CheckpointIds != nil {
		return nil, models.Unfit("checkpoint_ids", models.FieldNotAllowed, "route_id | checkpoint_ids")
	}
	if body.RouteId != nil {
		route, err := tx.Route(ctx, *body.RouteId)
		if err == nil && route.StationID != station {
			err = models.Fail(models.CodeNotFound)
		}
		return route.Checkpoints, noSuch(err, "route_id")
	}
	ids := value(body.CheckpointIds)
	for at, id := range ids {
		if known[id].Station != station {
			return nil, models.Unfit(fmt.Sprintf("checkpoint_ids[%d]", at), models.FieldNoSuch, "")
		}
	}
	return ids, nil
}

// draftPlanned is the round of a plan on a day, for somebody of its squad.
func (h *Server) draftPlanned(ctx context.Context, tx *store.Store, body *api.CreateRoundJSONRequestBody) (models.Round, error) {
	asked := api.From(ctx)
	switch {
	case body.SquadId != nil:
		return models.Round{}, models.Unfit("squad_id", models.FieldNotAllowed, "without plan_id")
	case body.RouteId != nil:
		return models.Round{}, models.Unfit("route_id", models.FieldNotAllowed, "without plan_id")
	case body.CheckpointIds != nil:
		return models.Round{}, models.Unfit("checkpoint_ids", models.FieldNotAllowed, "without plan_id")
	case body.PlanId == nil:
		return models.Round{}, models.Unfit("plan_id", models.FieldRequired, "with date")
	}
	date, err := models.ParseDate(value(body.Date))
	if err != nil {
		return models.Round{}, models.Unfit("date", models.FieldRequired, "with plan_id")
	}
	plan, shift, err := planFor(ctx, tx, asked.Principal, *body.PlanId)
	if err != nil {
		return models.Round{}, noSuch(err, "plan_id")
	}
	zone, err := tx.StationZone(ctx, plan.StationID)
	if err != nil {
		return models.Round{}, err
	}
	one, stands := shift.On(date, zone)
	if !stands || one.Start.Before(plan.CreatedAt) || !plan.EndedAt.IsZero() && !one.Start.Before(plan.EndedAt) {
		return models.Round{}, models.Unfit("date", models.FieldNoSuch, "a day of the shift")
	}
	return models.PlannedRound(plan, shift, one, asked.Now, zone), nil
}

// planFor reads a plan with its shift for somebody of its squad; CodeNotFound for everybody else.
func planFor(ctx context.Context, tx *store.Store, who models.Principal, id models.ID) (models.RoundPlan, models.Shift, error) {
	plan, err := tx.RoundPlan(ctx, id)
	if err != nil {
		return plan, models.Shift{}, err
	}
	shift, err := tx.Shift(ctx, plan.ShiftID)
	if err != nil {
		return plan, shift, err
	}
	squad, err := tx.Squad(ctx, shift.SquadID)
	if err == nil && (plan.StationID != who.StationID || !slices.Contains(squad.Members, who.ID)) {
		err = models.Fail(models.CodeNotFound)
	}
	return plan, shift, err
}

// StartRound answers POST /v1/rounds/{round_id}/start.
func (h *Server) StartRound(ctx context.Context, request api.StartRoundRequestObject) (api.StartRoundResponseObject, error) {
	body, what := request.Body, &deed{operation: models.OpStartRound, kind: "round", id: request.RoundId}
	body.StartedAt = phoneTime(ctx, what, body.StartedAt, body.Clock, body.BootId, body.MonotonicMs)
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.Round, error) {
		view, err := h.lockedRound(ctx, tx, request.RoundId)
		if err == nil {
			err = view.may(what.operation)
		}
		switch {
		case err != nil:
			return api.Round{}, err
		case view.leads() && !view.beginsAnew(body.StartedAt):
			return h.wireRound(ctx, tx, view)
		}
		return h.beginRound(ctx, tx, view, body.StartedAt)
	})
	if err != nil {
		return nil, err
	}
	return api.StartRound200JSONResponse(answer), nil
}

// beginRound lets the caller lead a round from an instant on.
func (h *Server) beginRound(ctx context.Context, tx *store.Store, view roundView, at api.Time) (api.Round, error) {
	now := api.From(ctx).Now
	if err := view.MayBegin(view.who, view.ofSquad); err != nil {
		return api.Round{}, err
	}
	begun, leader, err := view.Begin(view.who.ID, recorded(at), now)
	if err != nil {
		return api.Round{}, err
	}
	member, walks := view.member()
	if walks && member.JoinedAt.Before(leader.JoinedAt) { // joined, or even left, before the record of the start came: who leads stays
		leader.JoinedAt = member.JoinedAt
	}
	if err := tx.KeepRoundMember(ctx, view.StationID, member, leader, now); err != nil {
		return api.Round{}, err
	}
	if err := seatMembers(ctx, tx, begun, now); err != nil {
		return api.Round{}, err
	}
	if _, err := settleRound(ctx, tx, view.Round, begun, now); err != nil {
		return api.Round{}, err
	}
	return h.changedRound(ctx, tx, view.ID, view.members)
}
