package reports

import (
	"github.com/signintech/gopdf"
	"github.com/skip2/go-qrcode"
)

// The square, in points: in the lower left corner, above the number.
const (
	squareLeft, squareTop = textLeft, 430.0
	squareSide            = 72.0 // an inch: a module of the longest address is still 0.4 mm
)

// square draws a QR code of a text as modules, sharp at any size; "" draws nothing.
func (s *sheet) square(text string) {
	if text == "" || s.err != nil {
		return
	}
	code, err := qrcode.New(text, qrcode.Medium) // 15 % of it may be lost to a fold or a stain
	if err != nil {
		s.keep(err)
		return
	}
	code.DisableBorder = true // the paper around it is empty
	modules := code.Bitmap()
	side := squareSide / float64(len(modules))
	s.pdf.SetFillColor(0, 0, 0)
	for row, line := range modules {
		for from := 0; from < len(line); from++ { // neighbours as one: no hairlines between them
			to := from
			for to < len(line) && line[to] {
				to++
			}
			if to > from {
				s.pdf.RectFromUpperLeftWithStyle(squareLeft+float64(from)*side, squareTop+float64(row)*side, float64(to-from)*side, side, "F")
				from = to
			}
		}
	}
	s.size(certificateSmall)
	s.line(squareLeft+squareSide+8, squareTop+squareSide-16, 80, 16, gopdf.Left, "扫码验证")
}
