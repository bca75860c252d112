package handlers

import (
	"context"
	"crypto/sha1" //nolint:gosec // tus asks for it; it finds flawed lines, not attackers
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"strings"

	"xunfang/api"
	"xunfang/auth"
	"xunfang/models"
	"xunfang/store"
)

// GetUploadOptions answers OPTIONS /v1/uploads.
func (h *Server) GetUploadOptions(context.Context, api.GetUploadOptionsRequestObject) (api.GetUploadOptionsResponseObject, error) {
	version, extensions, algorithms := "1.0.0", "creation,expiration,termination,checksum", "sha1,sha256"
	most := int64(models.MaxUploadBytes)
	return api.GetUploadOptions204Response{Headers: api.GetUploadOptions204ResponseHeaders{
		TusVersion: &version, TusExtension: &extensions, TusMaxSize: &most, TusChecksumAlgorithm: &algorithms,
	}}, nil
}

// CreateUpload answers POST /v1/uploads. Upload-Metadata, which names the file, is not looked at.
func (h *Server) CreateUpload(ctx context.Context, request api.CreateUploadRequestObject) (api.CreateUploadResponseObject, error) {
	if value(request.Params.HideMe) {
		api.Hide(ctx)
	}
	asked, length := api.From(ctx), request.Params.UploadLength
	upload, err := h.beginUpload(ctx, models.OpCreateUpload, length, func(tx *store.Store, owner models.ID) error {
		if err := tx.LockPerson(ctx, asked.Principal.ID); err != nil {
			return err
		}
		unfinished, err := tx.UnfinishedUploads(ctx, owner, asked.Now)
		if err != nil {
			return err
		}
		return models.CheckNewUpload(length, unfinished)
	})
	if err != nil {
		return nil, err
	}
	location, expires := "/v1/uploads/"+string(upload.ID), httpDate(upload)
	return api.CreateUpload201Response{Headers: api.CreateUpload201ResponseHeaders{Location: &location, UploadExpires: &expires}}, nil
}

// beginUpload makes a new upload of the caller's; may takes the lock under which their uploads are counted, and counts.
func (h *Server) beginUpload(
	ctx context.Context, operation models.Operation, length int64, may func(tx *store.Store, owner models.ID) error,
) (models.Upload, error) {
	asked, care := api.From(ctx), careOf(ctx)
	upload := models.Upload{
		ID: h.ownID(ctx), StationID: asked.Principal.StationID, OwnerID: care.owner, Length: length,
		CreatedAt: asked.Now, ExpiresAt: asked.Now.Add(models.UploadLife),
	}
	if care.original == sealedToStation { // better now than after all of it was sent
		if _, err := h.stationKey(ctx, upload.StationID); err != nil {
			return upload, err
		}
	}
	what := &deed{operation: operation, kind: "upload", id: upload.ID}
	_, err := act(ctx, h, what, http.StatusCreated, func(tx *store.Store) (struct{}, error) {
		if err := may(tx, upload.OwnerID); err != nil {
			return struct{}{}, err
		}
		return struct{}{}, tx.AddUpload(ctx, upload)
	})
	return upload, err
}

// HeadUpload answers HEAD /v1/uploads/{upload_id}: what it says is on disk.
func (h *Server) HeadUpload(ctx context.Context, request api.HeadUploadRequestObject) (api.HeadUploadResponseObject, error) {
	upload, err := h.ownUpload(ctx, models.OpHeadUpload, request.UploadId)
	if err != nil {
		return nil, err
	}
	expires := httpDate(upload)
	return api.HeadUpload200Response{Headers: api.HeadUpload200ResponseHeaders{
		UploadOffset: &upload.Received, UploadLength: &upload.Length, UploadExpires: &expires,
	}}, nil
}

// PatchUpload answers PATCH /v1/uploads/{upload_id}.
func (h *Server) PatchUpload(ctx context.Context, request api.PatchUploadRequestObject) (api.PatchUploadResponseObject, error) {
	params := request.Params
	offset, expires, err := h.addPart(
		ctx, models.OpPatchUpload, request.UploadId, params.UploadOffset, params.UploadChecksum, request.Body)
	if err != nil {
		return nil, err
	}
	return api.PatchUpload204Response{Headers: api.PatchUpload204ResponseHeaders{UploadOffset: &offset, UploadExpires: &expires}}, nil
}

// addPart keeps a part of an upload. The part's row is there before its bytes, and counts after them: a crash leaves
// nothing that tidying does not find, and the offset never runs ahead of what is kept.
func (h *Server) addPart(
	ctx context.Context, operation models.Operation, id models.ID, at int64, checksum *string, body io.Reader,
) (offset int64, expires string, err error) {
	upload, err := h.ownUpload(ctx, operation, id)
	if err != nil {
		return 0, "", err
	}
	data, err := partOf(body, checksum)
	if err == nil {
		err = upload.CheckPart(at, int64(len(data)), api.From(ctx).Now)
	}
	if err == nil && len(data) > 0 {
		err = h.keepPart(ctx, upload, data)
	}
	return upload.Received + int64(len(data)), httpDate(upload), err
}

// keepPart writes the sealed bytes of a part that joins what is kept.
func (h *Server) keepPart(ctx context.Context, upload models.Upload, data []byte) error {
	part := store.UploadPart{ID: h.ownID(ctx), Start: upload.Received, Bytes: int64(len(data))}
	part.BlobName = blobName(part.ID, api.From(ctx).Now, ".part")
	err := h.Store.Atomically(ctx, func(tx *store.Store) error { return tx.BeginUploadPart(ctx, upload.ID, part) })
	if err != nil {
		return err
	}
	if err = h.Blobs.Put(ctx, part.BlobName, "application/octet-stream", h.Keys.Seal(data, partContext(part.ID))); err == nil {
		err = h.Store.Atomically(ctx, func(tx *store.Store) error { return tx.KeepUploadPart(ctx, upload.ID, part) })
	}
	if models.CodeOf(err) == models.CodeUploadOffset { // another PATCH was first
		h.dropBlob(ctx, part.BlobName)
	}
	return err
}

func partContext(part models.ID) string { return "upload_parts:" + string(part) }

// DeleteUpload answers DELETE /v1/uploads/{upload_id}.
func (h *Server) DeleteUpload(ctx context.Context, request api.DeleteUploadRequestObject) (api.DeleteUploadResponseObject, error) {
	if err := h.endUpload(ctx, models.OpDeleteUpload, request.UploadId); err != nil {
		return nil, err
	}
	return api.DeleteUpload204Response{}, nil
}

// endUpload gives an upload of the caller's up.
func (h *Server) endUpload(ctx context.Context, operation models.Operation, id models.ID) error {
	upload, err := h.ownUpload(ctx, operation, id)
	if err != nil {
		return err
	}
	what := &deed{operation: operation, kind: "upload", id: upload.ID}
	_, err = act(ctx, h, what, http.StatusNoContent, func(tx *store.Store) (struct{}, error) {
		return struct{}{}, tx.EndUpload(ctx, upload.ID, api.From(ctx).Now)
	})
	if models.CodeOf(err) == models.CodeConflict { // ended meanwhile
		err = models.Fail(models.CodeNotFound)
	}
	if err == nil {
		h.dropParts(ctx, upload.ID)
	}
	return err
}

// ownUpload reads an upload of the caller's that goes on; every other is CodeNotFound.
func (h *Server) ownUpload(ctx context.Context, operation models.Operation, id models.ID) (models.Upload, error) {
	upload, err := h.Store.Upload(ctx, id)
	if err == nil {
		err = models.May(operation, api.From(ctx).Principal, models.Object{Owner: upload.OwnerID})
	}
	if err == nil {
		hideOwner(ctx, upload.OwnerID)
	}
	if err == nil && !upload.Open(api.From(ctx).Now) {
		err = models.Fail(models.CodeNotFound)
	}
	if err != nil {
		return upload, h.refused(ctx, &deed{operation: operation, kind: "upload", id: id}, err)
	}
	return upload, nil
}

// hideOwner makes the rest of a request anonymous that is about something which the caller owns hidden.
func hideOwner(ctx context.Context, owner models.ID) {
	if alias := api.From(ctx).Principal.Alias; alias != "" && owner == alias {
		api.Hide(ctx)
	}
}

// partOf reads the bytes of a part and holds them against Upload-Checksum, where there is one.
func partOf(body io.Reader, checksum *string) ([]byte, error) {
	data, err := io.ReadAll(body) // bounded by x-max-body
	if err != nil || checksum == nil {
		return data, err
	}
	algorithm, sum, _ := strings.Cut(*checksum, " ")
	want, err := base64.StdEncoding.DecodeString(sum)
	var got []byte
	switch algorithm {
	case "sha256":
		hash := sha256.Sum256(data)
		got = hash[:]
	case "sha1":
		hash := sha1.Sum(data) //nolint:gosec // as above
		got = hash[:]
	}
	if err != nil || len(got) == 0 || len(want) != len(got) {
		return nil, models.Fail(models.CodeInvalidRequest).WithFields(
			models.FieldError{Field: "Upload-Checksum", Code: models.FieldFormat, Want: "sha1 | sha256, and base64"})
	}
	if !auth.SameBytes(want, got) {
		return nil, models.Fail(models.CodeUploadChecksum)
	}
	return data, nil
}

// httpDate is when an upload expires, as HTTP writes times.
func httpDate(upload models.Upload) string { return upload.ExpiresAt.UTC().Format(http.TimeFormat) }
