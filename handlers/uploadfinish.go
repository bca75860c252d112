package handlers

import (
	"context"
	"errors"
	"fmt"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// maxFinishing is how many uploads are put together at once: each is in memory as it came, cleaned, and sealed.
const maxFinishing = 2

// uploadSweep is how many uploads one tidying looks at.
const uploadSweep = 200

// FinishUpload answers POST /v1/uploads/{upload_id}/media. The media has the upload's id, so that a repeat finds it.
func (h *Server) FinishUpload(ctx context.Context, request api.FinishUploadRequestObject) (api.FinishUploadResponseObject, error) {
	if first, err := h.finished(ctx, request.UploadId); models.CodeOf(err) != models.CodeNotFound {
		return first, err
	}
	upload, err := h.ownUpload(ctx, models.OpFinishUpload, request.UploadId)
	if err != nil {
		return h.orFinished(ctx, request.UploadId, err)
	}
	what := &deed{operation: models.OpFinishUpload, kind: "upload", id: upload.ID}
	if !upload.Complete() {
		return nil, h.refused(ctx, what, models.Fail(models.CodeWrongState))
	}
	select {
	case h.finishing <- struct{}{}:
		defer func() { <-h.finishing }()
	default:
		return nil, models.Fail(models.CodeBusy).After(minRetry)
	}
	data, err := h.assembled(ctx, upload)
	if err != nil {
		return h.orFinished(ctx, upload.ID, err)
	}
	made, err := h.keepMedia(ctx, data, upload.ID)
	if err == nil {
		var answer api.Media
		answer, err = act(ctx, h, what, 201, func(tx *store.Store) (api.Media, error) {
			if err := tx.EndUpload(ctx, upload.ID, api.From(ctx).Now); err != nil {
				return api.Media{}, err
			}
			return wireMedia(made.media), made.add(ctx, tx)
		})
		if err == nil {
			h.dropParts(ctx, upload.ID)
			return api.FinishUpload201JSONResponse(answer), nil
		}
		h.dropKept(ctx, made, err)
	}
	return h.unfinished(ctx, upload, err)
}

// unfinished answers when nothing was made of an upload: it was made meanwhile, or what it brought is of no use.
func (h *Server) unfinished(ctx context.Context, upload models.Upload, failed error) (api.FinishUploadResponseObject, error) {
	switch models.CodeOf(failed) {
	case models.CodeConflict, models.CodeAlreadyExists:
		return h.orFinished(ctx, upload.ID, failed)
	case models.CodeNotAPicture, models.CodeNotARecording, models.CodeTooLarge:
		now := api.From(ctx).Now
		err := h.Store.Atomically(ctx, func(tx *store.Store) error { return tx.EndUpload(ctx, upload.ID, now) })
		if err != nil && models.CodeOf(err) != models.CodeConflict {
			return nil, err
		}
		h.dropParts(ctx, upload.ID)
	default:
	}
	return nil, failed
}

// finished is the answer about an upload of the caller's that became media; CodeNotFound when it is none.
func (h *Server) finished(ctx context.Context, id models.ID) (api.FinishUploadResponseObject, error) {
	media, err := h.Store.Media(ctx, id)
	if err == nil {
		err = models.May(models.OpFinishUpload, api.From(ctx).Principal, models.Object{Owner: media.OwnerID})
	}
	if err != nil {
		return nil, err
	}
	return api.FinishUpload200JSONResponse(wireMedia(media)), nil
}

// orFinished answers with the media that somebody else made of the upload meanwhile: then it has ended, and its parts are gone.
// Without one what failed stands.
func (h *Server) orFinished(ctx context.Context, id models.ID, failed error) (api.FinishUploadResponseObject, error) {
	if media, err := h.finished(ctx, id); err == nil {
		return media, nil
	}
	return nil, failed
}

// assembled reads all parts of a complete upload back.
func (h *Server) assembled(ctx context.Context, upload models.Upload) ([]byte, error) {
	parts, err := h.Store.UploadParts(ctx, upload.ID, false)
	if err != nil {
		return nil, err
	}
	data := make([]byte, 0, upload.Length) // the length is bounded by MaxUploadBytes
	for _, part := range parts {
		sealed, err := h.Blobs.Get(ctx, part.BlobName)
		if err != nil {
			return nil, err
		}
		bytes, err := h.Keys.Open(sealed, partContext(part.ID))
		if err != nil {
			return nil, err
		}
		if part.Start != int64(len(data)) || part.Bytes != int64(len(bytes)) {
			return nil, fmt.Errorf("handlers: part %s does not join the upload", part.ID)
		}
		data = append(data, bytes...)
	}
	if int64(len(data)) != upload.Length {
		return nil, fmt.Errorf("handlers: upload %s is not all there", upload.ID)
	}
	return data, nil
}

// dropParts deletes the bytes of an upload that has ended; what fails now, tidying does later.
func (h *Server) dropParts(ctx context.Context, upload models.ID) {
	ctx = context.WithoutCancel(ctx)
	parts, err := h.Store.UploadParts(ctx, upload, true)
	if err != nil {
		h.Logger.WarnContext(ctx, "the parts of an upload could not be found", "error", err)
	}
	for _, part := range parts {
		h.dropBlob(ctx, part.BlobName)
	}
}

// ForgetUploads deletes uploads that ended or expired, blobs first: what a crash interrupts is found again.
func (h *Server) ForgetUploads(ctx context.Context) error {
	aged, err := h.Store.AgedUploads(ctx, h.Now().Add(-models.UploadSwept), uploadSweep)
	if err != nil {
		return err
	}
	errs := []error{}
	for _, id := range aged {
		parts, err := h.Store.UploadParts(ctx, id, true)
		for _, part := range parts {
			err = errors.Join(err, h.Blobs.Delete(ctx, part.BlobName))
		}
		if err == nil {
			err = h.Store.Atomically(ctx, func(tx *store.Store) error { return tx.ForgetUpload(ctx, id) })
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
