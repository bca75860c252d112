package handlers

import (
	"context"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// CreateCheckInCorrection answers POST /v1/check-ins/{check_in_id}/corrections. The app's id makes a repeat harmless.
func (h *Server) CreateCheckInCorrection(
	ctx context.Context, request api.CreateCheckInCorrectionRequestObject,
) (api.CreateCheckInCorrectionResponseObject, error) {
	asked, body := api.From(ctx), request.Body
	correction := models.Correction{
		ID: body.Id, OrderID: h.NewID(), CheckInID: request.CheckInId, Status: models.CheckInStatus(body.Status),
		Reason: models.Secret(body.Reason), ProposerID: asked.Principal.ID, ProposedAt: asked.Now, State: models.CorrectionProposed,
	}
	what := &deed{
		operation: models.OpCreateCorrection, kind: "check_in", id: request.CheckInId, reason: correction.Reason,
		facts: map[string]string{"correction": string(correction.ID), "status": string(correction.Status)},
	}
	answer, err := act(ctx, h, what, 201, func(tx *store.Store) (api.CheckInCorrection, error) {
		checkIn, err := tx.CheckIn(ctx, request.CheckInId)
		if err != nil {
			return api.CheckInCorrection{}, err
		}
		if err := models.May(what.operation, asked.Principal, models.Object{Place: checkIn.Place}); err != nil {
			return api.CheckInCorrection{}, err
		}
		correction.Place, correction.PersonID = checkIn.Place, checkIn.PersonID
		if err := correction.CheckProposer(); err != nil {
			return api.CheckInCorrection{}, err
		}
		return wireCorrection(correction), tx.AddCorrection(ctx, correction)
	})
	if models.CodeOf(err) == models.CodeAlreadyExists {
		return h.repeatedCorrection(ctx, correction)
	}
	if err != nil {
		return nil, err
	}
	h.corrections.drop(correction.Place.Station)
	return api.CreateCheckInCorrection201JSONResponse(answer), nil
}

// repeatedCorrection answers a correction whose id is taken: as it stands, when it is the same one by the same person.
func (h *Server) repeatedCorrection(
	ctx context.Context, correction models.Correction,
) (api.CreateCheckInCorrectionResponseObject, error) {
	first, err := h.Store.Correction(ctx, correction.ID)
	if err != nil {
		return nil, err
	}
	if !first.Same(correction) {
		return nil, models.Unfit("id", models.FieldNotUnique, "")
	}
	return api.CreateCheckInCorrection200JSONResponse(wireCorrection(first)), nil
}

// DecideCheckInCorrection answers POST /v1/check-in-corrections/{correction_id}/decision. One decision counts, the first.
func (h *Server) DecideCheckInCorrection(
	ctx context.Context, request api.DecideCheckInCorrectionRequestObject,
) (api.DecideCheckInCorrectionResponseObject, error) {
	asked, body := api.From(ctx), request.Body
	what := &deed{
		operation: models.OpDecideCorrection, kind: "check_in_correction", id: request.CorrectionId,
		reason: models.Secret(body.Reason), facts: map[string]string{"decision": string(body.Decision)},
	}
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.CheckInCorrection, error) {
		correction, err := tx.Correction(ctx, request.CorrectionId)
		if err != nil {
			return api.CheckInCorrection{}, err
		}
		if err := models.May(what.operation, asked.Principal, models.Object{Place: correction.Place}); err != nil {
			return api.CheckInCorrection{}, err
		}
		if err := correction.CheckDecider(asked.Principal.ID); err != nil {
			return api.CheckInCorrection{}, err
		}
		correction.State = models.CorrectionDeclined
		if body.Decision == api.Approve {
			correction.State = models.CorrectionApproved
		}
		correction.DeciderID, correction.DecidedAt = asked.Principal.ID, asked.Now
		correction.DecisionReason = models.Secret(body.Reason)
		return wireCorrection(correction), h.decide(ctx, tx, correction)
	})
	if err != nil {
		return nil, err
	}
	return api.DecideCheckInCorrection200JSONResponse(answer), nil
}

// decide writes a decision. Where it is approved, the cover and the round that the check-in names are counted anew; the
// round is locked before, as settleRounds asks.
func (h *Server) decide(ctx context.Context, tx *store.Store, correction models.Correction) error {
	if correction.State != models.CorrectionApproved {
		return tx.DecideCorrection(ctx, correction)
	}
	checkIn, err := tx.CheckIn(ctx, correction.CheckInID)
	if err != nil {
		return err
	}
	rounds := []models.ID{}
	if checkIn.RoundID != "" {
		switch err := tx.LockRound(ctx, checkIn.RoundID); {
		case err == nil:
			rounds = []models.ID{checkIn.RoundID}
		case models.CodeOf(err) != models.CodeNotFound: // a phone can name what there is not
			return err
		}
	}
	if err := tx.DecideCorrection(ctx, correction); err != nil {
		return err
	}
	tx.CheckInCountsAnew(checkIn, correction.DecidedAt)
	return h.settleWalked(ctx, tx, rounds, checkIn.PersonID, correction.DecidedAt)
}

// ListCheckInCorrections answers GET /v1/check-in-corrections. Looking at them is recorded.
func (h *Server) ListCheckInCorrections(
	ctx context.Context, request api.ListCheckInCorrectionsRequestObject,
) (api.ListCheckInCorrectionsResponseObject, error) {
	who, params := api.From(ctx).Principal, request.Params
	page, err := pageOf(ctx, params.Limit, params.Cursor)
	if err != nil {
		return nil, err
	}
	filter := store.CorrectionFilter{State: models.CorrectionState(value(params.State)), CheckInID: value(params.CheckInId)}
	corrections, err := h.Store.Corrections(ctx, models.Sights(models.OpListCorrections, who), filter, page)
	if err != nil {
		return nil, err
	}
	foreign := foreignIn(corrections, func(correction models.Correction) (models.ID, bool) {
		return correction.PersonID, correction.PersonID != who.ID
	})
	if err := h.lookedAtList(ctx, models.OpListCorrections, "check_in_correction", foreign); err != nil {
		return nil, err
	}
	items, next := listed(ctx, corrections, page, wireCorrection, func(one models.Correction) models.ID { return one.OrderID })
	return api.ListCheckInCorrections200JSONResponse{Items: items, NextCursor: next}, nil
}

func wireCorrection(correction models.Correction) api.CheckInCorrection {
	wire := api.CheckInCorrection{
		Id: correction.ID, CheckInId: correction.CheckInID, PersonId: correction.PersonID,
		Status: api.CheckInStatus(correction.Status), Reason: correction.Reason.Reveal(), ProposerId: correction.ProposerID,
		ProposedAt: api.At(correction.ProposedAt), State: api.CorrectionState(correction.State),
		DeciderId: idOrNil(correction.DeciderID), DecisionReason: textOrNil(correction.DecisionReason.Reveal()),
	}
	if !correction.DecidedAt.IsZero() {
		at := api.At(correction.DecidedAt)
		wire.DecidedAt = &at
	}
	return wire
}
