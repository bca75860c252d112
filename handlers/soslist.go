package handlers

import (
	"cmp"
	"context"
	"slices"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// ListSos answers GET /v1/sos. Looking at other people's is recorded.
func (h *Server) ListSos(ctx context.Context, request api.ListSosRequestObject) (api.ListSosResponseObject, error) {
	who, params := api.From(ctx).Principal, request.Params
	page, err := pageOf(ctx, params.Limit, params.Cursor)
	if err != nil {
		return nil, err
	}
	filter := store.SOSFilter{Open: value(params.Open), State: models.SOSState(value(params.State))}
	calls, err := h.Store.ListSOS(ctx, models.Sights(models.OpListSOS, who), who.ID, filter, page)
	if err != nil {
		return nil, err
	}
	foreign := foreignIn(calls, func(sos models.SOS) (models.ID, bool) { return sos.CallerID, sos.CallerID != who.ID })
	if err := h.lookedAtList(ctx, models.OpListSOS, "sos", foreign); err != nil {
		return nil, err
	}
	for at, sos := range calls {
		calls[at] = h.hushed(ctx, who.ID, sos)
	}
	items, next := listed(ctx, calls, page, wireSOS(who), func(sos models.SOS) models.ID { return sos.OrderID })
	return api.ListSos200JSONResponse{Items: items, NextCursor: next}, nil
}

// GetSos answers GET /v1/sos/{sos_id}: to its caller who comes, to who was asked and to police there everything, while it
// is open. Looking at somebody else's is recorded; by who was asked it delivers the call.
func (h *Server) GetSos(ctx context.Context, request api.GetSosRequestObject) (api.GetSosResponseObject, error) {
	who := api.From(ctx).Principal
	what := &deed{operation: models.OpGetSOS, kind: "sos", id: request.SosId}
	sos, err := h.Store.SOS(ctx, what.id)
	if err != nil {
		return nil, h.refused(ctx, what, err)
	}
	_, err = h.Store.SOSHelper(ctx, sos.ID, who.ID)
	wasAsked := err == nil
	if err != nil && models.CodeOf(err) != models.CodeNotFound {
		return nil, err
	}
	if err := sos.MaySee(what.operation, who, wasAsked); err != nil {
		return nil, h.refused(ctx, what, err)
	}
	if wasAsked {
		if err := h.fetchedSOS(ctx, what.operation, sos.ID); err != nil {
			return nil, err
		}
		if sos, err = h.Store.SOS(ctx, sos.ID); err != nil {
			return nil, err
		}
	}
	if sos.CallerID != who.ID {
		if err := h.looked(ctx, what); err != nil {
			return nil, err
		}
	}
	view, err := h.viewSOS(ctx, sos)
	return api.GetSos200JSONResponse(view), err
}

// maxHelpersShown bounds the people shown with a call: those who answered come first.
const maxHelpersShown = 100

func (h *Server) viewSOS(ctx context.Context, sos models.SOS) (api.SosView, error) {
	who := api.From(ctx).Principal
	view := api.SosView{Sos: wireSOS(who)(h.hushed(ctx, who.ID, sos)), Helpers: []api.SosHelper{}, Trail: []api.SosTrailPoint{}}
	helpers, err := h.Store.SOSHelpers(ctx, sos.ID)
	if err != nil {
		return view, err
	}
	trail, err := h.Store.SOSPositions(ctx, sos.ID, models.MaxSOSTrail)
	if err != nil {
		return view, err
	}
	if view.Asked = len(helpers); who.ID == sos.CallerID {
		helpers = slices.DeleteFunc(helpers, func(one models.SOSHelper) bool { return !one.Reply.Acknowledges() || one.Reply == "" })
	} else if sos.Open() {
		for _, point := range trail {
			view.Trail = append(view.Trail, api.SosTrailPoint{At: api.At(point.At), PhoneAt: api.At(point.PhoneAt), Position: *wireFix(&point.Fix)})
		}
	}
	where, exact := sos.Fix, models.May(models.OpGetSOS, who, models.Object{Place: sos.Place}) == nil
	slices.SortStableFunc(helpers, func(left, right models.SOSHelper) int {
		if order := cmp.Compare(answered(left), answered(right)); order != 0 || exact {
			return order // they come the nearest first
		}
		return cmp.Compare(left.PersonID, right.PersonID)
	})
	helpers = helpers[:min(len(helpers), maxHelpersShown)]
	people := []models.ID{sos.CallerID}
	for _, helper := range helpers {
		people = append(people, helper.PersonID)
	}
	names, err := h.Store.Names(ctx, people)
	if err != nil { // one name that is spoilt must not keep the call from who comes
		h.Logger.ErrorContext(ctx, "a name of a call for help could not be read", "sos_id", sos.ID, "error", err)
	}
	if len(trail) > 0 {
		where = &trail[0].Fix
	}
	view.CallerName = names[sos.CallerID].Reveal()
	for _, helper := range helpers {
		view.Helpers = append(view.Helpers, h.wireHelper(helper, names, where, sos.Open(), exact))
	}
	return view, nil
}

// answered orders those who come before those who cannot, and these before who said nothing.
func answered(helper models.SOSHelper) int {
	return map[models.SOSReply]int{models.SOSArrived: 0, models.SOSComing: 1, models.SOSCannot: 2, "": 3}[helper.Reply]
}

// wireHelper writes a helper with how far away they are now, to who commands; to everybody else with the class that was
// told first; and never where.
func (h *Server) wireHelper(
	helper models.SOSHelper, names map[models.ID]models.Secret, where *models.Fix, open, exact bool,
) api.SosHelper {
	wire := api.SosHelper{
		PersonId: helper.PersonID, Name: names[helper.PersonID].Reveal(), Role: api.PersonRole(helper.Role),
		DeliveredAt: api.AtOrNil(helper.DeliveredAt), AcknowledgedAt: api.AtOrNil(helper.AcknowledgedAt),
		RepliedAt: api.AtOrNil(helper.RepliedAt),
	}
	if helper.Reply != "" {
		reply := api.SosReply(helper.Reply)
		wire.Reply = &reply
	}
	if wire.DistanceM = helper.ClassM; !exact {
		return wire
	}
	distance := helper.DistanceM
	if last, known := h.positions.grid.Last(helper.PersonID); known && where != nil && open {
		now := where.DistanceM(last.Position)
		distance = &now
	}
	if wire.DistanceM = nil; distance != nil {
		rounded := models.RoundedM(*distance)
		wire.DistanceM = &rounded
	}
	return wire
}
