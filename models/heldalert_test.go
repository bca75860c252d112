package models_test

import (
	"testing"
	"time"

	"xunfang/models"
)

func TestHeldUntil(t *testing.T) {
	minute := time.Date(2026, 11, 24, 2, 1, 0, 0, time.UTC)
	for _, one := range []struct {
		severity  string
		now, want time.Duration // after the minute
	}{
		{models.SeverityNormal, 0, time.Minute},
		{models.SeverityNormal, time.Millisecond, time.Minute},
		{models.SeverityInfo, time.Minute - time.Millisecond, time.Minute},
		{models.SeverityNormal, time.Minute, 2 * time.Minute},
		{models.SeverityHigh, 0, 5 * time.Second},
		{models.SeverityHigh, 5*time.Second - time.Millisecond, 5 * time.Second},
		{models.SeverityHigh, 5 * time.Second, 10 * time.Second},
		{models.SeverityEmergency, 58 * time.Second, time.Minute},
	} {
		if got := models.HeldUntil(one.severity, minute.Add(one.now)); !got.Equal(minute.Add(one.want)) {
			t.Errorf("%s at +%s: %s", one.severity, one.now, got)
		}
	}
}
