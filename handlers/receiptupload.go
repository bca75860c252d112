package handlers

import (
	"context"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// CreateReceiptUpload answers POST /v1/receipt/uploads. As with any upload, Upload-Metadata is not looked at.
func (h *Server) CreateReceiptUpload(
	ctx context.Context, request api.CreateReceiptUploadRequestObject,
) (api.CreateReceiptUploadResponseObject, error) {
	now, length := api.From(ctx).Now, request.Params.UploadLength
	upload, err := h.beginUpload(ctx, models.OpCreateReceiptUpload, length, func(tx *store.Store, owner models.ID) error {
		tip, err := h.receiptTalk(ctx, tx, models.OpCreateReceiptUpload)
		if err != nil {
			return err
		}
		unfinished, err := tx.UnfinishedUploads(ctx, owner, now)
		if err != nil {
			return err
		}
		attached, err := tx.TipMediaSize(ctx, tip.ID)
		if err != nil {
			return err
		}
		return models.CheckReceiptUpload(length, unfinished, attached)
	})
	if err != nil {
		return nil, err
	}
	location, expires := "/v1/receipt/uploads/"+string(upload.ID), httpDate(upload)
	return api.CreateReceiptUpload201Response{Headers: api.CreateReceiptUpload201ResponseHeaders{
		Location: &location, UploadExpires: &expires,
	}}, nil
}

// receiptTalk reads the tip of the caller's receipt under its lock, as long as something may still be added to it.
func (h *Server) receiptTalk(ctx context.Context, tx *store.Store, operation models.Operation) (models.Tip, error) {
	if err := tx.LockTips(ctx, api.From(ctx).Principal.ID); err != nil {
		return models.Tip{}, err
	}
	tip, err := h.receiptTip(ctx, tx, operation)
	if err == nil {
		err = tip.CheckTalk(api.From(ctx).Now)
	}
	return tip, err
}

// HeadReceiptUpload answers HEAD /v1/receipt/uploads/{upload_id}.
func (h *Server) HeadReceiptUpload(
	ctx context.Context, request api.HeadReceiptUploadRequestObject,
) (api.HeadReceiptUploadResponseObject, error) {
	upload, err := h.ownUpload(ctx, models.OpHeadReceiptUpload, request.UploadId)
	if err != nil {
		return nil, err
	}
	expires := httpDate(upload)
	return api.HeadReceiptUpload200Response{Headers: api.HeadReceiptUpload200ResponseHeaders{
		UploadOffset: &upload.Received, UploadLength: &upload.Length, UploadExpires: &expires,
	}}, nil
}

// PatchReceiptUpload answers PATCH /v1/receipt/uploads/{upload_id}.
func (h *Server) PatchReceiptUpload(
	ctx context.Context, request api.PatchReceiptUploadRequestObject,
) (api.PatchReceiptUploadResponseObject, error) {
	params := request.Params
	offset, expires, err := h.addPart(
		ctx, models.OpPatchReceiptUpload, request.UploadId, params.UploadOffset, params.UploadChecksum, request.Body)
	if err != nil {
		return nil, err
	}
	return api.PatchReceiptUpload204Response{Headers: api.PatchReceiptUpload204ResponseHeaders{
		UploadOffset: &offset, UploadExpires: &expires,
	}}, nil
}

// DeleteReceiptUpload answers DELETE /v1/receipt/uploads/{upload_id}.
func (h *Server) DeleteReceiptUpload(
	ctx context.Context, request api.DeleteReceiptUploadRequestObject,
) (api.DeleteReceiptUploadResponseObject, error) {
	if err := h.endUpload(ctx, models.OpDeleteReceiptUpload, request.UploadId); err != nil {
		return nil, err
	}
	return api.DeleteReceiptUpload204Response{}, nil
}

// FinishReceiptUpload answers POST /v1/receipt/uploads/{upload_id}/media: what came goes to the tip, its signals are
// worked out and what they came from is forgotten, and the station is told, all in one transaction.
func (h *Server) FinishReceiptUpload(
	ctx context.Context, request api.FinishReceiptUploadRequestObject,
) (api.FinishReceiptUploadResponseObject, error) {
	var told models.Alert
	media, repeated, err := h.finishUpload(ctx, models.OpFinishReceiptUpload, request.UploadId,
		func(tx *store.Store, media models.ID) error {
			tip, err := h.receiptTalk(ctx, tx, models.OpFinishReceiptUpload)
			if err == nil {
				err = tx.AttachToTip(ctx, tip.ID, media)
			}
			if err == nil {
				tip.MediaIDs = []models.ID{media}
				err = tx.SettleSignals(ctx, tip)
			}
			if err == nil {
				told, err = h.tellOfFile(ctx, tx, tip, media)
			}
			return err
		})
	if err != nil {
		return nil, err
	}
	if repeated {
		return api.FinishReceiptUpload200JSONResponse{Id: media.ID}, nil
	}
	if told.ID != "" {
		h.alerted(ctx, told)
	}
	return api.FinishReceiptUpload201JSONResponse{Id: media.ID}, nil
}

// tellOfFile tells the station of a file, unless it was told of another one just now. The tip's lock is held.
func (h *Server) tellOfFile(ctx context.Context, tx *store.Store, tip models.Tip, media models.ID) (models.Alert, error) {
	others, err := tx.TipMediaSince(ctx, tip.ID, media, api.From(ctx).Now.Truncate(models.FilesTold))
	if err != nil || others > 0 {
		return models.Alert{}, err
	}
	return h.tellOfMessage(ctx, tx, tip, tipSide{reporter: true})
}
