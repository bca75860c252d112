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
	media, repeated, err := h.finishUpload(ctx, models.OpFinishUpload, request.UploadId, nil)
	switch {
	case err != nil:
		return nil, err
	case repeated:
		return api.FinishUpload200JSONResponse(wireMedia(media)), nil
	default:
		return api.FinishUpload201JSONResponse(wireMedia(media)), nil
	}
}

// alsoKeep writes what else there is to be written with new media.
type alsoKeep func(tx *store.Store, media models.ID) error

// finishUpload makes media of an upload of the caller's; repeated says that it had been made before.
func (h *Server) finishUpload(
	ctx context.Context, operation models.Operation, id models.ID, also alsoKeep,
) (media models.Media, repeated bool, err error) {
	if first, err := h.finished(ctx, operation, id); models.CodeOf(err) != models.CodeNotFound {
		return first, true, err
	}
	upload, err := h.ownUpload(ctx, operation, id)
	if err != nil {
		return h.orFinished(ctx, operation, id, err)
	}
	what := &deed{operation: operation, kind: "upload", id: upload.ID}
	if !upload.Complete() {
		return media, false, h.refused(ctx, what, models.Fail(models.CodeWrongState))
	}
	select {
	case h.finishing <- struct{}{}:
		defer func() { <-h.finishing }()
	default:
		return media, false, models.Fail(models.CodeBusy).After(minRetry)
	}
	data, err := h.assembled(ctx, upload)
	if err != nil {
		return h.orFinished(ctx, operation, id, err)
	}
	made, err := h.keepMedia(ctx, data, upload.ID)
	if err == nil {
		if err = h.keepFinished(ctx, what, made, also); err == nil {
			h.dropParts(ctx, upload.ID)
			return made.media, false, nil
		}
		h.dropKept(ctx, made, err)
	}
	return h.unfinished(ctx, what, err)
}

// keepFinished writes the rows of media that an upload became, and ends the upload.
func (h *Server) keepFinished(ctx context.Context, what *deed, made keptMedia, also alsoKeep) error {
	_, err := act(ctx, h, what, 201, func(tx *store.Store) (struct{}, error) {
		if err := tx.EndUpload(ctx, what.id, api.From(ctx).Now); err != nil {
			return struct{}{}, err
		}
		if err := made.add(ctx, tx); err != nil || also == nil {
			return struct{}{}, err
		}
		return struct{}{}, also(tx, made.media.ID)
	})
	return err
}

// unfinished answers when nothing was made of an upload: it was made meanwhile, or what it brought is of no use.
func (h *Server) unfinished(ctx context.Context, what *deed, failed error) (media models.Media, repeated bool, err error) {
	switch models.CodeOf(failed) {
	case models.CodeConflict, models.CodeAlreadyExists:
		return h.orFinished(ctx, what.operation, what.id, failed)
	case models.CodeNotAPicture, models.CodeNotARecording, models.CodeTooLarge:
		now := api.From(ctx).Now
		err := h.Store.Atomically(ctx, func(tx *store.Store) error { return tx.EndUpload(ctx, what.id, now) })
		if err != nil && models.CodeOf(err) != models.CodeConflict {
			return media, false, err
		}
		h.dropParts(ctx, what.id)
	default:
	}
	return media, false, failed
}

// finished is the media that an upload of the caller's became; CodeNotFound when it is none.
func (h *Server) finished(ctx context.Context, operation models.Operation, id models.ID) (models.Media, error) {
	media, err := h.Store.Media(ctx, id)
	if err == nil {
		err = models.May(operation, api.From(ctx).Principal, models.Object{Owner: media.OwnerID})
	}
	if err == nil {
		hideOwner(ctx, media.OwnerID)
	}
	return media, err
}

// orFinished answers with the media that somebody else made of the upload meanwhile: then it has ended, and its parts are gone.
// Without one what failed stands.
func (h *Server) orFinished(
	ctx context.Context, operation models.Operation, id models.ID, failed error,
) (media models.Media, repeated bool, err error) {
	if media, err := h.finished(ctx, operation, id); err == nil {
		return media, true, nil
	}
	return media, false, failed
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
