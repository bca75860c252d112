package handlers

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// GetMediaOriginal answers GET /v1/media/{media_id}/original: the file as it came, to police in the scope of the tip it
// belongs to. The look is recorded with its reason before the file is handed out.
func (h *Server) GetMediaOriginal(
	ctx context.Context, request api.GetMediaOriginalRequestObject,
) (api.GetMediaOriginalResponseObject, error) {
	what := &deed{
		operation: models.OpGetMediaOriginal, kind: "media", id: request.MediaId, reason: models.Secret(request.Params.Reason),
	}
	tip, err := h.Store.TipOfMedia(ctx, request.MediaId)
	if err == nil {
		err = h.mayReadOriginal(ctx, what.operation, tip)
	}
	var original models.MediaOriginal
	if err == nil {
		original, err = h.Store.OriginalOfMedia(ctx, request.MediaId)
	}
	if err != nil {
		return nil, h.refused(ctx, what, err)
	}
	file, opened, err := h.openOriginal(ctx, original)
	if err != nil {
		return nil, err
	}
	if err := h.looked(ctx, what); err != nil {
		return nil, err
	}
	disposition := `attachment; filename="` + string(request.MediaId) + `.original"`
	if !opened {
		disposition = `attachment; filename="` + string(request.MediaId) + `.age"`
	}
	digest := "sha-256=:" + base64.StdEncoding.EncodeToString(file.SHA256) + ":"
	return api.GetMediaOriginal200ApplicationoctetStreamResponse{
		Body: bytes.NewReader(file.Data), ContentLength: int64(len(file.Data)),
		Headers: api.GetMediaOriginal200ResponseHeaders{ContentDisposition: &disposition, ReprDigest: &digest},
	}, nil
}

// mayReadOriginal says whether the caller may read what came with a tip as it came. It may say whose phone it came from:
// of a reporter who hides it is for the two who opened who that is.
func (h *Server) mayReadOriginal(ctx context.Context, operation models.Operation, tip models.Tip) error {
	who := api.From(ctx).Principal
	if err := models.May(operation, who, models.Object{Place: tip.Place}); err != nil || tip.Reporting != models.ReportingHidden {
		return err
	}
	openings, err := h.Store.IdentityOpenings(ctx, tip.ID)
	if err == nil && !slices.ContainsFunc(openings, func(one models.IdentityOpening) bool { return one.Opens(who.ID) }) {
		err = models.Fail(models.CodeNotFound)
	}
	return err
}

// openOriginal reads an original back and holds it against the hash it came with; opened is false where only the
// officers' own client can, and then it is the sealed file.
func (h *Server) openOriginal(ctx context.Context, original models.MediaOriginal) (file models.SealedFile, opened bool, err error) {
	sealed, err := h.Blobs.Get(ctx, original.BlobName)
	if err != nil {
		return file, false, err
	}
	if file, opened = h.openedMedia(ctx, original.Sealer, sealed, original.ID); !opened && original.Sealer != sealedToStation {
		return file, false, fmt.Errorf("handlers: original %s does not open", original.ID)
	}
	kept := sha256.Sum256(file.Data)
	if original.Sealer == sealedToStation {
		kept = sha256.Sum256(sealed)
	}
	if !bytes.Equal(kept[:], original.SHA256) {
		return file, opened, fmt.Errorf("handlers: original %s is not what came", original.ID)
	}
	return file, opened, nil
}

// originalSweep is how many originals of each kind one tidying deletes.
const originalSweep = 200

// ForgetOriginals deletes originals that have outlived their use, blobs first: what a crash interrupts is found again.
func (h *Server) ForgetOriginals(ctx context.Context) error {
	aged, err := h.Store.AgedOriginals(ctx, h.Now(), originalSweep)
	if err != nil {
		return err
	}
	errs := []error{}
	for _, original := range aged {
		err := h.Blobs.Delete(ctx, original.BlobName)
		if err == nil {
			err = h.Store.Atomically(ctx, func(tx *store.Store) error { return tx.ForgetOriginal(ctx, original.ID) })
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func wireSignals(signals []models.MediaSignals) *[]api.MediaSignals {
	wire := make([]api.MediaSignals, 0, len(signals))
	for _, one := range signals {
		wire = append(wire, api.MediaSignals{
			MediaId: one.MediaID, HasGps: one.HasGPS, TakenMinutesBefore: one.TakenMinutesBefore, GpsDistanceM: one.GPSDistanceM,
		})
	}
	return &wire
}
