package handlers

import (
	"context"
	"strconv"
	"strings"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// ListTipCategories answers GET /v1/tip-categories. It needs no token: whoever sends a tip without a name reads the
// questions first.
func (h *Server) ListTipCategories(
	ctx context.Context, request api.ListTipCategoriesRequestObject,
) (api.ListTipCategoriesResponseObject, error) {
	station := request.Params.StationId
	if _, err := h.Store.Place(ctx, models.LevelStation, station); err != nil {
		return nil, err
	}
	categories, err := h.Store.TipCategories(ctx, station)
	items := make([]api.TipCategoryDetail, 0, len(categories))
	for _, category := range categories {
		if !category.Withdrawn {
			items = append(items, wireTipCategory(category))
		}
	}
	return api.ListTipCategories200JSONResponse{Items: items}, err
}

// GetTipCategory answers GET /v1/tip-categories/{category_code}, in whatever version, withdrawn or not: a tip's answers
// are shown beside the questions that they are to.
func (h *Server) GetTipCategory(ctx context.Context, request api.GetTipCategoryRequestObject) (api.GetTipCategoryResponseObject, error) {
	station := request.Params.StationId
	if _, err := h.Store.Place(ctx, models.LevelStation, station); err != nil {
		return nil, err
	}
	category, err := h.Store.TipCategory(ctx, station, request.CategoryCode, value(request.Params.Version))
	return api.GetTipCategory200JSONResponse(wireTipCategory(category)), err
}

// PutTipCategory answers PUT /v1/tip-categories/{category_code}. It writes a new version, of which there is one only: of
// two commanders who change the same one, one is told to read it again.
func (h *Server) PutTipCategory(ctx context.Context, request api.PutTipCategoryRequestObject) (api.PutTipCategoryResponseObject, error) {
	asked := api.From(ctx)
	put := putCategory(request.CategoryCode, request.Body)
	if err := put.Check(); err != nil {
		return nil, err
	}
	what := &deed{operation: models.OpPutTipCategory, kind: "tip_category", id: asked.Principal.StationID}
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.TipCategoryDetail, error) {
		have, err := h.ownCategories(ctx, tx, what.operation)
		if err != nil {
			return api.TipCategoryDetail{}, err
		}
		next, changed, err := models.NextTipCategory(put, have)
		if err == nil && changed {
			next.UpdatedAt = asked.Now
			err = tx.AddTipCategory(ctx, asked.Principal.StationID, next)
		}
		what.facts = categoryFacts(next)
		return wireTipCategory(next), err
	})
	if err != nil {
		return nil, err
	}
	return api.PutTipCategory200JSONResponse(answer), nil
}

// DeleteTipCategory answers DELETE /v1/tip-categories/{category_code}. The tips of the category stay as they are.
func (h *Server) DeleteTipCategory(
	ctx context.Context, request api.DeleteTipCategoryRequestObject,
) (api.DeleteTipCategoryResponseObject, error) {
	asked := api.From(ctx)
	what := &deed{operation: models.OpDeleteTipCategory, kind: "tip_category", id: asked.Principal.StationID}
	_, err := act(ctx, h, what, 204, func(tx *store.Store) (bool, error) {
		have, err := h.ownCategories(ctx, tx, what.operation)
		if err != nil {
			return false, err
		}
		withdrawn, err := models.WithdrawnTipCategory(request.CategoryCode, have)
		if err != nil {
			return false, err
		}
		withdrawn.UpdatedAt, what.facts = asked.Now, categoryFacts(withdrawn)
		return true, tx.AddTipCategory(ctx, asked.Principal.StationID, withdrawn)
	})
	if err != nil {
		return nil, err
	}
	return api.DeleteTipCategory204Response{}, nil
}

// ownCategories are those of the caller's station, for who may change them.
func (h *Server) ownCategories(ctx context.Context, tx *store.Store, operation models.Operation) ([]models.TipCategory, error) {
	who := api.From(ctx).Principal
	if err := models.May(operation, who, models.Object{Place: models.Place{Station: who.StationID}}); err != nil {
		return nil, err
	}
	return tx.TipCategories(ctx, who.StationID)
}

// takenBy makes the tip one of its category: models.TipCategory.Take.
func takenBy(ctx context.Context, from *store.Store, tip models.Tip) (models.Tip, error) {
	category, err := from.TipCategory(ctx, tip.Place.Station, tip.Category, 0)
	if err != nil && models.CodeOf(err) != models.CodeNotFound {
		return tip, err
	}
	return category.Take(tip)
}

func categoryFacts(category models.TipCategory) map[string]string {
	return map[string]string{
		"category": category.Code, "version": strconv.Itoa(category.Version), "public": strconv.FormatBool(category.Public),
		"withdrawn": strconv.FormatBool(category.Withdrawn), "questions": strconv.Itoa(len(category.Questions)),
	}
}

func putCategory(code string, body *api.TipCategoryPut) models.TipCategory {
	put := models.TipCategory{
		Code: code, Version: body.Version, NameZH: strings.TrimSpace(body.NameZh), NameEN: strings.TrimSpace(body.NameEn),
		Order: body.Order, Public: body.Public, Questions: make([]models.TipQuestion, 0, len(body.Questions)),
	}
	for _, question := range body.Questions {
		made := models.TipQuestion{
			Key: question.Key, TextZH: strings.TrimSpace(question.TextZh), TextEN: strings.TrimSpace(question.TextEn),
			Type: models.QuestionType(question.Type), Required: question.Required,
		}
		for _, choice := range question.Values {
			made.Values = append(made.Values, models.TipChoice{
				Code: choice.Code, TextZH: strings.TrimSpace(choice.TextZh), TextEN: strings.TrimSpace(choice.TextEn),
			})
		}
		put.Questions = append(put.Questions, made)
	}
	return put
}

func wireTipCategory(category models.TipCategory) api.TipCategoryDetail {
	wire := api.TipCategoryDetail{
		Code: category.Code, Version: category.Version, NameZh: category.NameZH, NameEn: category.NameEN, Order: category.Order,
		Public: category.Public, Urgent: category.Urgent(), Withdrawn: category.Withdrawn,
		Questions: make([]api.TipQuestion, 0, len(category.Questions)), UpdatedAt: api.AtOrNil(category.UpdatedAt),
	}
	for _, question := range category.Questions {
		made := api.TipQuestion{
			Key: question.Key, TextZh: question.TextZH, TextEn: question.TextEN, Type: api.TipQuestionType(question.Type),
			Required: question.Required, Values: make([]api.TipChoice, 0, len(question.Values)),
		}
		for _, choice := range question.Values {
			made.Values = append(made.Values, api.TipChoice{Code: choice.Code, TextZh: choice.TextZH, TextEn: choice.TextEN})
		}
		wire.Questions = append(wire.Questions, made)
	}
	return wire
}
