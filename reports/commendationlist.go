package reports

import (
	"fmt"

	"github.com/xuri/excelize/v2"

	"xunfang/models"
)

// Commendations writes the list of a year: one sheet, ready to be printed on A4.
func (Writer) Commendations(list models.CommendationList) ([]byte, error) {
	table := list.Table()
	b := &book{file: excelize.NewFile(), row: 1, wide: len(table.Columns), styles: map[string]int{}}
	defer func() { _ = b.file.Close() }()
	b.keep(b.file.SetSheetName("Sheet1", sheetName))
	b.across(list.Title(), "title", 30)
	b.row++
	b.table(table)
	b.across("制表日期："+models.ChineseDate(list.MadeOn), "plain", 20)
	b.layOut(list.Title(), "", list.Station, list.MadeAt)
	b.keep(b.file.SetColWidth(sheetName, "A", "A", columnChars*2.4))
	b.keep(b.file.SetColWidth(sheetName, "D", "D", columnChars*4))
	b.keep(b.file.SetSheetName(sheetName, fmt.Sprint(list.Year)))
	if b.err != nil {
		return nil, fmt.Errorf("reports: %w", b.err)
	}
	out, err := b.file.WriteToBuffer()
	if err != nil {
		return nil, fmt.Errorf("reports: %w", err)
	}
	return out.Bytes(), nil
}
