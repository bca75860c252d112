package media

import (
	"image"
	"image/color"
)

// plain gives a PNG's pixels with 8 bits a sample and nothing beside them: a palette can carry colours
// that no pixel uses, and transparent pixels can carry what somebody believed to have erased.
func plain(pixels image.Image) image.Image {
	bounds := pixels.Bounds()
	switch from := pixels.(type) {
	case *image.Gray16:
		out := image.NewGray(bounds)
		highBytes(out.Pix, from.Pix)
		return out
	case *image.RGBA64:
		out := image.NewRGBA(bounds)
		highBytes(out.Pix, from.Pix)
		return out
	case *image.NRGBA64:
		out := image.NewNRGBA(bounds)
		highBytes(out.Pix, from.Pix)
		return blackened(out)
	case *image.NRGBA:
		return blackened(from)
	case *image.Paletted:
		return blackened(unindexed(from))
	default: // *image.Gray and *image.RGBA, which the decoder makes for pictures without alpha
		return pixels
	}
}

// highBytes cuts 16-bit samples, which Go keeps big-endian, to 8 bits.
func highBytes(to, from []byte) {
	for at := range to {
		to[at] = from[2*at]
	}
}

// blackened takes the colour from pixels that cannot be seen.
func blackened(pixels *image.NRGBA) *image.NRGBA {
	for at := 0; at+3 < len(pixels.Pix); at += 4 {
		if pixels.Pix[at+3] == 0 {
			pixels.Pix[at], pixels.Pix[at+1], pixels.Pix[at+2] = 0, 0, 0
		}
	}
	return pixels
}

// unindexed replaces palette numbers by their colours.
func unindexed(from *image.Paletted) *image.NRGBA {
	var colours [256]color.NRGBA // every index a byte can hold
	for at, entry := range from.Palette[:min(len(from.Palette), len(colours))] {
		colours[at] = color.NRGBAModel.Convert(entry).(color.NRGBA) //nolint:forcetypeassert // the model gives nothing else
	}
	out := image.NewNRGBA(from.Rect)
	for at, index := range from.Pix {
		colour := colours[index]
		copy(out.Pix[4*at:], []byte{colour.R, colour.G, colour.B, colour.A})
	}
	return out
}
