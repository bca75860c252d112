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
		Fix: h.fixThatFits(body.Position), RaisedAt: body.RaisedAt.Time,
	}, asked.Now)
	alone := func(*store.Store, models.ID) error { return nil }
	sos, created, err := h.callForHelp(ctx, call, asked.Principal, models.OpCreateSOS, alone)
	if err != nil {
		return nil, h.refused(ctx, &deed{operation: models.OpCreateSOS, kind: "sos", id: call.ID}, err)
	}
	answer := wireSOS(asked.Principal)(sos)
	if sos.Silent { // the answer to a first, plain call: what became of it is not for this phone
		answer = wireSOS(asked.Principal)(call)
		answer.Id, answer.CompoundId, answer.Position = sos.ID, idOrNil(sos.Place.Compound), wireFix(sos.Fix)
	}
	if created {
		return api.CreateSos201JSONResponse(answer), nil
	}
	return api.CreateSos200JSONResponse(answer), nil
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
	if call, err = h.placed(ctx, call, who); err != nil {
		return call, false, err
	}
	for race := 1; ; race++ {
		sos, created, err = h.callOnce(ctx, call, operation, more)
		if models.CodeOf(err) != models.CodeAlreadyExists || race == repeatRaces {
			return sos, created, err
		}
	}
}

// placed fills in where a caller is, as far as that is known, and whose ground that is.
func (h *Server) placed(ctx context.Context, call models.SOS, who models.Principal) (models.SOS, error) {
	if call.Fix == nil {
		if last, known := h.positions.grid.Last(call.CallerID); known {
			call.Fix = &models.Fix{Position: last.Position, ReportedCRS: models.WGS84}
		}
	}
	compounds, err := h.stationCompounds(ctx, who.StationID)
	call.Place = models.TipPlace(call.Fix, compounds, who)
	return call, err
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
	open, err := h.Store.OpenSOS(ctx, call.CallerID)
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
	made, err := h.whomToAsk(ctx, call, nil, call.ReceivedAt)
	if err != nil {
		return call, err
	}
	if len(made.helpers) == 0 {
		call.WidensAt = call.ReceivedAt // nobody to wait for
	}
	what := sosDeed(operation, call, made)
	err = h.Store.Atomically(ctx, func(tx *store.Store) error {
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

// joinSOS adds a further call to the person's open one. It asks anew when people were asked too long ago to come.
func (h *Server) joinSOS(ctx context.Context, open, call models.SOS, operation models.Operation, more within) (models.SOS, error) {
	now, made := call.ReceivedAt, asking{}
	expected, anew := open.Joined(call, now)
	if anew {
		if call.Fix != nil {
			expected.Fix, expected.Place = call.Fix, call.Place
		}
		var err error
		if made, err = h.whomToAsk(ctx, expected, nil, now); err != nil {
			return open, err
		}
	}
	what := sosDeed(operation, expected, made)
	what.facts["joined_by"] = string(call.ID)
	joined := models.SOS{}
	err := h.Store.Atomically(ctx, func(tx *store.Store) error {
		held, err := tx.LockSOS(ctx, open.ID)
		if err != nil {
			return err
		}
		changed, again := held.Joined(call, now) // looked at again
		if !held.Open() || again != anew {
			return models.Fail(models.CodeAlreadyExists)
		}
		joined = changed
		if err := more(tx, joined.ID); err != nil {
			return err
		}
		joined.Fix, joined.Place = expected.Fix, expected.Place
		if joined, err = tx.UpdateSOS(ctx, joined, now); err != nil {
			return err
		}
		if err := tx.AddSOSCall(ctx, call.ID, joined); err != nil {
			return err
		}
		if err := tx.AddSOSPositions(ctx, joined.ID, firstPosition(call), now); err != nil {
			return err
		}
		if err := h.ask(ctx, tx, joined, &made, now); err != nil {
			return err
		}
		return tx.Record(ctx, h.entry(ctx, what, nil), "")
	})
	if err == nil {
		h.asked(ctx, joined, made)
	}
	return joined, err
}

func sosDeed(operation models.Operation, sos models.SOS, made asking) *deed {
	return &deed{operation: operation, kind: "sos", id: sos.ID, facts: map[string]string{
		"kind": string(sos.Kind), "silent": fmt.Sprint(sos.Silent), "step": fmt.Sprint(sos.Step), "asked": fmt.Sprint(len(made.helpers)),
	}}
}

// firstPosition is what a call says of where its caller is.
func firstPosition(call models.SOS) []store.SOSPosition {
	if call.Fix == nil {
		return nil
	}
	return []store.SOSPosition{{Fix: *call.Fix, At: call.RaisedAt}}
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
		if sos.Open() || models.May(models.OpGetSOS, who, models.Object{Place: sos.Place, Owner: sos.CallerID}) == nil {
			wire.Position = wireFix(sos.Fix)
		}
		return wire
	}
}
