package handlers

import (
	"context"
	"errors"
	"slices"
	"time"

	"xunfang/api"
	"xunfang/auth"
	"xunfang/models"
	"xunfang/store"
)

const (
	connectionsEvery = 15 * time.Second // a quarter of the minute within which a revocation holds everywhere
	connectionBatch  = 500

	opRetireSecret models.Operation = "retireDeviceSecret"
)

// RotateDeviceSecret answers POST /v1/devices/{device_id}/rotate-secret.
func (h *Server) RotateDeviceSecret(
	ctx context.Context, request api.RotateDeviceSecretRequestObject,
) (api.RotateDeviceSecretResponseObject, error) {
	asked := api.From(ctx)
	fresh, err := auth.NewSecret(h.Random)
	if err != nil {
		return nil, err
	}
	what := &deed{operation: models.OpRotateSecret, kind: "device", id: request.DeviceId}
	answer, err := act(ctx, h, what, 201, func(tx *store.Store) (api.DeviceSecretRotation, error) {
		none := api.DeviceSecretRotation{}
		if err := tx.LockDevice(ctx, request.DeviceId); err != nil {
			return none, err
		}
		device, err := tx.Device(ctx, request.DeviceId)
		if err == nil {
			err = models.May(what.operation, asked.Principal, models.Object{Place: device.Place, Owner: device.ID})
		}
		if err != nil {
			return none, err
		}
		if device.Disabled() {
			return none, models.Fail(models.CodeWrongState)
		}
		device = device.Rotated(auth.HashSecret(fresh), asked.Now)
		return api.DeviceSecretRotation{
			DeviceId: device.ID, Secret: fresh.Reveal(), OldSecretUntil: api.At(device.OldSecret.Until),
		}, tx.UpdateDevice(ctx, device)
	})
	if err != nil {
		return nil, err
	}
	return api.RotateDeviceSecret201JSONResponse(answer), nil
}

// shows says whether a device shows one of its secrets: nil, or CodeBadCredentials. holds compares with the hash of one.
// As soon as the newer is shown, the older is worth nothing.
func (h *Server) shows(ctx context.Context, device models.Device, now time.Time, holds func(hash []byte) bool) error {
	at := slices.IndexFunc(device.SecretHashes(now), holds)
	if at < 0 {
		return models.Fail(models.CodeBadCredentials)
	}
	if at > 0 || !device.OldSecret.Holds(now) {
		return nil
	}
	return h.Store.Atomically(ctx, func(tx *store.Store) error {
		retired, err := tx.RetireOldSecret(ctx, device)
		if err != nil || !retired {
			return err
		}
		return tx.Record(ctx, models.AuditEntry{
			ID: h.NewID(), StationID: device.Place.Station, At: now, ActorID: device.ID, ActorRole: models.RoleDevice,
			Operation: opRetireSecret, ObjectKind: "device", ObjectID: device.ID, Outcome: models.AuditAllowed,
		}, "")
	})
}

// DeviceHolds says whether a device may connect to the broker with a secret.
func (h *Server) DeviceHolds(ctx context.Context, id models.ID, secret models.Secret) bool {
	device, err := h.Store.Device(ctx, id)
	return err == nil && h.shows(ctx, device, h.Now(), func(hash []byte) bool { return auth.SameSecret(hash, secret) }) == nil
}

// cutDevice ends a device's sessions and what is known of its connection.
func cutDevice(ctx context.Context, tx *store.Store, device models.ID, now time.Time) ([]models.ID, error) {
	if err := tx.CutDevice(ctx, device); err != nil {
		return nil, err
	}
	return tx.RevokeSessions(ctx, device, now)
}

// expel ends a device's connection to this process's own broker, if it has one there.
func (h *Server) expel(device models.ID) {
	if h.Expel != nil {
		h.Expel(device)
	}
}

// KeepConnections looks again at who is connected to our own broker, until ctx ends: another replica may have disabled the
// device or replaced its secret, and an old secret runs out.
func (h *Server) KeepConnections(ctx context.Context) error {
	return h.every(ctx, connectionsEvery, func() error { return h.CheckConnections(ctx) })
}

// CheckConnections looks once. While the database is away nobody is thrown out.
func (h *Server) CheckConnections(ctx context.Context) error {
	if h.Connected == nil {
		return nil
	}
	now, connected, ids := h.Now(), h.Connected(), []models.ID{}
	for id := range connected {
		ids = append(ids, id)
	}
	errs := []error{}
	for part := range slices.Chunk(ids, connectionBatch) {
		devices, err := h.Store.DeviceSecrets(ctx, part)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		for _, id := range part {
			holds := func(hash []byte) bool { return auth.SameSecret(hash, connected[id]) }
			if !slices.ContainsFunc(devices[id].SecretHashes(now), holds) {
				h.expel(id)
			}
		}
	}
	return errors.Join(errs...)
}
