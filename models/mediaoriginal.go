package models

import "time"

// How long originals, and what was read from them, are kept.
const (
	OriginalAlone = 7 * 24 * time.Hour   // an original that came with no tip, and when and where it was taken
	OriginalKept  = 180 * 24 * time.Hour // an original, after its tip was resolved or closed
)

// MediaOriginal is a file as it came, sealed. Its own id is not that of its media.
type MediaOriginal struct {
	ID        ID
	MediaID   ID
	BlobName  string
	Sealer    string // which key opens it
	Bytes     int64  // of the file as it came; of one that is sealed to the station, of the sealed file
	SHA256    []byte // likewise: what stands outside does not tell a file from others
	CreatedAt time.Time
}
