package reports

import (
	"fmt"
	"time"

	"github.com/xuri/excelize/v2"

	"xunfang/models"
)

const (
	sheetName   = "巡防月报"
	columnChars = 11 // the width of a column, in characters

	documentTime = "2006-01-02T15:04:05Z" // of a document's properties (ECMA-376)
)

// book is a spreadsheet being written, from the top down.
type book struct {
	file   *excelize.File
	wide   int // columns of the widest table
	row    int
	styles map[string]int
	err    error // the first; what comes after does nothing
}

// XLSX writes the report of a month: one sheet, figures as numbers, ready to be printed on A4.
func (Writer) XLSX(report models.MonthReport) ([]byte, error) {
	b := &book{file: excelize.NewFile(), row: 1, styles: map[string]int{}}
	defer func() { _ = b.file.Close() }()
	b.keep(b.file.SetSheetName("Sheet1", sheetName))
	tables := report.Tables()
	for _, table := range tables {
		b.wide = max(b.wide, len(table.Columns))
	}
	b.across(report.Title(), "title", 30)
	b.across(report.Period(), "centre", 20)
	b.row++
	for _, table := range tables {
		b.table(table)
	}
	b.across("制表日期："+report.Made(), "plain", 20)
	for _, name := range report.Signatures() {
		b.row++
		b.across(name+"：　　　　　　　　　　　　　　　　年　　月　　日", "plain", 28)
	}
	b.layOut(report.Title(), report.Period(), report.Station, report.MadeAt)
	if b.err != nil {
		return nil, fmt.Errorf("reports: %w", b.err)
	}
	out, err := b.file.WriteToBuffer()
	if err != nil {
		return nil, fmt.Errorf("reports: %w", err)
	}
	return out.Bytes(), nil
}

func (b *book) keep(err error) {
	if b.err == nil {
		b.err = err
	}
}

func (b *book) cell(column, row int) string {
	name, err := excelize.CoordinatesToCellName(column, row)
	b.keep(err)
	return name
}

// across writes a line over the whole width.
func (b *book) across(text, style string, height float64) {
	from, to := b.cell(1, b.row), b.cell(b.wide, b.row)
	b.keep(b.file.MergeCell(sheetName, from, to))
	b.keep(b.file.SetCellStr(sheetName, from, text))
	b.keep(b.file.SetCellStyle(sheetName, from, to, b.style(style)))
	b.keep(b.file.SetRowHeight(sheetName, b.row, height))
	b.row++
}

func (b *book) table(table models.ReportTable) {
	b.across(table.Title, "section", 22)
	for at, column := range table.Columns {
		style := "head"
		if column.Figures {
			style = "headFigures"
		}
		b.keep(b.file.SetCellStr(sheetName, b.cell(at+1, b.row), column.Title))
		b.keep(b.file.SetCellStyle(sheetName, b.cell(at+1, b.row), b.cell(at+1, b.row), b.style(style)))
	}
	b.row++
	for number, row := range table.Rows {
		for at, cell := range row {
			b.write(b.cell(at+1, b.row), cell, table.Columns[at].Figures, table.Total && number == len(table.Rows)-1)
		}
		b.row++
	}
	if len(table.Rows) == 0 {
		b.across("本月无数据", "centre", 18)
	}
	if table.Note != "" {
		b.across("注："+table.Note, "note", 18)
	}
	b.row++
}

func (b *book) write(name string, cell models.ReportCell, figures, sum bool) {
	style := map[models.FieldKind]string{
		models.CellText: "cell", models.CellCount: "count", models.CellShare: "share", models.CellDuration: "duration",
		models.CellUnknown: "unknown",
	}[cell.Kind]
	if cell.Kind == models.CellText && figures {
		style = "unknown"
	}
	switch cell.Kind {
	case models.CellCount, models.CellShare:
		b.keep(b.file.SetCellFloat(sheetName, name, cell.Number, -1, 64))
	case models.CellDuration:
		b.keep(b.file.SetCellFloat(sheetName, name, cell.Number/(24*60), -1, 64)) // days, as spreadsheets count time
	default:
		b.keep(b.file.SetCellStr(sheetName, name, cell.String()))
	}
	if sum {
		style += "+"
	}
	b.keep(b.file.SetCellStyle(sheetName, name, name, b.style(style)))
}

// layOut sets widths, what is repeated when printed, and the page.
func (b *book) layOut(title, subject, station string, madeAt time.Time) {
	last, err := excelize.ColumnNumberToName(b.wide)
	b.keep(err)
	b.keep(b.file.SetColWidth(sheetName, "A", last, columnChars))
	b.keep(b.file.SetColWidth(sheetName, "A", "B", columnChars*1.8))
	paper, upright, wide, high := 9, "portrait", 1, 0 // 9 is A4; as many pages high as it takes
	b.keep(b.file.SetPageLayout(sheetName, &excelize.PageLayoutOptions{
		Size: &paper, Orientation: &upright, FitToWidth: &wide, FitToHeight: &high,
	}))
	fit := true
	b.keep(b.file.SetSheetProps(sheetName, &excelize.SheetPropsOptions{FitToPage: &fit}))
	b.keep(b.file.SetHeaderFooter(sheetName, &excelize.HeaderFooterOptions{OddFooter: "&C第 &P 页　共 &N 页"}))
	b.keep(b.file.SetDocProps(&excelize.DocProperties{
		Title: title, Subject: subject, Creator: station, LastModifiedBy: station,
		Created: madeAt.UTC().Format(documentTime), Modified: madeAt.UTC().Format(documentTime),
	}))
}
