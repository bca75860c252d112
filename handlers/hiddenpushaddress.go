package handlers

import (
	"context"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// PutHiddenPushAddress answers PUT /v1/me/hidden-push-address. The address is kept under the caller's alias, under which
// they are told of what they reported hidden; nothing that is written says whose alias it is.
func (h *Server) PutHiddenPushAddress(
	ctx context.Context, request api.PutHiddenPushAddressRequestObject,
) (api.PutHiddenPushAddressResponseObject, error) {
	api.Hide(ctx)
	asked := api.From(ctx)
	address := namelessAddress(asked.Principal.Alias, *request.Body, asked.Now)
	what := &deed{operation: models.OpPutHiddenPushAddress, kind: "alias", id: asked.Principal.Alias}
	_, err := act(ctx, h, what, 204, func(tx *store.Store) (bool, error) { return true, tx.PutPushAddress(ctx, address) })
	if err != nil {
		return nil, err
	}
	return api.PutHiddenPushAddress204Response{}, nil
}

// DeleteHiddenPushAddress answers DELETE /v1/me/hidden-push-address.
func (h *Server) DeleteHiddenPushAddress(
	ctx context.Context, _ api.DeleteHiddenPushAddressRequestObject,
) (api.DeleteHiddenPushAddressResponseObject, error) {
	api.Hide(ctx)
	alias := api.From(ctx).Principal.Alias
	what := &deed{operation: models.OpDeleteHiddenPushAddress, kind: "alias", id: alias}
	_, err := act(ctx, h, what, 204, func(tx *store.Store) (bool, error) {
		return true, tx.ForgetPushAddress(ctx, alias, models.ReceiptInstallation)
	})
	if err != nil {
		return nil, err
	}
	return api.DeleteHiddenPushAddress204Response{}, nil
}
