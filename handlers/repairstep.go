package handlers

import (
	"context"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// repairMove is what happens to a repair, once it was asked whether it may.
type repairMove struct {
	check  func(ctx context.Context, tx *store.Store, repair models.Repair) error
	step   models.RepairStep
	change func(repair *models.Repair) // besides the step
	photos []models.ID                 // of what was done
}

// moveRepair takes a repair one step on and tells the other side, in one transaction. Of two who do so at once one
// succeeds, and the other is told where the repair is.
func (h *Server) moveRepair(
	ctx context.Context, operation models.Operation, id models.ID, move repairMove,
) (api.Repair, error) {
	asked := api.From(ctx)
	what := &deed{operation: operation, kind: "repair", id: id, facts: map[string]string{"state": string(move.step.State)}}
	move.step.At, move.step.ByID = asked.Now, asked.Principal.ID
	var told []models.Alert
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.Repair, error) {
		repair, err := mayRepair(ctx, tx, what)
		if err == nil {
			err = move.check(ctx, tx, repair)
		}
		if err == nil {
			err = ownPhotos(ctx, tx, move.photos)
		}
		if err != nil {
			return api.Repair{}, err
		}
		repair, told, err = h.stepRepair(ctx, tx, repair, move)
		return wireRepair(ctx)(repair), err
	})
	if err != nil {
		return api.Repair{}, err
	}
	h.alertedAll(ctx, told)
	return answer, nil
}

// stepRepair writes a repair's next step and tells whom it concerns.
func (h *Server) stepRepair(
	ctx context.Context, tx *store.Store, repair models.Repair, move repairMove,
) (models.Repair, []models.Alert, error) {
	zone, err := tx.StationZone(ctx, repair.Place.Station)
	if err != nil {
		return repair, nil, err
	}
	step := move.step
	if step.State == models.RepairReopened { // whoever had it has it again
		step.ToID = repair.AssignedTo
	}
	next := repair.Stepped(step, zone)
	if move.change != nil {
		move.change(&next)
	}
	if len(move.photos) > 0 {
		next.DoneIDs = move.photos
	}
	if err := tx.ChangeRepair(ctx, next, len(move.photos) > 0); err != nil {
		return repair, nil, err
	}
	told, err := h.tellOfRepair(ctx, tx, next, step)
	return next, told, err
}

// AssignRepair answers POST /v1/repairs/{repair_id}/assignment: who has it from now on is told, and accepts it anew.
func (h *Server) AssignRepair(ctx context.Context, request api.AssignRepairRequestObject) (api.AssignRepairResponseObject, error) {
	to := request.Body.PersonId
	answer, err := h.moveRepair(ctx, models.OpAssignRepair, request.RepairId, repairMove{
		check: func(ctx context.Context, tx *store.Store, repair models.Repair) error {
			if err := h.mayMend(ctx, tx, "person_id", to, repair.Place); err != nil {
				return err
			}
			return repair.CheckAssignment(to)
		},
		step: models.RepairStep{State: models.RepairAssigned, ToID: to, Note: models.Secret(value(request.Body.Note))},
	})
	if err != nil {
		return nil, err
	}
	return api.AssignRepair200JSONResponse(answer), nil
}

// mayMend says whether a repair may be given to a person: to the property's staff in whose scope it lies, whose account is open.
func (h *Server) mayMend(ctx context.Context, tx *store.Store, field string, person models.ID, place models.Place) error {
	grants, err := tx.Grants(ctx, person)
	if err != nil {
		return err
	}
	staff, err := tx.Person(ctx, person)
	if err != nil && models.CodeOf(err) != models.CodeNotFound {
		return err
	}
	holder := models.Principal{ID: person, StationID: place.Station, Grants: models.InForce(grants, api.From(ctx).Now)}
	if err != nil || staff.Disabled() || models.May(models.OpMoveRepair, holder, models.Object{Place: place}) != nil {
		return models.Unfit(field, models.FieldNoSuch, "property staff of the compound")
	}
	return nil
}

// CreateRepairTransition answers POST /v1/repairs/{repair_id}/transitions: what the one who has it does.
func (h *Server) CreateRepairTransition(
	ctx context.Context, request api.CreateRepairTransitionRequestObject,
) (api.CreateRepairTransitionResponseObject, error) {
	body, me := request.Body, api.From(ctx).Principal.ID
	note, photos := models.Secret(value(body.Note)), value(body.MediaIds)
	answer, err := h.moveRepair(ctx, models.OpMoveRepair, request.RepairId, repairMove{
		check: func(_ context.Context, _ *store.Store, repair models.Repair) error {
			if len(photos) > 0 && models.RepairState(body.State) != models.RepairDone {
				return models.Unfit("media_ids", models.FieldNotAllowed, "only with state done")
			}
			return repair.CheckStep(me, models.RepairState(body.State), note)
		},
		step: models.RepairStep{State: models.RepairState(body.State), Note: note}, photos: photos,
	})
	if err != nil {
		return nil, err
	}
	return api.CreateRepairTransition200JSONResponse(answer), nil
}

// CancelRepair answers POST /v1/repairs/{repair_id}/cancellation.
func (h *Server) CancelRepair(ctx context.Context, request api.CancelRepairRequestObject) (api.CancelRepairResponseObject, error) {
	me, note := api.From(ctx).Principal.ID, models.Secret(value(request.Body.Note))
	answer, err := h.moveRepair(ctx, models.OpCancelRepair, request.RepairId, repairMove{
		check: func(_ context.Context, _ *store.Store, repair models.Repair) error {
			return repair.CheckCancellation(repair.RequesterID == me, note)
		},
		step: models.RepairStep{State: models.RepairCancelled, Note: note},
	})
	if err != nil {
		return nil, err
	}
	return api.CancelRepair200JSONResponse(answer), nil
}

// RateRepair answers POST /v1/repairs/{repair_id}/rating.
func (h *Server) RateRepair(ctx context.Context, request api.RateRepairRequestObject) (api.RateRepairResponseObject, error) {
	now := api.From(ctx).Now
	answer, err := h.moveRepair(ctx, models.OpRateRepair, request.RepairId, repairMove{
		check:  func(_ context.Context, _ *store.Store, repair models.Repair) error { return repair.CheckRating(now) },
		step:   models.RepairStep{State: models.RepairRated, Note: models.Secret(value(request.Body.Note))},
		change: func(repair *models.Repair) { repair.Rating = request.Body.Stars },
	})
	if err != nil {
		return nil, err
	}
	return api.RateRepair200JSONResponse(answer), nil
}

// ReopenRepair answers POST /v1/repairs/{repair_id}/reopening.
func (h *Server) ReopenRepair(ctx context.Context, request api.ReopenRepairRequestObject) (api.ReopenRepairResponseObject, error) {
	asked := api.From(ctx)
	answer, err := h.moveRepair(ctx, models.OpReopenRepair, request.RepairId, repairMove{
		check: func(ctx context.Context, tx *store.Store, repair models.Repair) error {
			lives, err := repair.Place.Home == "", error(nil)
			if !lives { // whoever moved out has nothing done in somebody else's home
				lives, err = tx.LivesIn(ctx, asked.Principal.ID, repair.Place.Home, asked.Now)
			}
			if err == nil && !lives {
				err = models.Fail(models.CodeForbidden)
			}
			if err != nil {
				return err
			}
			return repair.CheckReopening(asked.Now)
		},
		step:   models.RepairStep{State: models.RepairReopened, Note: models.Secret(value(request.Body.Note))},
		change: func(repair *models.Repair) { repair.Reopened++; repair.Rating = 0 },
	})
	if err != nil {
		return nil, err
	}
	return api.ReopenRepair200JSONResponse(answer), nil
}

// maxHandOver is how many repairs one request hands over.
const maxHandOver = 100

// HandOverRepairs answers POST /v1/repair-hand-overs: what one of a shift has open, one of the next one has afterwards.
func (h *Server) HandOverRepairs(
	ctx context.Context, request api.HandOverRepairsRequestObject,
) (api.HandOverRepairsResponseObject, error) {
	asked, body := api.From(ctx), request.Body
	what := &deed{
		operation: models.OpHandOverRepairs, kind: "compound", id: body.CompoundId,
		facts: map[string]string{"from": string(body.FromId), "to": string(body.ToId)},
	}
	var told []models.Alert
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.RepairHandedOver, error) {
		told = nil
		compound, err := tx.Compound(ctx, body.CompoundId)
		if err == nil {
			err = models.May(what.operation, asked.Principal, models.Object{Place: compound.Place()})
		}
		if err != nil {
			return api.RepairHandedOver{}, noSuch(err, "compound_id")
		}
		if err := h.mayMend(ctx, tx, "to_id", body.ToId, compound.Place()); err != nil {
			return api.RepairHandedOver{}, err
		}
		if body.FromId == body.ToId {
			return api.RepairHandedOver{}, models.Unfit("to_id", models.FieldNotUnique, "somebody else")
		}
		repairs, err := tx.OpenRepairsOf(ctx, body.FromId, compound.ID, maxHandOver+1)
		if err != nil {
			return api.RepairHandedOver{}, err
		}
		more := len(repairs) > maxHandOver
		repairs = repairs[:min(len(repairs), maxHandOver)]
		step := models.RepairStep{
			State: models.RepairAssigned, At: asked.Now, ByID: asked.Principal.ID, ToID: body.ToId, Note: models.Secret(value(body.Note)),
		}
		for _, repair := range repairs {
			_, alerts, err := h.stepRepair(ctx, tx, repair, repairMove{step: step})
			if err != nil {
				return api.RepairHandedOver{}, err
			}
			told = append(told, alerts...)
		}
		return api.RepairHandedOver{HandedOver: len(repairs), More: more}, nil
	})
	if err != nil {
		return nil, err
	}
	h.alertedAll(ctx, told)
	return api.HandOverRepairs200JSONResponse(answer), nil
}
