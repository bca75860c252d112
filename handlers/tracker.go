package handlers

import (
	"context"
	"strings"

	"xunfang/api"
	"xunfang/auth"
	"xunfang/models"
	"xunfang/store"
)

// ListMyTrackers answers GET /v1/me/trackers.
func (h *Server) ListMyTrackers(
	ctx context.Context, request api.ListMyTrackersRequestObject,
) (api.ListMyTrackersResponseObject, error) {
	page, err := pageOf(ctx, request.Params.Limit, request.Params.Cursor)
	if err != nil {
		return nil, err
	}
	trackers, err := h.Store.Trackers(ctx, api.From(ctx).Principal.ID, page)
	if err != nil {
		return nil, err
	}
	items, next := listed(ctx, trackers, page, wireTracker, func(tracker models.Tracker) models.ID { return tracker.ID })
	return api.ListMyTrackers200JSONResponse{Items: items, NextCursor: next}, nil
}

// CreateMyTracker answers POST /v1/me/trackers. The secret is in this answer and nowhere else, a repeat's included.
func (h *Server) CreateMyTracker(
	ctx context.Context, request api.CreateMyTrackerRequestObject,
) (api.CreateMyTrackerResponseObject, error) {
	asked, body := api.From(ctx), request.Body
	secret, err := auth.NewSecret(h.Random)
	if err != nil {
		return nil, err
	}
	tracker := models.Tracker{
		ID: body.Id, PersonID: asked.Principal.ID, StationID: asked.Principal.StationID, Kind: models.TrackerKind(body.Kind),
		Name: models.Secret(strings.TrimSpace(body.Name)), SecretMAC: h.trackerMAC(secret), CreatedAt: asked.Now,
	}
	if first, err := h.Store.Tracker(ctx, tracker.ID); models.CodeOf(err) != models.CodeNotFound {
		return h.repeatedTracker(tracker, first, err)
	}
	what := &deed{operation: models.OpCreateMyTracker, kind: "tracker", id: tracker.ID}
	answer, err := act(ctx, h, what, 201, func(tx *store.Store) (api.TrackerSecret, error) {
		if err := tx.LockPerson(ctx, tracker.PersonID); err != nil {
			return api.TrackerSecret{}, err
		}
		others, err := tx.Trackers(ctx, tracker.PersonID, store.Page{Limit: models.MaxTrackers})
		if err == nil && len(others) == models.MaxTrackers {
			err = models.Fail(models.CodeConflict)
		}
		if err != nil {
			return api.TrackerSecret{}, err
		}
		return wireTrackerSecret(tracker, secret), tx.AddTracker(ctx, tracker)
	})
	if models.CodeOf(err) == models.CodeAlreadyExists {
		first, err := h.Store.Tracker(ctx, tracker.ID)
		return h.repeatedTracker(tracker, first, err)
	}
	if err != nil {
		return nil, err
	}
	return api.CreateMyTracker201JSONResponse(answer), nil
}

// repeatedTracker answers an id that is taken: the tracker without its secret when it is the same by the same person.
func (h *Server) repeatedTracker(tracker, first models.Tracker, err error) (api.CreateMyTrackerResponseObject, error) {
	switch {
	case err != nil:
		return nil, err
	case first.PersonID != tracker.PersonID:
		return nil, models.Unfit("id", models.FieldNotUnique, "a new id")
	case !first.Same(tracker) || !first.RevokedAt.IsZero():
		return nil, models.Fail(models.CodeAlreadyExists)
	}
	return api.CreateMyTracker200JSONResponse(wireTrackerSecret(first, "")), nil
}

// DeleteMyTracker answers DELETE /v1/me/trackers/{tracker_id}.
func (h *Server) DeleteMyTracker(
	ctx context.Context, request api.DeleteMyTrackerRequestObject,
) (api.DeleteMyTrackerResponseObject, error) {
	asked := api.From(ctx)
	what := &deed{operation: models.OpDeleteMyTracker, kind: "tracker", id: request.TrackerId}
	_, err := act(ctx, h, what, 204, func(tx *store.Store) (bool, error) {
		revoked, err := tx.RevokeTracker(ctx, asked.Principal.ID, request.TrackerId, asked.Now)
		if err == nil && !revoked {
			err = models.Fail(models.CodeNotFound)
		}
		return revoked, err
	})
	if err != nil {
		return nil, err
	}
	return api.DeleteMyTracker204Response{}, nil
}

// trackerMAC is what stands in the database for a tracker's secret: useless without the pepper.
func (h *Server) trackerMAC(secret models.Secret) []byte {
	return h.Keys.CodeMAC("tracker", secret.Reveal())
}

func wireTracker(tracker models.Tracker) api.Tracker {
	return api.Tracker{
		Id: tracker.ID, Name: tracker.Name.Reveal(), Kind: api.TrackerKind(tracker.Kind), CreatedAt: api.At(tracker.CreatedAt),
	}
}

// identifierJoint stands between a tracker's id and its secret in the one text that the OsmAnd form has room for.
const identifierJoint = "."

func wireTrackerSecret(tracker models.Tracker, secret models.Secret) api.TrackerSecret {
	wire := wireTracker(tracker)
	made := api.TrackerSecret{Id: wire.Id, Name: wire.Name, Kind: wire.Kind, CreatedAt: wire.CreatedAt}
	if secret != "" {
		made.Secret, made.DeviceIdentifier = textOrNil(secret.Reveal()), textOrNil(string(wire.Id)+identifierJoint+secret.Reveal())
	}
	return made
}
