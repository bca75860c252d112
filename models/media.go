package models

import "time"

// The content types of media, as this server writes them.
const (
	ContentJPEG = "image/jpeg"
	ContentPNG  = "image/png"
)

// Media is one cleaned photo.
type Media struct {
	ID          ID
	StationID   ID
	OwnerID     ID
	BlobName    string
	ContentType string
	Width       int
	Height      int
	Bytes       int64
	SHA256      []byte
	CreatedAt   time.Time
}
