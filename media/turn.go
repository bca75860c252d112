package media

import (
	"image"
	"image/color"
)

// turned gives a JPEG's pixels the way they are to be looked at, in a type that the encoder takes
// without asking for each pixel through an interface.
func turned(pixels image.Image, orientation int) image.Image {
	size := pixels.Bounds().Size()
	seen := size
	if orientation >= 5 {
		seen.X, seen.Y = size.Y, size.X
	}
	var rgb func(x, y int) (r, g, b uint8)
	switch from := pixels.(type) {
	case *image.Gray:
		if orientation == 1 {
			return from
		}
		out := image.NewGray(image.Rectangle{Max: seen})
		for y := range seen.Y {
			for x := range seen.X {
				fromX, fromY := origin(orientation, x, y, size)
				out.Pix[y*out.Stride+x] = from.Pix[from.PixOffset(fromX, fromY)]
			}
		}
		return out
	case *image.YCbCr:
		rgb = func(x, y int) (uint8, uint8, uint8) {
			at := from.COffset(x, y)
			return color.YCbCrToRGB(from.Y[from.YOffset(x, y)], from.Cb[at], from.Cr[at])
		}
	case *image.CMYK:
		rgb = func(x, y int) (uint8, uint8, uint8) {
			ink := from.Pix[from.PixOffset(x, y):][:4]
			return color.CMYKToRGB(ink[0], ink[1], ink[2], ink[3])
		}
	default:
		rgb = func(x, y int) (uint8, uint8, uint8) {
			r, g, b, _ := from.At(x, y).RGBA()
			return uint8(r >> 8), uint8(g >> 8), uint8(b >> 8) //nolint:gosec // sixteen bits each
		}
	}
	if _, ink := pixels.(*image.CMYK); orientation == 1 && !ink {
		return pixels
	}
	out := image.NewRGBA(image.Rectangle{Max: seen})
	for y := range seen.Y {
		for x := range seen.X {
			fromX, fromY := origin(orientation, x, y, size)
			to := out.Pix[y*out.Stride+4*x:][:4]
			to[0], to[1], to[2] = rgb(fromX, fromY)
			to[3] = 255
		}
	}
	return out
}

// origin says which pixel of a stored picture of the given size is seen at (x, y).
// The orientations are those of EXIF: 2, 4, 5 and 7 are mirrored, 5 to 8 change width and height.
func origin(orientation, x, y int, size image.Point) (int, int) {
	lastX, lastY := size.X-1, size.Y-1
	switch orientation {
	case 2:
		return lastX - x, y
	case 3:
		return lastX - x, lastY - y
	case 4:
		return x, lastY - y
	case 5:
		return y, x
	case 6:
		return y, lastY - x
	case 7:
		return lastX - y, lastY - x
	case 8:
		return lastX - y, x
	default:
		return x, y
	}
}
