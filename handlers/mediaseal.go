package handlers

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"

	"xunfang/auth"
	"xunfang/models"
)

// Sealer seals files. What Seal made opens only with the same id.
type Sealer interface {
	Seal(ctx context.Context, file models.SealedFile, id, station models.ID) ([]byte, error)
	// Open gives the file back; CodeNotFound where this machine does not have the key.
	Open(sealed []byte, id models.ID) (models.SealedFile, error)
}

// The names of the sealers.
const (
	sealedByVault   = "vault"   // with the keys of sealed columns
	sealedToStation = "station" // to the station's public key: see decision 019
)

type vaultSealer struct{ keys *auth.Keys }

func (v vaultSealer) context(id models.ID) string { return "media_originals:" + string(id) }

// Seal implements Sealer.
func (v vaultSealer) Seal(_ context.Context, file models.SealedFile, id, _ models.ID) ([]byte, error) {
	return v.keys.Seal(file.Data, v.context(id)), nil
}

// Open implements Sealer.
func (v vaultSealer) Open(sealed []byte, id models.ID) (models.SealedFile, error) {
	data, err := v.keys.Open(sealed, v.context(id))
	sum := sha256.Sum256(data)
	return models.SealedFile{Data: data, SHA256: sum[:]}, err
}

// stationSealer needs nothing secret to seal. It opens only where the private half is on this machine.
type stationSealer struct {
	key    func(ctx context.Context, station models.ID) (auth.StationKey, error)
	opener SealedOpener
}

// Seal implements Sealer; CodeNoStationKey for a station without a key.
func (s stationSealer) Seal(ctx context.Context, file models.SealedFile, _, station models.ID) ([]byte, error) {
	plain, err := file.Plain()
	if err != nil {
		return nil, err
	}
	key, err := s.key(ctx, station)
	if err != nil {
		return nil, err
	}
	return key.Seal(plain)
}

var errNotThatFile = errors.New("handlers: the opened file is not the one that was sealed")

// Open implements Sealer.
func (s stationSealer) Open(sealed []byte, _ models.ID) (models.SealedFile, error) {
	if s.opener == nil {
		return models.SealedFile{}, models.Fail(models.CodeNotFound)
	}
	plain, err := s.opener.Open(sealed)
	if err != nil {
		return models.SealedFile{}, err
	}
	file, err := models.OpenedFile(plain)
	if sum := sha256.Sum256(file.Data); err == nil && !bytes.Equal(sum[:], file.SHA256) {
		err = errNotThatFile
	}
	return file, err
}

// openedMedia is a sealed file opened where this machine can; else it stays sealed, for the officer's own client.
func (h *Server) openedMedia(ctx context.Context, sealer string, sealed []byte, id models.ID) (file models.SealedFile, opened bool) {
	err := error(models.Fail(models.CodeNotFound))
	if by, known := h.sealers[sealer]; known {
		file, err = by.Open(sealed, id)
	}
	if err == nil {
		return file, true
	}
	if models.CodeOf(err) != models.CodeNotFound {
		h.Logger.WarnContext(ctx, "sealed media did not open with this server's key", "error", err)
	}
	sum := sha256.Sum256(sealed)
	return models.SealedFile{ContentType: models.ContentSealed, Data: sealed, SHA256: sum[:]}, false
}
