package reports_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"xunfang/models"
	"xunfang/reports"
)

func granted(name, reason string) models.Commendation {
	return models.Commendation{
		State: models.CommendationGranted, PersonName: models.Secret(name), Reason: models.Secret(reason), StationName: "慈音派出所",
		GrantedOn: models.Date{Year: 2026, Month: 11, Day: 24}, Number: 7, CheckCode: "7K2M9QXA4T8W",
		DecidedAt: time.Date(2026, 11, 24, 4, 0, 0, 0, time.UTC),
	}
}

func revoked(name, reason string) models.Commendation {
	commendation := granted(name, reason)
	commendation.State = models.CommendationRevoked
	return commendation
}

const checkURL = "https://xunfang.example/suining/v1/certificate-checks/7K2M9QXA4T8W"

const lockReason = "2026年6月在售楼部值守时发现两人撬盗自行车锁，及时用对讲机呼叫，并追出一公里协助民警抓获嫌疑人"

func certificate(t *testing.T, commendation models.Commendation, blank bool) []byte {
	t.Helper()
	data, err := reports.Writer{}.Certificate(commendation, blank, checkURL)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func certificateText(t *testing.T, data []byte) string {
	t.Helper()
	folder := t.TempDir()
	if kept := os.Getenv("REPORT_FOLDER"); kept != "" { // to look at it
		folder = kept
	}
	path := filepath.Join(folder, strings.ReplaceAll(t.Name(), "/", "_")+".pdf")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return strings.NewReplacer(" ", "", "\n", "", "　", "").Replace(tool(t, "pdftotext", "-layout", path, "-"))
}

func TestCertificateSaysItAll(t *testing.T) {
	data := certificate(t, granted("王小明", lockReason+"。"), false)
	text := certificateText(t, data)
	for _, want := range []string{
		"荣誉证书", "王小明同志：", lockReason + "。特此表彰，以资鼓励。", "慈音派出所", "二〇二六年十一月二十四日",
		"编号：慈音派出所表彰〔2026〕第007号", "验证码：7K2M-9QXA-4T8W", "扫码验证",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in it: %s", want, text)
		}
	}
	if !bytes.Contains(data, []byte("/MediaBox [ 0 0 841.89 595.28 ]")) {
		t.Error("it is not A4 lying")
	}
	if len(data) > 200_000 {
		t.Errorf("%d bytes: only the characters that are used belong in it", len(data))
	}
}

func TestCertificateIsTheSameEachTime(t *testing.T) {
	first := certificate(t, granted("王小明", lockReason), false)
	for range 20 {
		if !bytes.Equal(first, certificate(t, granted("王小明", lockReason), false)) {
			t.Fatal("the bytes differ")
		}
	}
	if bytes.Equal(first, certificate(t, granted("王小红", lockReason), false)) {
		t.Error("another name gives the same bytes: the comparison sees nothing")
	}
}

// The longest reason stays on the one page and inside the frame, above the signature.
func TestCertificateWithTheLongestReason(t *testing.T) {
	reason := strings.Repeat("见义勇为，", 40)[:len("见义勇为，")*40]
	text := certificateText(t, certificate(t, granted("欧阳震华", reason), false))
	if count := strings.Count(text, "见义勇为"); count != 40 || strings.Contains(text, "\f荣") {
		t.Errorf("%d of 40 parts of the reason are on the page", count)
	}
}

// A name that the font lacks never becomes a box or a blank: it fails, or is left to be written by hand.
func TestCertificateOfANameThatCannotBePrinted(t *testing.T) {
	const rare = "王\u4e02\U00020000" // two characters of no GB 2312
	if data, err := (reports.Writer{}).Certificate(granted(rare, lockReason), false, checkURL); err == nil {
		t.Errorf("%d bytes with a name that cannot be printed", len(data))
	}
	text := certificateText(t, certificate(t, granted(rare, lockReason), true))
	if strings.Contains(text, "王") || !strings.Contains(text, "同志：") {
		t.Errorf("with the name left blank: %s", text)
	}
	for text, want := range map[string]string{
		rare + rare: "\u4e02\U00020000", "王婷鑫琪昊喆垚祎镕": "", lockReason: "", "二〇二六年〔〕第－": "", "a\tb\n": "",
	} {
		if missing, err := (reports.Writer{}).Unprintable(text); err != nil || missing != want {
			t.Errorf("of %q the font lacks %q, %v; want %q", text, missing, err, want)
		}
	}
}

func TestYearlyListSaysItAll(t *testing.T) {
	list := models.CommendationList{
		Station: "慈音派出所", Year: 2026, Granted: []models.Commendation{granted("王小明", lockReason), revoked("=1+1", "事由")},
		MadeOn: models.Date{Year: 2027, Month: 1, Day: 10}, MadeAt: time.Date(2027, 1, 10, 2, 0, 0, 0, time.UTC),
	}
	data, err := reports.Writer{}.Commendations(list)
	if err != nil {
		t.Fatal(err)
	}
	file, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	rows, err := file.GetRows("2026")
	if err != nil {
		t.Fatal(err)
	}
	all := ""
	for _, row := range rows {
		all += strings.Join(row, "|") + "\n"
	}
	for _, want := range []string{
		"慈音派出所2026年度表彰名册", "共1人次", "编号|姓名|日期|事由|备注",
		"慈音派出所表彰〔2026〕第007号|王小明|2026-11-24|" + lockReason, "|=1+1|", "|已撤销", "制表日期：二〇二七年一月十日",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not in it:\n%s", want, all)
		}
	}
}
