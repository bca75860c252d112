package demo

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
)

// photoWithPlace is a photo as a phone makes it: a picture with an EXIF block (JEITA CP-3451)
// that tells the model of the phone and where it was taken.
func photoWithPlace() ([]byte, error) {
	picture := image.NewRGBA(image.Rect(0, 0, 640, 480))
	for y := range 480 {
		for x := range 640 {
			picture.Set(x, y, color.RGBA{R: uint8(x / 3), G: uint8(y / 2), B: 96, A: 255})
		}
	}
	plain := bytes.Buffer{}
	if err := jpeg.Encode(&plain, picture, &jpeg.Options{Quality: 85}); err != nil {
		return nil, err
	}
	block := exifBlock()
	photo := append([]byte{}, plain.Bytes()[:2]...)                    // SOI
	photo = append(photo, 0xFF, 0xE1)                                  // APP1
	photo = binary.BigEndian.AppendUint16(photo, uint16(len(block)+2)) //nolint:gosec // the block is made below, of 150 bytes
	photo = append(photo, block...)
	return append(photo, plain.Bytes()[2:]...), nil
}

// phoneModel stands in the photo's metadata, and must stand in nothing that is kept of it.
const phoneModel = "XunfangDemoPhone"

// exifBlock is a TIFF header and two directories: the model in the first, the latitude in the second.
func exifBlock() []byte {
	block := []byte("Exif\x00\x00MM\x00\x2a")
	u16 := func(values ...uint16) {
		for _, value := range values {
			block = binary.BigEndian.AppendUint16(block, value)
		}
	}
	u32 := func(values ...uint32) {
		for _, value := range values {
			block = binary.BigEndian.AppendUint32(block, value)
		}
	}
	const directory, gps = 8, 8 + 2 + 2*12 + 4
	const model = gps + 2 + 2*12 + 4
	u32(directory)
	u16(2, 0x0110, 2) // two entries; Model, ASCII
	u32(uint32(len(phoneModel)+1), model)
	u16(0x8825, 4) // the GPS directory, LONG
	u32(1, gps, 0)
	u16(2, 0x0001, 2) // two entries; latitude north, ASCII
	u32(2, 'N'<<24)
	u16(0x0002, 5) // the latitude, three RATIONALs
	u32(3, model+uint32(len(phoneModel)+2), 0)
	block = append(block, phoneModel...)
	block = append(block, 0, 0)
	u32(30, 1, 31, 1, 12, 1)
	return block
}
