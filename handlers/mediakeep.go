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
	models.ContentSealed: ".sealed",
}

// blobName is a blob's own name: nothing of the sender's is in it.
func blobName(id models.ID, at time.Time, ending string) string {
	return at.UTC().Format("2006/01/") + string(id) + ending
}

// mediaCare says under which id the caller's media is theirs, and which keys seal it.
type mediaCare struct {
	owner    models.ID
	original string // name of the sealer of the file as it came
	clean    string // of the clean file; "" where it lies in the open
}

// careOf follows what becomes of the words: those of who hides are read here, those of who is unknown are not.
func careOf(ctx context.Context) mediaCare {
	asked := api.From(ctx)
	switch {
	case asked.Principal.Unknown():
		return mediaCare{owner: asked.Principal.ID, original: sealedToStation, clean: sealedToStation}
	case asked.Anonymous:
		return mediaCare{owner: asked.Principal.Alias, original: sealedToStation}
	default:
		return mediaCare{owner: asked.Principal.ID, original: sealedByVault}
	}
}

// ownID is a new id; that of something of a caller of whom nothing may be kept tells the minute only.
func (h *Server) ownID(ctx context.Context) models.ID {
	if asked := api.From(ctx); asked.Anonymous {
		return models.CoarseID(h.NewID(), asked.Now)
	}
	return h.NewID()
}

// keepMedia makes a file of the caller's clean and keeps it, under a name that nothing points to yet, and the file
// itself as it came, sealed. The blobs have ids of their own: two that finish one upload do not meet in them.
func (h *Server) keepMedia(ctx context.Context, data []byte, id models.ID) (keptMedia, error) {
	asked, care := api.From(ctx), careOf(ctx)
	media, clean, err := h.Photos.Clean(ctx, data)
	if err != nil {
		return keptMedia{}, err
	}
	if asked.Anonymous {
		media.Taken = media.Taken.Coarse()
	}
	media.ID, media.OwnerID, media.StationID, media.CreatedAt = id, care.owner, asked.Principal.StationID, asked.Now
	media.Sealer = care.clean
	original := models.SealedFile{ContentType: media.ContentType, Data: data}
	if clean, err = h.sealClean(ctx, &media, clean); err != nil {
		return keptMedia{}, err
	}
	media.BlobName = blobName(h.ownID(ctx), asked.Now, endings[media.ContentType])
	made := keptMedia{media: media}
	if made.original, err = h.keepOriginal(ctx, original, id, care.original); err != nil {
		return made, err
	}
	return made, h.Blobs.Put(ctx, media.BlobName, media.ContentType, clean)
}

// sealClean seals a clean file where that is asked for. What could tell it from others goes into the seal with it.
func (h *Server) sealClean(ctx context.Context, media *models.Media, clean []byte) ([]byte, error) {
	if media.Sealer == "" {
		return clean, nil
	}
	file := models.SealedFile{ContentType: media.ContentType, Data: clean, SHA256: media.SHA256}
	sealed, err := h.sealers[media.Sealer].Seal(ctx, file, media.ID, media.StationID)
	sum := sha256.Sum256(sealed)
	media.ContentType, media.Width, media.Height, media.Duration = models.ContentSealed, 0, 0, 0
	media.Bytes, media.SHA256 = int64(len(sealed)), sum[:]
	return sealed, err
}

// keepOriginal seals a file as it came. Its row is there before its bytes: a crash leaves nothing that tidying does not find.
func (h *Server) keepOriginal(
	ctx context.Context, file models.SealedFile, media models.ID, sealer string,
) (models.MediaOriginal, error) {
	asked, sum := api.From(ctx), sha256.Sum256(file.Data)
	original := models.MediaOriginal{
		ID: h.ownID(ctx), MediaID: media, Sealer: sealer, Bytes: int64(len(file.Data)), SHA256: sum[:], CreatedAt: asked.Now,
	}
	original.BlobName, file.SHA256 = blobName(original.ID, original.CreatedAt, endings[models.ContentSealed]), sum[:]
	sealed, err := h.sealers[sealer].Seal(ctx, file, original.ID, asked.Principal.StationID)
	if err != nil {
		return original, err
	}
	if sealer == sealedToStation {
		sum = sha256.Sum256(sealed)
		original.Bytes, original.SHA256 = int64(len(sealed)), sum[:]
	}
	err = h.Store.Atomically(ctx, func(tx *store.Store) error { return tx.BeginOriginal(ctx, original) })
	if err != nil {
		return original, err
	}
	return original, h.Blobs.Put(ctx, original.BlobName, models.ContentSealed, sealed)
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
