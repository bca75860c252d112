package handlers

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"io"
	"time"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// ListMyFaceEnrolments answers GET /v1/me/face-enrolments: one's own, and those asked for as a guardian.
func (h *Server) ListMyFaceEnrolments(
	ctx context.Context, request api.ListMyFaceEnrolmentsRequestObject,
) (api.ListMyFaceEnrolmentsResponseObject, error) {
	page, err := pageOf(ctx, request.Params.Limit, request.Params.Cursor)
	if err != nil {
		return nil, err
	}
	asked := api.From(ctx)
	enrolments, err := h.Store.FaceEnrolments(ctx, asked.Principal.ID, page)
	if err != nil {
		return nil, err
	}
	wire := func(enrolment models.FaceEnrolment) api.FaceEnrolment {
		enrolment.Token = "" // it was for who asked, once
		return wireFaceEnrolment(enrolment, asked.Now)
	}
	items, next := listed(ctx, enrolments, page, wire, func(enrolment models.FaceEnrolment) models.ID { return enrolment.ID })
	return api.ListMyFaceEnrolments200JSONResponse{Items: items, NextCursor: next}, nil
}

// CreateFaceEnrolment answers POST /v1/me/face-enrolments. The phone's id makes a repeat harmless.
func (h *Server) CreateFaceEnrolment(
	ctx context.Context, request api.CreateFaceEnrolmentRequestObject,
) (api.CreateFaceEnrolmentResponseObject, error) {
	asked, body := api.From(ctx), request.Body
	what := &deed{operation: models.OpCreateFaceEnrolment, kind: "face_enrolment", id: body.Id}
	made, err := h.newFaceEnrolment(ctx, what.operation, body)
	if err != nil {
		return nil, h.refused(ctx, what, err)
	}
	answer, err := act(ctx, h, what, 201, func(tx *store.Store) (api.FaceEnrolment, error) {
		if err := tx.LockPerson(ctx, made.PersonID); err != nil { // before anything is read: a withdrawal at this moment is seen
			return api.FaceEnrolment{}, err
		}
		if err := tx.LockDevice(ctx, made.DeviceID); err != nil {
			return api.FaceEnrolment{}, err
		}
		first, err := tx.FaceEnrolment(ctx, made.ID)
		switch {
		case err == nil && first.AskedBy == made.AskedBy:
			return wireFaceEnrolment(first, asked.Now), nil
		case err == nil:
			return api.FaceEnrolment{}, models.Unfit("id", models.FieldNotUnique, "")
		case models.CodeOf(err) != models.CodeNotFound:
			return api.FaceEnrolment{}, err
		}
		enrolment := made
		if err := askTerminal(ctx, tx, &enrolment); err != nil {
			return api.FaceEnrolment{}, err
		}
		return wireFaceEnrolment(enrolment, asked.Now), tx.AddFaceEnrolment(ctx, enrolment)
	})
	if err != nil {
		return nil, err
	}
	return api.CreateFaceEnrolment201JSONResponse(answer), nil
}

// newFaceEnrolment finds whose face and which terminal a request is about, and draws what names it there.
func (h *Server) newFaceEnrolment(
	ctx context.Context, operation models.Operation, body *api.FaceEnrolmentCreate,
) (models.FaceEnrolment, error) {
	asked := api.From(ctx)
	consent, err := h.Store.FaceConsent(ctx, body.ConsentId)
	if err == nil && !consent.Of(asked.Principal.ID) {
		err = models.Fail(models.CodeNotFound)
	}
	if err != nil {
		return models.FaceEnrolment{}, noSuch(err, "consent_id")
	}
	door, err := h.Store.Door(ctx, body.DoorId)
	if err == nil {
		err = models.May(operation, asked.Principal, models.Object{Place: door.Place})
	}
	if err == nil && !door.Place.Contains(consent.Place) {
		err = models.Fail(models.CodeNotFound)
	}
	if err != nil {
		return models.FaceEnrolment{}, noSuch(err, "door_id")
	}
	if door.DeviceID == "" || !door.TakesFaces() {
		return models.FaceEnrolment{}, errNoFaceTerminal
	}
	credential, err := h.drawnRef()
	if err != nil {
		return models.FaceEnrolment{}, err
	}
	token, err := h.drawnRef()
	hash := sha256.Sum256([]byte(token))
	return models.FaceEnrolment{
		ID: body.Id, ConsentID: consent.ID, PersonID: consent.PersonID, AskedBy: asked.Principal.ID, DoorID: door.ID,
		DeviceID: door.DeviceID, CredentialRef: credential, State: models.FaceRequested, Token: models.Secret(token),
		TokenHash: hash[:], TokenUntil: asked.Now.Add(models.FaceTokenLife), RequestedAt: asked.Now,
	}, err
}

var errNoFaceTerminal = models.Unfit("door_id", models.FieldNotAllowed, "a door with face among its ways, and a terminal of our protocol")

// askTerminal checks, under the locks, that the consent holds and that the terminal can be asked.
func askTerminal(ctx context.Context, tx *store.Store, enrolment *models.FaceEnrolment) error {
	asked := api.From(ctx)
	consent, err := tx.FaceConsent(ctx, enrolment.ConsentID)
	if err != nil {
		return err
	}
	if !consent.Holds() {
		return models.Unfit("consent_id", models.FieldNoSuch, "a consent that holds")
	}
	device, err := tx.Device(ctx, enrolment.DeviceID)
	if err != nil {
		return err
	}
	door, err := tx.Door(ctx, enrolment.DoorID)
	if err != nil {
		return err
	}
	if !device.MayEnrol() || door.DeviceID != device.ID || !door.TakesFaces() {
		return errNoFaceTerminal
	}
	enrolment.Place = device.Place
	grants, err := tx.Grants(ctx, enrolment.PersonID)
	if err != nil {
		return err
	}
	lives := false
	for _, grant := range models.InForce(grants, asked.Now) {
		if grant.Role == models.RoleResident && grant.Place.Home == consent.Place.Home {
			lives, enrolment.ValidUntil = true, grant.EndsAt
		}
	}
	if !lives {
		return models.Unfit("consent_id", models.FieldNoSuch, "a consent that holds")
	}
	live, err := tx.LiveFaceEnrolment(ctx, enrolment.PersonID, enrolment.DeviceID)
	if models.CodeOf(err) == models.CodeNotFound {
		return nil
	}
	if err == nil && live.State == models.FaceEnrolled {
		return takenField("door_id")
	}
	if err != nil {
		return err
	}
	replaced, _ := live.DeletedFor(models.FaceReasonReplaced, asked.Now)
	return tx.MoveFaceEnrolment(ctx, live, replaced)
}

// drawnRef draws 128 bits that mean nothing: 22 letters.
func (h *Server) drawnRef() (string, error) {
	drawn := make([]byte, 16)
	_, err := io.ReadFull(h.Random, drawn)
	return base64.RawURLEncoding.EncodeToString(drawn), err
}

// ListEnrolmentOrders answers GET /v1/devices/{device_id}/enrolment-orders: whatever the terminal has not answered yet, also
// after days without a network.
func (h *Server) ListEnrolmentOrders(
	ctx context.Context, request api.ListEnrolmentOrdersRequestObject,
) (api.ListEnrolmentOrdersResponseObject, error) {
	what := &deed{operation: models.OpListEnrolmentOrders, kind: "device", id: request.DeviceId}
	page, err := pageOf(ctx, request.Params.Limit, request.Params.Cursor)
	if err != nil {
		return nil, err
	}
	if err := models.May(what.operation, api.From(ctx).Principal, models.Object{Owner: request.DeviceId}); err != nil {
		return nil, h.refused(ctx, what, err)
	}
	orders, err := h.Store.FaceOrders(ctx, request.DeviceId, page)
	if err != nil {
		return nil, err
	}
	items, next := listed(ctx, orders, page, wireEnrolmentOrder, func(order models.FaceEnrolment) models.ID { return order.ID })
	return api.ListEnrolmentOrders200JSONResponse{Items: items, NextCursor: next}, nil
}

func wireEnrolmentOrder(order models.FaceEnrolment) api.EnrolmentOrder {
	wire := api.EnrolmentOrder{
		EnrolmentId: order.ID, Order: api.Delete, CredentialRef: order.CredentialRef, PersonRef: order.ConsentID,
		ValidUntil: api.AtOrNil(order.ValidUntil),
	}
	if order.State == models.FaceRequested {
		wire.Order, wire.TokenUntil = api.Enrol, api.AtOrNil(order.TokenUntil)
		wire.TokenSha256 = textOrNil(hex.EncodeToString(order.TokenHash))
	}
	return wire
}

// ConfirmEnrolment answers POST /v1/devices/{device_id}/enrolments/{enrolment_id}: a terminal's word.
func (h *Server) ConfirmEnrolment(
	ctx context.Context, request api.ConfirmEnrolmentRequestObject,
) (api.ConfirmEnrolmentResponseObject, error) {
	asked, result := api.From(ctx), models.FaceResult(request.Body.Result)
	what := &deed{
		operation: models.OpConfirmEnrolment, kind: "face_enrolment", id: request.EnrolmentId, facts: map[string]string{"result": string(result)},
	}
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.EnrolmentState, error) {
		before, err := tx.FaceEnrolment(ctx, request.EnrolmentId)
		if err == nil {
			err = models.May(what.operation, asked.Principal, models.Object{Owner: before.DeviceID})
		}
		if err == nil && before.DeviceID != request.DeviceId {
			err = models.Fail(models.CodeNotFound)
		}
		if err != nil {
			return api.EnrolmentState{}, err
		}
		if before.NeedsToken(result) {
			hash := sha256.Sum256([]byte(value(request.Body.Token)))
			if subtle.ConstantTimeCompare(hash[:], before.TokenHash) != 1 {
				return api.EnrolmentState{}, models.Unfit("token", models.FieldNoSuch, "the token that was shown")
			}
		}
		after, err := before.Confirmed(result, asked.Now)
		if err == nil && after.State != before.State {
			err = tx.MoveFaceEnrolment(ctx, before, after)
		}
		return api.EnrolmentState{EnrolmentId: after.ID, State: api.FaceState(after.State)}, err
	})
	if err != nil {
		return nil, err
	}
	return api.ConfirmEnrolment200JSONResponse(answer), nil
}

func wireFaceEnrolment(enrolment models.FaceEnrolment, now time.Time) api.FaceEnrolment {
	return api.FaceEnrolment{
		Id: enrolment.ID, ConsentId: enrolment.ConsentID, PersonId: enrolment.PersonID, DoorId: enrolment.DoorID,
		DeviceId: enrolment.DeviceID, State: api.FaceState(enrolment.State), Token: textOrNil(enrolment.Token.Reveal()),
		TokenUntil: api.At(enrolment.TokenUntil), RequestedAt: api.At(enrolment.RequestedAt), EnrolledAt: api.AtOrNil(enrolment.EnrolledAt),
		DeletionRequestedAt: api.AtOrNil(enrolment.DeletionAt), Reason: textOrNil(enrolment.Reason), OverAt: api.AtOrNil(enrolment.OverAt),
		Overdue: enrolment.Overdue(now),
	}
}
