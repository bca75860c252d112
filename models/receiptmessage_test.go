package models_test

import (
	"strings"
	"testing"

	"xunfang/models"
)

func TestSealedMessagesTellLittleOfTheirLength(t *testing.T) {
	for _, one := range []struct {
		text string
		want int // bytes
	}{{"好", 512}, {strings.Repeat("a", 501), 512}, {strings.Repeat("a", 502), 1024}, {strings.Repeat("<", 2000), 12288}} {
		plain, err := models.SealMessage(models.Secret(one.text))
		if err != nil || len(plain) != one.want {
			t.Errorf("%d bytes, want %d, %v", len(plain), one.want, err)
		}
		opened, err := models.TipMessage{Sealed: []byte("s")}.Opened(plain)
		if err != nil || opened.Text.Reveal() != one.text || opened.Sealed != nil {
			t.Errorf("opened: %d bytes, %v", len(opened.Text), err)
		}
	}
	for _, wrong := range []string{"", "no", `{"text": 1}`, `{"text": "` + strings.Repeat("a", 1<<20) + `"}`} {
		if _, err := (models.TipMessage{}).Opened([]byte(wrong)); err == nil || strings.Contains(err.Error(), "aaa") {
			t.Errorf("%.20q opens: %v", wrong, err)
		}
	}
}

func TestCheckTimeless(t *testing.T) {
	for id, want := range map[models.ID]models.Code{
		"7d3f9a52-6c1e-4b80-9f24-0a5be1c7d311": "",
		"01939c1e-8a00-7000-8000-000000000711": models.CodeUnprocessable,
		"c232ab00-9414-11ec-b3c8-9f6bdeced846": models.CodeUnprocessable,
		"1ec9414c-232a-6b00-b3c8-9f6bdeced846": models.CodeUnprocessable,
		"":                                     models.CodeUnprocessable,
	} {
		if got := models.CodeOf(models.CheckTimeless("id", id)); got != want {
			t.Errorf("%s: %q, want %q", id, got, want)
		}
	}
}
