package handlers

import (
	"context"
	"strconv"
	"time"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// GetAlertLadders answers GET /v1/alert-ladders.
func (h *Server) GetAlertLadders(ctx context.Context, _ api.GetAlertLaddersRequestObject) (api.GetAlertLaddersResponseObject, error) {
	ladders, err := h.Store.Ladders(ctx, api.From(ctx).Principal.StationID)
	return api.GetAlertLadders200JSONResponse(wireLadders(ladders)), err
}

// PutAlertLadders answers PUT /v1/alert-ladders. Of two who have read the same version one is refused.
func (h *Server) PutAlertLadders(ctx context.Context, request api.PutAlertLaddersRequestObject) (api.PutAlertLaddersResponseObject, error) {
	asked, body := api.From(ctx), request.Body
	who := asked.Principal
	ladders := models.Ladders{Version: body.Version, UpdatedAt: asked.Now, Rungs: map[string][]models.Rung{
		models.SeverityInfo: rungsOf(body.Info), models.SeverityNormal: rungsOf(body.Normal), models.SeverityHigh: rungsOf(body.High),
		models.SeverityEmergency: rungsOf(body.Emergency),
	}}
	if err := ladders.Check(); err != nil {
		return nil, err
	}
	what := &deed{
		operation: models.OpPutLadders, kind: "alert_ladders", id: who.StationID,
		facts: map[string]string{"over_version": strconv.Itoa(body.Version)},
	}
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.AlertLadders, error) {
		if err := models.May(what.operation, who, models.Object{Place: models.Place{Station: who.StationID}}); err != nil {
			return api.AlertLadders{}, err
		}
		kept, err := tx.PutLadders(ctx, who.StationID, ladders)
		return wireLadders(kept), err
	})
	if err != nil {
		return nil, err
	}
	return api.PutAlertLadders200JSONResponse(answer), nil
}

// maxJoins bounds the names that one step of a preview shows.
const maxJoins = 50

// PreviewAlertLadder answers POST /v1/alert-ladders/preview: by the same rule that alerts climb by.
func (h *Server) PreviewAlertLadder(
	ctx context.Context, request api.PreviewAlertLadderRequestObject,
) (api.PreviewAlertLadderResponseObject, error) {
	who, body := api.From(ctx).Principal, request.Body
	severity, at, place := string(body.Severity), body.At.Time, models.Place{Station: who.StationID}
	if body.Scope != nil {
		var err error
		if place, err = placeWithin(ctx, h.Store, models.OpPreviewLadder, *body.Scope, "scope.id"); err != nil {
			return nil, h.refused(ctx, &deed{operation: models.OpPreviewLadder, kind: "alert_ladders"}, err)
		}
	}
	rungs, err := h.rungsToPreview(ctx, severity, body.Rungs)
	if err != nil {
		return nil, err
	}
	first, err := h.Store.Audience(ctx, models.Audience{Roles: rolesOf(body.Roles), Place: place}, at)
	if err != nil {
		return nil, err
	}
	items, subjects, err := h.previewed(ctx, severity, rungs, first, place, at)
	if err != nil {
		return nil, err
	}
	what := &deed{operation: models.OpPreviewLadder, kind: "alert_ladders", id: who.StationID, subjects: subjects}
	if err := h.looked(ctx, what); err != nil {
		return nil, err
	}
	return api.PreviewAlertLadder200JSONResponse{Items: items}, nil
}

// previewed is what would happen, and whom it names.
func (h *Server) previewed(
	ctx context.Context, severity string, rungs []models.Rung, first []models.ID, place models.Place, at time.Time,
) (items []api.AlertLadderStep, subjects []string, err error) {
	told := map[models.ID]bool{}
	items = []api.AlertLadderStep{}
	for _, person := range first {
		told[person] = true
	}
	for _, step := range models.Timeline(rungs, at, at.Add(models.MaxLadder+time.Second)) {
		joins, err := h.joining(ctx, h.Store, step.Widen, place, at, told)
		if err != nil {
			return nil, nil, err
		}
		names, err := h.Store.Names(ctx, joins[:min(len(joins), maxJoins)])
		if err != nil {
			return nil, nil, err
		}
		held, err := h.heldBack(ctx, models.Alert{Severity: severity}, told, place.Station, step.At)
		if err != nil {
			return nil, nil, err
		}
		item := api.AlertLadderStep{
			At: api.At(step.At), AfterS: int(step.At.Sub(at) / time.Second), Rung: step.Rung, Repeat: step.Repeat,
			Channels: wireChannels(step.Channels), Widen: api.AlertWidening(rungs[step.Rung].Widen), People: len(told),
			HeldBack: held, Joins: []api.AlertLadderJoin{},
		}
		for _, person := range joins[:min(len(joins), maxJoins)] {
			item.Joins = append(item.Joins, api.AlertLadderJoin{PersonId: person, Name: names[person].Reveal()})
			subjects = append(subjects, string(person))
		}
		items = append(items, item)
	}
	return items, subjects, nil
}

// rungsToPreview is the ladder in question: the one in the request, or the one that is set.
func (h *Server) rungsToPreview(ctx context.Context, severity string, tried *api.AlertLadder) ([]models.Rung, error) {
	if tried != nil {
		rungs := rungsOf(*tried)
		if wrong := models.CheckRungs("rungs", severity, rungs); len(wrong) > 0 {
			return nil, models.Fail(models.CodeUnprocessable).WithFields(wrong...)
		}
		return rungs, nil
	}
	ladders, err := h.Store.Ladders(ctx, api.From(ctx).Principal.StationID)
	return ladders.Rungs[severity], err
}

func rungsOf(ladder api.AlertLadder) []models.Rung {
	rungs := make([]models.Rung, 0, len(ladder))
	for _, rung := range ladder {
		channels := make([]string, 0, len(rung.Channels))
		for _, channel := range rung.Channels {
			channels = append(channels, string(channel))
		}
		rungs = append(rungs, models.Rung{
			After: time.Duration(rung.AfterS) * time.Second, Channels: channels, RepeatEvery: time.Duration(rung.RepeatEveryS) * time.Second,
			Repeats: rung.Repeats, Widen: models.Widening(rung.Widen),
		})
	}
	return rungs
}

func wireChannels(channels []string) []api.DeliveryChannel {
	wire := make([]api.DeliveryChannel, 0, len(channels))
	for _, channel := range channels {
		wire = append(wire, api.DeliveryChannel(channel))
	}
	return wire
}

func wireLadders(ladders models.Ladders) api.AlertLadders {
	ladder := func(severity string) api.AlertLadder {
		wire := api.AlertLadder{}
		for _, rung := range ladders.Rungs[severity] {
			wire = append(wire, api.AlertRung{
				AfterS: int(rung.After / time.Second), Channels: wireChannels(rung.Channels), RepeatEveryS: int(rung.RepeatEvery / time.Second),
				Repeats: rung.Repeats, Widen: api.AlertWidening(rung.Widen),
			})
		}
		return wire
	}
	return api.AlertLadders{
		Version: ladders.Version, Info: ladder(models.SeverityInfo), Normal: ladder(models.SeverityNormal), High: ladder(models.SeverityHigh),
		Emergency: ladder(models.SeverityEmergency), UpdatedAt: api.AtOrNil(ladders.UpdatedAt),
	}
}
