package media

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"image/jpeg"
	"os"
	"runtime"
	"testing"

	"xunfang/models"
)

func readSample(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name + ".jpg")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func refused(t *testing.T, name string, data []byte, limits Limits, code models.Code) {
	t.Helper()
	picture, err := Clean(data, limits)
	if !errors.Is(err, models.Fail(code)) {
		t.Errorf("%s: want %s, got %v", name, code, err)
	}
	if picture.Bytes != nil {
		t.Errorf("%s: bytes came back with the refusal", name)
	}
}

// claiming patches the size in the headers and leaves the pixels as they are.
func claiming(t testing.TB, width, height int) map[string][]byte {
	t.Helper()
	tiny := pngForm{6, 8, false}
	flat := encodeJPEG(t, upright(8, 8))
	frame := bytes.Index(flat, []byte{0xff, 0xc0})
	binary.BigEndian.PutUint16(flat[frame+5:], uint16(height))
	binary.BigEndian.PutUint16(flat[frame+7:], uint16(width))
	return map[string][]byte{
		"png":  []byte(tiny.header(width, height) + chunk("IDAT", deflated(t, tiny.rows(8, 8))) + chunk("IEND", "")),
		"jpeg": flat,
	}
}

func allocated(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestPixelFlood(t *testing.T) {
	const mega = 1 << 20
	for _, size := range [][2]int{{50_000, 50_000}, {12_001, 10}, {10, 12_001}, {10_000, 5_001}, {65_535, 65_535}} {
		for name, data := range claiming(t, size[0], size[1]) {
			used := allocated(func() { refused(t, name, data, DefaultLimits(), models.CodeTooLarge) })
			if used > mega {
				t.Errorf("%s of %v: %d bytes allocated", name, size, used)
			}
		}
	}
	// Control: within the limits the same lie does cost memory, so the measure works; it is still refused.
	for name, data := range claiming(t, 3000, 3000) {
		if used := allocated(func() { refused(t, name, data, DefaultLimits(), models.CodeNotAPicture) }); used < mega {
			t.Errorf("control: %s took only %d bytes", name, used)
		}
	}
	for name, data := range claiming(t, 0, 10) {
		refused(t, name+" without pixels", data, DefaultLimits(), models.CodeNotAPicture)
	}
	huge := []byte(pngForm{2, 8, false}.header(1<<31-1, 1<<31-1) + chunk("IDAT", "") + chunk("IEND", ""))
	if _, err := Clean(huge, DefaultLimits()); err == nil {
		t.Error("2³¹ × 2³¹ passed")
	}
}

func TestLimitsAreExact(t *testing.T) {
	scene := encodeJPEG(t, upright(40, 30))
	limits := DefaultLimits()
	limits.Bytes, limits.Pixels, limits.Side = len(scene), 1200, 40
	if _, err := Clean(scene, limits); err != nil {
		t.Errorf("at the limits: %v", err)
	}
	for name, change := range map[string]func(*Limits){
		"bytes": func(l *Limits) { l.Bytes-- }, "pixels": func(l *Limits) { l.Pixels-- }, "side": func(l *Limits) { l.Side-- },
	} {
		tighter := limits
		change(&tighter)
		refused(t, name, scene, tighter, models.CodeTooLarge)
	}
	refused(t, "10 MiB and a byte", append(scene, make([]byte, 10<<20+1-len(scene))...), DefaultLimits(), models.CodeTooLarge)
	if _, err := Clean(append(scene, make([]byte, 10<<20-len(scene))...), DefaultLimits()); err != nil {
		t.Errorf("10 MiB: %v", err)
	}
}

func TestTruncated(t *testing.T) {
	files := map[string][]byte{
		"baseline": readSample(t, "baseline_2x2"), "progressive": readSample(t, "progressive_2x2"), "cmyk": readSample(t, "cmyk"),
		"restart": readSample(t, "restart"), "png": pngForm{6, 8, false}.encode(t, 53, 35, "", ""),
		"interlaced": pngForm{3, 4, true}.encode(t, 53, 35, "", ""),
	}
	for name, data := range files {
		if _, err := Clean(data, DefaultLimits()); err != nil {
			t.Fatalf("control: whole %s: %v", name, err)
		}
		for sixteenth := range 16 {
			refused(t, name, data[:len(data)*sixteenth/16], DefaultLimits(), models.CodeNotAPicture)
		}
		refused(t, name+" less a byte", data[:len(data)-1], DefaultLimits(), models.CodeNotAPicture)
	}
}

// otherFormats are files that are no photo but could be taken for something else later.
func otherFormats(t testing.TB) map[string]string {
	t.Helper()
	var packed bytes.Buffer
	archive := zip.NewWriter(&packed)
	entry, err := archive.Create("CANARY.txt")
	if err == nil {
		_, err = entry.Write([]byte("CANARY"))
	}
	if err := errors.Join(err, archive.Close()); err != nil {
		t.Fatal(err)
	}
	return map[string]string{
		"zip":  packed.String(),
		"html": "<!DOCTYPE html><html><script>CANARY</script></html>",
		"svg":  `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>CANARY</script></svg>`,
		"pdf":  "%PDF-1.7\n1 0 obj<</CANARY 1>>endobj\ntrailer<<>>\n%%EOF",
		"gif":  "GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xfe\x06CANARY\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;",
		"webp": "RIFF\x24\x00\x00\x00WEBPVP8 CANARY", "bmp": "BM\x1e\x00\x00\x00CANARY", "tiff": "II*\x00\x08\x00\x00\x00CANARY",
		"heic": "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heicCANARY", "mp4": "\x00\x00\x00\x18ftypisom\x00\x00\x00\x00isomavc1CANARY",
		"script": "#!/bin/sh\necho CANARY\n", "empty": "", "start only": "\xff\xd8\xff", "signature only": pngSignature,
	}
}

func TestPolyglots(t *testing.T) {
	scene, drawing := readSample(t, "baseline_2x2"), pngForm{2, 8, false}.encode(t, 20, 10, "", "")
	for name, text := range otherFormats(t) {
		refused(t, name, []byte(text), DefaultLimits(), models.CodeNotAPicture)
		if len(text) < 20 {
			continue
		}
		refused(t, name+" before a photo", append([]byte(text), scene...), DefaultLimits(), models.CodeNotAPicture)
		for where, data := range map[string][]byte{
			"behind JPEG": append(bytes.Clone(scene), text...), "in a comment": withSegments(scene, segment(0xfe, text)),
			"behind PNG": append(bytes.Clone(drawing), text...), "in tEXt": pngForm{2, 8, false}.encode(t, 20, 10, chunk("tEXt", "a\x00"+text), ""),
		} {
			picture, err := Clean(data, DefaultLimits())
			if err != nil {
				if name != "pdf" { // readers look for its start in the first 1024 bytes, so the sniffer does too
					t.Errorf("%s %s: %v", name, where, err)
				}
				continue
			}
			if found := leaks(t, picture.Bytes); len(found) > 0 || bytes.Contains(picture.Bytes, []byte(text[:8])) {
				t.Errorf("%s %s survived: %v", name, where, found)
			}
			if name != "zip" {
				continue
			}
			if _, err := zip.NewReader(bytes.NewReader(data), int64(len(data))); err != nil && where[:6] == "behind" {
				t.Errorf("control: %s is no archive: %v", where, err)
			}
			if _, err := zip.NewReader(bytes.NewReader(picture.Bytes), int64(len(picture.Bytes))); err == nil {
				t.Errorf("%s is still an archive", where)
			}
		}
	}
}

// A scan of a few bytes makes the decoder walk all pixels: many of them in one file are refused,
// also when fill bytes or garbage stand before them. The library alone would decode them.
func TestManyScans(t *testing.T) {
	data := readSample(t, "progressive_gray")
	first := bytes.Index(data, []byte{0xff, 0xda})
	second := first + 2 + bytes.Index(data[first+2:], []byte{0xff, 0xc4})
	scan, own := data[first:second], bytes.Count(data, []byte{0xff, 0xda})
	for name, filler := range map[string]string{"plain": "", "fill bytes": "\xff\xff", "garbage": "ab\xff\x00\x00", "restart": "\xff\xd3"} {
		repeated := func(times int) []byte {
			more := bytes.Repeat(append([]byte(filler), scan...), times)
			return append(append(bytes.Clone(data[:first]), more...), data[first:]...)
		}
		if _, err := Clean(repeated(maxScans-own), DefaultLimits()); err != nil {
			t.Errorf("%s: %d scans: %v", name, maxScans, err)
		}
		many := repeated(maxScans - own + 1)
		if _, err := jpeg.Decode(bytes.NewReader(many)); err != nil {
			t.Errorf("control: %s: %v", name, err)
		}
		if _, err := Clean(many, DefaultLimits()); !errors.Is(err, errManyScans) {
			t.Errorf("%s: %d scans: %v", name, maxScans+1, err)
		}
	}
}
