package models_test

import (
	"testing"

	"xunfang/models"
)

func TestReceiptUploadsAreBounded(t *testing.T) {
	most := int64(models.MaxTipMediaBytes)
	for name, test := range map[string]struct {
		length     int64
		unfinished []models.Upload
		attached   models.TipMediaSize
		want       models.Code
	}{
		"the first":                {length: models.MaxUploadBytes},
		"a byte too long":          {length: models.MaxUploadBytes + 1, want: models.CodeTooLarge},
		"the last":                 {length: 1, attached: models.TipMediaSize{Count: models.MaxTipMedia - 1}},
		"one too many":             {length: 1, attached: models.TipMediaSize{Count: models.MaxTipMedia}, want: models.CodeTipMediaFull},
		"one too many, unfinished": {length: 1, unfinished: make([]models.Upload, 1), attached: models.TipMediaSize{Count: models.MaxTipMedia - 1}, want: models.CodeTipMediaFull},
		"the last byte":            {length: 1, attached: models.TipMediaSize{Count: 1, Bytes: most - 1}},
		"a byte too many":          {length: 2, attached: models.TipMediaSize{Count: 1, Bytes: most - 1}, want: models.CodeTipMediaFull},
		"a byte too many, unfinished": {
			length: 1, unfinished: []models.Upload{{Length: 1}}, attached: models.TipMediaSize{Count: 1, Bytes: most - 1},
			want: models.CodeTipMediaFull,
		},
		"too many at once": {length: 1, unfinished: make([]models.Upload, models.MaxUploads), want: models.CodeTooManyUploads},
	} {
		if got := models.CodeOf(models.CheckReceiptUpload(test.length, test.unfinished, test.attached)); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}
