package media

import (
	"encoding/binary"
	"strings"
	"time"

	"xunfang/models"
)

// The entries that say when and where a picture was taken (CIPA DC-008, 4.6.5 and 4.6.6).
const (
	tagExif             = 0x8769
	tagGPS              = 0x8825
	tagDateTimeOriginal = 0x9003
	tagOffsetOriginal   = 0x9011
	tagLatitudeRef      = 1
	tagLatitude         = 2
	tagLongitudeRef     = 3
	tagLongitude        = 4
)

// takenOf reads when and where from an EXIF block, without its "Exif" head. What is malformed is as if it were not there.
func takenOf(block []byte) models.Taken {
	opened, ok := openTIFF(block)
	if !ok {
		return models.Taken{}
	}
	taken := models.Taken{}
	if details, ok := opened.directory(tagExif); ok {
		taken.At, taken.Zoned = opened.instant(details)
	}
	if area, ok := opened.directory(tagGPS); ok {
		lat, north := opened.degrees(area, tagLatitude, tagLatitudeRef, "N", "S")
		lng, east := opened.degrees(area, tagLongitude, tagLongitudeRef, "E", "W")
		if north && east && lat >= -90 && lat <= 90 && lng >= -180 && lng <= 180 && (lat != 0 || lng != 0) {
			taken.Position = &models.Position{Lat: lat, Lng: lng}
		}
	}
	return taken
}

// directory follows an entry of the first directory to another one.
func (t tiff) directory(tag uint16) (uint64, bool) {
	value := t.value(t.entry(t.first(), tag), typeLong, 4)
	if len(value) != 4 {
		return 0, false
	}
	return uint64(t.order.Uint32(value)), true
}

func (t tiff) text(directory uint64, tag uint16) string {
	text, _, _ := strings.Cut(string(t.value(t.entry(directory, tag), typeASCII, 1)), "\x00")
	return text
}

// instant is when the picture was taken; zoned when the camera wrote its time zone, else the wall clock as if in UTC.
func (t tiff) instant(details uint64) (at time.Time, zoned bool) {
	text := t.text(details, tagDateTimeOriginal)
	if at, err := time.Parse("2006:01:02 15:04:05-07:00", text+t.text(details, tagOffsetOriginal)); err == nil {
		return at.UTC(), true
	}
	at, err := time.Parse("2006:01:02 15:04:05", text)
	if err != nil {
		return time.Time{}, false
	}
	return at, false
}

// degrees reads three rationals, degrees, minutes and seconds, and their sign.
func (t tiff) degrees(area uint64, tag, reference uint16, plus, minus string) (float64, bool) {
	value, sign := t.value(t.entry(area, tag), typeRational, 8), t.text(area, reference)
	if len(value) != 24 || sign != plus && sign != minus {
		return 0, false
	}
	sum := 0.0
	for at, unit := range []float64{1, 60, 3600} {
		over, under := t.order.Uint32(value[at*8:]), t.order.Uint32(value[at*8+4:])
		if under == 0 {
			return 0, false
		}
		sum += float64(over) / float64(under) / unit
	}
	if sign == minus {
		sum = -sum
	}
	return sum, true
}

// pngExif finds the body of a PNG's eXIf chunk; nil when there is none.
func pngExif(data []byte) []byte {
	const signature, head, sum = 8, 8, 4
	for at := signature; at+head <= len(data); {
		length := uint64(binary.BigEndian.Uint32(data[at:]))
		if uint64(at)+head+length+sum > uint64(len(data)) {
			return nil
		}
		if string(data[at+4:at+head]) == "eXIf" {
			return data[at+head:][:length]
		}
		at += head + int(length) + sum //nolint:gosec // it lies within data
	}
	return nil
}
