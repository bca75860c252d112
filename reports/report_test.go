package reports_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"xunfang/models"
	"xunfang/reports"
)

// october is a month with something in every section, long enough for several pages.
func october(t *testing.T) models.MonthReport {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	from, to, _ := models.MonthIn("2026-10", zone)
	minutes, corrections := 1543, 4
	report := models.MonthReport{
		Station: "慈音派出所", Zone: zone, From: from, To: to, MadeAt: to.Add(33 * time.Hour),
		Rounds:      map[models.RoundState]int{models.RoundCompleted: 371, models.RoundAbandoned: 9, models.RoundInProgress: 1},
		CheckIns:    map[models.CheckInStatus]int{models.StatusAccepted: 10432, models.StatusReview: 217, models.StatusRejected: 31},
		Corrections: &corrections,
		Findings: map[models.FindingKind]map[models.FindingState]int{
			models.FindingForcedDoor: {models.FindingResolved: 2}, models.FindingBrokenLamp: {models.FindingHandedOver: 11, models.FindingReported: 1},
		},
		SOS: &models.SOSTally{Raised: 3, FalseAlarms: 1, MedianAcknowledge: 21 * time.Second},
	}
	for _, route := range []string{"香林路（三纵之一）", "滨江南路", "环岛商务中心—购物广场—学校周边综合路线"} {
		for _, squad := range []string{"步巡一队", "车巡夜班", "警犬队"} {
			report.Stops = append(report.Stops, models.StopTally{
				Route: route, Squad: squad, OnTime: 820, Late: 41, Missed: 13, Skipped: 2, Extra: 7,
			})
		}
	}
	for number := range 14 {
		name := fmt.Sprintf("重点部位%d号网吧", number+1)
		report.KeyPlaces = append(report.KeyPlaces, models.PlaceCover{
			Name: name, Visits: 90 + number, PatrolMinutes: &minutes, LongestGap: time.Duration(number)*time.Hour + 7*time.Minute,
		})
		for day := range 2 {
			start := from.AddDate(0, 0, day*9+number%5).Add(70 * time.Minute)
			report.Gaps = append(report.Gaps, models.CoverGap{Place: name, From: start, To: start.Add(time.Duration(200+number) * time.Minute)})
		}
	}
	report.Gaps = models.LongestGaps(report.Gaps, models.ReportGaps)
	report.Unseen = []models.UnseenPlace{
		{Name: "九里新村东北角配电房后侧围墙缺口（临时点位）", LastSeen: from.AddDate(0, 0, -12)}, {Name: "学校后门", KeyPlace: true},
	}
	return report
}

func tool(t *testing.T, name string, arguments ...string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not installed (poppler-utils)", name)
	}
	out, err := exec.CommandContext(t.Context(), path, arguments...).Output()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return string(out)
}

func pdfOf(t *testing.T, report models.MonthReport) string {
	t.Helper()
	data, err := reports.Writer{}.PDF(report)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if kept := os.Getenv("REPORT_FOLDER"); kept != "" { // to look at it
		folder = kept
	}
	path := filepath.Join(folder, "report.pdf")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if len(data) > 1<<20 {
		t.Errorf("a report of %d bytes: only the characters that are used belong in it", len(data))
	}
	return path
}

func TestPDFSaysItAll(t *testing.T) {
	path := pdfOf(t, october(t))
	text := strings.NewReplacer(" ", "", "\n", "").Replace(tool(t, "pdftotext", "-layout", path, "-"))
	for _, want := range []string{
		"慈音派出所巡防工作月报", "2026年10月（10月1日至10月31日）", "二、计划到点完成情况", "香林路（三纵之一）", "98.3%",
		"重点部位14号网吧", "13:07", "九里新村东北角", "九、紧急求助", "签字页", "派出所所长（盖章）", "制表日期：2026年11月2日",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in it", want)
		}
	}
	pages := strings.Split(strings.TrimSuffix(text, "\f"), "\f")
	for at, page := range pages {
		if footer := fmt.Sprintf("第%d页共%d页", at+1, len(pages)); !strings.Contains(page, footer) {
			t.Errorf("page %d does not say %q", at+1, footer)
		}
	}
	if strings.Contains(text, "〓") {
		t.Error("a character of the report is missing in the font")
	}
	if info := tool(t, "pdfinfo", path); !regexp.MustCompile(`Title: +慈音派出所巡防工作月报`).MatchString(info) {
		t.Errorf("the file's own title: %s", info)
	}
}

// Whatever GB 2312 has, prints; what it lacks prints as the sign for a missing character and not as an empty box.
func TestFontHasWhatNamesNeed(t *testing.T) {
	report := october(t)
	report.Unseen = nil
	names := []rune("囍婷鑫琪昊喆垚祎镕丂") // the last is in no GB 2312
	report.Station = string(names) + "派出所"
	text := tool(t, "pdftotext", pdfOf(t, report), "-")
	flat := strings.ReplaceAll(text, "\n", "")
	if want := string(names[1:len(names)-1]) + "〓派出所"; !strings.Contains(flat, want) {
		t.Errorf("%q is not in it: %s", want, flat[:min(len(flat), 200)])
	}
}

func TestXLSXSaysItAll(t *testing.T) {
	report := october(t)
	report.Unseen[0].Name = "=HYPERLINK(\"http://example.com\")"
	data, err := reports.Writer{}.XLSX(report)
	if err != nil {
		t.Fatal(err)
	}
	file, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	sheet := file.GetSheetName(0)
	rows, err := file.GetRows(sheet)
	if err != nil {
		t.Fatal(err)
	}
	at := func(first string) (int, []string) {
		for number, row := range rows {
			if len(row) > 0 && row[0] == first {
				return number + 1, row
			}
		}
		t.Fatalf("no row begins with %q", first)
		return 0, nil
	}
	if rows[0][0] != "慈音派出所巡防工作月报" || rows[1][0] != "2026年10月（10月1日至10月31日）" {
		t.Errorf("it begins with %q, %q", rows[0], rows[1])
	}
	if _, row := at("重点部位14号网吧"); strings.Join(row, " ") != "重点部位14号网吧 103 1543 13:07" {
		t.Errorf("a key place: %q", row)
	}
	number, row := at("合计")
	if strings.Join(row, " ") != "合计  7884 7380 369 117 18 63 98.3%" {
		t.Errorf("the sum of stops: %q", row)
	}
	raw, err := file.GetCellValue(sheet, fmt.Sprintf("I%d", number), excelize.Options{RawCellValue: true})
	if kind, _ := file.GetCellType(sheet, fmt.Sprintf("I%d", number)); err != nil || kind != excelize.CellTypeUnset && kind != excelize.CellTypeNumber ||
		!strings.HasPrefix(raw, "0.98287") {
		t.Errorf("a share is kept as %q, type %v, %v", raw, kind, err)
	}
	number, _ = at(report.Unseen[0].Name)
	if formula, err := file.GetCellFormula(sheet, fmt.Sprintf("A%d", number)); err != nil || formula != "" {
		t.Errorf("a name became the formula %q, %v", formula, err)
	}
}

// A station's first month has nothing in it: every section says so.
func TestEmptyMonth(t *testing.T) {
	report := october(t)
	empty := models.MonthReport{Station: report.Station, Zone: report.Zone, From: report.From, To: report.From.AddDate(0, 0, 3), MadeAt: report.From.AddDate(0, 0, 3)}
	text := tool(t, "pdftotext", "-layout", pdfOf(t, empty), "-")
	if !strings.Contains(text, "本月无数据") || !strings.Contains(text, "未满月，截至10月4日 00:00") || strings.Contains(text, "NaN") {
		t.Errorf("an empty month: %s", text)
	}
	if _, err := (reports.Writer{}).XLSX(empty); err != nil {
		t.Error(err)
	}
}
