package handlers

import (
	"context"
	"time"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// AssignTip answers POST /v1/tips/{tip_id}/assignment: whose it is from now on, who is told. The clock goes on.
func (h *Server) AssignTip(ctx context.Context, request api.AssignTipRequestObject) (api.AssignTipResponseObject, error) {
	asked, person := api.From(ctx), request.Body.PersonId
	what := &deed{
		operation: models.OpAssignTip, kind: "tip", id: request.TipId, facts: map[string]string{"to": string(person)},
	}
	var told []models.Alert
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.Tip, error) {
		told = nil
		tip, err := tipToMove(ctx, tx, request.TipId)
		if err == nil {
			err = models.May(what.operation, asked.Principal, models.Object{Place: tip.Place})
		}
		if err != nil {
			return api.Tip{}, err
		}
		if tip.Ended() {
			return api.Tip{}, tip.WrongState()
		}
		if err := h.mayLead(ctx, tx, person, tip.Place); err != nil {
			return api.Tip{}, err
		}
		if tip.Clock.TipID == "" {
			if err := h.restartClock(ctx, tx, &tip); err != nil {
				return api.Tip{}, err
			}
		}
		if tip.Clock.AssignedTo != person {
			if told, err = h.tellOwner(ctx, tx, tip, tipIsAnothers, nil); err != nil {
				return api.Tip{}, err
			}
		}
		tip.Clock.AssignedTo = person
		if err := tx.AssignTipClock(ctx, tip.ID, person); err != nil {
			return api.Tip{}, err
		}
		told, err = h.tellOfficer(ctx, tx, tip, tipIsYours, told)
		return wireTip(asked)(h.opened(ctx, tip)), err
	})
	if err != nil {
		return nil, err
	}
	h.alertedAll(ctx, told)
	return api.AssignTip200JSONResponse(answer), nil
}

// mayLead says whether a tip may be given to a person: to a commander, or an officer in whose scope it lies.
func (h *Server) mayLead(ctx context.Context, tx *store.Store, person models.ID, place models.Place) error {
	leads, err := leadsAt(ctx, tx, person, place, api.From(ctx).Now)
	if err == nil && !leads {
		err = models.Unfit("person_id", models.FieldNoSuch, "an officer in whose scope the tip lies")
	}
	return err
}

// leadsAt says whether a person is a commander, or an officer in whose scope a place lies.
func leadsAt(ctx context.Context, tx *store.Store, person models.ID, place models.Place, now time.Time) (bool, error) {
	grants, err := tx.Grants(ctx, person)
	holder := models.Principal{ID: person, StationID: place.Station, Grants: models.InForce(grants, now)}
	return err == nil && models.May(models.OpCreateTransition, holder, models.Object{Place: place}) == nil, err
}

// PutDeputy answers PUT /v1/people/{person_id}/deputy: who is told when the person does not take up a tip in time.
func (h *Server) PutDeputy(ctx context.Context, request api.PutDeputyRequestObject) (api.PutDeputyResponseObject, error) {
	deputy := models.ID("")
	if request.Body.DeputyId != nil {
		deputy = *request.Body.DeputyId
	}
	what := &deed{
		operation: models.OpPutDeputy, kind: "person", id: request.PersonId, facts: map[string]string{"deputy": string(deputy)},
	}
	_, err := act(ctx, h, what, 204, func(tx *store.Store) (bool, error) {
		if err := h.leader(ctx, tx, request.PersonId); err != nil {
			return false, err
		}
		if deputy == request.PersonId {
			return false, models.Unfit("deputy_id", models.FieldNotAllowed, "somebody else")
		}
		if deputy != "" {
			if err := h.leader(ctx, tx, deputy); err != nil {
				return false, noSuch(err, "deputy_id")
			}
		}
		return true, tx.PutDeputy(ctx, api.From(ctx).Principal.StationID, request.PersonId, deputy)
	})
	if err != nil {
		return nil, err
	}
	return api.PutDeputy204Response{}, nil
}

// leader says whether a person is an officer or commander of the caller's station; CodeNotFound for everybody else.
func (h *Server) leader(ctx context.Context, tx *store.Store, person models.ID) error {
	asked := api.From(ctx)
	grants, err := tx.Grants(ctx, person)
	if err != nil {
		return err
	}
	for _, grant := range models.InForce(grants, asked.Now) {
		if grant.Place.Station == asked.Principal.StationID && (grant.Role == models.RoleOfficer || grant.Role == models.RoleCommander) {
			return nil
		}
	}
	return models.Fail(models.CodeNotFound)
}
