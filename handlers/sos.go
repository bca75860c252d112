package handlers

import (
	"context"
	"fmt"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// CreateSos answers POST /v1/sos. Nothing about a phone's clock, a repeat or an open call refuses somebody who calls
// for help.
func (h *Server) CreateSos(ctx context.Context, request api.CreateSosRequestObject) (api.CreateSosResponseObject, error) {
	asked, body := api.From(ctx), request.Body
	call := models.NewSOS(models.SOS{
		ID: body.Id, CallerID: asked.Principal.ID, Kind: models.SOSKind(body.Kind), Silent: value(body.Silent),
		RaisedAt: body.RaisedAt.Time,
		Fix:      models.FixSentWith(h.fixThatFits(body.Position), lenient(h, "PhoneClock", body.Clock, clockOf), body.RaisedAt.Time, asked.Now),
	}, asked.Now)
	alone := func(*store.Store, models.ID) error { return nil }
	sos, created, err := h.callForHelp(ctx, call, asked.Principal, models.OpCreateSOS, alone)
	if err != nil {
		return nil, h.refused(ctx, &deed{operation: models.OpCreateSOS, kind: "sos", id: call.ID}, err)
	}
	if sos.Silent {
		return h.answerSilent(ctx, sos, call, created)
	}
	if created {
		return api.CreateSos201JSONResponse(wireSOS(asked.Principal)(sos)), nil
	}
	return api.CreateSos200JSONResponse(wireSOS(asked.Principal)(sos)), nil
}

// within is what else belongs to raising, or joining, a call; it is given the call's id.
type within func(tx *store.Store, sos models.ID) error

// callForHelp raises a call, joins the person's open one, or finds the same call again. Two that come at the same
// moment are told apart by the database's keys: who comes second looks again.
func (h *Server) callForHelp(
	ctx context.Context, call models.SOS, who models.Principal, operation models.Operation, more within,
) (sos models.SOS, created bool, err error) {
	if err := h.lookWhere(ctx, who.StationID); err != nil { // help is called with what is known
		h.Logger.WarnContext(ctx, "last positions could not be read", "error", err)
	}
	call = h.placed(ctx, call, who)
	for race := 1; ; race++ {
		sos, created, err = h.callOnce(ctx, call, operation, more)
		if models.CodeOf(err) != models.CodeAlreadyExists || race == repeatRaces {
			return sos, created, err
		}
	}
}

// placed fills in where a caller was seen last, and when, where the call does not tell; and whose ground that is.
func (h *Server) placed(ctx context.Context, call models.SOS, who models.Principal) models.SOS {
	last, seen := h.positions.grid.Last(call.CallerID)
	if seen && (call.Fix == nil || !call.PlaceKnown(call.ReceivedAt) && last.At.After(call.Fix.FixedAt)) {
		call.FixSent, call.Fix = false, &models.Fix{Position: last.Position, ReportedCRS: models.WGS84, FixedAt: last.At}
	}
	compounds, err := h.stationCompounds(ctx, who.StationID)
	if err != nil {
		h.Logger.ErrorContext(ctx, "the compounds of a call for help could not be read", "sos_id", call.ID, "error", err)
	}
	call.Place = models.TipPlace(call.Fix, compounds, who)
	return call
}

func (h *Server) callOnce(
	ctx context.Context, call models.SOS, operation models.Operation, more within,
) (sos models.SOS, created bool, err error) {
	first, err := h.Store.SOSOfCall(ctx, call.ID)
	switch {
	case err == nil && first.CallerID != call.CallerID:
		return first, false, models.Unfit("id", models.FieldNotUnique, "")
	case err == nil:
		return first, false, nil
	case models.CodeOf(err) != models.CodeNotFound:
		return first, false, err
	}
	open, err := h.Store.OpenSOS(ctx, call.CallerID, call.Silent)
	if err == nil {
		sos, err = h.joinSOS(ctx, open, call, operation, more)
		return sos, false, err
	}
	if models.CodeOf(err) != models.CodeNotFound {
		return open, false, err
	}
	sos, err = h.raiseSOS(ctx, call, operation, more)
	return sos, true, err
}

// raiseSOS writes a new call, whom it asks, and their alert, in one transaction.
func (h *Server) raiseSOS(ctx context.Context, call models.SOS, operation models.Operation, more within) (models.SOS, error) {
	made := h.withThoseAsked(ctx, call, h.whomToAsk(ctx, call, nil, call.ReceivedAt))
	switch {
	case len(made.helpers) == 0:
		call.WidensAt = call.ReceivedAt // nobody to wait for
	case made.incomplete:
		call = call.Incomplete(call.ReceivedAt)
	}
	what := sosDeed(operation, call, made)
	err := h.Store.Atomically(ctx, func(tx *store.Store) error {
		if err := more(tx, call.ID); err != nil {
			return err
		}
		call.OrderID = h.NewID()
		if err := tx.AddSOS(ctx, call); err != nil {
			return err
		}
		if err := tx.AddSOSPositions(ctx, call.ID, firstPosition(call), call.ReceivedAt); err != nil {
			return err
		}
		if err := h.ask(ctx, tx, call, &made, call.ReceivedAt); err != nil {
			return err
		}
		return tx.Record(ctx, h.entry(ctx, what, nil), "")
	})
	if err == nil {
		h.asked(ctx, call, made)
	}
	return call, err
}

func sosDeed(operation models.Operation, sos models.SOS, made asking) *deed {
	return &deed{operation: operation, kind: "sos", id: sos.ID, facts: map[string]string{
		"kind": string(sos.Kind), "silent": fmt.Sprint(sos.Silent), "step": fmt.Sprint(sos.Step), "asked": fmt.Sprint(len(made.helpers)),
	}}
}

// firstPosition is what a call says of where its caller is.
func firstPosition(call models.SOS) []models.SOSPosition {
	if call.Fix == nil {
		return nil
	}
	first := models.SOSPosition{Fix: *call.Fix, At: call.Fix.FixedAt, PhoneAt: call.Fix.FixedAt}
	if call.FixSent {
		first.PhoneAt = call.RaisedAt
	}
	return []models.SOSPosition{first}
}

// wireSOS writes a call as somebody may see it: where it came from is shown to its caller, to police in whose scope it
// lies, and, while it is open, to who was asked.
func wireSOS(who models.Principal) func(models.SOS) api.Sos {
	return func(sos models.SOS) api.Sos {
		wire := api.Sos{
			Id: sos.ID, Kind: api.SosKind(sos.Kind), Silent: sos.Silent, State: api.SosState(sos.State), CallerId: sos.CallerID,
			CompoundId: idOrNil(sos.Place.Compound), RaisedAt: api.At(sos.RaisedAt), ReceivedAt: api.At(sos.ReceivedAt),
			DeliveredAt: api.AtOrNil(sos.DeliveredAt), AcknowledgedAt: api.AtOrNil(sos.AcknowledgedAt),
			ClaimedSafeAt: api.AtOrNil(sos.ClaimedSafeAt), EndedAt: api.AtOrNil(sos.EndedAt), Step: sos.Step,
		}
		if sos.EndReason != "" {
			reason := api.SosEndReason(sos.EndReason)
			wire.EndReason = &reason
		}
		if sos.Open() || models.May(models.OpGetSOS, who, models.Object{Place: sos.Place, Owner: sos.CallerID}) == nil {
			wire.Position, wire.PositionOld = wireFix(sos.Fix), sos.PlaceOld()
		}
		return wire
	}
}
