package models_test

import (
	"strconv"
	"testing"
	"time"

	"xunfang/models"
)

func TestProofHolds(t *testing.T) {
	tests := []struct {
		solution string
		bits     int
		want     bool
	}{}
	for solution := range 64 {
		text, zeros := strconv.Itoa(solution), 0
		for models.ProofHolds("abc", text, zeros+1) {
			zeros++
		}
		for bits := range 12 {
			tests = append(tests, struct {
				solution string
				bits     int
				want     bool
			}{text, bits, bits <= zeros})
		}
	}
	found := 0
	for _, test := range tests {
		if got := models.ProofHolds("abc", test.solution, test.bits); got != test.want {
			t.Errorf("%s, %d bits: %t", test.solution, test.bits, got)
		}
		if test.want && test.bits == 4 {
			found++
		}
	}
	if found == 0 || found > 16 { // four of 64 are expected
		t.Errorf("%d of 64 have four zero bits", found)
	}
}

func TestReceiptTriesWait(t *testing.T) {
	now := time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)
	after := func(wrong int) models.ReceiptTries { return models.ReceiptTries{Wrong: wrong, Last: now} }
	for name, test := range map[string]struct {
		tries models.ReceiptTries
		later time.Duration
		want  time.Duration
	}{
		"none":                 {models.ReceiptTries{}, 0, 0},
		"free":                 {after(models.ReceiptsFree - 1), 0, 0},
		"the first pause":      {after(models.ReceiptsFree), 0, models.ReceiptPause},
		"just before its end":  {after(models.ReceiptsFree), models.ReceiptPause - 1, 1},
		"at its end":           {after(models.ReceiptsFree), models.ReceiptPause, 0},
		"it doubles":           {after(models.ReceiptsFree + 2), 0, 4 * models.ReceiptPause},
		"up to a minute":       {after(models.ReceiptsFree + 5), 0, models.ReceiptPauseMost},
		"never longer":         {after(1 << 40), 0, models.ReceiptPauseMost},
		"forgotten":            {after(1 << 40), models.ReceiptsForgotten, 0},
		"a clock that is back": {after(models.ReceiptsFree), -time.Second, models.ReceiptPause + time.Second},
	} {
		if got := test.tries.Wait(now.Add(test.later)); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
	if again := after(9).Tried(now.Add(models.ReceiptsForgotten)); again.Wrong != 1 {
		t.Errorf("after an hour it begins anew: %+v", again)
	}
	if more := after(9).Tried(now.Add(models.ReceiptsForgotten - 1)); more.Wrong != 10 {
		t.Errorf("within the hour it goes on: %+v", more)
	}
}

func TestSealedTip(t *testing.T) {
	at := time.Date(2026, 11, 24, 2, 8, 17, 0, time.UTC)
	fix := &models.Fix{Position: models.Position{Lat: 30.520234, Lng: 105.600871}, AccuracyM: 12, ReportedCRS: models.GCJ02}
	plain, err := models.SealTip("有人撬锁", models.TipAnswers{"people": 2.0}, fix, at)
	if err != nil || len(plain)%512 != 0 {
		t.Fatalf("%d bytes, %v", len(plain), err)
	}
	if short, err := models.SealTip("x", nil, nil, at); err != nil || len(short) != len(plain) {
		t.Errorf("the length tells: %d, %d", len(short), len(plain))
	}
	outside := models.Tip{ID: "a", Fix: models.CoarseFix(fix), Sealed: []byte("s"), OccurredAt: at.Truncate(models.CoarseTime)}
	if outside.Fix.Position != (models.Position{Lat: 30.52, Lng: 105.601}) || outside.Fix.AccuracyM != 0 {
		t.Errorf("outside: %+v", outside.Fix)
	}
	whole, err := outside.Opened(plain)
	if err != nil || whole.Description != "有人撬锁" || whole.Fix.Position != fix.Position || !whole.OccurredAt.Equal(at) || whole.Sealed != nil {
		t.Errorf("opened: %+v, %v", whole, err)
	}
	if _, err := outside.Opened([]byte(`{"description": 1}`)); err == nil {
		t.Error("what is no tip is taken for one")
	}
	if models.CoarseFix(nil) != nil {
		t.Error("no position is made one")
	}
	id := models.CoarseID("01939c1e-8a00-7000-8000-000000000701", at)
	if !id.Time().Equal(at.Truncate(time.Minute)) {
		t.Errorf("the id tells %s", id.Time())
	}
}
