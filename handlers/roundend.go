package handlers

import (
	"context"
	"slices"
	"strings"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// FinishRound answers POST /v1/rounds/{round_id}/finish.
func (h *Server) FinishRound(ctx context.Context, request api.FinishRoundRequestObject) (api.FinishRoundResponseObject, error) {
	asked, body := api.From(ctx), request.Body
	what := &deed{operation: models.OpFinishRound, id: request.RoundId, facts: map[string]string{"state": string(body.State)}}
	body.EndedAt = phoneTime(ctx, what, body.EndedAt, body.Clock, body.BootId, body.MonotonicMs)
	answer, err := h.changeRound(ctx, what, func(_ *store.Store, view *roundView) error {
		if err := view.mayLead(models.OpFinishRound); err != nil {
			return err
		}
		finished, err := view.Finish(
			asked.Principal.ID, models.RoundState(body.State), strings.TrimSpace(value(body.Reason)), recorded(body.EndedAt), asked.Now)
		view.Round = finished
		return err
	})
	if err != nil {
		return nil, err
	}
	return api.FinishRound200JSONResponse(answer), nil
}

// CreateRoundSkip answers POST /v1/rounds/{round_id}/skips.
func (h *Server) CreateRoundSkip(
	ctx context.Context, request api.CreateRoundSkipRequestObject,
) (api.CreateRoundSkipResponseObject, error) {
	asked, body := api.From(ctx), request.Body
	what := &deed{operation: models.OpCreateRoundSkip, id: request.RoundId}
	body.At = phoneTime(ctx, what, body.At, body.Clock, body.BootId, body.MonotonicMs)
	answer, err := h.changeRound(ctx, what, func(tx *store.Store, view *roundView) error {
		if err := view.may(models.OpCreateRoundSkip); err != nil {
			return err
		}
		if err := models.CheckRecorded("at", recorded(body.At), asked.Now); err != nil {
			return err
		}
		named := func(stop models.RoundStop) bool { return stop.CheckpointID == body.CheckpointId }
		if !slices.ContainsFunc(view.Planned(), named) {
			return models.Unfit("checkpoint_id", models.FieldNoSuch, "a stop of the round")
		}
		return tx.KeepStopSkip(ctx, models.StopSkip{
			RoundID: view.ID, CheckpointID: body.CheckpointId, PersonID: asked.Principal.ID, At: recorded(body.At),
			Reason: models.Secret(strings.TrimSpace(body.Reason)),
		})
	})
	if err != nil {
		return nil, err
	}
	return api.CreateRoundSkip200JSONResponse(answer), nil
}
