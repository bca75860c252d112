package media

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"testing"
)

const pngSignature = "\x89PNG\r\n\x1a\n"

// chunk is one PNG chunk.
func chunk(name, body string) string {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	out = append(out, name+body...)
	return string(binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE([]byte(name+body))))
}

func deflated(t testing.TB, data []byte) string {
	t.Helper()
	var out bytes.Buffer
	writer := zlib.NewWriter(&out)
	if _, err := writer.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// pngForm is a kind of PNG: colour type and bits as PNG numbers them.
type pngForm struct {
	colourType, depth int
	interlaced        bool
}

// adam7 is the seven passes: first column and row, steps.
func (f pngForm) passes() [][4]int {
	if !f.interlaced {
		return [][4]int{{0, 0, 1, 1}}
	}
	return [][4]int{{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}}
}

// rows packs the scene's samples, unfiltered, pass by pass.
func (f pngForm) rows(width, height int) []byte {
	out := []byte{}
	scene := upright(width, height)
	for _, pass := range f.passes() {
		if pass[0] >= width {
			continue
		}
		for y := pass[1]; y < height; y += pass[3] {
			out = append(out, 0)
			held, bits := 0, 0
			for x := pass[0]; x < width; x += pass[2] {
				pixel := scene.RGBAAt(x, y)
				values := map[int][]uint8{
					0: {pixel.R}, 2: {pixel.R, pixel.G, pixel.B}, 3: {pixel.R},
					4: {pixel.R, uint8(x * 9)}, 6: {pixel.R, pixel.G, pixel.B, uint8(x * 9)},
				}[f.colourType]
				for _, value := range values {
					switch f.depth {
					case 16:
						out = append(out, value, uint8(x+y))
					case 8:
						out = append(out, value)
					default:
						held, bits = held<<f.depth|int(value)>>(8-f.depth), bits+f.depth
						if bits == 8 {
							out, held, bits = append(out, uint8(held)), 0, 0
						}
					}
				}
			}
			if bits > 0 {
				out = append(out, uint8(held<<(8-bits)))
			}
		}
	}
	return out
}

// header is the signature and IHDR.
func (f pngForm) header(width, height int) string {
	body := binary.BigEndian.AppendUint32(nil, uint32(width))
	body = binary.BigEndian.AppendUint32(body, uint32(height))
	body = append(body, uint8(f.depth), uint8(f.colourType), 0, 0, 0)
	if f.interlaced {
		body[12] = 1
	}
	return pngSignature + chunk("IHDR", string(body))
}

// palette has secrets in its first half, all of it transparent, and colours in the second.
func (f pngForm) palette() string {
	if f.colourType != 3 {
		return ""
	}
	half := 1 << f.depth / 2
	colours := bytes.Repeat([]byte("CANARY"), half)[:3*half]
	for at := range half {
		colours = append(colours, uint8(at), uint8(at*3), uint8(at*7))
	}
	return chunk("PLTE", string(colours)) + chunk("tRNS", string(make([]byte, half)))
}

// encode writes the whole file with chunks before and after the pixels.
func (f pngForm) encode(t testing.TB, width, height int, before, after string) []byte {
	t.Helper()
	data := deflated(t, f.rows(width, height))
	half := len(data) / 2
	return []byte(f.header(width, height) + before + f.palette() + chunk("IDAT", data[:half]) + chunk("IDAT", data[half:]) +
		after + chunk("IEND", ""))
}

// everyChunk is all the metadata PNG knows, before and after the pixels.
func everyChunk(t testing.TB) (before, after string) {
	t.Helper()
	hidden := deflated(t, []byte("CANARY compressed"))
	before = chunk("iCCP", "CANARY profile\x00\x00"+hidden) + chunk("gAMA", "\x00\x00\xb1\x8f") +
		chunk("pHYs", "\x00\x00\x0b\x13\x00\x00\x0b\x13\x01") + chunk("tEXt", "Comment\x00CANARY in tEXt") +
		chunk("zTXt", "Comment\x00\x00"+hidden) + chunk("iTXt", "XML:com.adobe.xmp\x00\x00\x00\x00\x00<x>CANARY in XMP</x>") +
		chunk("eXIf", exif(t, binary.BigEndian, 6)[len(exifHead):]) + chunk("tIME", "\x07\xea\x0b\x18\x02\x0a\x00") +
		chunk("caBX", "CANARY in JUMBF")
	after = chunk("tEXt", "Author\x00CANARY at the end") + chunk("prVt", "CANARY in a private chunk")
	return before, after
}

// pngSamples: every colour type and depth, plain and interlaced, and an animated one.
func pngSamples(t testing.TB) []sample {
	t.Helper()
	samples := []sample{}
	before, after := everyChunk(t)
	depths := map[int][]int{0: {1, 2, 4, 8, 16}, 2: {8, 16}, 3: {1, 2, 4, 8}, 4: {8, 16}, 6: {8, 16}}
	for colourType, all := range depths {
		for _, depth := range all {
			for _, interlaced := range []bool{false, true} {
				form := pngForm{colourType, depth, interlaced}
				for _, size := range []image.Point{{1, 1}, {53, 35}} {
					name := fmt.Sprintf("png/%+v_%dx%d", form, size.X, size.Y)
					data := append(form.encode(t, size.X, size.Y, before, after), "CANARY behind the end"...)
					samples = append(samples, sample{name, data, 1})
				}
			}
		}
	}
	form := pngForm{2, 8, false}
	frame := "\x00\x00\x00\x35\x00\x00\x00\x23\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x0a\x00\x00" // 53 × 35, 0.1 s
	animated := form.encode(t, 53, 35, before+chunk("acTL", "\x00\x00\x00\x02\x00\x00\x00\x00")+chunk("fcTL", "\x00\x00\x00\x00"+frame),
		chunk("fcTL", "\x00\x00\x00\x01"+frame)+chunk("fdAT", "\x00\x00\x00\x02CANARY "+deflated(t, make([]byte, 35*160)))+after)
	seeThrough := pngForm{2, 8, false}.encode(t, 53, 35, before+chunk("tRNS", "\x00\xfa\x00\xfa\x00\xfa"), after)
	return append(samples, sample{"png/animated", animated, 1}, sample{"png/colour_key", seeThrough, 1}, sample{"png/erased", erasedPNG(t), 1})
}

// erasedPNG hides words in the colour of pixels that nobody sees.
func erasedPNG(t testing.TB) []byte {
	t.Helper()
	rows := []byte{}
	for range 8 {
		rows = append(rows, 0)
		for x := range 8 {
			rows = append(rows, []byte("CANARY")[x%2*3:][:3]...)
			rows = append(rows, 0)
		}
	}
	return []byte(pngForm{6, 8, false}.header(8, 8) + chunk("IDAT", deflated(t, rows)) + chunk("IEND", ""))
}
