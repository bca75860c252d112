package reports

import (
	"github.com/signintech/gopdf"

	"xunfang/models"
)

const (
	rowLine = 14.0 // the height of one line of text in a row
	rowRoom = 5.0  // above and below it together
	cellPad = 4.0
	keepMin = 3 // rows that stay together with a table's heading
)

// table writes one section; its head is repeated on every page that it goes on to.
func (s *sheet) table(table models.ReportTable) {
	widths := columnWidths(table.Columns)
	s.need(head*1.6 + (keepMin+1)*(rowLine+rowRoom))
	s.size(head)
	s.line(left, s.y, right-left, head*1.6, gopdf.Left, table.Title)
	s.y += head*1.6 + 2
	s.headRow(table, widths)
	for at, row := range table.Rows {
		s.row(table, widths, row, table.Total && at == len(table.Rows)-1)
	}
	if len(table.Rows) == 0 {
		s.size(body)
		s.box(left, right-left, rowLine+rowRoom, false)
		s.line(left, s.y, right-left, rowLine+rowRoom, gopdf.Center, "本月无数据")
		s.y += rowLine + rowRoom
	}
	if table.Note != "" {
		s.size(small)
		s.y += 2
		for _, line := range s.wrapped("注："+table.Note, right-left) {
			s.need(rowLine)
			s.size(small)
			s.line(left, s.y, right-left, rowLine, gopdf.Left, line)
			s.y += rowLine
		}
	}
	s.y += 14
}

// need begins a new page where so much does not fit any more.
func (s *sheet) need(height float64) bool {
	if s.y+height <= bottom {
		return false
	}
	s.page()
	return true
}

func (s *sheet) headRow(table models.ReportTable, widths []float64) {
	titles := make([]models.ReportCell, 0, len(table.Columns))
	for _, column := range table.Columns {
		titles = append(titles, models.ReportCell{Text: column.Title})
	}
	s.cells(table, widths, titles, true)
}

func (s *sheet) row(table models.ReportTable, widths []float64, row []models.ReportCell, sum bool) {
	s.size(body)
	if s.need(s.height(widths, row)) {
		s.headRow(table, widths)
	}
	s.cells(table, widths, row, sum)
}

// cells writes one row; shaded ones are heads and sums.
func (s *sheet) cells(table models.ReportTable, widths []float64, row []models.ReportCell, shaded bool) {
	s.size(body)
	height, x := s.height(widths, row), left
	for at, cell := range row {
		s.box(x, widths[at], height, shaded)
		where := gopdf.Left
		if table.Columns[at].Figures {
			where = gopdf.Right
		}
		lines := s.wrapped(cell.String(), widths[at]-2*cellPad)
		y := s.y + (height-float64(len(lines))*rowLine)/2
		for _, line := range lines {
			s.line(x+cellPad, y, widths[at]-2*cellPad, rowLine, where, line)
			y += rowLine
		}
		x += widths[at]
	}
	s.y += height
}

func (s *sheet) height(widths []float64, row []models.ReportCell) float64 {
	lines := 1
	for at, cell := range row {
		lines = max(lines, len(s.wrapped(cell.String(), widths[at]-2*cellPad)))
	}
	return float64(lines)*rowLine + rowRoom
}

func (s *sheet) box(x, width, height float64, shaded bool) {
	s.pdf.SetStrokeColor(90, 90, 90)
	s.pdf.SetLineWidth(0.5)
	style := "D"
	if shaded {
		s.pdf.SetFillColor(232, 236, 241)
		style = "FD"
	}
	s.pdf.RectFromUpperLeftWithStyle(x, s.y, width, height, style)
	s.pdf.SetFillColor(0, 0, 0)
}

// wrapped breaks text into lines that fit, between any two characters as Chinese does.
func (s *sheet) wrapped(text string, width float64) []string {
	lines, line := []string{}, ""
	for _, letter := range text {
		if letter < ' ' {
			letter = ' '
		}
		wide, err := s.pdf.MeasureTextWidth(line + string(letter))
		s.keep(err)
		if wide > width && line != "" {
			lines, line = append(lines, line), ""
		}
		line += string(letter)
	}
	return append(lines, line)
}

func columnWidths(columns []models.ReportColumn) []float64 {
	whole, widths := 0, make([]float64, 0, len(columns))
	for _, column := range columns {
		whole += column.Width
	}
	for _, column := range columns {
		widths = append(widths, (right-left)*float64(column.Width)/float64(whole))
	}
	return widths
}
