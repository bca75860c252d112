package media

import (
	"encoding/binary"
	"strings"
	"testing"
)

func TestExifOrientation(t *testing.T) {
	good := exif(t, binary.BigEndian, 6)
	// changed writes bytes at an offset behind the TIFF header's start.
	changed := func(at int, bytes string) string {
		at += len(exifHead)
		return good[:at] + bytes + good[at+len(bytes):]
	}
	const entry = 8 + 2 + 12 // the second entry is the orientation
	cases := map[string]struct {
		segment string
		want    int
	}{
		"good":                    {good, 6},
		"little-endian":           {exif(t, binary.LittleEndian, 8), 8},
		"empty":                   {"", 1},
		"not EXIF":                {"http://ns.adobe.com/xap/1.0/\x00", 1},
		"head only":               {exifHead, 1},
		"header cut":              {good[:len(exifHead)+7], 1},
		"unknown byte order":      {changed(0, "IM"), 1},
		"wrong magic":             {changed(2, "\x00\x2b"), 1},
		"directory far outside":   {changed(4, "\xff\xff\xff\xff"), 1},
		"directory at the end":    {changed(4, string(binary.BigEndian.AppendUint32(nil, uint32(len(good)-len(exifHead))))), 1},
		"directory in the header": {changed(4, "\x00\x00\x00\x00"), 1},
		"more entries than there": {changed(8, "\xff\xff"), 6},
		"no entries":              {changed(8, "\x00\x00"), 1},
		"entry cut":               {good[:len(exifHead)+entry+11], 1},
		"entry whole":             {good[:len(exifHead)+entry+12], 6},
		"zero":                    {changed(entry+8, "\x00\x00"), 1},
		"nine":                    {changed(entry+8, "\x00\x09"), 1},
		"large":                   {changed(entry+8, "\xff\xff"), 1},
		"as a long":               {changed(entry+2, "\x00\x04"), 1},
		"two values":              {changed(entry+4, "\x00\x00\x00\x02"), 1},
		"no value":                {changed(entry+4, "\x00\x00\x00\x00"), 1},
		"behind the bound": {exifHead + "MM\x00\x2a\x00\x00\x00\x08\x02\x01" + strings.Repeat("\x00", maxEntries*12) +
			"\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00", 1},
	}
	for name, one := range cases {
		if got := exifOrientation([]byte(one.segment)); got != one.want {
			t.Errorf("%s: want %d, got %d", name, one.want, got)
		}
	}
}

// Only the first EXIF segment counts, as in viewers; XMP's idea of the orientation never does.
func TestFirstExifCounts(t *testing.T) {
	data := withSegments(encodeJPEG(t, upright(20, 10)),
		segment(0xe1, "http://ns.adobe.com/xap/1.0/\x00tiff:Orientation=\"3\""),
		segment(0xe1, exif(t, binary.BigEndian, 6)), segment(0xe1, exif(t, binary.BigEndian, 1)))
	facts, err := walkJPEG(data)
	if err != nil || facts.orientation != 6 {
		t.Errorf("%+v, %v", facts, err)
	}
}
