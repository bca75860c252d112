package handlers

import (
	"context"
	"slices"
	"strings"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// ListQuickAnswers answers GET /v1/quick-answers.
func (h *Server) ListQuickAnswers(
	ctx context.Context, _ api.ListQuickAnswersRequestObject,
) (api.ListQuickAnswersResponseObject, error) {
	answers, err := h.Store.QuickAnswers(ctx, api.From(ctx).Principal.StationID)
	items := make([]api.QuickAnswer, 0, len(answers))
	for _, answer := range answers {
		items = append(items, wireQuickAnswer(answer))
	}
	return api.ListQuickAnswers200JSONResponse{Items: items}, err
}

// PutQuickAnswer answers PUT /v1/quick-answers/{quick_answer_id}. What was sent by it before keeps its words.
func (h *Server) PutQuickAnswer(ctx context.Context, request api.PutQuickAnswerRequestObject) (api.PutQuickAnswerResponseObject, error) {
	asked, body := api.From(ctx), request.Body
	put := models.QuickAnswer{
		ID: request.QuickAnswerId, StationID: asked.Principal.StationID, TextZH: strings.TrimSpace(body.TextZh),
		TextEN: strings.TrimSpace(body.TextEn), Order: body.Order, UpdatedAt: asked.Now,
	}
	what := &deed{operation: models.OpPutQuickAnswer, kind: "quick_answer", id: put.ID}
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.QuickAnswer, error) {
		if err := models.May(what.operation, asked.Principal, models.Object{Place: models.Place{Station: put.StationID}}); err != nil {
			return api.QuickAnswer{}, err
		}
		have, err := tx.QuickAnswers(ctx, put.StationID)
		if err == nil {
			err = models.CheckAddQuickAnswer(put.ID, have)
		}
		if err != nil {
			return api.QuickAnswer{}, err
		}
		return wireQuickAnswer(put), tx.PutQuickAnswer(ctx, put)
	})
	if err != nil {
		return nil, err
	}
	return api.PutQuickAnswer200JSONResponse(answer), nil
}

// DeleteQuickAnswer answers DELETE /v1/quick-answers/{quick_answer_id}.
func (h *Server) DeleteQuickAnswer(
	ctx context.Context, request api.DeleteQuickAnswerRequestObject,
) (api.DeleteQuickAnswerResponseObject, error) {
	asked := api.From(ctx)
	station := asked.Principal.StationID
	what := &deed{operation: models.OpDeleteQuickAnswer, kind: "quick_answer", id: request.QuickAnswerId}
	_, err := act(ctx, h, what, 204, func(tx *store.Store) (bool, error) {
		if err := models.May(what.operation, asked.Principal, models.Object{Place: models.Place{Station: station}}); err != nil {
			return false, err
		}
		answer, err := oneQuickAnswer(ctx, tx, station, request.QuickAnswerId)
		if err != nil {
			return false, err
		}
		answer.StationID, answer.UpdatedAt, answer.DeletedAt = station, asked.Now, asked.Now
		return true, tx.PutQuickAnswer(ctx, answer)
	})
	if err != nil {
		return nil, err
	}
	return api.DeleteQuickAnswer204Response{}, nil
}

// oneQuickAnswer finds one of a station's prepared texts; CodeNotFound when it has none of that id.
func oneQuickAnswer(ctx context.Context, tx *store.Store, station, id models.ID) (models.QuickAnswer, error) {
	answers, err := tx.QuickAnswers(ctx, station)
	if err != nil {
		return models.QuickAnswer{}, err
	}
	at := slices.IndexFunc(answers, func(answer models.QuickAnswer) bool { return answer.ID == id })
	if at < 0 {
		return models.QuickAnswer{}, models.Fail(models.CodeNotFound)
	}
	return answers[at], nil
}

// quickAnswer is the text of one that a message names.
func quickAnswer(ctx context.Context, tx *store.Store, station, id models.ID, language string) (models.Secret, error) {
	answer, err := oneQuickAnswer(ctx, tx, station, id)
	return models.Secret(answer.In(language)), noSuch(err, "quick_answer_id")
}

func wireQuickAnswer(answer models.QuickAnswer) api.QuickAnswer {
	return api.QuickAnswer{
		Id: answer.ID, TextZh: answer.TextZH, TextEn: answer.TextEN, Order: answer.Order, UpdatedAt: api.AtOrNil(answer.UpdatedAt),
	}
}
