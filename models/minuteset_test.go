package models

import (
	"testing"

	"pgregory.net/rapid"
)

func drawMinutes(t *rapid.T, name string) (MinuteSet, map[int]bool) {
	set, plain := MinuteSet{}, map[int]bool{}
	for _, minute := range rapid.SliceOfN(rapid.IntRange(0, DayMinutes-1), 0, 60).Draw(t, name) {
		set.Add(minute)
		plain[minute] = true
	}
	return set, plain
}

func TestMinutesBetween(t *testing.T) {
	for _, c := range []struct{ from, until, want int }{
		{0, 0, 0}, {0, 1, 1}, {0, 1440, 1440}, {1439, 1440, 1}, {1440, 1441, 0}, {-5, 2, 2}, {63, 65, 2}, {64, 128, 64}, {10, 5, 0}, {1430, 2000, 10},
	} {
		set := MinutesBetween(c.from, c.until)
		if got := set.Count(0, DayMinutes); got != c.want {
			t.Errorf("[%d, %d): %d minutes, want %d", c.from, c.until, got, c.want)
		}
		set.Each(func(minute int) {
			if minute < c.from || minute >= c.until {
				t.Errorf("[%d, %d) has %d", c.from, c.until, minute)
			}
		})
	}
}

// Sets are held against plain maps; joining twice and the other way round changes nothing.
func TestMinuteSetIsASet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		left, plainLeft := drawMinutes(t, "left")
		right, plainRight := drawMinutes(t, "right")
		from, until := rapid.IntRange(-1, 1441).Draw(t, "from"), rapid.IntRange(-1, 1441).Draw(t, "until")
		joined, other, cut := left, right, left
		joined.Join(right)
		joined.Join(right)
		other.Join(left)
		cut.Cut(right)
		if joined != other {
			t.Fatal("the order of joining matters")
		}
		count := 0
		for minute := range DayMinutes {
			if joined.Has(minute) != (plainLeft[minute] || plainRight[minute]) || cut.Has(minute) != (plainLeft[minute] && !plainRight[minute]) {
				t.Fatalf("minute %d", minute)
			}
			if plainLeft[minute] && minute >= from && minute < until {
				count++
			}
		}
		if got := left.Count(from, until); got != count {
			t.Fatalf("%d in [%d, %d), want %d", got, from, until, count)
		}
		again, rest, err := readMinutes(left.append(nil))
		if err != nil || len(rest) != 0 || again != left {
			t.Fatalf("written and read: %v, %d bytes left", err, len(rest))
		}
	})
}

// A headcount is held against plain numbers, while people come and go.
func TestHeadcountCounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		count, plain, inside := Headcount{}, [DayMinutes]int{}, []MinuteSet{}
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			var err error
			if len(inside) > 0 && rapid.Bool().Draw(t, "leave") {
				last := inside[len(inside)-1]
				inside = inside[:len(inside)-1]
				if count, err = count.Minus(last); err != nil {
					t.Fatal(err)
				}
				last.Each(func(minute int) { plain[minute]-- })
				continue
			}
			set, _ := drawMinutes(t, "who")
			set.Join(MinutesBetween(100, 110)) // where they meet
			inside = append(inside, set)
			count = count.Plus(set)
			set.Each(func(minute int) { plain[minute]++ })
		}
		sum, present := 0, count.Present()
		for minute, people := range plain {
			sum += people
			if present.Has(minute) != (people > 0) || count.Sum(minute, minute+1) != people {
				t.Fatalf("minute %d: %d, want %d", minute, count.Sum(minute, minute+1), people)
			}
		}
		if count.Sum(0, DayMinutes) != sum {
			t.Fatalf("%d, want %d", count.Sum(0, DayMinutes), sum)
		}
		if len(inside) == 0 && len(count) != 0 {
			t.Fatal("nobody is left, and something is stored")
		}
	})
	if _, err := (Headcount{}).Minus(MinutesBetween(0, 1)); err == nil {
		t.Error("less than nobody")
	}
}
