package media

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"slices"
	"strings"
	"testing"
)

// leaks lists what a file carries beside its pixels. It knows both formats' structure itself, so that it
// finds metadata without words in it too.
func leaks(t testing.TB, data []byte) []string {
	t.Helper()
	found := []string{}
	if bytes.Contains(data, []byte(secretText)) {
		found = append(found, "secret words")
	}
	if !bytes.HasPrefix(data, []byte(pngSignature)) {
		return append(found, jpegLeaks(data)...)
	}
	for at := len(pngSignature); at < len(data); {
		if len(data)-at < 12 {
			return append(found, "tail")
		}
		name := string(data[at+4 : at+8])
		if !slices.Contains([]string{"IHDR", "IDAT", "IEND"}, name) {
			found = append(found, name)
		}
		at += 12 + int(binary.BigEndian.Uint32(data[at:]))
		if name == "IEND" && at != len(data) {
			return append(found, "tail")
		}
	}
	pixels, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	bounds, colours := pixels.Bounds(), []byte{}
	for y := range bounds.Max.Y {
		for x := range bounds.Max.X {
			pixel := color.NRGBAModel.Convert(pixels.At(x, y)).(color.NRGBA)
			if colours = append(colours, pixel.R, pixel.G, pixel.B); pixel.A == 0 && (pixel.R|pixel.G|pixel.B) != 0 {
				return append(found, "colour under transparency")
			}
		}
	}
	if bytes.Contains(colours, []byte(secretText)) {
		found = append(found, "words in the pixels")
	}
	return found
}

// jpegLeaks allows quantisation, Huffman, frame and one scan: 0xDB, 0xC4, 0xC0, 0xDA.
func jpegLeaks(data []byte) []string {
	found := []string{}
	for at := 2; at+4 <= len(data); {
		marker := data[at+1]
		at += 2 + int(binary.BigEndian.Uint16(data[at+2:]))
		switch marker {
		case 0xdb, 0xc4, 0xc0:
		case 0xda:
			if end := bytes.Index(data, []byte{0xff, 0xd9}); end != len(data)-2 {
				found = append(found, "tail")
			}
			return found
		default:
			found = append(found, "segment")
		}
	}
	return append(found, "no scan")
}

// decoded is the plain decode.
func decoded(t testing.TB, data []byte) image.Image {
	t.Helper()
	pixels, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return pixels
}

// distance is the mean difference of two pictures' samples, 0 to 255, seen over black.
func distance(one, other image.Image) float64 {
	size := one.Bounds().Size()
	if other.Bounds().Size() != size {
		return math.Inf(1)
	}
	sum := 0.0
	for y := range size.Y {
		for x := range size.X {
			r, g, b, a := one.At(x, y).RGBA()
			r2, g2, b2, a2 := other.At(x, y).RGBA()
			for _, pair := range [][2]uint32{{r, r2}, {g, g2}, {b, b2}, {a, a2}} {
				sum += math.Abs(float64(pair[0])-float64(pair[1])) / 257
			}
		}
	}
	return sum / float64(4*size.X*size.Y)
}

func TestNothingButPixelsSurvives(t *testing.T) {
	samples := slices.Concat(jpegSamples(t), makerSamples(t), pngSamples(t))
	if len(samples) < 200 {
		t.Fatalf("only %d samples", len(samples))
	}
	for _, one := range samples {
		t.Run(one.name, func(t *testing.T) {
			if len(leaks(t, one.data)) == 0 {
				t.Fatal("negative control: nothing is found in the file as it came")
			}
			picture, err := Clean(one.data, DefaultLimits())
			if err != nil {
				t.Fatal(err)
			}
			if found := leaks(t, picture.Bytes); len(found) > 0 {
				t.Errorf("survived: %v", found)
			}
			if picture.SHA256 != sha256.Sum256(picture.Bytes) || !strings.HasSuffix(picture.ContentType, one.name[:strings.Index(one.name, "/")]) {
				t.Errorf("hash or type %s is wrong", picture.ContentType)
			}
			got, stored := decoded(t, picture.Bytes), decoded(t, one.data)
			if got.Bounds() != image.Rect(0, 0, picture.Width, picture.Height) {
				t.Errorf("%v is said to be %d × %d", got.Bounds(), picture.Width, picture.Height)
			}
			seen, loss := seenFrom(stored, one.orientation), 0.5 // of 16 bits
			if picture.ContentType == ContentJPEG {
				var plain bytes.Buffer
				if err := jpeg.Encode(&plain, seen, &jpeg.Options{Quality: jpegQuality}); err != nil {
					t.Fatal(err)
				}
				loss += distance(decoded(t, plain.Bytes()), seen) // which the encoder has by itself
			}
			if apart := distance(got, seen); apart > loss {
				t.Errorf("pixels differ by %.2f, more than %.2f", apart, loss)
			}
		})
	}
}

// Every way to hold the camera ends in the same picture, and the comparison can tell wrong turns.
func TestOrientation(t *testing.T) {
	scene := upright(90, 60)
	for orientation := 1; orientation <= 8; orientation++ {
		data := encodeJPEG(t, storedFor(scene, orientation))
		data = withSegments(data, segment(0xe1, exif(t, binary.LittleEndian, orientation)))
		picture, err := Clean(data, DefaultLimits())
		if err != nil {
			t.Fatal(err)
		}
		got := decoded(t, picture.Bytes)
		if apart := distance(got, scene); apart > 3 {
			t.Errorf("orientation %d: pixels differ by %.2f", orientation, apart)
		}
		for wrong := 2; wrong <= 8; wrong++ {
			if apart := distance(got, seenFrom(scene, wrong)); apart < 10 {
				t.Errorf("negative control: turn %d is only %.2f away", wrong, apart)
			}
		}
	}
}

// CMYK and RGB pictures of the same scene come out alike: inverted inks would be far away.
func TestColourModelsAgree(t *testing.T) {
	scene := image.Image(nil)
	for _, name := range []string{"baseline_1x1", "progressive_1x1", "rgb", "cmyk", "progressive_cmyk"} {
		picture, err := Clean(readSample(t, name), DefaultLimits())
		if err != nil {
			t.Fatal(name, err)
		}
		got := decoded(t, picture.Bytes)
		if _, colour := got.(*image.YCbCr); !colour {
			t.Errorf("%s became %T", name, got)
		}
		if scene == nil {
			scene = got
		} else if apart := distance(got, scene); apart > 4 {
			t.Errorf("%s is %.2f away", name, apart)
		}
	}
}

// What is clean stays as it is: cleaning again moves no PNG pixel, and JPEG pixels hardly.
func TestCleanAgain(t *testing.T) {
	for _, data := range [][]byte{readSample(t, "progressive_2x2"), pngForm{6, 8, true}.encode(t, 53, 35, "", "")} {
		once, err := Clean(data, DefaultLimits())
		if err != nil {
			t.Fatal(err)
		}
		twice, err := Clean(once.Bytes, DefaultLimits())
		if err != nil {
			t.Fatal(err)
		}
		if once.ContentType == ContentPNG && once.SHA256 != twice.SHA256 {
			t.Error("PNG changed")
		}
		if apart := distance(decoded(t, once.Bytes), decoded(t, twice.Bytes)); apart > 1 {
			t.Errorf("pixels moved by %.2f", apart)
		}
	}
}

func TestHiddenBySixteenBits(t *testing.T) {
	data := pngForm{2, 16, false}.encode(t, 8, 8, "", "")
	picture, err := Clean(data, DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	if _, cut := decoded(t, picture.Bytes).(*image.RGBA); !cut {
		t.Error("low bytes of 16-bit samples survived")
	}
	if _, err := jpeg.Decode(bytes.NewReader(picture.Bytes)); err == nil {
		t.Error("a PNG decodes as JPEG")
	}
}
