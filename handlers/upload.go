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
	asked := api.From(ctx)
	upload := models.Upload{
		ID: h.NewID(), StationID: asked.Principal.StationID, OwnerID: asked.Principal.ID, Length: request.Params.UploadLength,
		CreatedAt: asked.Now, ExpiresAt: asked.Now.Add(models.UploadLife),
	}
	what := &deed{operation: models.OpCreateUpload, kind: "upload", id: upload.ID}
	_, err := act(ctx, h, what, http.StatusCreated, func(tx *store.Store) (struct{}, error) {
		if err := tx.LockPerson(ctx, upload.OwnerID); err != nil {
			return struct{}{}, err
		}
		unfinished, err := tx.UnfinishedUploads(ctx, upload.OwnerID, asked.Now)
		if err == nil {
			err = models.CheckNewUpload(upload.Length, unfinished)
		}
		if err != nil {
			return struct{}{}, err
		}
		return struct{}{}, tx.AddUpload(ctx, upload)
	})
	if err != nil {
		return nil, err
	}
	location, expires := "/v1/uploads/"+string(upload.ID), httpDate(upload)
	return api.CreateUpload201Response{Headers: api.CreateUpload201ResponseHeaders{Location: &location, UploadExpires: &expires}}, nil
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

// PatchUpload answers PATCH /v1/uploads/{upload_id}. The part's row is there before its bytes, and counts after them:
// a crash leaves nothing that tidying does not find, and the offset never runs ahead of what is kept.
func (h *Server) PatchUpload(ctx context.Context, request api.PatchUploadRequestObject) (api.PatchUploadResponseObject, error) {
	now := api.From(ctx).Now
	upload, err := h.ownUpload(ctx, models.OpPatchUpload, request.UploadId)
	if err != nil {
		return nil, err
	}
	data, err := partOf(request)
	if err == nil {
		err = upload.CheckPart(request.Params.UploadOffset, int64(len(data)), now)
	}
	if err != nil {
		return nil, err
	}
	if len(data) > 0 {
		if err := h.keepPart(ctx, upload, data); err != nil {
			return nil, err
		}
	}
	offset, expires := upload.Received+int64(len(data)), httpDate(upload)
	return api.PatchUpload204Response{Headers: api.PatchUpload204ResponseHeaders{UploadOffset: &offset, UploadExpires: &expires}}, nil
}

// keepPart writes the sealed bytes of a part that joins what is kept.
func (h *Server) keepPart(ctx context.Context, upload models.Upload, data []byte) error {
	part := store.UploadPart{ID: h.NewID(), Start: upload.Received, Bytes: int64(len(data))}
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
	upload, err := h.ownUpload(ctx, models.OpDeleteUpload, request.UploadId)
	if err != nil {
		return nil, err
	}
	what := &deed{operation: models.OpDeleteUpload, kind: "upload", id: upload.ID}
	_, err = act(ctx, h, what, http.StatusNoContent, func(tx *store.Store) (struct{}, error) {
		return struct{}{}, tx.EndUpload(ctx, upload.ID, api.From(ctx).Now)
	})
	if models.CodeOf(err) == models.CodeConflict { // ended meanwhile
		err = models.Fail(models.CodeNotFound)
	}
	if err != nil {
		return nil, err
	}
	h.dropParts(ctx, upload.ID)
	return api.DeleteUpload204Response{}, nil
}

// ownUpload reads an upload of the caller's that goes on; every other is CodeNotFound.
func (h *Server) ownUpload(ctx context.Context, operation models.Operation, id models.ID) (models.Upload, error) {
	asked := api.From(ctx)
	upload, err := h.Store.Upload(ctx, id)
	if err == nil {
		err = models.May(operation, asked.Principal, models.Object{Owner: upload.OwnerID})
	}
	if err == nil && !upload.Open(asked.Now) {
		err = models.Fail(models.CodeNotFound)
	}
	if err != nil {
		return upload, h.refused(ctx, &deed{operation: operation, kind: "upload", id: id}, err)
	}
	return upload, nil
}

// partOf reads the bytes of a part and holds them against Upload-Checksum, where there is one.
func partOf(request api.PatchUploadRequestObject) ([]byte, error) {
	data, err := io.ReadAll(request.Body) // bounded by x-max-body
	if err != nil || request.Params.UploadChecksum == nil {
		return data, err
	}
	algorithm, sum, _ := strings.Cut(*request.Params.UploadChecksum, " ")
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
