package handlers

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"mime/multipart"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// maxPhotoBytes is the largest photo taken.
const maxPhotoBytes = 10 << 20

// CreateMedia answers POST /v1/media: the bytes are kept first, under a name that nothing points to
// yet, then the row; a crash between the two leaves an unused blob and nothing else.
func (h *Server) CreateMedia(ctx context.Context, request api.CreateMediaRequestObject) (api.CreateMediaResponseObject, error) {
	key, err := h.takeKey(ctx, models.OpCreateMedia) // a repeat must not clean and keep the photo again
	if err != nil {
		return nil, err
	}
	defer key.release()
	data, err := photoOf(request.Body)
	if err != nil {
		return nil, err
	}
	made, err := h.keepMedia(ctx, data, h.NewID())
	if err != nil {
		return nil, err
	}
	what := &deed{operation: models.OpCreateMedia, kind: "media", id: made.media.ID}
	answer, err := actOnce(ctx, h, what, key, 201, func(tx *store.Store) (api.Media, error) {
		return wireMedia(made.media), made.add(ctx, tx)
	})
	if err != nil {
		h.dropKept(ctx, made, err)
		return nil, err
	}
	return api.CreateMedia201JSONResponse(answer), nil
}

func wireMedia(media models.Media) api.Media {
	wire := api.Media{
		Id: media.ID, ContentType: api.MediaContentType(media.ContentType), Width: media.Width, Height: media.Height,
		Bytes: media.Bytes, Sha256: hex.EncodeToString(media.SHA256), CreatedAt: api.At(media.CreatedAt),
	}
	if media.Duration > 0 {
		length := media.Duration.Milliseconds()
		wire.DurationMs = &length
	}
	return wire
}

// dropBlob deletes the bytes of a photo that did not get its row.
func (h *Server) dropBlob(ctx context.Context, name string) {
	if err := h.Blobs.Delete(context.WithoutCancel(ctx), name); err != nil {
		h.Logger.WarnContext(ctx, "an unused photo could not be deleted", "blob", name, "error", err)
	}
}

// photoOf reads the one part named photo; anything else in the form is refused.
func photoOf(form *multipart.Reader) ([]byte, error) {
	var photo []byte
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, models.Fail(models.CodeInvalidRequest).Because(err).WithFields(
				models.FieldError{Field: "photo", Code: models.FieldFormat, Want: "multipart/form-data"})
		}
		if part.FormName() != "photo" || photo != nil {
			return nil, models.Fail(models.CodeInvalidRequest).WithFields(
				models.FieldError{Field: part.FormName(), Code: models.FieldUnknown, Want: "one part: photo"})
		}
		if photo, err = io.ReadAll(io.LimitReader(part, maxPhotoBytes+1)); err != nil {
			return nil, models.Fail(models.CodeInvalidRequest).Because(err)
		}
		if len(photo) > maxPhotoBytes {
			return nil, models.Fail(models.CodeTooLarge).WithFields(
				models.FieldError{Field: "photo", Code: models.FieldTooLong, Want: "<= 10 MiB"})
		}
	}
	if len(photo) == 0 {
		return nil, models.Fail(models.CodeInvalidRequest).WithFields(models.FieldError{Field: "photo", Code: models.FieldRequired})
	}
	return photo, nil
}

// GetMedia answers GET /v1/media/{media_id}: to who uploaded it, and to who may read the tip or
// finding it belongs to.
func (h *Server) GetMedia(ctx context.Context, request api.GetMediaRequestObject) (api.GetMediaResponseObject, error) {
	who := api.From(ctx).Principal
	what := &deed{operation: models.OpGetMedia, kind: "media", id: request.MediaId}
	media, err := h.Store.Media(ctx, request.MediaId)
	if err == nil && models.May(what.operation, who, models.Object{Owner: media.OwnerID}) != nil {
		err = h.mayReadWhatShows(ctx, what.operation, who, media.ID)
	}
	if err != nil {
		return nil, h.refused(ctx, what, err)
	}
	if !who.Owns(media.OwnerID) {
		if err := h.looked(ctx, what); err != nil {
			return nil, err
		}
	}
	data, err := h.Blobs.Get(ctx, media.BlobName)
	if err != nil {
		return nil, err
	}
	if media.Sealer != "" {
		file, _ := h.openedMedia(ctx, media.Sealer, data, media.ID)
		return mediaBytes(file.ContentType, file.Data), nil
	}
	return mediaBytes(media.ContentType, data), nil
}

// mediaBytes is the answer of a content type.
func mediaBytes(contentType string, data []byte) api.GetMediaResponseObject {
	body, length := bytes.NewReader(data), int64(len(data))
	switch contentType {
	case models.ContentSealed:
		return api.GetMedia200ApplicationoctetStreamResponse{Body: body, ContentLength: length}
	case models.ContentPNG:
		return api.GetMedia200ImagepngResponse{Body: body, ContentLength: length}
	case models.ContentWAV:
		return api.GetMedia200AudiowavResponse{Body: body, ContentLength: length}
	case models.ContentAMR:
		return api.GetMedia200AudioamrResponse{Body: body, ContentLength: length}
	case models.ContentAMRWide:
		return api.GetMedia200AudioamrWbResponse{Body: body, ContentLength: length}
	case models.ContentOgg:
		return api.GetMedia200AudiooggResponse{Body: body, ContentLength: length}
	case models.ContentM4A:
		return api.GetMedia200Audiomp4Response{Body: body, ContentLength: length}
	case models.ContentMP4:
		return api.GetMedia200Videomp4Response{Body: body, ContentLength: length}
	default:
		return api.GetMedia200ImagejpegResponse{Body: body, ContentLength: length}
	}
}

// mayReadWhatShows says whether the caller may read something that a photo is attached to.
func (h *Server) mayReadWhatShows(ctx context.Context, operation models.Operation, who models.Principal, media models.ID) error {
	tip, err := h.Store.TipOfMedia(ctx, media)
	if err == nil {
		err = models.May(operation, who, models.Object{Place: tip.Place})
	}
	if models.CodeOf(err) != models.CodeNotFound {
		return err
	}
	if err := h.mayReadMessageWith(ctx, operation, who, media); models.CodeOf(err) != models.CodeNotFound {
		return err
	}
	if err := h.mayReadGroupMessageWith(ctx, who, media); models.CodeOf(err) != models.CodeNotFound {
		return err
	}
	findings, err := h.Store.FindingsOfMedia(ctx, media)
	if err != nil {
		return err
	}
	for _, finding := range findings {
		if err := h.mayReadFinding(ctx, who, finding); models.CodeOf(err) != models.CodeNotFound {
			return err
		}
	}
	repairs, err := h.Store.RepairsOfMedia(ctx, media)
	if err != nil {
		return err
	}
	for _, repair := range repairs {
		object := models.Object{Place: repair.Place, Owner: repair.RequesterID}
		if err := models.May(models.OpGetRepair, who, object); models.CodeOf(err) != models.CodeNotFound {
			return err
		}
	}
	call, err := h.Store.CallOfPhoto(ctx, media)
	if err != nil {
		return err
	}
	return mayLookOut(ctx, call)
}
