package media

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"time"

	"xunfang/models"
)

// The bounds of voice notes and videos.
const (
	maxRecording = 30 << 20         // bytes
	maxVoice     = 5 * time.Minute  // of a voice note
	maxVideo     = 61 * time.Second // a minute, and what a phone takes to stop
)

// Recording is a voice note or a video that this package wrote itself: what is heard and seen, and nothing else. It is
// not decoded: what it holds are frames of the codecs named below, in a file made anew around them.
type Recording struct {
	Bytes         []byte
	ContentType   string
	Width, Height int // of a video, as people see it
	Duration      time.Duration
	SHA256        [sha256.Size]byte // of Bytes
	Taken         models.Taken
}

var (
	errCut       = errors.New("media: recording cut short")
	errForm      = errors.New("media: recording of a form that is not taken")
	errLong      = errors.New("media: recording too long or with too many parts")
	errPolyglot  = errors.New("media: recording that is an archive or a document as well")
	errUnsettled = errors.New("media: recording whose tables contradict each other")
)

// recordings tells formats from how they begin.
var recordings = []struct {
	is    func(data []byte) bool
	clean func(data []byte) (Recording, error)
}{
	{isWAV, cleanWAV}, {isAMR, cleanAMR}, {isOgg, cleanOpus}, {isMP4, cleanMP4},
}

// isRecording says whether a file begins like voice or video of a form that is taken.
func isRecording(data []byte) bool {
	for _, form := range recordings {
		if form.is(data) {
			return true
		}
	}
	return false
}

// CleanRecording makes a voice note (WAV, AMR, Ogg Opus, M4A) or a video (MP4 with H.264 and AAC) anew from its frames.
// CodeTooLarge beyond 30 MiB; CodeNotARecording for everything that is not wholly understood, or is too long.
func CleanRecording(data []byte) (Recording, error) {
	if len(data) > maxRecording {
		return Recording{}, models.Fail(models.CodeTooLarge)
	}
	for _, form := range recordings {
		if !form.is(data) {
			continue
		}
		made, err := form.clean(data)
		switch {
		case err != nil:
		case made.Duration <= 0:
			err = errCut
		case made.Duration > maxVoice, made.Width > 0 && made.Duration > maxVideo:
			err = errLong
		case polyglot(made.Bytes):
			err = errPolyglot
		default:
			made.SHA256 = sha256.Sum256(made.Bytes)
			return made, nil
		}
		return Recording{}, models.Fail(models.CodeNotARecording).Because(err)
	}
	return Recording{}, models.Fail(models.CodeNotARecording).Because(errForm)
}

// polyglot looks where readers of archives and documents look: any bytes are sound to a codec, and so sound could be
// a ZIP (its directory within 64 KiB of the end) or a PDF (its head within 1 KiB of the start).
func polyglot(data []byte) bool {
	const zipTail, pdfHead = 65_535 + 22, 1024
	tail, head := data[max(0, len(data)-zipTail):], data[:min(len(data), pdfHead)]
	return bytes.Contains(tail, []byte("PK\x05\x06")) || bytes.Contains(head, []byte("%PDF-"))
}

// Make makes a file clean, whatever it is: a photo by Clean, or a recording by CleanRecording; what is neither is
// CodeNotAPicture.
func (c *Cleaner) Make(ctx context.Context, data []byte) (models.Media, []byte, error) {
	if !isRecording(data) {
		picture, err := c.Clean(ctx, data)
		return models.Media{
			ContentType: picture.ContentType, Width: picture.Width, Height: picture.Height,
			Bytes: int64(len(picture.Bytes)), SHA256: picture.SHA256[:], Taken: picture.Taken,
		}, picture.Bytes, err
	}
	select {
	case c.places <- struct{}{}:
		defer func() { <-c.places }()
	default:
		return models.Media{}, nil, models.Fail(models.CodeBusy).After(busyPause)
	}
	made, err := CleanRecording(data)
	return models.Media{
		ContentType: made.ContentType, Width: made.Width, Height: made.Height, Duration: made.Duration,
		Bytes: int64(len(made.Bytes)), SHA256: made.SHA256[:], Taken: made.Taken,
	}, made.Bytes, err
}
