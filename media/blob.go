package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"time"

	"xunfang/models"
)

// MaxBlob bounds one stored photo, in bytes. Encoding anew can make a photo larger than it came.
const MaxBlob = 64 << 20

// Blobs keeps photos by names that Name makes; every other name is refused.
// The two keepers are Folder and S3.
type Blobs interface {
	// Put keeps the bytes; when it returns nil they survive a crash. It never overwrites: putting the
	// same bytes again is no error, other bytes under a used name are CodeAlreadyExists.
	Put(ctx context.Context, name, contentType string, data []byte) error
	// Get reads the bytes back; CodeNotFound when there are none.
	Get(ctx context.Context, name string) ([]byte, error)
	// Delete removes them; deleting what is not there is no error.
	Delete(ctx context.Context, name string) error
}

var (
	blobName = regexp.MustCompile(`^[0-9]{4}/(0[1-9]|1[0-2])/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}` +
		`\.(jpg|png|wav|amr|ogg|m4a|mp4|part|sealed)$`)
	errBlobSize = errors.New("media: a blob is empty or over 64 MiB")
)

// Name makes the own name of a photo, such as 2026/11/01939c1e-8a00-7000-8000-000000000601.jpg:
// nothing of the sender's is in it. The month is that of made in UTC.
func Name(id models.ID, made time.Time, contentType string) string {
	ending := ".jpg"
	if contentType == ContentPNG {
		ending = ".png"
	}
	return made.UTC().Format("2006/01/") + string(id) + ending
}

// checkName refuses names that Name does not make, so that none leads anywhere else.
func checkName(name string) error {
	if !blobName.MatchString(name) {
		return fmt.Errorf("media: %q is no blob name", name)
	}
	return nil
}

// checkPut is what every keeper asks first.
func checkPut(ctx context.Context, name string, data []byte) error {
	if err := checkName(name); err != nil {
		return err
	}
	if len(data) == 0 || len(data) > MaxBlob {
		return errBlobSize
	}
	return ctx.Err()
}

// readBlob reads no more than a blob can hold.
func readBlob(from io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(from, MaxBlob+1))
	if err != nil {
		return nil, err
	}
	if len(data) > MaxBlob {
		return nil, errBlobSize
	}
	return data, nil
}
