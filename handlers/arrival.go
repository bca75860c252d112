package handlers

import (
	"context"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// ListArrivals answers GET /v1/arrivals. Looking at whose vehicles came and went is recorded.
func (h *Server) ListArrivals(ctx context.Context, request api.ListArrivalsRequestObject) (api.ListArrivalsResponseObject, error) {
	asked, params := api.From(ctx), request.Params
	page, err := pageOf(ctx, params.Limit, params.Cursor)
	if err != nil {
		return nil, err
	}
	filter := store.ArrivalFilter{
		Held: value(params.Held), VehicleID: value(params.VehicleId), From: instantOf(params.From), To: instantOf(params.To),
	}
	arrivals, err := h.Store.Arrivals(ctx, models.Sights(models.OpListArrivals, asked.Principal), filter, page)
	if err != nil {
		return nil, err
	}
	foreign := foreignIn(arrivals, func(arrival models.Arrival) (models.ID, bool) {
		return arrival.ID, !asked.Principal.Owns(arrival.OwnerID)
	})
	if err := h.lookedAtList(ctx, models.OpListArrivals, "arrival", foreign); err != nil {
		return nil, err
	}
	items, next := listed(ctx, arrivals, page, wireArrival(ctx), func(arrival models.Arrival) models.ID { return arrival.OrderID })
	return api.ListArrivals200JSONResponse{Items: items, NextCursor: next}, nil
}

// GetArrival answers GET /v1/arrivals/{arrival_id}: to its barrier, which waits there for what people decide, and to who may know
// whose vehicle came.
func (h *Server) GetArrival(ctx context.Context, request api.GetArrivalRequestObject) (api.GetArrivalResponseObject, error) {
	who := api.From(ctx).Principal
	what := &deed{operation: models.OpGetArrival, kind: "arrival", id: request.ArrivalId}
	arrival, err := mayArrival(ctx, h.Store, what)
	if err != nil {
		return nil, h.refused(ctx, what, err)
	}
	if !who.Device && !who.Owns(arrival.OwnerID) {
		if err := h.looked(ctx, what); err != nil {
			return nil, err
		}
	}
	return api.GetArrival200JSONResponse(wireArrival(ctx)(arrival)), nil
}

// mayArrival reads the arrival that a deed is about, and asks whether the caller may do so with it.
func mayArrival(ctx context.Context, from *store.Store, what *deed) (models.Arrival, error) {
	who := api.From(ctx).Principal
	arrival, err := from.Arrival(ctx, what.id)
	if err == nil {
		object := models.Object{Place: arrival.Place, Owner: arrival.OwnerID}
		if who.Device {
			object.Owner = arrival.DeviceID
		}
		err = models.May(what.operation, who, object)
	}
	return arrival, err
}

// wireArrival writes an arrival as the caller may see it: the whole mark is for its owner and for the barrier.
func wireArrival(ctx context.Context) func(models.Arrival) api.Arrival {
	who := api.From(ctx).Principal
	return func(arrival models.Arrival) api.Arrival {
		wire := api.Arrival{
			Id: arrival.ID, DeviceId: arrival.DeviceID, CompoundId: arrival.Place.Compound,
			Direction: api.ArrivalDirection(arrival.Direction), Lane: textOrNil(arrival.Lane), VehicleId: idOrNil(arrival.VehicleID),
			PlateTail: models.PlateTail(arrival.Mark), Decision: api.BarrierDecision(arrival.Decision),
			Reason: api.BarrierReason(arrival.Reason), OpenedWrongly: arrival.OpenedWrongly, Replayed: arrival.Replayed,
			Reads: arrival.Reads, ReadAt: api.At(arrival.ReadAt), ReceivedAt: api.At(arrival.ReceivedAt),
			DecidedAt: api.At(arrival.DecidedAt),
		}
		if who.Owns(arrival.DeviceID) || who.Owns(arrival.OwnerID) {
			wire.Plate = textOrNil(arrival.Mark.Reveal())
		}
		return wire
	}
}
