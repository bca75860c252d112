package handlers

import (
	"context"
	"slices"

	"xunfang/api"
	"xunfang/models"
)

// GetOpen311Service answers GET /open311/v2/services/{service_code}.json.
func (h *Server) GetOpen311Service(
	ctx context.Context, request api.GetOpen311ServiceRequestObject,
) (api.GetOpen311ServiceResponseObject, error) {
	station, err := h.jurisdiction(ctx, request.Params.JurisdictionId)
	if err != nil {
		return nil, err
	}
	service, err := h.publicService(ctx, station.ID, request.ServiceCode)
	if err != nil {
		return nil, err
	}
	answer := api.Open311Definition{ServiceCode: service.Code, Attributes: make([]api.Open311Attribute, 0, len(service.Questions))}
	for at, question := range service.Questions {
		answer.Attributes = append(answer.Attributes, wireAttribute(at+1, question))
	}
	return api.GetOpen311Service200JSONResponse(answer), nil
}

func wireAttribute(order int, question models.TipQuestion) api.Open311Attribute {
	wire := api.Open311Attribute{
		Variable: true, Code: question.Key, Datatype: api.Open311AttributeDatatype(question.Open311DataType()),
		Required: question.Required, Order: order, Description: inBoth(question.TextZH, question.TextEN), Values: []api.Open311Value{},
	}
	for _, choice := range question.Open311Values() {
		wire.Values = append(wire.Values, api.Open311Value{Key: choice.Code, Name: inBoth(choice.TextZH, choice.TextEN)})
	}
	return wire
}

// inBoth is a text in both languages: GeoReport v2 has one.
func inBoth(chinese, english string) string { return chinese + " / " + english }

// publicServices are the categories that a station declares public.
func (h *Server) publicServices(ctx context.Context, station models.ID) ([]models.TipCategory, error) {
	categories, err := h.Store.TipCategories(ctx, station)
	return slices.DeleteFunc(categories, func(category models.TipCategory) bool {
		return category.Withdrawn || !category.Public
	}), err
}

// publicService is one of them; CodeNotFound where it is none.
func (h *Server) publicService(ctx context.Context, station models.ID, code string) (models.TipCategory, error) {
	category, err := h.Store.TipCategory(ctx, station, code, 0)
	if err == nil && (category.Withdrawn || !category.Public) {
		err = models.Fail(models.CodeNotFound)
	}
	return category, err
}
