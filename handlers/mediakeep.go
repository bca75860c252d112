package handlers

import (
	"context"
	"time"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// keptMedia is media of which the bytes are kept and the rows are still to be written.
type keptMedia struct{ media models.Media }

// endings are the endings of blobs' names.
var endings = map[string]string{models.ContentJPEG: ".jpg", models.ContentPNG: ".png"}

// blobName is a blob's own name: nothing of the sender's is in it.
func blobName(id models.ID, at time.Time, ending string) string {
	return at.UTC().Format("2006/01/") + string(id) + ending
}

// keepMedia makes a file of the caller's clean and keeps it, under a name that nothing points to yet. The blob has an
// id of its own: two that finish one upload do not meet in it.
func (h *Server) keepMedia(ctx context.Context, data []byte, id models.ID) (keptMedia, error) {
	asked := api.From(ctx)
	media, clean, err := h.Photos.Clean(ctx, data)
	if err != nil {
		return keptMedia{}, err
	}
	media.ID, media.OwnerID, media.StationID, media.CreatedAt = id, asked.Principal.ID, asked.Principal.StationID, asked.Now
	media.BlobName = blobName(h.NewID(), asked.Now, endings[media.ContentType])
	return keptMedia{media: media}, h.Blobs.Put(ctx, media.BlobName, media.ContentType, clean)
}

// add writes the rows.
func (k keptMedia) add(ctx context.Context, tx *store.Store) error { return tx.AddMedia(ctx, k.media) }

// dropKept deletes the bytes of media whose rows were not written.
func (h *Server) dropKept(ctx context.Context, made keptMedia, failed error) {
	if models.CodeOf(failed) == models.CodeBusy { // the rows may be written all the same
		return
	}
	h.dropBlob(ctx, made.media.BlobName)
}
