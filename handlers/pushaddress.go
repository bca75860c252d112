package handlers

import (
	"context"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// PutPushAddress answers PUT /v1/me/push-addresses/{installation_id}.
func (h *Server) PutPushAddress(
	ctx context.Context, request api.PutPushAddressRequestObject,
) (api.PutPushAddressResponseObject, error) {
	asked, body := api.From(ctx), request.Body
	address := models.PushAddress{
		PersonID: asked.Principal.ID, InstallationID: request.InstallationId, Kind: string(body.Kind),
		Value: models.Secret(body.Value), Platform: string(body.Platform), Locale: "zh-CN",
		AppVersion: value(body.AppVersion), UpdatedAt: asked.Now,
	}
	if body.Locale != nil {
		address.Locale = string(*body.Locale)
	}
	what := &deed{operation: models.OpPutPushAddress, kind: "person", id: asked.Principal.ID}
	_, err := act(ctx, h, what, 200, func(tx *store.Store) (bool, error) { return true, tx.PutPushAddress(ctx, address) })
	if err != nil {
		return nil, err
	}
	return api.PutPushAddress200JSONResponse{
		InstallationId: address.InstallationID, Kind: body.Kind, Platform: body.Platform,
		Locale: api.Locale(address.Locale), AppVersion: address.AppVersion, UpdatedAt: api.At(address.UpdatedAt),
	}, nil
}

// DeletePushAddress answers DELETE /v1/me/push-addresses/{installation_id}.
func (h *Server) DeletePushAddress(
	ctx context.Context, request api.DeletePushAddressRequestObject,
) (api.DeletePushAddressResponseObject, error) {
	who := api.From(ctx).Principal
	what := &deed{operation: models.OpDeletePushAddress, kind: "person", id: who.ID}
	_, err := act(ctx, h, what, 204, func(tx *store.Store) (bool, error) {
		return true, tx.ForgetPushAddress(ctx, who.ID, request.InstallationId)
	})
	if err != nil {
		return nil, err
	}
	return api.DeletePushAddress204Response{}, nil
}
