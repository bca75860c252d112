package handlers

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"

	"xunfang/api"
	"xunfang/auth"
	"xunfang/models"
	"xunfang/store"
)

// Sealer seals files as they came. What Seal made opens only with the same id.
type Sealer interface {
	Seal(original []byte, id models.ID) ([]byte, error)
	// Open gives the file back; CodeNotFound where this machine does not have the key.
	Open(sealed []byte, id models.ID) ([]byte, error)
}

// sealedByVault is the name of the sealer that uses the keys of sealed columns.
const sealedByVault = "vault"

type vaultSealer struct{ keys *auth.Keys }

func (v vaultSealer) context(id models.ID) string { return "media_originals:" + string(id) }

// Seal implements Sealer.
func (v vaultSealer) Seal(original []byte, id models.ID) ([]byte, error) {
	return v.keys.Seal(original, v.context(id)), nil
}

// Open implements Sealer.
func (v vaultSealer) Open(sealed []byte, id models.ID) ([]byte, error) {
	return v.keys.Open(sealed, v.context(id))
}

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
		err = models.May(what.operation, api.From(ctx).Principal, models.Object{Place: tip.Place})
	}
	var original models.MediaOriginal
	if err == nil {
		original, err = h.Store.OriginalOfMedia(ctx, request.MediaId)
	}
	if err != nil {
		return nil, h.refused(ctx, what, err)
	}
	data, err := h.openOriginal(ctx, original)
	if err != nil {
		return nil, err
	}
	if err := h.looked(ctx, what); err != nil {
		return nil, err
	}
	disposition := `attachment; filename="` + string(request.MediaId) + `.original"`
	digest := "sha-256=:" + base64.StdEncoding.EncodeToString(original.SHA256) + ":"
	return api.GetMediaOriginal200ApplicationoctetStreamResponse{
		Body: bytes.NewReader(data), ContentLength: int64(len(data)),
		Headers: api.GetMediaOriginal200ResponseHeaders{ContentDisposition: &disposition, ReprDigest: &digest},
	}, nil
}

// openOriginal reads an original back and holds it against the hash it came with.
func (h *Server) openOriginal(ctx context.Context, original models.MediaOriginal) ([]byte, error) {
	sealer, known := h.originals[original.Sealer]
	if !known {
		return nil, models.Fail(models.CodeNotFound)
	}
	sealed, err := h.Blobs.Get(ctx, original.BlobName)
	if err != nil {
		return nil, err
	}
	data, err := sealer.Open(sealed, original.ID)
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(data); !bytes.Equal(sum[:], original.SHA256) {
		return nil, fmt.Errorf("handlers: original %s is not what came", original.ID)
	}
	return data, nil
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
