package media

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"testing"
)

// makers write notes of their own into EXIF; these are how theirs begin.
var makers = []string{
	"Apple iOS\x00\x00\x01MM", "HUAWEI\x00\x00", "Xiaomi\x00", "OPPO\x00", "vivo\x00", "SAMSUNG\x00", "Nikon\x00\x02\x10\x00\x00MM\x00\x2a", "FUJIFILM\x0c\x00\x00\x00",
}

// makerExif is an EXIF segment body as a phone of a maker writes it: orientation, model, the maker's own note, the
// owner, serial numbers and a comment.
func makerExif(order binary.ByteOrder, orientation int, maker string) string {
	const ifd0 = 8
	const details = ifd0 + 2 + 3*12 + 4
	texts := []struct {
		tag, kind uint16
		text      string
	}{
		{0x9286, 7, "ASCII\x00\x00\x00CANARY in a comment"},
		{0x927c, 7, maker + "CANARY in a maker's note"},
		{0xa430, 2, "CANARY the owner\x00"},
		{0xa431, 2, "CANARY 00471147 serial\x00"},
		{0xa435, 2, "CANARY lens serial\x00"},
	}
	at := uint32(details + 2 + len(texts)*12 + 4)
	var out bytes.Buffer
	put := func(values ...any) {
		for _, value := range values {
			_ = binary.Write(&out, order, value) // a buffer takes everything
		}
	}
	out.WriteString(map[binary.ByteOrder]string{binary.LittleEndian: "II", binary.BigEndian: "MM"}[order])
	put(uint16(42), uint32(ifd0), uint16(3))
	put(uint16(0x0110), uint16(2), uint32(4))
	out.WriteString("P9\x00\x00")
	put(uint16(tagOrientation), uint16(typeShort), uint32(1), uint16(orientation), uint16(0))
	put(uint16(tagExif), uint16(typeLong), uint32(1), uint32(details), uint32(0), uint16(len(texts)))
	for _, one := range texts {
		put(one.tag, one.kind, uint32(len(one.text)), at)
		at += uint32(len(one.text))
	}
	put(uint32(0))
	for _, one := range texts {
		out.WriteString(one.text)
	}
	return exifHead + out.String()
}

// makerSamples: every maker × every orientation × both byte orders, with a JFIF thumbnail, IPTC records and an ICC
// profile that has a comment, as a photo has that went through an editor.
func makerSamples(t testing.TB) []sample {
	t.Helper()
	samples := []sample{}
	thumbnail := string(withSegments(encodeJPEG(t, upright(12, 9)), segment(0xfe, "CANARY in a JFXX thumbnail")))
	iptc := "Photoshop 3.0\x008BIM\x04\x04\x00\x00\x00\x00\x00\x22\x1c\x02\x50\x00\x0dCANARY byline\x1c\x02\x5a\x00\x0bCANARY city"
	profile := "ICC_PROFILE\x00\x01\x01\x00\x00\x00\x80appl\x02\x10\x00\x00mntrRGB XYZ desc\x00\x00\x00\x00CANARY of the display"
	for number, maker := range makers {
		for orientation := 1; orientation <= 8; orientation++ {
			order := binary.ByteOrder(binary.LittleEndian)
			if (number+orientation)%2 == 0 {
				order = binary.BigEndian
			}
			stored := storedFor(upright(60+number, 40+orientation), orientation)
			data := withSegments(encodeJPEG(t, stored), segment(0xe0, "JFXX\x00\x10"+thumbnail),
				segment(0xe1, makerExif(order, orientation, maker)), segment(0xed, iptc), segment(0xe2, profile))
			samples = append(samples, sample{fmt.Sprintf("jpeg/maker%d_%d", number, orientation), data, orientation})
		}
	}
	return samples
}

// The makers' blocks must say what they are meant to, or the test above would pass for want of metadata.
func TestMakerSamplesAreRead(t *testing.T) {
	for _, one := range makerSamples(t) {
		facts, err := walkJPEG(one.data)
		if err != nil || facts.orientation != one.orientation || bytes.Count(one.data, []byte(secretText)) < 8 {
			t.Errorf("%s: orientation %d, %v", one.name, facts.orientation, err)
		}
		if _, ok := decoded(t, one.data).(*image.YCbCr); !ok {
			t.Errorf("%s is no colour photo", one.name)
		}
	}
}
