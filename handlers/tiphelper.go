package handlers

import (
	"context"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// GetTipCall answers GET /v1/tips/{tip_id}/call: what somebody who was asked to help needs to know, and no more.
func (h *Server) GetTipCall(ctx context.Context, request api.GetTipCallRequestObject) (api.GetTipCallResponseObject, error) {
	what := &deed{operation: models.OpGetTipCall, kind: "tip", id: request.TipId}
	tip, helper, err := h.askedToHelp(ctx, h.Store, request.TipId)
	if err != nil {
		return nil, h.refused(ctx, what, err)
	}
	return api.GetTipCall200JSONResponse(wireTipCall(tip, helper)), nil
}

// AnswerTipCall answers POST /v1/tips/{tip_id}/call.
func (h *Server) AnswerTipCall(
	ctx context.Context, request api.AnswerTipCallRequestObject,
) (api.AnswerTipCallResponseObject, error) {
	asked := api.From(ctx)
	given := models.TipAnswer(request.Body.Answer)
	what := &deed{operation: models.OpAnswerTipCall, kind: "tip", id: request.TipId, facts: map[string]string{"answer": string(given)}}
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.TipCall, error) {
		tip, helper, err := h.askedToHelp(ctx, tx, request.TipId)
		if err != nil {
			return api.TipCall{}, err
		}
		if tip.Ended() {
			return api.TipCall{}, tip.WrongState()
		}
		helper.Answer, helper.AnsweredAt = given, asked.Now
		return wireTipCall(tip, helper), tx.AnswerTip(ctx, tip.ID, asked.Principal.ID, given, asked.Now)
	})
	if err != nil {
		return nil, err
	}
	return api.AnswerTipCall200JSONResponse(answer), nil
}

// askedToHelp reads a tip that the caller was asked to help with; CodeNotFound for everybody else.
func (h *Server) askedToHelp(ctx context.Context, from *store.Store, id models.ID) (models.Tip, models.TipHelper, error) {
	helpers, err := from.TipHelpers(ctx, id)
	if err != nil {
		return models.Tip{}, models.TipHelper{}, err
	}
	for _, helper := range helpers {
		if helper.PersonID == api.From(ctx).Principal.ID {
			tip, err := from.Tip(ctx, id)
			return tip, helper, err
		}
	}
	return models.Tip{}, models.TipHelper{}, models.Fail(models.CodeNotFound)
}

// ListTipHelpers answers GET /v1/tips/{tip_id}/helpers: who near a crime in progress was asked, and who comes.
func (h *Server) ListTipHelpers(
	ctx context.Context, request api.ListTipHelpersRequestObject,
) (api.ListTipHelpersResponseObject, error) {
	who := api.From(ctx).Principal
	what := &deed{operation: models.OpListTipHelpers, kind: "tip", id: request.TipId}
	tip, err := h.Store.Tip(ctx, request.TipId)
	if err == nil {
		err = models.May(what.operation, who, models.Object{Place: tip.Place})
	}
	if err != nil {
		return nil, h.refused(ctx, what, err)
	}
	helpers, err := h.Store.TipHelpers(ctx, tip.ID)
	if err != nil {
		return nil, err
	}
	if err := h.looked(ctx, what); err != nil {
		return nil, err
	}
	answer := api.TipHelperList{Items: make([]api.TipHelper, 0, len(helpers))}
	for _, helper := range helpers {
		answer.Items = append(answer.Items, api.TipHelper{
			PersonId: helper.PersonID, AskedAt: api.At(helper.AskedAt), Answer: wireAnswer(helper.Answer),
		})
	}
	return api.ListTipHelpers200JSONResponse(answer), nil
}

func wireTipCall(tip models.Tip, helper models.TipHelper) api.TipCall {
	return api.TipCall{
		TipId: tip.ID, Category: tip.Category, Position: wireFix(tip.Fix), ReceivedAt: api.At(tip.ReceivedAt),
		Ended: tip.Ended(), Answer: wireAnswer(helper.Answer),
	}
}

func wireAnswer(answer models.TipAnswer) *api.TipAnswer {
	if answer == "" {
		return nil
	}
	wire := api.TipAnswer(answer)
	return &wire
}

// nearCrime names who on duty can soon be at a crime in progress: the soonest there first. A tip must never fail because of them.
func (h *Server) nearCrime(ctx context.Context, tip models.Tip) []models.ID {
	if tip.Category != models.CategoryCrime || tip.Fix == nil {
		return nil
	}
	onDuty, err := h.Store.OnDuty(ctx, tip.Place.Station, tip.ReceivedAt)
	if err != nil {
		h.Logger.ErrorContext(ctx, "not everybody could be read who has to be asked about a crime", "error", err)
	}
	others, mine := make([]models.OnDuty, 0, len(onDuty)), api.From(ctx).Principal.ID
	if api.From(ctx).Anonymous { // who of those near was not asked would be who sent it
		mine = ""
	}
	for _, one := range onDuty {
		if one.PersonID != mine {
			others = append(others, one)
		}
	}
	radius := models.RadiusIn(models.TipHelpWithin)
	near := h.soonestThere(tip.Fix.Position, others, models.TipHelpersAsked, radius, tip.ReceivedAt)
	people := make([]models.ID, 0, len(near))
	for _, one := range near {
		people = append(people, one.ID)
	}
	return people
}

// stillUnasked leaves out who was asked about the same thing a moment ago. Of two tips at the same time the second sees whom the
// first asked.
func stillUnasked(ctx context.Context, tx *store.Store, tip models.Tip, near []models.ID) ([]models.ID, error) {
	if len(near) == 0 {
		return nil, nil
	}
	if err := tx.LockStation(ctx, tip.Place.Station); err != nil {
		return nil, err
	}
	askings, err := tx.TipAskings(ctx, tip.Place.Station, tip.ReceivedAt.Add(-models.TipAsksAnew))
	return tip.Unasked(near, askings), err
}
