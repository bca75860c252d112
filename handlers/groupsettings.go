package handlers

import (
	"context"
	"strconv"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// GetGroupSettings answers GET /v1/group-settings. Every member may know how long is kept what they write.
func (h *Server) GetGroupSettings(ctx context.Context, _ api.GetGroupSettingsRequestObject) (api.GetGroupSettingsResponseObject, error) {
	settings, err := h.Store.GroupSettings(ctx, api.From(ctx).Principal.StationID)
	return api.GetGroupSettings200JSONResponse(wireGroupSettings(ctx, settings)), err
}

// PutGroupSettings answers PUT /v1/group-settings. Of two who have read the same version one is refused.
func (h *Server) PutGroupSettings(
	ctx context.Context, request api.PutGroupSettingsRequestObject,
) (api.PutGroupSettingsResponseObject, error) {
	who, now, body := api.From(ctx).Principal, api.From(ctx).Now, request.Body
	what := &deed{operation: models.OpPutGroupSettings, kind: "group_settings", id: who.StationID, facts: map[string]string{
		"over_version": strconv.Itoa(body.Version), "keep_days": strconv.Itoa(body.KeepDays),
	}}
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.GroupSettings, error) {
		if err := models.May(what.operation, who, models.Object{Place: models.Place{Station: who.StationID}}); err != nil {
			return api.GroupSettings{}, err
		}
		before, err := tx.GroupSettings(ctx, who.StationID)
		if err == nil && before.Version != body.Version {
			err = models.Fail(models.CodeConflict)
		}
		if err != nil {
			return api.GroupSettings{}, err
		}
		kept, err := tx.PutGroupSettings(ctx, who.StationID, before.Set(body.KeepDays, now))
		return wireGroupSettings(ctx, kept), err
	})
	if err != nil {
		return nil, err
	}
	return api.PutGroupSettings200JSONResponse(answer), nil
}

func wireGroupSettings(ctx context.Context, set models.GroupSettings) api.GroupSettings {
	return api.GroupSettings{
		Version: set.Version, KeepDays: set.KeepDays, AppliesAt: api.AtOrNil(set.AppliesAt(api.From(ctx).Now)),
		BeforeDays: set.BeforeDays, UpdatedAt: api.AtOrNil(set.UpdatedAt),
	}
}
