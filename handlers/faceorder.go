package handlers

import (
	"context"
	"strconv"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
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

// ConfirmWiping answers POST /v1/devices/{device_id}/wiping: of a terminal that was wiped or destroyed by hand an administrator
// answers for it that nothing is left, since it will never say so itself. Should it be heard again, it is told to delete.
func (h *Server) ConfirmWiping(ctx context.Context, request api.ConfirmWipingRequestObject) (api.ConfirmWipingResponseObject, error) {
	asked := api.From(ctx)
	what := &deed{
		operation: models.OpConfirmWiping, kind: "device", id: request.DeviceId, reason: models.Secret(request.Body.Reason),
	}
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.FacesWiped, error) {
		device, err := tx.Device(ctx, request.DeviceId)
		if err == nil {
			err = models.May(what.operation, asked.Principal, models.Object{Place: device.Place})
		}
		if err == nil {
			err = tx.LockDevice(ctx, device.ID) // who asks it to enrol at this moment waits
		}
		if err != nil {
			return api.FacesWiped{}, err
		}
		wiped, err := tx.WipedFaces(ctx, device.ID, asked.Now)
		what.facts = map[string]string{"enrolments": strconv.Itoa(wiped)}
		return api.FacesWiped{DeviceId: device.ID, Enrolments: wiped}, err
	})
	if err != nil {
		return nil, err
	}
	return api.ConfirmWiping200JSONResponse(answer), nil
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
