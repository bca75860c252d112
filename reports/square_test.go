package reports_test

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"xunfang/models"
	"xunfang/reports"
)

// scanned prints a certificate as an image of so many dots an inch and reads its square the way a phone does; "" where there is none.
func scanned(t *testing.T, data []byte, resolution string) string {
	t.Helper()
	folder := t.TempDir()
	path := filepath.Join(folder, "certificate.pdf")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	tool(t, "pdftoppm", "-r", resolution, "-png", "-singlefile", path, filepath.Join(folder, "page"))
	printed, err := os.ReadFile(filepath.Join(folder, "page.png"))
	if err != nil {
		t.Fatal(err)
	}
	page, err := png.Decode(bytes.NewReader(printed))
	if err != nil {
		t.Fatal(err)
	}
	bitmap, err := gozxing.NewBinaryBitmapFromImage(page)
	if err != nil {
		t.Fatal(err)
	}
	found, err := qrcode.NewQRCodeReader().Decode(bitmap, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true})
	if err != nil {
		return ""
	}
	return found.GetText()
}

// What is scanned from the paper is the address at which its code is checked, for the longest one that a setting takes too.
func TestTheSquareOfACertificateIsRead(t *testing.T) {
	longest := models.CertificateCheckURL("https://"+strings.Repeat("x", 112)+"/", "7K2M9QXA4T8W")
	for url, resolution := range map[string]string{checkURL: "150", longest: "300"} {
		commendation := granted("王小明", strings.Repeat("见义勇为，", 40))
		data, err := reports.Writer{}.Certificate(commendation, false, url)
		if err != nil {
			t.Fatal(err)
		}
		if got := scanned(t, data, resolution); got != url {
			t.Errorf("scanned %q, want %q", got, url)
		}
	}
	bare, err := reports.Writer{}.Certificate(granted("王小明", lockReason), false, "")
	if err != nil || scanned(t, bare, "150") != "" {
		t.Errorf("without an address there is a square, %v", err)
	}
}
