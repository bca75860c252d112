package models

import (
	"fmt"
	"strconv"
	"time"
)

// FieldKind is how a cell of a report is written.
type FieldKind int

// The kinds of cells; all but text stand to the right.
const (
	CellText FieldKind = iota
	CellCount
	CellShare    // Number is a part of 1
	CellDuration // Number is minutes
	CellUnknown
)

// ReportCell is one cell of a report's table.
type ReportCell struct {
	Kind   FieldKind
	Text   string
	Number float64
}

// ReportColumn is one column: its title, how wide it is beside the others, and whether it holds figures.
type ReportColumn struct {
	Title   string
	Width   int
	Figures bool
}

// ReportTable is one numbered section of a report.
type ReportTable struct {
	Title   string
	Columns []ReportColumn
	Rows    [][]ReportCell
	Total   bool   // the last row is a sum
	Note    string // under the table
}

// String writes a cell as it is printed.
func (c ReportCell) String() string {
	switch c.Kind {
	case CellCount:
		return strconv.FormatFloat(c.Number, 'f', 0, 64)
	case CellShare:
		return strconv.FormatFloat(c.Number*100, 'f', 1, 64) + "%"
	case CellDuration:
		minutes := int(c.Number)
		return fmt.Sprintf("%d:%02d", minutes/60, minutes%60)
	case CellUnknown:
		return "—"
	default:
		return c.Text
	}
}

func wordCell(text string) ReportCell      { return ReportCell{Kind: CellText, Text: text} }
func countCell(number int) ReportCell      { return ReportCell{Kind: CellCount, Number: float64(number)} }
func unknownCell() ReportCell              { return ReportCell{Kind: CellUnknown} }
func textColumn(title string) ReportColumn { return ReportColumn{Title: title, Width: 3} }

func figureColumn(title string) ReportColumn {
	return ReportColumn{Title: title, Width: 2, Figures: true}
}

func countOrUnknown(number *int) ReportCell {
	if number == nil {
		return unknownCell()
	}
	return countCell(*number)
}

// share is a part of a whole; of nothing there is none.
func shareCell(part, whole int) ReportCell {
	if whole == 0 {
		return unknownCell()
	}
	return ReportCell{Kind: CellShare, Number: float64(part) / float64(whole)}
}

// duration is rounded down to whole minutes.
func lengthCell(length time.Duration) ReportCell {
	return ReportCell{Kind: CellDuration, Number: float64(int(length.Minutes()))}
}

func orWords(name, instead string) string {
	if name == "" {
		return instead
	}
	return name
}
