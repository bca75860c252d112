package handlers

import (
	"context"
	"crypto/sha256"
	"time"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// keptMedia is media of which the bytes are kept and the rows are still to be written.
type keptMedia struct {
	media    models.Media
	original models.MediaOriginal
}

// endings are the endings of blobs' names.
var endings = map[string]string{
	models.ContentJPEG: ".jpg", models.ContentPNG: ".png", models.ContentWAV: ".wav", models.ContentAMR: ".amr",
	models.ContentAMRWide: ".amr", models.ContentOgg: ".ogg", models.ContentM4A: ".m4a", models.ContentMP4: ".mp4",
}

// blobName is a blob's own name: nothing of the sender's is in it.
func blobName(id models.ID, at time.Time, ending string) string {
	return at.UTC().Format("2006/01/") + string(id) + ending
}

// keepMedia makes a file of the caller's clean and keeps it, under a name that nothing points to yet, and the file
// itself as it came, sealed. The blobs have ids of their own: two that finish one upload do not meet in them.
func (h *Server) keepMedia(ctx context.Context, data []byte, id models.ID) (keptMedia, error) {
	asked := api.From(ctx)
	media, clean, err := h.Photos.Clean(ctx, data)
	if err != nil {
		return keptMedia{}, err
	}
	media.ID, media.OwnerID, media.StationID, media.CreatedAt = id, asked.Principal.ID, asked.Principal.StationID, asked.Now
	media.BlobName = blobName(h.NewID(), asked.Now, endings[media.ContentType])
	made := keptMedia{media: media}
	if made.original, err = h.keepOriginal(ctx, data, id, sealedByVault); err != nil {
		return made, err
	}
	return made, h.Blobs.Put(ctx, media.BlobName, media.ContentType, clean)
}

// keepOriginal seals a file as it came. Its row is there before its bytes: a crash leaves nothing that tidying does not find.
func (h *Server) keepOriginal(ctx context.Context, data []byte, media models.ID, sealer string) (models.MediaOriginal, error) {
	sum := sha256.Sum256(data)
	original := models.MediaOriginal{
		ID: h.NewID(), MediaID: media, Sealer: sealer, Bytes: int64(len(data)), SHA256: sum[:], CreatedAt: api.From(ctx).Now,
	}
	original.BlobName = blobName(original.ID, original.CreatedAt, ".sealed")
	sealed, err := h.originals[sealer].Seal(data, original.ID)
	if err != nil {
		return original, err
	}
	err = h.Store.Atomically(ctx, func(tx *store.Store) error { return tx.BeginOriginal(ctx, original) })
	if err != nil {
		return original, err
	}
	return original, h.Blobs.Put(ctx, original.BlobName, "application/octet-stream", sealed)
}

// add writes the rows.
func (k keptMedia) add(ctx context.Context, tx *store.Store) error {
	if err := tx.AddMedia(ctx, k.media); err != nil {
		return err
	}
	return tx.KeepOriginal(ctx, k.original.ID)
}

// dropKept deletes the bytes of media whose rows were not written.
func (h *Server) dropKept(ctx context.Context, made keptMedia, failed error) {
	if models.CodeOf(failed) == models.CodeBusy { // the rows may be written all the same
		return
	}
	h.dropBlob(ctx, made.media.BlobName)
	h.dropBlob(ctx, made.original.BlobName)
}
