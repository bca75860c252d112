package reports

import (
	"strings"

	"github.com/xuri/excelize/v2"
)

// The number formats: a share in tenths of a percent, a duration beyond 24 hours.
const (
	countFormat    = "0"
	shareFormat    = "0.0%"
	durationFormat = "[h]:mm"
)

// style gives a named style, made at its first use; "+" after the name is that of a sum.
func (b *book) style(name string) int {
	if made, is := b.styles[name]; is {
		return made
	}
	made, err := b.file.NewStyle(styleOf(name))
	b.keep(err)
	b.styles[name] = made
	return made
}

func styleOf(name string) *excelize.Style {
	kind, sum := strings.CutSuffix(name, "+")
	style := &excelize.Style{
		Font:      &excelize.Font{Family: "宋体", Size: 11},
		Alignment: &excelize.Alignment{Horizontal: "left", Vertical: "center", WrapText: true},
	}
	framed := true
	switch kind {
	case "title":
		style.Font, style.Alignment.Horizontal, framed = &excelize.Font{Family: "黑体", Size: 20, Bold: true}, "center", false
	case "centre":
		style.Alignment.Horizontal, framed = "center", false
	case "section":
		style.Font, framed = &excelize.Font{Family: "黑体", Size: 13}, false
	case "plain":
		framed = false
	case "note":
		style.Font, framed = &excelize.Font{Family: "宋体", Size: 9}, false
	case "head", "headFigures":
		sum = true
		if kind == "headFigures" {
			style.Alignment.Horizontal = "right"
		}
	case "count", "share", "duration":
		format := map[string]string{"count": countFormat, "share": shareFormat, "duration": durationFormat}[kind]
		style.CustomNumFmt, style.Alignment.Horizontal = &format, "right"
	case "unknown":
		style.Alignment.Horizontal = "right"
	}
	if framed {
		for _, side := range []string{"left", "right", "top", "bottom"} {
			style.Border = append(style.Border, excelize.Border{Type: side, Color: "5A5A5A", Style: 1})
		}
	}
	if sum {
		style.Font = &excelize.Font{Family: "黑体", Size: 11}
		style.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E8ECF1"}}
	}
	return style
}
