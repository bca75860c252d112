package handlers

import (
	"context"

	"xunfang/api"
	"xunfang/models"
)

// ListFaceOrders answers GET /v1/face-orders: which terminal owes an answer, and nobody's name.
func (h *Server) ListFaceOrders(
	ctx context.Context, request api.ListFaceOrdersRequestObject,
) (api.ListFaceOrdersResponseObject, error) {
	page, err := pageOf(ctx, request.Params.Limit, request.Params.Cursor)
	if err != nil {
		return nil, err
	}
	asked := api.From(ctx)
	orders, err := h.Store.FaceOrdersWithin(ctx, models.Sights(models.OpListFaceOrders, asked.Principal), page)
	if err != nil {
		return nil, err
	}
	wire := func(order models.FaceEnrolment) api.FaceOrder {
		since := order.RequestedAt
		if order.State == models.FaceDeletionRequested {
			since = order.DeletionAt
		}
		return api.FaceOrder{
			Id: order.ID, DeviceId: order.DeviceID, CompoundId: order.Place.Compound, State: api.FaceState(order.State),
			Since: api.At(since), Overdue: order.Overdue(asked.Now),
		}
	}
	items, next := listed(ctx, orders, page, wire, func(order models.FaceEnrolment) models.ID { return order.ID })
	return api.ListFaceOrders200JSONResponse{Items: items, NextCursor: next}, nil
}

// GetFaceFigures answers GET /v1/face-figures: numbers, and nobody's name.
func (h *Server) GetFaceFigures(
	ctx context.Context, request api.GetFaceFiguresRequestObject,
) (api.GetFaceFiguresResponseObject, error) {
	asked := api.From(ctx)
	what := &deed{operation: models.OpGetFaceFigures, kind: "compound", id: request.Params.CompoundId}
	compound, err := h.Store.Compound(ctx, request.Params.CompoundId)
	if err == nil {
		err = models.May(what.operation, asked.Principal, models.Object{Place: compound.Place()})
	}
	if err != nil {
		return nil, h.refused(ctx, what, err)
	}
	figures, err := h.Store.FaceFigures(ctx, compound.ID, asked.Now)
	if err != nil {
		return nil, err
	}
	return api.GetFaceFigures200JSONResponse{
		CompoundId: compound.ID, Enrolled: figures.Enrolled, Requested: figures.Requested, Deleting: figures.Deleting, Overdue: figures.Overdue,
	}, nil
}
