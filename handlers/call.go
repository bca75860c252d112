package handlers

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"time"

	"xunfang/api"
	"xunfang/auth"
	"xunfang/models"
	"xunfang/store"
)

// CreateCall answers POST /v1/calls. The panel's id makes a repeat harmless.
func (h *Server) CreateCall(ctx context.Context, request api.CreateCallRequestObject) (api.CreateCallResponseObject, error) {
	call, err := newCall(ctx, h.NewID(), request.Body)
	if err != nil {
		return nil, err
	}
	if answer, err := h.repeatedCall(ctx, call); answer != nil || err != nil { // before any limit: it may be the answer that was lost
		return answer, err
	}
	what := &deed{operation: models.OpCreateCall, kind: "call", id: call.ID}
	rung := models.Call{}
	answer, err := act(ctx, h, what, 201, func(tx *store.Store) (api.Call, error) {
		rung = call
		if err := placeCall(ctx, tx, &rung); err != nil {
			return api.Call{}, err
		}
		if err := tx.AddCall(ctx, rung); err != nil {
			return api.Call{}, err
		}
		return wireCall(ctx)(rung), h.ringLeg(ctx, tx, rung, 0)
	})
	if models.CodeOf(err) == models.CodeAlreadyExists { // the same panel asked twice at once
		if answer, again := h.repeatedCall(ctx, call); answer != nil || again != nil {
			return answer, again
		}
	}
	if err != nil {
		return nil, err
	}
	h.callChanged(ctx, rung)
	return api.CreateCall201JSONResponse(answer), nil
}

func newCall(ctx context.Context, order models.ID, body *api.CallCreate) (models.Call, error) {
	asked, session := api.From(ctx), value(body.Session)
	if len(session) > models.MaxSession {
		return models.Call{}, models.Unfit("session", models.FieldTooLong, "<= 2048 bytes")
	}
	content, err := json.Marshal(body)
	hash := sha256.Sum256(content)
	return models.Call{
		ID: body.Id, OrderID: order, DoorID: body.DoorId, Place: models.Place{Home: body.HomeId}, DeviceID: asked.Principal.ID,
		State: models.CallRinging, RungAt: asked.Now, ExpiresAt: asked.Now.Add(models.CallLife), Session: models.Secret(session),
		BodyHash: hash[:],
	}, err
}

// placeCall finds which home a new call rings, whether the panel may ring it now, and settles its way.
func placeCall(ctx context.Context, tx *store.Store, call *models.Call) error {
	asked := api.From(ctx)
	door, err := tx.Door(ctx, call.DoorID)
	if err == nil {
		err = models.May(models.OpCreateCall, asked.Principal, models.Object{Place: door.Place, Owner: door.DeviceID})
	}
	if err != nil {
		return noSuch(err, "door_id")
	}
	home, err := tx.Home(ctx, call.Place.Home)
	if err == nil && !door.Place.Contains(home.Place) {
		err = models.Fail(models.CodeNotFound)
	}
	if err != nil {
		return noSuch(err, "home_id")
	}
	call.Place = home.Place
	if err := tx.LockDevice(ctx, asked.Principal.ID); err != nil { // calls at once are counted one after another
		return err
	}
	rung, err := tx.CallTimes(ctx, asked.Principal.ID, home.ID, asked.Now.Add(-time.Hour))
	if err != nil {
		return err
	}
	if wait := models.CallWait(rung, asked.Now); wait > 0 {
		return models.Fail(models.CodeTooManyCalls).After(wait)
	}
	settings, err := tx.CallSettings(ctx, home.ID, asked.Now)
	if err != nil {
		return err
	}
	phones, err := tx.CallPhones(ctx, home.ID, asked.Now)
	ringing := map[models.ID]bool{}
	for _, phone := range phones {
		ringing[phone.PersonID] = true
	}
	call.Legs = models.CallLegs(settings, ringing, asked.Now)
	return err
}

// repeatedCall answers a call whose id is taken: the first one to the panel that rang it with the same words; nil for a new id.
func (h *Server) repeatedCall(ctx context.Context, call models.Call) (api.CreateCallResponseObject, error) {
	first, err := h.Store.Call(ctx, call.ID)
	switch {
	case models.CodeOf(err) == models.CodeNotFound:
		return nil, nil //nolint:nilnil // a new id is no answer and no error
	case err != nil:
		return nil, err
	case first.DeviceID != call.DeviceID || !auth.SameBytes(first.BodyHash, call.BodyHash):
		err = takenField("id")
		return nil, h.refused(ctx, &deed{operation: models.OpCreateCall, kind: "call", id: call.ID}, err)
	default:
		return api.CreateCall200JSONResponse(wireCall(ctx)(first)), nil
	}
}

// ListCalls answers GET /v1/calls: the home's own, and to a guard what is forwarded to them now, which is recorded.
func (h *Server) ListCalls(ctx context.Context, request api.ListCallsRequestObject) (api.ListCallsResponseObject, error) {
	asked, params := api.From(ctx), request.Params
	page, err := pageOf(ctx, params.Limit, params.Cursor)
	if err != nil {
		return nil, err
	}
	calls, err := h.Store.Calls(ctx, store.CallSights(asked.Principal), value(params.Live), asked.Now, page)
	if err != nil {
		return nil, err
	}
	foreign := foreignIn(calls, func(call models.Call) (models.ID, bool) { return call.ID, !ofHome(asked.Principal, call) })
	if err := h.lookedAtList(ctx, models.OpListCalls, "call", foreign); err != nil {
		return nil, err
	}
	items, next := listed(ctx, calls, page, wireCall(ctx), func(call models.Call) models.ID { return call.OrderID })
	return api.ListCalls200JSONResponse{Items: items, NextCursor: next}, nil
}

// GetCall answers GET /v1/calls/{call_id}. It alone tells the session's parameters, and only while the call goes on: its answer
// is kept nowhere.
func (h *Server) GetCall(ctx context.Context, request api.GetCallRequestObject) (api.GetCallResponseObject, error) {
	asked := api.From(ctx)
	what := &deed{operation: models.OpGetCall, kind: "call", id: request.CallId}
	call, err := mayCall(ctx, h.Store, what)
	if err != nil {
		return nil, h.refused(ctx, what, err)
	}
	if !asked.Principal.Device && !ofHome(asked.Principal, call) {
		if err := h.looked(ctx, what); err != nil {
			return nil, err
		}
	}
	answer := wireCall(ctx)(call)
	if !asked.Principal.Device && call.StateAt(asked.Now).Live() {
		answer.Session = textOrNil(call.Session.Reveal())
	}
	return api.GetCall200JSONResponse(answer), nil
}

// mayCall reads the call that a deed is about, and asks whether the caller may do so with it.
func mayCall(ctx context.Context, from *store.Store, what *deed) (models.Call, error) {
	asked := api.From(ctx)
	call, err := from.Call(ctx, what.id)
	if err != nil {
		return call, err
	}
	grant, err := call.For(what.operation, asked.Principal, asked.Now)
	what.role = grant.Role
	return call, err
}

func ofHome(who models.Principal, call models.Call) bool {
	for _, grant := range who.Grants {
		if call.OfHome(grant) {
			return true
		}
	}
	return false
}

// mayLookOut says whether the caller may look at the panel's photo of who rang: the home, and nobody else.
func mayLookOut(ctx context.Context, call models.Call) error {
	if !ofHome(api.From(ctx).Principal, call) {
		return models.Fail(models.CodeNotFound)
	}
	return nil
}

// wireCall writes a call as the caller may see it: the panel learns no more than how it stands.
func wireCall(ctx context.Context) func(models.Call) api.Call {
	asked := api.From(ctx)
	return func(call models.Call) api.Call {
		wire := api.Call{
			Id: call.ID, DoorId: call.DoorID, HomeId: call.Place.Home, State: api.CallState(call.StateAt(asked.Now)),
			RungAt: api.At(call.RungAt), ExpiresAt: api.At(call.ExpiresAt), AnsweredAt: api.AtOrNil(call.AnsweredAt),
			EndedAt: api.AtOrNil(call.EndedAt),
		}
		if call.EndedAt.IsZero() && !call.StateAt(asked.Now).Live() { // the keeper has not come by yet
			wire.EndedAt = api.AtOrNil(call.ExpiresAt)
		}
		if !asked.Principal.Device {
			wire.AnsweredBy, wire.CommandId = idOrNil(call.AnsweredBy), idOrNil(call.CommandID)
		}
		if ofHome(asked.Principal, call) {
			wire.PhotoId = idOrNil(call.PhotoID)
		}
		return wire
	}
}
