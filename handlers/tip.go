package handlers

import (
	"context"
	"encoding/json"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// CreateTip answers POST /v1/tips. The phone's id makes a repeat harmless: the same tip again is
// answered as the first time, another tip under the same id is refused.
func (h *Server) CreateTip(ctx context.Context, request api.CreateTipRequestObject) (api.CreateTipResponseObject, error) {
	body := request.Body
	if value(body.HideMe) {
		api.Hide(ctx)
	}
	asked := api.From(ctx)
	if err := checkOwnID(ctx, body.Id); err != nil {
		return nil, err
	}
	tip, err := h.newTip(ctx, body)
	if err != nil {
		return nil, err
	}
	identity, err := h.hide(ctx, &tip)
	if err != nil {
		return nil, err
	}
	what, near := &deed{operation: models.OpCreateTip, kind: "tip", id: tip.ID}, h.nearCrime(ctx, tip)
	var told []models.Alert
	answer, err := act(ctx, h, what, 201, func(tx *store.Store) (api.Tip, error) {
		if err := ownPhotos(ctx, tx, tip.MediaIDs); err != nil {
			return api.Tip{}, err
		}
		if err := addReportedTip(ctx, tx, &tip, identity); err != nil {
			return api.Tip{}, err
		}
		var err error
		if told, err = h.startTip(ctx, tx, &tip, near); err != nil {
			return api.Tip{}, err
		}
		if err := tx.SettleSignals(ctx, tip); err != nil {
			return api.Tip{}, err
		}
		return wireTip(asked)(tip), nil
	})
	if models.CodeOf(err) == models.CodeAlreadyExists {
		return h.repeatedTip(ctx, tip, err)
	}
	if err != nil {
		return nil, err
	}
	h.alertedAll(ctx, told)
	return api.CreateTip201JSONResponse(answer), nil
}

func (h *Server) newTip(ctx context.Context, body *api.CreateTipJSONRequestBody) (models.Tip, error) {
	asked := api.From(ctx)
	content, err := json.Marshal(body)
	if err != nil {
		return models.Tip{}, err
	}
	tip := models.Tip{
		ID: body.Id, OrderID: h.NewID(), ReporterID: asked.Principal.ID, Category: body.Category,
		Description: models.Secret(body.Description), Answers: models.TipAnswers(value(body.Answers)), Fix: fixOf(body.Position),
		OccurredAt: asked.Now, ReceivedAt: asked.Now,
		State: models.TipReceived, MediaIDs: value(body.MediaIds), BodyHash: h.bodyHash(content), Reporting: models.ReportingNamed,
		Steps: []models.TipStep{{State: models.TipReceived, At: asked.Now, ByID: asked.Principal.ID}},
	}
	if body.OccurredAt != nil {
		tip.OccurredAt = body.OccurredAt.Time
	}
	if fields := models.CheckOccurred(tip.OccurredAt, asked.Now); len(fields) > 0 {
		return tip, models.Fail(models.CodeUnprocessable).WithFields(fields...)
	}
	compounds, err := h.places.get(asked.Principal.StationID, asked.Now, func() ([]models.Compound, error) {
		return h.Store.StationCompounds(ctx, asked.Principal.StationID)
	})
	tip.Place = models.TipPlace(tip.Fix, compounds, asked.Principal)
	return tip, err
}

// repeatedTip answers a tip whose id is taken: the first answer when it is the same tip by the same person.
func (h *Server) repeatedTip(ctx context.Context, tip models.Tip, taken error) (api.CreateTipResponseObject, error) {
	first, err := h.Store.Tip(ctx, tip.ID)
	if models.CodeOf(err) == models.CodeNotFound { // not the id but a photo was taken
		return nil, models.Unfit("media_ids", models.FieldNotUnique, "photos of no other tip")
	}
	if err != nil {
		return nil, err
	}
	if first.ReporterID != tip.ReporterID || !sameBody(first.BodyHash, tip.BodyHash) {
		return nil, taken
	}
	return api.CreateTip200JSONResponse(wireTip(api.From(ctx))(first)), nil
}

// ListTips answers GET /v1/tips. Looking at other people's is recorded.
func (h *Server) ListTips(ctx context.Context, request api.ListTipsRequestObject) (api.ListTipsResponseObject, error) {
	who, params := api.From(ctx).Principal, request.Params
	page, err := pageOf(ctx, params.Limit, params.Cursor)
	if err != nil {
		return nil, err
	}
	sights := models.Sights(models.OpListTips, who)
	if value(params.Mine) {
		sights = []models.Sight{{Owner: who.ID}}
	}
	if who.Alias != "" { // what one reported hidden is one's own
		sights = append(sights, models.Sight{Owner: who.Alias})
	}
	filter := store.TipFilter{
		State: models.TipState(value(params.State)), Category: value(params.Category),
		Open: value(params.Open), From: instantOf(params.From), To: instantOf(params.To),
	}
	if value(params.AssignedToMe) {
		filter.AssignedTo = who.ID
	}
	if value(params.Overdue) {
		filter.OverdueAt = api.From(ctx).Now
	}
	tips, err := h.Store.Tips(ctx, sights, filter, page)
	if err != nil {
		return nil, err
	}
	foreign := foreignIn(tips, func(tip models.Tip) (models.ID, bool) { return tip.ID, !who.Owns(tip.ReporterID) })
	if err := h.lookedAtList(ctx, models.OpListTips, "tip", foreign); err != nil {
		return nil, err
	}
	for at := range tips {
		tips[at] = h.opened(ctx, tips[at])
	}
	items, next := listed(ctx, tips, page, wireTip(api.From(ctx)), func(tip models.Tip) models.ID { return tip.OrderID })
	return api.ListTips200JSONResponse{Items: items, NextCursor: next}, nil
}

// GetTip answers GET /v1/tips/{tip_id}. Looking at somebody else's is recorded.
func (h *Server) GetTip(ctx context.Context, request api.GetTipRequestObject) (api.GetTipResponseObject, error) {
	who := api.From(ctx).Principal
	what := &deed{operation: models.OpGetTip, kind: "tip", id: request.TipId}
	tip, err := h.Store.Tip(ctx, request.TipId)
	if err == nil {
		err = models.May(what.operation, who, models.Object{Place: tip.Place, Owner: tip.ReporterID})
	}
	if err != nil {
		return nil, h.refused(ctx, what, err)
	}
	if !who.Owns(tip.ReporterID) {
		if err := h.looked(ctx, what); err != nil {
			return nil, err
		}
	}
	return api.GetTip200JSONResponse(wireTip(api.From(ctx))(h.opened(ctx, tip))), nil
}

// wireTip writes a tip as the caller may see it: who sent it is shown only to those
// who may read it by their scope.
func wireTip(asked api.Request) func(models.Tip) api.Tip {
	who := asked.Principal
	return func(tip models.Tip) api.Tip {
		wire := api.Tip{
			Id: tip.ID, Category: tip.Category, CategoryVersion: &tip.CategoryVersion, Description: tip.Description.Reveal(),
			Position:   wireFix(tip.Fix),
			OccurredAt: api.At(tip.OccurredAt), ReceivedAt: api.At(tip.ReceivedAt), MediaIds: listOf(tip.MediaIDs),
			State: api.TipState(tip.State), CompoundId: idOrNil(tip.Place.Compound), Mine: who.Owns(tip.ReporterID),
			Reporting: (*api.TipReporting)(&tip.Reporting),
		}
		if len(tip.Answers) > 0 {
			wire.Answers = (*api.TipAnswers)(&tip.Answers)
		}
		if len(tip.Sealed) > 0 {
			wire.Sealed = &tip.Sealed
		}
		wire.ExpectedAt = timeOrNil(tip.Clock.DueAt)
		unread := tip.UnreadFor(who)
		wire.UnreadMessages = &unread
		wire.Steps, wire.ClosedReason = wireSteps(tip, asked.Language)
		inScope := models.May(models.OpCreateTransition, who, models.Object{Place: tip.Place}) == nil
		if inScope {
			wire.AssignedTo = idOrNil(tip.Clock.AssignedTo)
		}
		if inScope && tip.Reporting == models.ReportingNamed {
			wire.ReporterId = idOrNil(tip.ReporterID)
		}
		if inScope && !wire.Mine {
			wire.MediaSignals = wireSignals(tip.Signals)
		}
		return wire
	}
}

// wireSteps writes the way of a tip as its reporter may see it.
func wireSteps(tip models.Tip, language string) (steps []api.TipStep, closed *api.ClosedReason) {
	steps = make([]api.TipStep, 0, len(tip.Steps))
	for _, step := range tip.Steps {
		steps = append(steps, api.TipStep{
			State: api.TipState(step.State), At: api.At(step.At), Note: textOrNil(noteIn(step.Note, language).Reveal()),
		})
	}
	if tip.ClosedReason != "" {
		reason := api.ClosedReason(tip.ClosedReason)
		closed = &reason
	}
	return steps, closed
}
