package media

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image/png"
	"math"
	"testing"
	"time"
)

// takenBlock is a TIFF body with a time, its zone ("" for none), and a place.
func takenBlock(order binary.ByteOrder, wall, zone string, lat, lng float64) []byte {
	const ifd0, details = 8, 8 + 2 + 2*12 + 4
	const area = details + 2 + 2*12 + 4
	const wallAt = area + 2 + 4*12 + 4
	const zoneAt, latAt, lngAt = wallAt + 20, wallAt + 28, wallAt + 52
	var out bytes.Buffer
	put := func(values ...any) {
		for _, value := range values {
			_ = binary.Write(&out, order, value)
		}
	}
	entry := func(tag, kind uint16, count, value uint32) { put(tag, kind, count, value) }
	letter := func(tag uint16, text string) { put(tag, uint16(2), uint32(2)); out.WriteString(text + "\x00\x00\x00") }
	side := func(value float64, plus, minus string) string {
		if value < 0 {
			return minus
		}
		return plus
	}
	angle := func(value float64) {
		whole := uint32(math.Abs(value))
		put(whole, uint32(1), uint32(0), uint32(1), uint32(math.Round((math.Abs(value)-float64(whole))*3600*1000)), uint32(1000))
	}
	out.WriteString(map[binary.ByteOrder]string{binary.LittleEndian: "II", binary.BigEndian: "MM"}[order])
	put(uint16(42), uint32(ifd0), uint16(2))
	entry(tagExif, 4, 1, details)
	entry(tagGPS, 4, 1, area)
	put(uint32(0), uint16(2))
	entry(tagDateTimeOriginal, 2, 20, wallAt)
	entry(tagOffsetOriginal, 2, uint32(len(zone)+1), zoneAt)
	put(uint32(0), uint16(4))
	letter(tagLatitudeRef, side(lat, "N", "S"))
	entry(tagLatitude, 5, 3, latAt)
	letter(tagLongitudeRef, side(lng, "E", "W"))
	entry(tagLongitude, 5, 3, lngAt)
	put(uint32(0))
	out.WriteString((wall + "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00")[:20])
	out.WriteString((zone + "\x00\x00\x00\x00\x00\x00\x00\x00")[:8])
	angle(lat)
	angle(lng)
	return out.Bytes()
}

func TestTaken(t *testing.T) {
	wall := time.Date(2026, 11, 24, 9, 48, 30, 0, time.UTC)
	for _, order := range []binary.ByteOrder{binary.BigEndian, binary.LittleEndian} {
		for _, test := range []struct {
			zone     string
			lat, lng float64
			at       time.Time
		}{
			{"+08:00", 30.52031, 105.60082, wall.Add(-8 * time.Hour)}, {"", -33.5, -70.25, wall}, {"nonsense", 89.9, -179.9, wall},
		} {
			t.Run(fmt.Sprint(order, test.zone), func(t *testing.T) {
				got := takenOf(takenBlock(order, "2026:11:24 09:48:30", test.zone, test.lat, test.lng))
				if !got.At.Equal(test.at) || got.Zoned != (test.zone == "+08:00") {
					t.Errorf("taken at %v, zoned %v", got.At, got.Zoned)
				}
				if got.Position == nil || math.Abs(got.Position.Lat-test.lat) > 1e-6 || math.Abs(got.Position.Lng-test.lng) > 1e-6 {
					t.Errorf("taken at %+v, want %v %v", got.Position, test.lat, test.lng)
				}
			})
		}
	}
	for name, block := range map[string][]byte{
		"no time":      takenBlock(binary.BigEndian, "    :  :     :  :  ", "", 0, 0),
		"off the map":  takenBlock(binary.BigEndian, "", "", 91, 0),
		"null island":  takenBlock(binary.BigEndian, "", "", 0, 0),
		"nothing":      nil,
		"header alone": []byte("MM\x00\x2a\xff\xff\xff\xff"),
	} {
		if got := takenOf(block); !got.At.IsZero() || got.Position != nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// A block that is cut or altered anywhere says less, and never breaks.
func TestTakenOfDamagedBlocks(t *testing.T) {
	block := takenBlock(binary.BigEndian, "2026:11:24 09:48:30", "+08:00", 30.5, 105.6)
	for at := range block {
		takenOf(block[:at])
		for _, value := range []byte{0, 1, 0x7f, 0xff} {
			damaged := bytes.Clone(block)
			damaged[at] = value
			takenOf(damaged)
		}
	}
}

func FuzzTaken(f *testing.F) {
	f.Add(takenBlock(binary.BigEndian, "2026:11:24 09:48:30", "+08:00", 30.5, 105.6))
	f.Add(takenBlock(binary.LittleEndian, "2026:11:24 09:48:30", "", -30.5, -105.6))
	f.Fuzz(func(t *testing.T, block []byte) {
		if got := takenOf(block); got.Position != nil && math.Abs(got.Position.Lat) > 90 {
			t.Errorf("%+v", got.Position)
		}
	})
}

func TestTakenOfPhotos(t *testing.T) {
	block := takenBlock(binary.LittleEndian, "2026:11:24 09:48:30", "", 30.5, 105.6)
	photo := withSegments(encodeJPEG(t, upright(20, 10)), segment(0xe1, exifHead+string(block)))
	drawn := string(tinyPicture(t))
	drawn = drawn[:33] + chunk("eXIf", string(block)) + drawn[33:] // behind the header
	for name, data := range map[string][]byte{"JPEG": photo, "PNG": []byte(drawn)} {
		picture, err := Clean(data, DefaultLimits())
		if err != nil || picture.Taken.At.IsZero() || picture.Taken.Position == nil {
			t.Errorf("%s: %+v, %v", name, picture.Taken, err)
		}
		again, err := Clean(picture.Bytes, DefaultLimits())
		if err != nil || !again.Taken.At.IsZero() || again.Taken.Position != nil {
			t.Errorf("%s: cleaned, and it still says %+v, %v", name, again.Taken, err)
		}
	}
}

func tinyPicture(t testing.TB) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, upright(20, 10)); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
