package models

import "time"

// Bounds of resumable uploads.
const (
	MaxUploadBytes  = 30 << 20         // of one upload
	MaxUploadParts  = 2000             // of one upload: each part is a file
	MaxUploads      = 5                // unfinished ones of one person
	MaxUploadsBytes = 100 << 20        // of one person's unfinished ones together
	UploadLife      = 24 * time.Hour   // to send all of it
	UploadSwept     = 10 * time.Minute // after its end, until its rows go: longer than any request that still writes a part
)

// Upload is a file on its way in parts. Its id becomes the id of its media.
type Upload struct {
	ID        ID
	StationID ID
	OwnerID   ID
	Length    int64 // bytes it will have
	Received  int64 // bytes that are kept
	Parts     int   // begun, kept or not
	CreatedAt time.Time
	ExpiresAt time.Time
	EndedAt   time.Time // finished, given up or found useless; zero while it goes on
}

// CheckNewUpload says whether somebody with these unfinished uploads may begin another: CodeTooLarge, CodeTooManyUploads.
func CheckNewUpload(length int64, unfinished []Upload) error {
	if length > MaxUploadBytes {
		return Fail(CodeTooLarge).WithFields(FieldError{Field: "Upload-Length", Code: FieldTooLarge, Want: "<= 31457280"})
	}
	total := length
	for _, upload := range unfinished {
		total += upload.Length
	}
	if len(unfinished) >= MaxUploads || total > MaxUploadsBytes {
		return Fail(CodeTooManyUploads).After(UploadSwept)
	}
	return nil
}

// Open says whether the upload still takes parts and can be finished; what is not open is not there any more.
func (u Upload) Open(now time.Time) bool { return u.EndedAt.IsZero() && now.Before(u.ExpiresAt) }

// Complete says whether all of it is there.
func (u Upload) Complete() bool { return u.Received == u.Length }

// CheckPart says whether a part of a size may be added at an offset: CodeNotFound after the upload's end,
// CodeUploadOffset when it does not join what is kept, CodeTooLarge when it reaches beyond the length.
func (u Upload) CheckPart(offset, size int64, now time.Time) error {
	switch {
	case !u.Open(now):
		return Fail(CodeNotFound)
	case offset != u.Received:
		return Fail(CodeUploadOffset)
	case size > u.Length-offset:
		return Fail(CodeTooLarge).WithFields(FieldError{Field: "body", Code: FieldTooLarge, Want: "<= Upload-Length"})
	case u.Parts >= MaxUploadParts:
		return Fail(CodeTooLarge).WithFields(FieldError{Field: "body", Code: FieldTooSmall, Want: "<= 2000 parts"})
	default:
		return nil
	}
}
