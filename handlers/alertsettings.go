package handlers

import (
	"context"
	"fmt"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// GetMyAlertSettings answers GET /v1/me/alert-settings.
func (h *Server) GetMyAlertSettings(
	ctx context.Context, _ api.GetMyAlertSettingsRequestObject,
) (api.GetMyAlertSettingsResponseObject, error) {
	who := api.From(ctx).Principal
	settings, set, err := h.Store.AlertSettings(ctx, who.ID)
	if err != nil {
		return nil, err
	}
	if !set {
		settings = models.DefaultAlertSettings(who.Has(models.RoleCommander))
	}
	return api.GetMyAlertSettings200JSONResponse(wireAlertSettings(settings)), nil
}

// PutMyAlertSettings answers PUT /v1/me/alert-settings; also for what waits already.
func (h *Server) PutMyAlertSettings(
	ctx context.Context, request api.PutMyAlertSettingsRequestObject,
) (api.PutMyAlertSettingsResponseObject, error) {
	asked, body := api.From(ctx), request.Body
	settings := models.AlertSettings{
		PersonID: asked.Principal.ID, QuietFrom: minuteOf(body.QuietFrom), QuietUntil: minuteOf(body.QuietUntil), QuietOff: body.QuietOff,
		Digest: body.Digest, UpdatedAt: asked.Now,
	}
	if err := settings.Check(); err != nil {
		return nil, err
	}
	what := &deed{operation: models.OpPutAlertSettings, kind: "person", id: asked.Principal.ID}
	_, err := act(ctx, h, what, 200, func(tx *store.Store) (bool, error) {
		zone, err := tx.StationZone(ctx, asked.Principal.StationID)
		if err != nil {
			return false, err
		}
		until, quiet := settings.Within(asked.Now, zone)
		if !quiet {
			until = asked.Now
		}
		return true, tx.PutAlertSettings(ctx, settings, until)
	})
	if err != nil {
		return nil, err
	}
	return api.PutMyAlertSettings200JSONResponse(wireAlertSettings(settings)), nil
}

func wireAlertSettings(settings models.AlertSettings) api.AlertSettings {
	clock := func(minute int) string { return fmt.Sprintf("%02d:%02d", minute/60, minute%60) }
	return api.AlertSettings{
		QuietFrom: clock(settings.QuietFrom), QuietUntil: clock(settings.QuietUntil), QuietOff: settings.QuietOff, Digest: settings.Digest,
		UpdatedAt: api.AtOrNil(settings.UpdatedAt),
	}
}
