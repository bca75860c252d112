package handlers

import (
	"context"

	"xunfang/api"
	"xunfang/auth"
	"xunfang/models"
	"xunfang/store"
)

const opClaimDevice models.Operation = "createDeviceClaim"

func (h *Server) deviceClaimMAC(code models.Secret) []byte {
	return h.Keys.CodeMAC("device_claim", code.Reveal())
}

// CreateDeviceClaimCode answers POST /v1/devices/{device_id}/claim-codes. Any code before is worth nothing from now on.
func (h *Server) CreateDeviceClaimCode(
	ctx context.Context, request api.CreateDeviceClaimCodeRequestObject,
) (api.CreateDeviceClaimCodeResponseObject, error) {
	asked := api.From(ctx)
	code, err := auth.NewDeviceClaimCode(h.Random)
	if err != nil {
		return nil, err
	}
	what := &deed{operation: models.OpDeviceClaimCode, kind: "device", id: request.DeviceId}
	answer, err := act(ctx, h, what, 201, func(tx *store.Store) (api.DeviceClaimCode, error) {
		if err := tx.LockDevice(ctx, request.DeviceId); err != nil {
			return api.DeviceClaimCode{}, err
		}
		device, err := tx.Device(ctx, request.DeviceId)
		if err == nil {
			err = models.May(what.operation, asked.Principal, models.Object{Place: device.Place})
		}
		if err == nil && device.Disabled() {
			err = models.Fail(models.CodeWrongState)
		}
		if err != nil {
			return api.DeviceClaimCode{}, err
		}
		claim := models.DeviceClaim{
			ID: h.NewID(), Place: device.Place, DeviceID: device.ID, CodeMAC: h.deviceClaimMAC(code),
			CreatedAt: asked.Now, ExpiresAt: asked.Now.Add(models.DeviceClaimLife),
		}
		return api.DeviceClaimCode{
			DeviceId: device.ID, ClaimCode: code.Reveal(), ExpiresAt: api.At(claim.ExpiresAt),
		}, tx.AddDeviceClaim(ctx, claim)
	})
	if err != nil {
		return nil, err
	}
	return api.CreateDeviceClaimCode201JSONResponse(answer), nil
}

// CreateDeviceClaim answers POST /v1/device-claims. Nobody is signed in: the code says which device it is.
func (h *Server) CreateDeviceClaim(
	ctx context.Context, request api.CreateDeviceClaimRequestObject,
) (api.CreateDeviceClaimResponseObject, error) {
	what := &deed{operation: opClaimDevice, kind: "device", role: models.RoleDevice}
	mac := h.deviceClaimMAC(auth.NormalizeDeviceClaim(request.Body.ClaimCode))
	claim, err := h.Store.DeviceClaim(ctx, mac)
	if models.CodeOf(err) == models.CodeNotFound {
		return nil, h.guessedClaim(ctx, what, noSuch(err, "claim_code"))
	}
	if err != nil {
		return nil, err
	}
	what.id = claim.DeviceID
	ctx = asHolder(ctx, models.Session{SubjectID: claim.DeviceID, StationID: claim.Place.Station})
	taken, ended := false, []models.ID{}
	answer, err := act(ctx, h, what, 201, func(tx *store.Store) (answer api.DeviceClaim, err error) {
		answer, taken, ended, err = h.takeClaim(ctx, tx, claim.DeviceID, mac, request.Body)
		return answer, noSuch(err, "claim_code")
	})
	if err != nil {
		return nil, err
	}
	if taken {
		h.ended(claim.DeviceID, ended...)
		h.expel(claim.DeviceID)
	}
	return api.CreateDeviceClaim201JSONResponse(answer), nil
}

// takeClaim gives a device its new secret, once; whoever asks again with the same nonce reads the same. It ends everything
// that stood on the secret before.
func (h *Server) takeClaim(
	ctx context.Context, tx *store.Store, id models.ID, mac []byte, body *api.CreateDeviceClaimJSONRequestBody,
) (answer api.DeviceClaim, taken bool, ended []models.ID, err error) {
	now, nonce := api.From(ctx).Now, models.Secret(body.Nonce)
	device, claim, err := lockedClaim(ctx, tx, id, mac)
	if err != nil {
		return answer, false, nil, err
	}
	nonceMAC, secret := h.Keys.CodeMAC("device_claim_nonce", nonce.Reveal()), h.Keys.DeviceClaimSecret(claim.ID, nonce)
	again, err := claim.Take(device, nonceMAC, now)
	if err != nil {
		return answer, false, nil, err
	}
	answer = api.DeviceClaim{
		DeviceId: device.ID, Secret: secret.Reveal(), Kind: api.DeviceKind(device.Kind), CompoundId: device.Place.Compound,
		DoorIds: listOf(device.DoorIDs),
	}
	if again {
		if !auth.SameSecret(device.SecretHash, secret) { // changed since
			err = models.Fail(models.CodeNotFound)
		}
		return answer, false, nil, err
	}
	first, err := tx.UseDeviceClaim(ctx, claim.ID, nonceMAC, now)
	if err == nil && !first {
		err = models.Fail(models.CodeNotFound)
	}
	if err != nil {
		return answer, false, nil, err
	}
	if err = tx.UpdateDevice(ctx, device.Replaced(auth.HashSecret(secret))); err != nil {
		return answer, false, nil, err
	}
	about := models.DeviceAbout{Firmware: value(body.Firmware), Model: value(body.Model)}
	if err = tx.DescribeDevice(ctx, device.ID, about); err != nil {
		return answer, false, nil, err
	}
	ended, err = cutDevice(ctx, tx, device.ID, now)
	return answer, true, ended, err
}

// lockedClaim reads a claim and its device, which nobody else changes meanwhile.
func lockedClaim(ctx context.Context, tx *store.Store, id models.ID, mac []byte) (models.Device, models.DeviceClaim, error) {
	if err := tx.LockDevice(ctx, id); err != nil {
		return models.Device{}, models.DeviceClaim{}, err
	}
	device, err := tx.Device(ctx, id)
	if err != nil {
		return device, models.DeviceClaim{}, err
	}
	claim, err := tx.DeviceClaim(ctx, mac)
	return device, claim, err
}

// guessedClaim records that codes were tried which do not exist, at most once a minute: a flood must not fill the audit.
func (h *Server) guessedClaim(ctx context.Context, what *deed, refusal error) error {
	if !h.slowing.first(string(what.operation), api.From(ctx).Now) {
		return refusal
	}
	if err := h.settleStation(ctx, what, ""); err != nil {
		return err
	}
	return h.refused(ctx, what, refusal)
}
