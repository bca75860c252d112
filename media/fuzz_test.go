package media

import (
	"crypto/sha256"
	"encoding/binary"
	"testing"

	"xunfang/models"
)

// fuzzLimits keep one run short.
func fuzzLimits() Limits {
	limits := DefaultLimits()
	limits.Pixels, limits.Side, limits.Bytes = 1<<16, 1<<12, 1<<16
	return limits
}

// FuzzClean: whatever comes in, it is refused with one of the two codes, or nothing but pixels comes out.
func FuzzClean(f *testing.F) {
	for _, name := range []string{"baseline_2x2", "progressive_4x1", "cmyk", "rgb", "restart", "progressive_gray"} {
		data := readSample(f, name)
		f.Add(data)
		f.Add(withSegments(data, everySegment(f, binary.BigEndian, 7)...))
	}
	before, after := everyChunk(f)
	for _, form := range []pngForm{{0, 1, true}, {2, 16, false}, {3, 4, false}, {4, 8, true}, {6, 16, true}} {
		f.Add(form.encode(f, 13, 9, before, after))
	}
	f.Add(erasedPNG(f))
	for _, text := range otherFormats(f) {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		picture, err := Clean(data, fuzzLimits())
		if err != nil {
			if code := models.CodeOf(err); code != models.CodeNotAPicture && code != models.CodeTooLarge {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		for _, found := range leaks(t, picture.Bytes) {
			if found != "secret words" && found != "words in the pixels" { // pixels may spell anything
				t.Fatalf("survived: %s", found)
			}
		}
		if again := decoded(t, picture.Bytes).Bounds().Size(); again.X != picture.Width || again.Y != picture.Height {
			t.Fatalf("%v is said to be %d × %d", again, picture.Width, picture.Height)
		}
		if picture.SHA256 != sha256.Sum256(picture.Bytes) {
			t.Fatal("wrong hash")
		}
	})
}

// FuzzExifOrientation: no bytes lead outside the segment or to anything but 1 to 8.
func FuzzExifOrientation(f *testing.F) {
	for orientation := range 10 {
		f.Add([]byte(exif(f, binary.LittleEndian, orientation)))
		f.Add([]byte(exif(f, binary.BigEndian, orientation)))
	}
	f.Fuzz(func(t *testing.T, segment []byte) {
		if got := exifOrientation(segment); got < 1 || got > 8 {
			t.Fatalf("orientation %d", got)
		}
	})
}
