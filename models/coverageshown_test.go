package models

import (
	"testing"
	"time"
)

func TestShownCellsCannotBeSubtracted(t *testing.T) {
	for at, size := range ShownCellsM {
		if size%FineCellM != 0 || at > 0 && size%ShownCellsM[at-1] != 0 {
			t.Errorf("%d m", size)
		}
		inside := map[Cell]Cell{} // each smaller cell lies whole in one larger
		for x := int64(-30); x <= 30; x++ {
			fine := Cell{X: x, Y: -x}
			smaller := fine.In(ShownCellsM[0])
			if known, seen := inside[smaller]; seen && known != fine.In(size) {
				t.Errorf("%v of %d m lies in %v and %v of %d m", smaller, ShownCellsM[0], known, fine.In(size), size)
			}
			inside[smaller] = fine.In(size)
		}
	}
	for size := range 1001 {
		if got, want := ShownCell(size), size == 150 || size == 300 || size == 600; got != want {
			t.Errorf("%d m: %t", size, got)
		}
	}
}

func TestShownFigures(t *testing.T) {
	for gap, want := range map[int]int{0: 0, 1: 0, 14: 0, 15: 15, 29: 15, 30: 30, 1439: 1425, 1440: 1440} {
		figures := Figures{Visits: 3, PatrolMinutes: 7, OfficerMinutes: 9, LongestGap: gap}
		if got := figures.Shown(); got != (Figures{Visits: 3, PatrolMinutes: 7, OfficerMinutes: 9, LongestGap: want}) {
			t.Errorf("%d: %+v", gap, got)
		}
	}
}

func TestAStretchInWholePieces(t *testing.T) {
	pieces := []Stretch{{0, 30}, {30, 60}, {60, 75}, {75, 90}, {90, 120}} // a quarter where the clocks change
	for stretch, want := range map[Stretch]Stretch{
		{0, 120}: {0, 120}, {1, 120}: {30, 120}, {0, 119}: {0, 90}, {30, 60}: {30, 60}, {31, 60}: {}, {30, 59}: {}, {29, 61}: {30, 60},
		{31, 89}: {60, 75}, {-10, 200}: {0, 120}, {120, 150}: {}, {-30, 0}: {}, {45, 45}: {}, {60, 90}: {60, 90}, {29, 90}: {30, 90},
	} {
		got := stretch.Whole(pieces)
		if got != want && (want.Minutes() > 0 || got.Minutes() > 0) {
			t.Errorf("%v: %v, want %v", stretch, got, want)
		}
		if got.Minutes() > 0 && got.Clip(stretch) != got {
			t.Errorf("%v is not inside %v", got, stretch)
		}
	}
	if got := (Stretch{5, 9}).Whole(nil); got.Minutes() != 0 {
		t.Errorf("without pieces: %v", got)
	}
}

func TestDayShown(t *testing.T) {
	zone := time.FixedZone("", 8*60*60)
	for at, want := range map[string]string{
		"2026-11-24T15:59:59Z": "2026-11-23T16:00:00Z", "2026-11-24T16:00:00Z": "2026-11-24T16:00:00Z", "2026-11-25T02:00:00Z": "2026-11-24T16:00:00Z",
	} {
		given, _ := time.Parse(time.RFC3339, at)
		if got := DayShown(given, zone).UTC().Format(time.RFC3339); got != want {
			t.Errorf("%s: %s, want %s", at, got, want)
		}
	}
	if !DayShown(time.Time{}, zone).IsZero() {
		t.Error("a time that is not known")
	}
}
