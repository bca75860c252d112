package media

import (
	"bytes"
	"crypto/sha256"
	"image"
	"image/jpeg"
	"image/png"

	"xunfang/models"
)

// The content types that come in and go out.
const (
	ContentJPEG = models.ContentJPEG
	ContentPNG  = models.ContentPNG
)

// jpegQuality keeps faces and plates readable; above it files grow faster than what can be seen in them.
const jpegQuality = 88

// Picture is a photo whose bytes this package wrote itself: pixels and nothing else.
type Picture struct {
	Bytes       []byte
	ContentType string // ContentJPEG or ContentPNG
	Width       int    // pixels, as people see it: after turning
	Height      int
	SHA256      [sha256.Size]byte // of Bytes
	Taken       models.Taken      // when and where, as the file said; read before it was made anew
}

// Clean decodes a JPEG or PNG, recognised by its content, turns it the way its EXIF orientation asks,
// and encodes it anew, so that no metadata, thumbnail or appended file survives. An animated PNG becomes
// its still picture. PNG samples of 16 bits are cut to 8, and what lies under fully transparent pixels is
// blackened. Colour profiles are dropped without conversion.
//
// CodeTooLarge when the file or its pixels exceed the limits, known before decoding; CodeNotAPicture for
// other formats and for what is damaged or cut short.
func Clean(data []byte, limits Limits) (Picture, error) {
	source, err := inspect(data, limits)
	if err != nil {
		return Picture{}, err
	}
	return source.clean()
}

// clean decodes what inspect let through.
func (s source) clean() (Picture, error) {
	var pixels image.Image
	var err error
	if s.contentType == ContentJPEG {
		pixels, err = jpeg.Decode(bytes.NewReader(s.data))
	} else {
		pixels, err = png.Decode(bytes.NewReader(s.data))
	}
	if err != nil {
		return Picture{}, models.Fail(models.CodeNotAPicture).Because(err)
	}
	var out bytes.Buffer
	if s.contentType == ContentJPEG {
		pixels = turned(pixels, s.orientation)
		err = jpeg.Encode(&out, pixels, &jpeg.Options{Quality: jpegQuality})
	} else {
		pixels = plain(pixels)
		err = png.Encode(&out, pixels)
	}
	if err != nil {
		return Picture{}, models.Fail(models.CodeNotAPicture).Because(err)
	}
	if out.Len() > MaxBlob {
		return Picture{}, models.Fail(models.CodeTooLarge)
	}
	size := pixels.Bounds().Size()
	return Picture{
		Bytes: out.Bytes(), ContentType: s.contentType,
		Width: size.X, Height: size.Y, SHA256: sha256.Sum256(out.Bytes()), Taken: s.taken,
	}, nil
}
