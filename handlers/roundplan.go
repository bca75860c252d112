package handlers

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// ListRoundPlans answers GET /v1/round-plans.
func (h *Server) ListRoundPlans(
	ctx context.Context, request api.ListRoundPlansRequestObject,
) (api.ListRoundPlansResponseObject, error) {
	page, err := pageOf(ctx, request.Params.Limit, request.Params.Cursor)
	if err != nil {
		return nil, err
	}
	filter := store.PlanFilter{ShiftID: value(request.Params.ShiftId), Ended: value(request.Params.Ended)}
	plans, err := h.Store.RoundPlans(ctx, models.Sights(models.OpListRoundPlans, api.From(ctx).Principal), filter, page)
	if err != nil {
		return nil, err
	}
	items, next := listed(ctx, plans, page, wireRoundPlan, func(plan models.RoundPlan) models.ID { return plan.ID })
	return api.ListRoundPlans200JSONResponse{Items: items, NextCursor: next}, nil
}

// CreateRoundPlan answers POST /v1/round-plans. The checkpoints of a route are those of now: a plan does not
// change with the route.
func (h *Server) CreateRoundPlan(
	ctx context.Context, request api.CreateRoundPlanRequestObject,
) (api.CreateRoundPlanResponseObject, error) {
	asked, body := api.From(ctx), request.Body
	plan := models.RoundPlan{
		ID: h.NewID(), StationID: asked.Principal.StationID, ShiftID: body.ShiftId, RouteID: value(body.RouteId),
		Name: strings.TrimSpace(body.Name), Ordered: value(body.Ordered), Team: value(body.Team), CreatedAt: asked.Now,
	}
	what := &deed{operation: models.OpCreateRoundPlan, kind: "round_plan", id: plan.ID}
	known, err := h.Store.CheckpointPlaces(ctx, checkpointsOf(value(body.Stops))) // where a checkpoint lies never changes
	if err != nil {
		return nil, err
	}
	answer, err := act(ctx, h, what, 201, func(tx *store.Store) (api.RoundPlan, error) {
		shift, err := shiftToChange(ctx, tx, what, plan.ShiftID)
		if err != nil {
			return api.RoundPlan{}, noSuch(err, "shift_id")
		}
		if !shift.EndedAt.IsZero() {
			return api.RoundPlan{}, models.Unfit("shift_id", models.FieldNotAllowed, "a shift that has not ended")
		}
		count, err := tx.CountStandingPlans(ctx, plan.StationID)
		if err == nil && count >= store.MaxStandingPlans {
			err = models.Unfit("shift_id", models.FieldTooMany, fmt.Sprintf("<= %d plans a station", store.MaxStandingPlans))
		}
		if err == nil {
			plan.Stops, err = plannedStops(ctx, tx, plan, shift, value(body.Stops), known)
		}
		if err != nil {
			return api.RoundPlan{}, err
		}
		if wrong := plan.CheckStops(shift); len(wrong) > 0 {
			return api.RoundPlan{}, models.Fail(models.CodeUnprocessable).WithFields(wrong...)
		}
		return wireRoundPlan(plan), tx.AddRoundPlan(ctx, plan)
	})
	if err != nil {
		return nil, err
	}
	return api.CreateRoundPlan201JSONResponse(answer), nil
}

func checkpointsOf(stops []api.PlannedStopCreate) []models.ID {
	ids := make([]models.ID, 0, len(stops))
	for _, stop := range stops {
		ids = append(ids, stop.CheckpointId)
	}
	return ids
}

// plannedStops are the stops that a request names, each a checkpoint of the station and, where a route is named, of
// the route; without any, they are all of the route's.
func plannedStops(
	ctx context.Context, tx *store.Store, plan models.RoundPlan, shift models.Shift, named []api.PlannedStopCreate,
	known map[models.ID]models.Place,
) ([]models.PlannedStop, error) {
	route := models.Route{}
	if plan.RouteID != "" {
		var err error
		route, err = tx.Route(ctx, plan.RouteID)
		if err == nil && route.StationID != plan.StationID {
			err = models.Fail(models.CodeNotFound)
		}
		if err != nil {
			return nil, noSuch(err, "route_id")
		}
	}
	switch {
	case len(named) == 0 && plan.RouteID == "":
		return nil, models.Unfit("stops", models.FieldRequired, "stops or route_id")
	case len(named) == 0 && len(route.Checkpoints) > models.MaxPlannedStops:
		return nil, models.Unfit("route_id", models.FieldTooMany, fmt.Sprintf("<= %d checkpoints", models.MaxPlannedStops))
	case len(named) == 0:
		return models.StopsOf(route, shift), nil
	}
	stops := make([]models.PlannedStop, 0, len(named))
	for at, stop := range named {
		foreign := known[stop.CheckpointId].Station != plan.StationID
		if foreign || plan.RouteID != "" && !slices.Contains(route.Checkpoints, stop.CheckpointId) {
			return nil, models.Unfit(fmt.Sprintf("stops[%d].checkpoint_id", at), models.FieldNoSuch, "")
		}
		stops = append(stops, models.PlannedStop{
			CheckpointID: stop.CheckpointId, FromMinute: value(stop.FromMinute), UntilMinute: or(stop.UntilMinute, shift.LengthMinutes),
			Priority: models.Priority(or(stop.Priority, api.PlannedStopCreatePriority(models.PriorityNormal))),
		})
	}
	return stops, nil
}

// GetRoundPlan answers GET /v1/round-plans/{plan_id}.
func (h *Server) GetRoundPlan(ctx context.Context, request api.GetRoundPlanRequestObject) (api.GetRoundPlanResponseObject, error) {
	what := &deed{operation: models.OpGetRoundPlan, kind: "round_plan", id: request.PlanId}
	plan, err := h.Store.RoundPlan(ctx, request.PlanId)
	if err == nil {
		_, err = h.seenShift(ctx, what, plan.ShiftID)
	}
	if err != nil {
		return nil, h.refused(ctx, what, err)
	}
	return api.GetRoundPlan200JSONResponse(wireRoundPlan(plan)), nil
}

// EndRoundPlan answers POST /v1/round-plans/{plan_id}/end; ending twice is no mistake.
func (h *Server) EndRoundPlan(ctx context.Context, request api.EndRoundPlanRequestObject) (api.EndRoundPlanResponseObject, error) {
	asked := api.From(ctx)
	what := &deed{operation: models.OpEndRoundPlan, kind: "round_plan", id: request.PlanId}
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.RoundPlan, error) {
		plan, err := tx.RoundPlan(ctx, request.PlanId)
		if err == nil {
			err = models.May(what.operation, asked.Principal, planned(plan.StationID))
		}
		if err == nil {
			err = tx.EndRoundPlan(ctx, plan.ID, asked.Now)
		}
		if err != nil {
			return api.RoundPlan{}, err
		}
		plan, err = tx.RoundPlan(ctx, plan.ID)
		return wireRoundPlan(plan), err
	})
	if err != nil {
		return nil, err
	}
	return api.EndRoundPlan200JSONResponse(answer), nil
}

func wireRoundPlan(plan models.RoundPlan) api.RoundPlan {
	wire := api.RoundPlan{
		Id: plan.ID, Name: plan.Name, ShiftId: plan.ShiftID, RouteId: idOrNil(plan.RouteID), Ordered: plan.Ordered, Team: plan.Team,
		Stops: []api.PlannedStop{}, CreatedAt: api.At(plan.CreatedAt), EndedAt: api.AtOrNil(plan.EndedAt),
	}
	for _, stop := range plan.Stops {
		wire.Stops = append(wire.Stops, api.PlannedStop{
			CheckpointId: stop.CheckpointID, FromMinute: stop.FromMinute, UntilMinute: stop.UntilMinute,
			Priority: api.StopPriority(stop.Priority),
		})
	}
	return wire
}
