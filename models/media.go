package models

import "time"

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
