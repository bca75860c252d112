package media

import (
	"encoding/binary"
	"errors"

	"xunfang/models"
)

// The JPEG markers that matter here (ITU-T T.81, table B.1).
const (
	markerStuffing    = 0x00 // FF 00 is a data byte FF
	markerProgressive = 0xc2
	markerRestart0    = 0xd0
	markerRestart7    = 0xd7
	markerEnd         = 0xd9
	markerScan        = 0xda
	markerAPP1        = 0xe1
	markerPrefix      = 0xff
)

var errCutJPEG = errors.New("media: JPEG cut short")

// jpegFacts is what a JPEG says before its pixels are decoded.
type jpegFacts struct {
	orientation int
	progressive bool
	taken       models.Taken
}

// walkJPEG steps from marker to marker as the decoder will, so that it counts every scan the decoder
// would make. Embedded thumbnails lie inside segments and appended files behind the end: neither is met.
func walkJPEG(data []byte) (jpegFacts, error) {
	facts, scans, oriented := jpegFacts{orientation: 1}, 0, false
	for at := 2; at+1 < len(data); { // sniff has seen the start marker
		marker := data[at+1]
		switch {
		case data[at] != markerPrefix, marker == markerPrefix:
			at++ // pixel data, garbage that decoders skip, or fill bytes
			continue
		case marker == markerStuffing, marker >= markerRestart0 && marker <= markerRestart7:
			at += 2
			continue
		case marker == markerEnd:
			return facts, nil
		}
		at += 2
		if at+2 > len(data) {
			break
		}
		length := int(binary.BigEndian.Uint16(data[at:])) // counts its own two bytes
		if length < 2 || at+length > len(data) {
			break
		}
		body := data[at+2 : at+length]
		at += length
		switch marker {
		case markerProgressive:
			facts.progressive = true
		case markerScan:
			if scans++; scans > maxScans {
				return jpegFacts{}, errManyScans
			}
		case markerAPP1:
			if isExif(body) && !oriented {
				facts.orientation, oriented = exifOrientation(body), true
				facts.taken = takenOf(body[len(exifHead):])
			}
		}
	}
	return jpegFacts{}, errCutJPEG
}
