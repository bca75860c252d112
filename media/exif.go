package media

import (
	"bytes"
	"encoding/binary"
)

// Where things stand in EXIF (CIPA DC-008): a TIFF header, then lists of 12-byte entries.
const (
	exifHead       = "Exif\x00\x00"
	tiffHeader     = 8
	tiffMagic      = 42
	entrySize      = 12
	maxEntries     = 512 // cameras write about 20
	tagOrientation = 0x0112
	typeASCII      = 2
	typeShort      = 3
	typeLong       = 4
	typeRational   = 5
)

// isExif tells an EXIF segment from the other users of APP1, such as XMP.
func isExif(segment []byte) bool { return bytes.HasPrefix(segment, []byte(exifHead)) }

// tiff is the body of an EXIF block. Every offset in it is the sender's and is checked before use.
type tiff struct {
	data  []byte
	order binary.ByteOrder
}

// openTIFF reads the header; false for anything that is none.
func openTIFF(data []byte) (tiff, bool) {
	if len(data) < tiffHeader {
		return tiff{}, false
	}
	opened := tiff{data: data}
	switch string(data[:2]) {
	case "II":
		opened.order = binary.LittleEndian
	case "MM":
		opened.order = binary.BigEndian
	default:
		return tiff{}, false
	}
	return opened, opened.order.Uint16(data[2:]) == tiffMagic
}

// first is where the first directory stands.
func (t tiff) first() uint64 { return uint64(t.order.Uint32(t.data[4:])) }

// entry finds the first entry of a tag in the directory at an offset; nil when there is none.
func (t tiff) entry(directory uint64, tag uint16) []byte {
	if directory+2 > uint64(len(t.data)) {
		return nil
	}
	entries := t.data[directory+2:]
	count := min(int(t.order.Uint16(t.data[directory:])), maxEntries, len(entries)/entrySize)
	for at := range count {
		if entry := entries[at*entrySize:][:entrySize]; t.order.Uint16(entry) == tag {
			return entry
		}
	}
	return nil
}

// value is the bytes of an entry of a type with values of a size; nil when it is of another, or lies outside.
// At most 64 values are looked at: nothing that is read here has more.
func (t tiff) value(entry []byte, kind uint16, size uint64) []byte {
	if entry == nil || t.order.Uint16(entry[2:]) != kind {
		return nil
	}
	length := uint64(t.order.Uint32(entry[4:])) * size
	if length <= 4 {
		return entry[8:][:length]
	}
	at := uint64(t.order.Uint32(entry[8:]))
	if length > 64*size || at+length > uint64(len(t.data)) {
		return nil
	}
	return t.data[at:][:length]
}

// exifOrientation reads how a picture must be turned from the body of an APP1 segment: 1 to 8, and 1
// (leave it) for anything missing or wrong.
func exifOrientation(segment []byte) int {
	if !isExif(segment) {
		return 1
	}
	opened, ok := openTIFF(segment[len(exifHead):])
	if !ok {
		return 1
	}
	value := opened.value(opened.entry(opened.first(), tagOrientation), typeShort, 2)
	if len(value) != 2 {
		return 1
	}
	if turn := opened.order.Uint16(value); turn >= 1 && turn <= 8 {
		return int(turn)
	}
	return 1
}
