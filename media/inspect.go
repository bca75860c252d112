package media

import (
	"bytes"
	"errors"
	"image"
	"image/jpeg"
	"image/png"

	"github.com/gabriel-vasile/mimetype"

	"xunfang/models"
)

// maxScans is how many passes over its pixels a JPEG may ask for. Encoders make about ten; each can cost
// a walk over the whole picture for a few bytes of file, so without a bound 10 MiB keep a core busy for hours.
const maxScans = 32

// depthAt is where a PNG's bits per sample stand: signature 8, chunk head 8, width and height 8.
const depthAt = 24

var (
	errNotAFormat = errors.New("media: neither JPEG nor PNG")
	errNoPixels   = errors.New("media: no pixels")
	errManyScans  = errors.New("media: too many JPEG scans")
)

// source is a file that is worth decoding, and what is known of it beforehand.
type source struct {
	data          []byte
	contentType   string
	width, height int
	orientation   int // EXIF: 1 to 8
	taken         models.Taken
	dear          bool // decoding keeps more than the usual bytes for each pixel
}

// cost is what decoding takes, in pixels of about 8 bytes. A progressive JPEG holds all its coefficients
// until the end, and 16-bit samples are twice as wide: those count double.
func (s source) cost() int {
	if s.dear {
		return 2 * s.width * s.height
	}
	return s.width * s.height
}

// inspect reads headers only: whatever it refuses has cost no memory.
func inspect(data []byte, limits Limits) (source, error) {
	if len(data) > limits.Bytes {
		return source{}, models.Fail(models.CodeTooLarge)
	}
	found := source{data: data, contentType: sniff(data), orientation: 1}
	var config image.Config
	var err error
	switch found.contentType {
	case ContentJPEG:
		var facts jpegFacts
		if facts, err = walkJPEG(data); err == nil {
			found.orientation, found.dear, found.taken = facts.orientation, facts.progressive, facts.taken
			config, err = jpeg.DecodeConfig(bytes.NewReader(data))
		}
	case ContentPNG:
		config, err = png.DecodeConfig(bytes.NewReader(data))
		found.dear = err == nil && data[depthAt] == 16
		found.taken = takenOf(pngExif(data))
	default:
		err = errNotAFormat
	}
	if err == nil && (config.Width < 1 || config.Height < 1) {
		err = errNoPixels
	}
	if err != nil {
		return source{}, models.Fail(models.CodeNotAPicture).Because(err)
	}
	if config.Width > limits.Side || config.Height > limits.Side || config.Width > limits.Pixels/config.Height {
		return source{}, models.Fail(models.CodeTooLarge)
	}
	found.width, found.height = config.Width, config.Height
	return found, nil
}

// sniff tells the format from the bytes; animated PNG is a child of PNG. "" for every other format.
func sniff(data []byte) string {
	for kind := mimetype.Detect(data); kind != nil; kind = kind.Parent() {
		for _, known := range []string{ContentJPEG, ContentPNG} {
			if kind.Is(known) {
				return known
			}
		}
	}
	return ""
}
