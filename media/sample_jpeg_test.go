package media

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"path/filepath"
	"testing"
)

// secretText is what no cleaned photo may contain.
const secretText = "CANARY"

// sample is one file to clean, with the orientation it asks for.
type sample struct {
	name        string
	data        []byte
	orientation int
}

// upright is a lopsided scene: no two of the eight orientations look alike.
func upright(width, height int) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			pixel := color.RGBA{uint8(30 + 200*x/width), uint8(20 + 220*y/height), uint8(230 - 150*x/width - 60*y/height), 255}
			if x < width/3 && y < height/4 {
				pixel = color.RGBA{250, 250, 250, 255}
			}
			out.SetRGBA(x, y, pixel)
		}
	}
	return out
}

func encodeJPEG(t testing.TB, pixels image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, pixels, &jpeg.Options{Quality: 92}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// segment is one JPEG marker segment.
func segment(marker byte, body string) string {
	return string([]byte{0xff, marker, byte((len(body) + 2) >> 8), byte(len(body) + 2)}) + body
}

// withSegments puts segments behind the start marker, where cameras put them.
func withSegments(data []byte, segments ...string) []byte {
	out := append([]byte{}, data[:2]...)
	for _, one := range segments {
		out = append(out, one...)
	}
	return append(out, data[2:]...)
}

// exif is a whole EXIF segment body: orientation, description, GPS and a second directory with a thumbnail.
func exif(t testing.TB, order binary.ByteOrder, orientation int) string {
	t.Helper()
	thumbnail := string(withSegments(encodeJPEG(t, upright(16, 12)), segment(0xfe, "CANARY in the thumbnail")))
	description, area := "CANARY in the description\x00", "CANARY in the GPS area\x00"
	const ifd0, entries0, ifd1At = 8, 4, 8 + 2 + 4*12 + 4
	const gpsAt = ifd1At + 2 + 2*12 + 4
	const textAt = gpsAt + 2 + 12 + 4
	var out bytes.Buffer
	put16 := func(values ...int) {
		for _, value := range values {
			_ = binary.Write(&out, order, uint16(value))
		}
	}
	put32 := func(values ...int) {
		for _, value := range values {
			_ = binary.Write(&out, order, uint32(value))
		}
	}
	entry := func(tag, kind, count, value int) { put16(tag, kind); put32(count, value) }
	out.WriteString(map[binary.ByteOrder]string{binary.LittleEndian: "II", binary.BigEndian: "MM"}[order])
	put16(42)
	put32(ifd0)
	put16(entries0)
	entry(0x010e, 2, len(description), textAt)
	put16(0x0112, 3)
	put32(1)
	put16(orientation, 0)
	entry(0x8825, 4, 1, gpsAt)
	entry(0x9999, 4, 1, 0)
	put32(ifd1At)
	put16(2)
	entry(0x0201, 4, 1, textAt+len(description)+len(area))
	entry(0x0202, 4, 1, len(thumbnail))
	put32(0)
	put16(1)
	entry(0x001c, 7, len(area), textAt+len(description))
	put32(0)
	out.WriteString(description + area + thumbnail)
	return exifHead + out.String()
}

// everySegment is all the metadata that cameras and editors write, and the extras they append.
func everySegment(t testing.TB, order binary.ByteOrder, orientation int) []string {
	return []string{
		segment(0xe1, "http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta tiff:Orientation=\"3\">CANARY in XMP</x:xmpmeta>"),
		segment(0xe1, exif(t, order, orientation)),
		segment(0xe1, "http://ns.adobe.com/xmp/extension/\x00CANARY in extended XMP"),
		segment(0xe2, "ICC_PROFILE\x00\x01\x01CANARY in ICC"),
		segment(0xe2, "MPF\x00CANARY in MPF"),
		segment(0xed, "Photoshop 3.0\x008BIM\x04\x04\x00\x00\x00\x00\x00\x0eCANARY in IPTC"),
		segment(0xeb, "CANARY in JUMBF"),
		segment(0xec, "Ducky CANARY"),
		segment(0xfe, "CANARY in a comment \xff\xda \xff\xd9 <script>"),
	}
}

// jpegSamples: sizes × orientations × colour and grey, both byte orders, and testdata, which libjpeg made
// from one scene in every subsampling, baseline and progressive, RGB and CMYK.
func jpegSamples(t testing.TB) []sample {
	t.Helper()
	samples := []sample{}
	for _, size := range []image.Point{{1, 1}, {7, 3}, {40, 64}, {333, 217}} {
		scene := upright(size.X, size.Y)
		grey := image.NewGray(scene.Bounds())
		for y := range size.Y {
			for x := range size.X {
				grey.Set(x, y, scene.At(x, y))
			}
		}
		for orientation := 1; orientation <= 8; orientation++ {
			for kind, pixels := range map[string]image.Image{"colour": scene, "grey": grey} {
				order := binary.ByteOrder(binary.LittleEndian)
				if orientation%2 == 0 {
					order = binary.BigEndian
				}
				data := encodeJPEG(t, storedFor(pixels, orientation))
				data = append(withSegments(data, everySegment(t, order, orientation)...), "CANARY behind the end"...)
				name := fmt.Sprintf("jpeg/%s_%dx%d_%d", kind, size.X, size.Y, orientation)
				samples = append(samples, sample{name, data, orientation})
			}
		}
	}
	files, err := filepath.Glob("testdata/*.jpg")
	if err != nil || len(files) < 15 {
		t.Fatalf("testdata: %d files, %v", len(files), err)
	}
	for at, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		orientation := at%8 + 1
		data = withSegments(data, everySegment(t, binary.BigEndian, orientation)...)
		samples = append(samples, sample{"jpeg/" + filepath.Base(file), data, orientation})
	}
	return samples
}

// The reference for turning: mirrors and a transposition, put together as EXIF words them.
func mirrored(p image.Image) image.Image {
	return remade(p, false, func(x, y, w, _ int) (int, int) { return w - 1 - x, y })
}

func flipped(p image.Image) image.Image {
	return remade(p, false, func(x, y, _, h int) (int, int) { return x, h - 1 - y })
}

func transposed(p image.Image) image.Image {
	return remade(p, true, func(x, y, _, _ int) (int, int) { return y, x })
}

func remade(p image.Image, swap bool, to func(x, y, w, h int) (int, int)) image.Image {
	size := p.Bounds().Size()
	bounds := image.Rect(0, 0, size.X, size.Y)
	if swap {
		bounds = image.Rect(0, 0, size.Y, size.X)
	}
	var out interface {
		image.Image
		Set(x, y int, c color.Color)
	} = image.NewNRGBA(bounds)
	if _, grey := p.(*image.Gray); grey {
		out = image.NewGray(bounds)
	}
	for y := range size.Y {
		for x := range size.X {
			toX, toY := to(x, y, size.X, size.Y)
			out.Set(toX, toY, p.At(x, y))
		}
	}
	return out
}

// seenFrom is how stored pixels look: 6 has its row 0 at the right and its column 0 at the top.
func seenFrom(stored image.Image, orientation int) image.Image {
	switch orientation {
	case 2:
		return mirrored(stored)
	case 3:
		return mirrored(flipped(stored))
	case 4:
		return flipped(stored)
	case 5:
		return transposed(stored)
	case 6:
		return mirrored(transposed(stored))
	case 7:
		return mirrored(flipped(transposed(stored)))
	case 8:
		return flipped(transposed(stored))
	default:
		return stored
	}
}

// storedFor is how a camera held that way stores a scene.
func storedFor(scene image.Image, orientation int) image.Image {
	if inverse, turned := map[int]int{6: 8, 8: 6}[orientation]; turned {
		return seenFrom(scene, inverse)
	}
	return seenFrom(scene, orientation)
}
