package models_test

import (
	"testing"
	"time"

	"xunfang/models"
)

func TestNewUpload(t *testing.T) {
	of := func(lengths ...int64) (uploads []models.Upload) {
		for _, length := range lengths {
			uploads = append(uploads, models.Upload{Length: length})
		}
		return uploads
	}
	const most, mib = models.MaxUploadBytes, 1 << 20
	for name, test := range map[string]struct {
		length     int64
		unfinished []models.Upload
		want       models.Code
	}{
		"first":          {most, nil, ""},
		"a byte more":    {most + 1, nil, models.CodeTooLarge},
		"fifth":          {1, of(1, 1, 1, 1), ""},
		"sixth":          {1, of(1, 1, 1, 1, 1), models.CodeTooManyUploads},
		"just 100 MiB":   {10 * mib, of(most, most, most), ""},
		"a byte over it": {10*mib + 1, of(most, most, most), models.CodeTooManyUploads},
	} {
		if got := models.CodeOf(models.CheckNewUpload(test.length, test.unfinished)); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

func TestUploadPart(t *testing.T) {
	now := time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)
	going := models.Upload{Length: 100, Received: 40, Parts: 3, ExpiresAt: now.Add(time.Millisecond)}
	over, ended, many := going, going, going
	over.ExpiresAt, ended.EndedAt, many.Parts = now, now, models.MaxUploadParts
	for name, test := range map[string]struct {
		upload       models.Upload
		offset, size int64
		want         models.Code
	}{
		"joins":                {going, 40, 10, ""},
		"nothing":              {going, 40, 0, ""},
		"to the end":           {going, 40, 60, ""},
		"beyond the end":       {going, 40, 61, models.CodeTooLarge},
		"again":                {going, 30, 10, models.CodeUploadOffset},
		"with a gap":           {going, 41, 10, models.CodeUploadOffset},
		"expired this instant": {over, 40, 10, models.CodeNotFound},
		"ended":                {ended, 40, 10, models.CodeNotFound},
		"one part too many":    {many, 40, 10, models.CodeTooLarge},
	} {
		if got := models.CodeOf(test.upload.CheckPart(test.offset, test.size, now)); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}
