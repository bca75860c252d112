package models

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"pgregory.net/rapid"
)

// coverOf is a place with people in stretches of minutes from a begin.
func coverOf(begin int64, stretches ...[2]int64) Cover {
	cover := Cover{}
	for _, one := range stretches {
		for at := begin + one[0]; at < begin+one[1]; at++ {
			set := MinuteSet{}
			set.Add(int(at - floorDiv(at, DayMinutes)*DayMinutes))
			cover[floorDiv(at, DayMinutes)] = cover[floorDiv(at, DayMinutes)].Plus(set)
		}
	}
	return cover
}

func TestFigures(t *testing.T) {
	begin := CoverDay(time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)) * DayMinutes
	hour := func(from, until int64) Stretch { return Stretch{From: begin + from*60, Until: begin + until*60} }
	for name, c := range map[string]struct {
		there [][2]int64
		slots []Stretch
		want  []Figures
	}{
		"nobody":                     {nil, []Stretch{hour(0, 2)}, []Figures{{0, 0, 0, 120}}},
		"all the time":               {[][2]int64{{0, 120}}, []Stretch{hour(0, 2)}, []Figures{{1, 120, 120, 0}}},
		"two at once":                {[][2]int64{{10, 20}, {15, 25}}, []Stretch{hour(0, 1)}, []Figures{{1, 15, 20, 35}}},
		"ten minutes apart":          {[][2]int64{{0, 1}, {11, 12}}, []Stretch{hour(0, 1)}, []Figures{{1, 2, 2, 48}}},
		"eleven minutes apart":       {[][2]int64{{0, 1}, {12, 13}}, []Stretch{hour(0, 1)}, []Figures{{2, 2, 2, 47}}},
		"over a border":              {[][2]int64{{50, 70}}, []Stretch{hour(0, 1), hour(1, 2)}, []Figures{{1, 10, 10, 50}, {0, 10, 10, 50}}},
		"a pause over a border":      {[][2]int64{{55, 58}, {65, 66}}, []Stretch{hour(0, 1), hour(1, 2)}, []Figures{{1, 3, 3, 55}, {0, 1, 1, 54}}},
		"under way at the beginning": {[][2]int64{{0, 70}}, []Stretch{hour(1, 2)}, []Figures{{1, 10, 10, 50}}},
		"before and after only":      {[][2]int64{{0, 60}, {120, 130}}, []Stretch{hour(1, 2)}, []Figures{{0, 0, 0, 60}}},
		"over midnight":              {[][2]int64{{1430, 1450}}, []Stretch{hour(23, 24), hour(24, 25)}, []Figures{{1, 10, 10, 50}, {0, 10, 10, 50}}},
		"over three slots":           {[][2]int64{{30, 150}}, []Stretch{hour(0, 1), hour(1, 2), hour(2, 3)}, []Figures{{1, 30, 30, 30}, {0, 60, 60, 0}, {0, 30, 30, 30}}},
	} {
		if got := coverOf(begin, c.there...).Figures(c.slots); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// The walk over stretches is held against a plain count minute by minute.
func TestFiguresAreThoseOfAPlainCount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		begin := int64(rapid.IntRange(0, 3000).Draw(t, "begin"))
		stretches := [][2]int64{}
		for range rapid.IntRange(0, 12).Draw(t, "stretches") {
			from := int64(rapid.IntRange(-100, 500).Draw(t, "from"))
			stretches = append(stretches, [2]int64{from, from + int64(rapid.IntRange(1, 40).Draw(t, "long"))})
		}
		begin += 1000
		cover, people := coverOf(begin, stretches...), map[int64]int{}
		for _, one := range stretches {
			for at := begin + one[0]; at < begin+one[1]; at++ {
				people[at]++
			}
		}
		slots, from := []Stretch{}, begin
		for range rapid.IntRange(1, 6).Draw(t, "slots") {
			until := from + int64(rapid.IntRange(1, 150).Draw(t, "slot"))
			slots = append(slots, Stretch{from, until})
			from = until
		}
		last := begin - 1000000
		for at, got := range cover.Figures(slots) {
			want, gap := Figures{}, 0
			for minute := slots[at].From; minute < slots[at].Until; minute++ {
				want.OfficerMinutes += people[minute]
				if people[minute] == 0 {
					gap++
					want.LongestGap = max(want.LongestGap, gap)
					continue
				}
				gap = 0
				want.PatrolMinutes++
				if minute-last-1 > VisitGap {
					want.Visits++
				}
				last = minute
			}
			if got != want {
				t.Fatalf("slot %d: %+v, want %+v", at, got, want)
			}
		}
	})
}

func TestGaps(t *testing.T) {
	begin := int64(30 * DayMinutes)
	inside := Stretch{begin, begin + 100}
	for _, c := range []struct {
		there [][2]int64
		want  string
	}{
		{nil, "[0-100]"},
		{[][2]int64{{0, 100}}, "[]"},
		{[][2]int64{{0, 1}}, "[1-100]"},
		{[][2]int64{{99, 300}}, "[0-99]"},
		{[][2]int64{{10, 20}, {20, 30}}, "[0-10 30-100]"},
		{[][2]int64{{-50, 5}, {50, 51}}, "[5-50 51-100]"},
	} {
		got := []string{}
		for _, gap := range coverOf(begin, c.there...).Gaps(inside) {
			got = append(got, fmt.Sprintf("%d-%d", gap.From-begin, gap.Until-begin))
		}
		if fmt.Sprint(got) != c.want {
			t.Errorf("%v: %v, want %s", c.there, got, c.want)
		}
	}
}

func TestFinishedSlotsAreWholeAndOver(t *testing.T) {
	for name, c := range map[string]struct {
		zone, from, to, now string
		minutes             int
		want                string
	}{
		"widened":               {"Asia/Shanghai", "01T09:10+08:00", "01T09:11+08:00", "01T12:00+08:00", 30, "01T09:00 01T09:30"},
		"over to the minute":    {"Asia/Shanghai", "01T08:00+08:00", "01T12:00+08:00", "01T10:00+08:00", 120, "01T08:00 01T10:00"},
		"not over by a minute":  {"Asia/Shanghai", "01T08:00+08:00", "01T12:00+08:00", "01T09:59+08:00", 120, "01T08:00 01T08:00"},
		"the last is not over":  {"Asia/Shanghai", "01T07:00+08:00", "01T10:01+08:00", "01T10:30+08:00", 120, "01T06:00 01T10:00"},
		"all ahead":             {"Asia/Shanghai", "01T08:30+08:00", "01T12:00+08:00", "01T01:00+08:00", 60, "01T08:00 01T08:00"},
		"days":                  {"Asia/Shanghai", "01T08:30+08:00", "02T00:01+08:00", "03T00:00+08:00", 1440, "01T00:00 03T00:00"},
		"quarters of an offset": {"Asia/Kathmandu", "01T01:00+05:45", "01T01:01+05:45", "02T00:00+05:45", 720, "01T00:00 01T12:00"},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		parse := func(text string) time.Time {
			at, err := time.Parse("2006-01-02T15:04Z07:00", "2026-06-"+text)
			if err != nil {
				t.Fatal(err)
			}
			return at
		}
		first, last := FinishedSlots(parse(c.from), parse(c.to), parse(c.now), c.minutes, zone)
		if got := first.In(zone).Format("02T15:04") + " " + last.In(zone).Format("02T15:04"); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestSlotsFollowTheWallClock(t *testing.T) {
	for name, c := range map[string]struct {
		zone, from, to string
		minutes        int
		want           string // wall clock and length in minutes of each
	}{
		"whole slots":             {"Asia/Shanghai", "2026-06-01T08:00:00+08:00", "2026-06-01T12:00:00+08:00", 120, "08:00+120 10:00+120"},
		"aligned, not from from":  {"Asia/Shanghai", "2026-06-01T09:10:00+08:00", "2026-06-01T12:30:00+08:00", 120, "09:10+50 10:00+120 12:00+30"},
		"seconds round outwards":  {"Asia/Shanghai", "2026-06-01T09:59:59+08:00", "2026-06-01T10:00:01+08:00", 60, "09:59+1 10:00+1"},
		"a day of 24 hours":       {"Asia/Shanghai", "2026-06-01T00:00:00+08:00", "2026-06-03T00:00:00+08:00", 1440, "00:00+1440 00:00+1440"},
		"quarter hours of offset": {"Asia/Kathmandu", "2026-06-01T00:00:00+05:45", "2026-06-01T12:00:00+05:45", 720, "00:00+720"},
		"a day of 23 hours":       {"Europe/Berlin", "2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00", 1440, "00:00+1380"},
		"a day of 25 hours":       {"Europe/Berlin", "2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00", 1440, "00:00+1500"},
		"two hours that are one":  {"Europe/Berlin", "2026-03-29T00:00:00+01:00", "2026-03-29T06:00:00+02:00", 120, "00:00+120 03:00+60 04:00+120"},
		"an hour that is missing": {"Europe/Berlin", "2026-03-29T01:00:00+01:00", "2026-03-29T04:00:00+02:00", 60, "01:00+60 03:00+60"},
		"two hours that are three": {
			"Europe/Berlin", "2026-10-25T00:00:00+02:00", "2026-10-25T06:00:00+01:00", 120, "00:00+120 02:00+180 04:00+120",
		},
		"halves that are there twice": {
			"Europe/Berlin", "2026-10-25T02:00:00+02:00", "2026-10-25T03:30:00+01:00", 30, "02:00+30 02:30+30 02:00+30 02:30+30 03:00+30",
		},
		"a change of half an hour": {"Australia/Lord_Howe", "2026-10-04T00:00:00+10:30", "2026-10-04T04:00:00+11:00", 60, "00:00+60 01:00+60 02:30+30 03:00+60"},
		"nothing":                  {"Asia/Shanghai", "2026-06-01T08:00:00+08:00", "2026-06-01T08:00:00+08:00", 120, ""},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		from, _ := time.Parse(time.RFC3339, c.from)
		to, _ := time.Parse(time.RFC3339, c.to)
		got, at := "", StretchOf(from, to).From
		for _, slot := range Slots(from, to, c.minutes, zone) {
			if slot.From != at {
				t.Errorf("%s: a hole before %v", name, slot.Start())
			}
			at = slot.Until
			got += fmt.Sprintf("%s+%d ", slot.Start().In(zone).Format("15:04"), slot.Minutes())
		}
		if got != c.want+" " && got != c.want {
			t.Errorf("%s: %s; want %s", name, got, c.want)
		}
	}
}

func TestCellsOfCells(t *testing.T) {
	grid := CellGrid{Origin: Position{Lat: 30.52, Lng: 105.60}}
	rapid.Check(t, func(t *rapid.T) {
		at := Position{Lat: rapid.Float64Range(30.4, 30.6).Draw(t, "lat"), Lng: rapid.Float64Range(105.5, 105.7).Draw(t, "lng")}
		size := rapid.SampledFrom(CellSizes).Draw(t, "size")
		cell := grid.At(at).In(size)
		low, high := grid.Bounds(cell, size)
		const little = 1e-9
		if at.Lat < low.Lat-little || at.Lat > high.Lat+little || at.Lng < low.Lng-little || at.Lng > high.Lng+little {
			t.Fatalf("%v is not in %v to %v", at, low, high)
		}
		again, err := ParseCell(cell.String())
		if err != nil || again != cell {
			t.Fatalf("%v: %v, %v", cell, again, err)
		}
		width := low.DistanceM(Position{Lat: low.Lat, Lng: high.Lng})
		height := low.DistanceM(Position{Lat: high.Lat, Lng: low.Lng})
		if ratio := width / float64(size); ratio < 0.998 || ratio > 1.002 {
			t.Fatalf("%d m are %f m wide", size, width)
		}
		if ratio := height / float64(size); ratio < 0.999 || ratio > 1.001 {
			t.Fatalf("%d m are %f m high", size, height)
		}
	})
	if got := grid.At(Position{Lat: 30.52, Lng: 105.60}); got != (Cell{0, 0}) {
		t.Errorf("the origin is in %v", got)
	}
	if got := grid.At(Position{Lat: 30.5199, Lng: 105.5999}).In(1000); got != (Cell{-1, -1}) {
		t.Errorf("south-west of the origin is %v", got)
	}
	if east := (CellGrid{Origin: Position{Lat: 0, Lng: 179.9999}}).At(Position{Lat: 0, Lng: -179.9999}); east.X < 0 || east.X > 1 {
		t.Errorf("over the date line is %v", east)
	}
}

// Where somebody is who scans a sign or only walks by.
func TestPresence(t *testing.T) {
	at := func(north float64) Position { return Position{Lat: 30.52 + north/MetresPerDegree, Lng: 105.60} }
	position := func(north float64) *Position { found := at(north); return &found }
	ground := NewGround(CellGrid{Origin: at(0)}, []Checkpoint{
		{ID: "gate", Place: Place{Station: "s", Compound: "one"}, At: at(10), RadiusM: 30},
		{ID: "street", Place: Place{Station: "s"}, At: at(120), RadiusM: 500},
	}, []Route{{ID: "north", Checkpoints: []ID{"gate", "street"}}, {ID: "short", Checkpoints: []ID{"gate"}}},
		[]StreetPost{{ID: "post", At: at(20), RadiusM: 25}})
	for name, c := range map[string]struct {
		fact CoverFact
		want string
	}{
		"scans at the gate": {
			CoverFact{CheckpointID: "gate", CompoundID: "one", At: position(900)},
			"cell50 0:0, checkpoint gate, compound one, route north, route short, street_post post",
		},
		"scans at a sign that the station no longer has": {CoverFact{CheckpointID: "gone", At: position(101)}, "cell50 0:2, checkpoint gone"},
		"scans at a sign, no position":                   {CoverFact{CheckpointID: "gone"}, "checkpoint gone"},
		"walks by the gate": {
			CoverFact{At: position(39)},
			"cell50 0:0, checkpoint gate, checkpoint street, compound one, route north, route short, street_post post",
		},
		"just outside the gate's radius":   {CoverFact{At: position(41)}, "cell50 0:0, checkpoint street, route north, street_post post"},
		"just outside the post's":          {CoverFact{At: position(46)}, "cell50 0:0, checkpoint street, route north"},
		"far down the street, within":      {CoverFact{At: position(-379)}, "cell50 0:-8, checkpoint street, route north"},
		"far down the street, and outside": {CoverFact{At: position(-381)}, "cell50 0:-8"},
		"nowhere":                          {CoverFact{}, ""},
	} {
		c.fact.Minute, c.fact.Mode = 77, SquadFoot
		got := map[string]bool{}
		for spot, set := range ground.Presence([]CoverFact{c.fact, c.fact}) {
			got[fmt.Sprintf("%s %s", spot.Kind, spot.Place)] = true
			if spot.Mode != SquadFoot || !set.Has(77) || set.Count(0, DayMinutes) != 1 {
				t.Errorf("%s: %v in %d minutes", name, spot, set.Count(0, DayMinutes))
			}
		}
		if joined := strings.Join(slices.Sorted(maps.Keys(got)), ", "); joined != c.want {
			t.Errorf("%s: %s; want %s", name, joined, c.want)
		}
	}
}

func TestPresenceIsWrittenAndRead(t *testing.T) {
	presence := Presence{
		{SquadFoot, CellKind(50), "3:-4"}: MinutesBetween(3, 90), {ModeNone, CoverCheckpoint, "id"}: MinutesBetween(1439, 1440),
	}
	again, err := ParsePresence(presence.Bytes())
	if err != nil || !reflect.DeepEqual(again, presence) {
		t.Errorf("%v, %v", again, err)
	}
	sheet := CoverSheet{"3:-4": Headcount{MinutesBetween(3, 90), MinutesBetween(5, 6)}, "": Headcount{MinutesBetween(0, 1440)}}
	read, err := ParseCoverSheet(sheet.Bytes())
	if err != nil || !reflect.DeepEqual(read, sheet) {
		t.Errorf("%v, %v", read, err)
	}
	for cut := 1; cut < len(sheet.Bytes()); cut++ {
		if _, err := ParseCoverSheet(sheet.Bytes()[:cut]); err == nil {
			t.Errorf("a sheet of %d bytes was read", cut)
		}
	}
	for cut := 1; cut < len(presence.Bytes()); cut++ {
		if _, err := ParsePresence(presence.Bytes()[:cut]); err == nil {
			t.Errorf("a presence of %d bytes was read", cut)
		}
	}
}

func TestDaysClose(t *testing.T) {
	day := CoverDay(time.Date(2026, 6, 1, 23, 59, 0, 0, time.UTC))
	end := time.Date(2026, 6, 2, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		now  time.Time
		want bool
	}{{end.Add(-48 * time.Hour), true}, {end.Add(CoverOpen - time.Second), true}, {end.Add(CoverOpen), false}} {
		if DayOpen(day, c.now) != c.want {
			t.Errorf("at %v", c.now)
		}
	}
	if CoverOpen <= MaxOffline || PresenceKept <= CoverOpen {
		t.Error("a day must be open as long as a phone may keep a check-in, and people known as long as it is open")
	}
}
