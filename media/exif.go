package media

import (
	"bytes"
	"encoding/binary"
)

// Where things stand in EXIF (CIPA DC-008): a TIFF header, then a list of 12-byte entries.
const (
	exifHead       = "Exif\x00\x00"
	tiffHeader     = 8
	tiffMagic      = 42
	entrySize      = 12
	maxEntries     = 512 // cameras write about 20
	tagOrientation = 0x0112
	typeShort      = 3
)

// isExif tells an EXIF segment from the other users of APP1, such as XMP.
func isExif(segment []byte) bool { return bytes.HasPrefix(segment, []byte(exifHead)) }

// exifOrientation reads how a picture must be turned from the body of an APP1 segment: 1 to 8, and 1
// (leave it) for anything missing or wrong. Every offset is the sender's and is checked before use.
func exifOrientation(segment []byte) int {
	if !isExif(segment) {
		return 1
	}
	tiff := segment[len(exifHead):]
	if len(tiff) < tiffHeader {
		return 1
	}
	var order binary.ByteOrder
	switch string(tiff[:2]) {
	case "II":
		order = binary.LittleEndian
	case "MM":
		order = binary.BigEndian
	default:
		return 1
	}
	if order.Uint16(tiff[2:]) != tiffMagic {
		return 1
	}
	first := uint64(order.Uint32(tiff[4:]))
	if first+2 > uint64(len(tiff)) {
		return 1
	}
	entries := tiff[first+2:]
	count := min(int(order.Uint16(tiff[first:])), maxEntries, len(entries)/entrySize)
	for at := range count {
		entry := entries[at*entrySize:][:entrySize]
		if order.Uint16(entry) != tagOrientation {
			continue
		}
		value := order.Uint16(entry[8:])
		if order.Uint16(entry[2:]) != typeShort || order.Uint32(entry[4:]) != 1 || value < 1 || value > 8 {
			return 1
		}
		return int(value)
	}
	return 1
}
