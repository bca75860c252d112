package reports

import (
	"fmt"

	"github.com/signintech/gopdf"

	"xunfang/models"
)

// The page, in points (1/72 inch): A4 upright with the margins of an official letter.
const (
	pageWidth, pageHeight = 595.28, 841.89
	left, right           = 62.0, pageWidth - 62
	top, bottom           = 72.0, pageHeight - 72
	small, body, head     = 9.0, 10.5, 14.0
	titleSize             = 22.0
	family                = "report"
)

// sheet is a PDF being written, from the top down.
type sheet struct {
	pdf *gopdf.GoPdf
	y   float64
	err error // the first; what comes after does nothing
}

// PDF writes the report of a month.
func (Writer) PDF(report models.MonthReport) ([]byte, error) {
	typeface, err := font()
	if err != nil {
		return nil, err
	}
	s := &sheet{pdf: &gopdf.GoPdf{}}
	s.pdf.Start(gopdf.Config{PageSize: gopdf.Rect{W: pageWidth, H: pageHeight}})
	s.keep(s.pdf.AddTTFFontDataWithOption(family, typeface, gopdf.TtfOption{
		// A character beyond GB 2312 is printed as the sign for one that is missing, not as an empty box.
		OnGlyphNotFoundSubstitute: func(rune) rune { return '〓' },
	}))
	s.pdf.SetInfo(gopdf.PdfInfo{
		Title: report.Title() + " " + report.Period(), Author: report.Station, Creator: "Xunfang", Producer: "Xunfang",
		CreationDate: report.MadeAt,
	})
	s.page()
	s.heading(report)
	for _, table := range report.Tables() {
		s.table(table)
	}
	s.signatures(report)
	s.footers(report)
	if s.err != nil {
		return nil, fmt.Errorf("reports: %w", s.err)
	}
	return s.pdf.GetBytesPdfReturnErr()
}

func (s *sheet) keep(err error) {
	if s.err == nil {
		s.err = err
	}
}

func (s *sheet) page() {
	s.pdf.AddPage()
	s.y = top
}

// size chooses the size of what is written next.
func (s *sheet) size(points float64) { s.keep(s.pdf.SetFont(family, "", points)) }

// line writes one line of text in a box; where it stands is one of gopdf's Left, Center and Right.
func (s *sheet) line(x, y, width, height float64, where int, text string) {
	s.pdf.SetXY(x, y)
	s.keep(s.pdf.CellWithOption(&gopdf.Rect{W: width, H: height}, text, gopdf.CellOption{Align: where | gopdf.Middle}))
}

func (s *sheet) heading(report models.MonthReport) {
	s.size(titleSize)
	for _, line := range s.wrapped(report.Title(), right-left) {
		s.line(left, s.y, right-left, titleSize*1.4, gopdf.Center, line)
		s.y += titleSize * 1.4
	}
	s.y += 4
	s.size(body + 1)
	s.line(left, s.y, right-left, body*1.8, gopdf.Center, report.Period())
	s.y += body*1.8 + 4
	s.pdf.SetStrokeColor(0, 0, 0)
	s.pdf.SetLineWidth(1.2)
	s.pdf.Line(left, s.y, right, s.y)
	s.pdf.SetLineWidth(0.4)
	s.pdf.Line(left, s.y+2.5, right, s.y+2.5)
	s.y += 14
}

// signatures is a page of its own, for the names and the seal.
func (s *sheet) signatures(report models.MonthReport) {
	s.page()
	s.size(head)
	s.line(left, s.y, right-left, head*1.6, gopdf.Center, "签　字　页")
	s.y += head*1.6 + 12
	s.size(body + 0.5)
	for _, line := range []string{report.Title(), report.Period(), "制表日期：" + report.Made()} {
		s.line(left, s.y, right-left, 20, gopdf.Center, line)
		s.y += 20
	}
	s.y += 30
	s.size(body + 1.5)
	s.pdf.SetLineWidth(0.5)
	for _, name := range report.Signatures() {
		s.line(left+30, s.y, 130, 24, gopdf.Right, name+"：")
		s.pdf.Line(left+165, s.y+22, left+300, s.y+22)
		s.line(left+310, s.y, 130, 24, gopdf.Left, "　　　年　　月　　日")
		s.y += 54
	}
}

// footers are written last, when the number of pages is known.
func (s *sheet) footers(report models.MonthReport) {
	pages := s.pdf.GetNumberOfPages()
	for page := 1; page <= pages; page++ {
		s.keep(s.pdf.SetPage(page))
		s.size(small)
		s.line(left, bottom+24, right-left, 14, gopdf.Center, fmt.Sprintf("第 %d 页　共 %d 页", page, pages))
		if page > 1 {
			s.line(left, top-30, right-left, 14, gopdf.Left, report.Title())
			s.line(left, top-30, right-left, 14, gopdf.Right, report.Period())
		}
	}
}
