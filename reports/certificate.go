package reports

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/signintech/gopdf"

	"xunfang/models"
)

// The certificate, in points: A4 lying, two frames, the text between them.
const (
	wide, high         = pageHeight, pageWidth
	outerFrame         = 28.0
	innerFrame         = 38.0
	textLeft           = 104.0
	textWidth          = wide - 2*textLeft
	honourSize         = 46.0
	nameSize           = 24.0
	longReason         = 110 // characters from which on the reason is set smaller
	plainSize, tight   = 21.0, 17.0
	signSize           = 17.0
	certificateSmall   = 10.5
	certificateLeading = 1.75
)

// closers never begin a line (GB/T 15834): they hang into the margin instead.
const closers = "，。、；：！？）》」』”’〕】%"

// Certificate writes the certificate of a granted commendation; the same bytes each time. A character that the font
// lacks is an error, never a box: see Unprintable. With blankName the name is left to be written by hand. checkURL is where the
// square in the corner leads; "" leaves it out.
func (Writer) Certificate(commendation models.Commendation, blankName bool, checkURL string) ([]byte, error) {
	s, err := lyingSheet()
	if err != nil {
		return nil, err
	}
	s.pdf.SetInfo(gopdf.PdfInfo{
		Title: commendation.Title() + " " + commendation.FullNumber(), Author: commendation.StationName, Creator: "Xunfang",
		Producer: "Xunfang", CreationDate: commendation.DecidedAt.UTC(),
	})
	s.frames()
	s.size(honourSize)
	s.pdf.SetTextColor(166, 28, 28)
	s.line(textLeft, 78, textWidth, honourSize*1.3, gopdf.Center, spaced(commendation.Title()))
	s.pdf.SetTextColor(0, 0, 0)
	s.addressee(commendation.PersonName, blankName)
	s.reason(commendation.Reason.Reveal())
	s.size(signSize)
	const signWidth = 330.0
	s.line(wide-textLeft-signWidth, 446, signWidth, signSize*1.6, gopdf.Center, commendation.StationName)
	s.line(wide-textLeft-signWidth, 476, signWidth, signSize*1.6, gopdf.Center, models.ChineseDate(commendation.GrantedOn))
	s.size(certificateSmall)
	s.line(textLeft, 522, textWidth/2, 16, gopdf.Left, "编号："+commendation.FullNumber())
	s.line(textLeft+textWidth/2, 522, textWidth/2, 16, gopdf.Right, "验证码："+models.SpacedCheckCode(commendation.CheckCode))
	s.square(checkURL)
	if s.err != nil {
		return nil, fmt.Errorf("reports: %w", s.err)
	}
	return s.pdf.GetBytesPdfReturnErr()
}

// lyingSheet is one empty page.
func lyingSheet() (*sheet, error) {
	typeface, err := font()
	if err != nil {
		return nil, err
	}
	s := &sheet{pdf: &gopdf.GoPdf{}}
	s.pdf.Start(gopdf.Config{PageSize: gopdf.Rect{W: wide, H: high}})
	s.keep(s.pdf.AddTTFFontDataWithOption(family, typeface, gopdf.TtfOption{
		OnGlyphNotFound: func(letter rune) { s.keep(fmt.Errorf("the font has no %q", letter)) },
	}))
	s.pdf.AddPage()
	return s, s.err
}

func (s *sheet) frames() {
	s.pdf.SetStrokeColor(166, 28, 28)
	for _, frame := range []struct{ at, line float64 }{{outerFrame, 3}, {innerFrame, 0.8}} {
		s.pdf.SetLineWidth(frame.line)
		s.pdf.RectFromUpperLeftWithStyle(frame.at, frame.at, wide-2*frame.at, high-2*frame.at, "D")
	}
}

// addressee writes whom the certificate is for, or a line for the name.
func (s *sheet) addressee(name models.Secret, blank bool) {
	s.size(nameSize)
	if !blank {
		s.line(textLeft, 172, textWidth, nameSize*1.4, gopdf.Left, name.Reveal()+"　同志：")
		return
	}
	const room = 170.0
	s.pdf.SetStrokeColor(0, 0, 0)
	s.pdf.SetLineWidth(0.8)
	s.pdf.Line(textLeft, 172+nameSize*1.35, textLeft+room, 172+nameSize*1.35)
	s.line(textLeft+room, 172, textWidth-room, nameSize*1.4, gopdf.Left, "　同志：")
}

// reason writes what the certificate is for, in lines that begin with no closing mark.
func (s *sheet) reason(text string) {
	size := plainSize
	if len([]rune(text)) > longReason {
		size = tight
	}
	s.size(size)
	y := 222.0
	for _, line := range s.hanging("　　"+strings.TrimRight(strings.Join(strings.Fields(text), " "), "。，；、.")+"。特此表彰，以资鼓励。", textWidth) {
		s.line(textLeft, y, textWidth, size*certificateLeading, gopdf.Left, line)
		y += size * certificateLeading
	}
}

// hanging is wrapped for running text.
func (s *sheet) hanging(text string, width float64) []string {
	lines := []string{}
	for _, line := range s.wrapped(text, width) {
		for len(lines) > 0 && line != "" && strings.ContainsRune(closers, []rune(line)[0]) {
			first := string([]rune(line)[0])
			lines[len(lines)-1] += first
			line = strings.TrimPrefix(line, first)
		}
		if line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

func spaced(text string) string { return strings.Join(strings.Split(text, ""), "　") }

// glyphs answers which characters the font has; the library keeps them in a document.
var glyphs = sync.OnceValues(func() (*sheet, error) {
	s, err := lyingSheet()
	if err == nil {
		s.size(body)
		err = s.err
	}
	return s, err
})

var glyphsMutex sync.Mutex

// Unprintable gives the characters of a text that the font lacks, each once; "" when all can be printed.
func (Writer) Unprintable(text string) (string, error) {
	s, err := glyphs()
	if err != nil {
		return "", err
	}
	glyphsMutex.Lock()
	defer glyphsMutex.Unlock()
	missing := ""
	for _, letter := range text {
		has, err := s.pdf.IsCurrFontContainGlyph(letter)
		if err != nil && !errors.Is(err, gopdf.ErrGlyphNotFound) {
			return "", err
		}
		if !has && letter >= ' ' && !strings.ContainsRune(missing, letter) {
			missing += string(letter)
		}
	}
	return missing, nil
}
