package store_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"xunfang/models"
	"xunfang/store"
	"xunfang/store/testdb"
)

var trackNight = time.Date(2026, 6, 1, 22, 0, 0, 0, time.UTC)

// drawPoints is a recording with everything that makes repeats and rivals: few places, times close together, phones
// that started anew and some that say nothing of it.
func drawPoints(t *rapid.T, person models.ID) []models.TrackPoint {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) models.TrackPoint {
		phone := trackNight.Add(time.Duration(rapid.IntRange(0, 60_000).Draw(t, "ms")) * time.Millisecond)
		point := models.TrackPoint{
			PersonID: person, StationID: person, RoundID: person, At: phone, PhoneAt: phone, ReceivedAt: trackNight.Add(time.Hour),
			Source: models.SourceApp, BootID: rapid.SampledFrom([]string{"", "", "one", "two"}).Draw(t, "boot"),
			Fix: models.Fix{ReportedCRS: models.WGS84, Position: models.Position{
				Lat: rapid.SampledFrom([]float64{30.1, 30.2, 30.3}).Draw(t, "lat"), Lng: 105.123456789,
			}},
		}
		if point.BootID != "" {
			point.MonotonicMS = int64(rapid.IntRange(0, 60_000).Draw(t, "monotonic"))
		}
		if rapid.Bool().Draw(t, "speed") {
			speed := rapid.SampledFrom([]float64{0, 1.5}).Draw(t, "mps")
			point.SpeedMps = &speed
		}
		return point
	}), 1, 60).Draw(t, "points")
}

// keptOf is what must be kept of a recording, counted without the code under test: of each ten seconds of a clock the
// earliest, and of several at its millisecond the one that Rank prefers.
func keptOf(points []models.TrackPoint) []string {
	type place struct {
		boot string
		ten  int64
	}
	best := map[place]models.TrackPoint{}
	clock := func(point models.TrackPoint) int64 {
		if point.BootID != "" {
			return point.MonotonicMS
		}
		return point.PhoneAt.UnixMilli()
	}
	for _, point := range points {
		at := place{point.BootID, clock(point) / 10_000}
		before, taken := best[at]
		if !taken || clock(point) < clock(before) || clock(point) == clock(before) && point.Rank() < before.Rank() {
			best[at] = point
		}
	}
	return described(best)
}

func described[K comparable](points map[K]models.TrackPoint) []string {
	lines := []string{}
	for _, point := range points {
		speed := "-"
		if point.SpeedMps != nil {
			speed = fmt.Sprint(*point.SpeedMps)
		}
		lines = append(lines, fmt.Sprint(point.At.UnixMilli(), " ", point.BootID, " ", point.MonotonicMS, " ", point.Position, " ", speed))
	}
	slices.Sort(lines)
	return lines
}

func TestATrackEndsTheSameHoweverItComes(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx, round := t.Context(), 0
		rapid.Check(t, func(t *rapid.T) {
			round++
			person := models.OrderID(trackNight, models.ID(fmt.Sprint("person", round)))
			points := drawPoints(t, person)
			queue := append(slices.Clone(points), rapid.SliceOfN(rapid.SampledFrom(points), 0, 30).Draw(t, "repeats")...)
			queue = rapid.Permutation(queue).Draw(t, "order")
			for len(queue) > 0 {
				size := rapid.IntRange(1, len(queue)).Draw(t, "batch")
				kept, counts := models.FilterTrack(queue[:size], models.TrackDefaults)
				if counts.Received != size || counts.Kept+counts.Duplicates+counts.Thinned != size || counts.Kept != len(kept) {
					t.Fatalf("%d positions are counted as %+v", size, counts)
				}
				if err := s.Atomically(ctx, func(tx *store.Store) error { return tx.AddTrackPoints(ctx, kept, trackNight) }); err != nil {
					t.Fatal(err)
				}
				queue = queue[size:]
			}
			found, err := s.TrackPoints(ctx, person, trackNight, trackNight.Add(time.Hour), 1000)
			if err != nil {
				t.Fatal(err)
			}
			stored := map[int]models.TrackPoint{}
			for at, point := range found {
				stored[at] = point
			}
			if got, want := described(stored), keptOf(points); !reflect.DeepEqual(got, want) {
				t.Fatalf("kept\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		})
	})
}

// Many at once with the same positions in other orders: nobody fails, and the smallest ranks are there.
func TestRivalsAtOnce(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx, person := t.Context(), models.OrderID(trackNight, "person")
		points := []models.TrackPoint{}
		for at := range 400 {
			when := trackNight.Add(time.Duration(at*5) * time.Second)
			points = append(points, models.TrackPoint{
				PersonID: person, StationID: person, RoundID: person, At: when, PhoneAt: when, ReceivedAt: when, Source: models.SourceApp,
				Fix: models.Fix{ReportedCRS: models.WGS84, Position: models.Position{Lat: 30, Lng: 105}},
			})
		}
		var done sync.WaitGroup
		errs := make([]error, 16)
		for number := range errs {
			done.Go(func() {
				mine := append(slices.Clone(points[number*20:]), points[:number*20]...)
				if number%2 == 1 {
					slices.Reverse(mine)
				}
				errs[number] = s.Atomically(ctx, func(tx *store.Store) error { return tx.AddTrackPoints(ctx, mine, trackNight) })
			})
		}
		done.Wait()
		for _, err := range errs {
			if err != nil {
				t.Error(err)
			}
		}
		found, err := s.TrackPoints(ctx, person, trackNight, trackNight.Add(time.Hour), 1000)
		if err != nil || len(found) != 200 {
			t.Fatalf("%d positions, %v", len(found), err)
		}
		for at, point := range found {
			if want := trackNight.Add(time.Duration(at*10) * time.Second); !point.At.Equal(want) {
				t.Errorf("position %d is of %v, want %v", at, point.At, want)
			}
		}
	})
}

func TestOldTracksAreForgotten(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx, now := t.Context(), trackNight
		station := models.OrderID(now, "station")
		if err := s.Schema(ctx, "INSERT INTO stations (id, name, time_zone, lat, lng, created_at) VALUES ('"+string(station)+"', 'A', 'UTC', 30, 105, 0)"); err != nil {
			t.Fatal(err)
		}
		points := []models.TrackPoint{}
		for slot := -1500; slot <= 2; slot++ {
			when := now.Add(-models.TrackKept).Add(time.Duration(slot) * models.TrackSlot)
			points = append(points, models.TrackPoint{
				PersonID: station, StationID: station, RoundID: station, At: when, PhoneAt: when, Source: models.SourceApp,
				Fix: models.Fix{ReportedCRS: models.WGS84},
			})
		}
		if err := s.Atomically(ctx, func(tx *store.Store) error { return tx.AddTrackPoints(ctx, points, trackNight) }); err != nil {
			t.Fatal(err)
		}
		for _, want := range []int64{1000, 500, 0} { // bounded pieces, and what is just 30 days old stays
			if touched, err := s.ForgetOld(ctx, now); err != nil || touched != want {
				t.Errorf("touched %d, %v; want %d", touched, err, want)
			}
		}
		left, err := s.TrackPoints(ctx, station, now.Add(-40*24*time.Hour), now, 10)
		if err != nil || len(left) != 3 || left[0].At.Before(now.Add(-models.TrackKept)) {
			t.Errorf("%v are left, %v", left, err)
		}
	})
}

// A tracker that was revoked is forgotten as well; one that may report stays.
func TestRevokedTrackersAreForgotten(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx, old := t.Context(), trackNight.Add(-models.TrackKept-time.Hour)
		person := models.OrderID(old, "person")
		live, revoked := models.OrderID(old, "live"), models.OrderID(old, "revoked")
		err := s.Atomically(ctx, func(tx *store.Store) error {
			for _, id := range []models.ID{live, revoked} {
				if err := tx.AddTracker(ctx, models.Tracker{
					ID: id, PersonID: person, StationID: person, Name: "旧手机", Kind: models.TrackerOsmAnd, SecretMAC: []byte("mac"), CreatedAt: old,
				}); err != nil {
					return err
				}
			}
			_, err := tx.RevokeTracker(ctx, person, revoked, old)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if touched, err := s.ForgetOld(ctx, trackNight); err != nil || touched != 1 {
			t.Errorf("touched %d, %v", touched, err)
		}
		if kept, err := s.Tracker(ctx, live); err != nil || kept.Name != "旧手机" {
			t.Errorf("the live one: %v, %v", kept, err)
		}
		if _, err := s.Tracker(ctx, revoked); models.CodeOf(err) != models.CodeNotFound {
			t.Errorf("the revoked one: %v", err)
		}
	})
}
