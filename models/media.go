package models

import "time"

// The content types of media, as this server writes them.
const (
	ContentJPEG = "image/jpeg"
	ContentPNG  = "image/png"

	ContentWAV     = "audio/wav"
	ContentAMR     = "audio/amr"
	ContentAMRWide = "audio/amr-wb"
	ContentOgg     = "audio/ogg" // Opus
	ContentM4A     = "audio/mp4" // AAC
	ContentMP4     = "video/mp4" // H.264, AAC

	ContentSealed = "application/octet-stream" // an age file; what is in it stands in it
)

// Media is one cleaned photo, voice note or video.
type Media struct {
	ID          ID
	StationID   ID
	OwnerID     ID
	BlobName    string
	ContentType string
	Width       int
	Height      int
	Duration    time.Duration // of voice and video
	Bytes       int64
	SHA256      []byte
	Sealer      string // which key opens the file, and then Bytes and SHA256 are of the sealed one; "" for one in the open
	CreatedAt   time.Time
	Taken       Taken // only while it is being made
}

// Taken is when and where a picture was taken, as the file itself said: read once, before it was cleaned.
type Taken struct {
	At       time.Time // zero when unknown
	Zoned    bool      // At is an instant; else it is a wall clock of an unknown zone, written as if in UTC
	Position *Position // WGS-84; nil when unknown
}

// Coarse is what the file said to the minute and to about 100 m.
func (t Taken) Coarse() Taken {
	t.At = t.At.Truncate(CoarseTime)
	if t.Position != nil {
		position := t.Position.Coarse()
		t.Position = &position
	}
	return t
}
