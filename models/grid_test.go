package models_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"xunfang/models"
)

var gridNow = time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)

// sorted is what Nearest must equal: everybody measured, sorted, and cut.
func sorted(all []models.Whereabouts, at models.Position, n int, within float64, keep func(models.Whereabouts) bool) []models.Neighbour {
	found := []models.Neighbour{}
	for _, one := range all {
		if distance := at.DistanceM(one.Position); distance <= within && keep(one) {
			found = append(found, models.Neighbour{Whereabouts: one, DistanceM: distance})
		}
	}
	slices.SortFunc(found, func(left, right models.Neighbour) int {
		return cmp.Or(cmp.Compare(left.DistanceM, right.DistanceM), cmp.Compare(left.ID, right.ID))
	})
	return found[:min(len(found), n)]
}

// In towns, across the date line, at the poles, crowded and nearly empty: the same as sorting everybody.
func TestNearestIsExact(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	centres := []models.Position{
		{Lat: 30.52, Lng: 105.6}, {Lat: 0, Lng: 0}, {Lat: -17, Lng: 179.999}, {Lat: 64, Lng: -180}, {Lat: 89.95, Lng: 20}, {Lat: -90, Lng: 0},
	}
	for turn := range 400 {
		centre, spread := centres[turn%len(centres)], []float64{0.001, 0.05, 1, 30}[random.IntN(4)]
		grid, all := models.NewGrid(), []models.Whereabouts{}
		for number := range 1 + random.IntN(800) {
			one := models.Whereabouts{ID: models.ID(fmt.Sprintf("%05d", number)), At: gridNow, Position: near(random, centre, spread)}
			if number%7 == 0 && number > 0 { // exactly as near as another
				one.Position = all[number-1].Position
			}
			grid.Move(one)
			all = append(all, one)
		}
		even := func(one models.Whereabouts) bool { return one.ID[4]%2 == 0 }
		at, n := near(random, centre, spread), 1+random.IntN(20)
		within := []float64{50, 3000, 100_000, 3e7}[random.IntN(4)]
		got, want := grid.Nearest(at, n, within, even), sorted(all, at, n, within, even)
		if !slices.Equal(got, want) {
			t.Fatalf("turn %d, %v, %d of %d within %.0f m:\n%v\nwant\n%v", turn, at, n, len(all), within, got, want)
		}
	}
}

func near(random *rand.Rand, centre models.Position, spread float64) models.Position {
	lat := centre.Lat + (random.Float64()*2-1)*spread
	lng := centre.Lng + (random.Float64()*2-1)*spread
	if lng >= 180 {
		lng -= 360
	}
	if lng < -180 {
		lng += 360
	}
	return models.Position{Lat: min(90, max(-90, lat)), Lng: lng}
}

func TestGridKeepsTheNewestAndForgets(t *testing.T) {
	grid, everybody := models.NewGrid(), func(models.Whereabouts) bool { return true }
	here := models.Position{Lat: 30.52, Lng: 105.6}
	move := func(id models.ID, at time.Time, lat float64) bool {
		return grid.Move(models.Whereabouts{ID: id, At: at, Position: models.Position{Lat: lat, Lng: 105.6}})
	}
	if !move("a", gridNow, 30.6) || !move("a", gridNow.Add(time.Minute), 30.52) || move("a", gridNow, 30.9) || move("a", gridNow.Add(time.Minute), 30.9) {
		t.Error("an older position counted, or a newer did not")
	}
	if found := grid.Nearest(here, 5, 1e6, everybody); len(found) != 1 || found[0].DistanceM != 0 {
		t.Errorf("somebody who moved is found at %v", found)
	}
	move("b", gridNow.Add(-time.Millisecond), 30.52)
	if count := grid.Forget(gridNow); count != 1 {
		t.Errorf("%d forgotten", count)
	}
	if _, known := grid.Last("b"); known {
		t.Error("what is too old is still known")
	}
	if found := grid.Nearest(here, 0, 1e6, everybody); found != nil {
		t.Errorf("none wanted, %v found", found)
	}
}

// Whoever looks while everybody moves sees each person once, and nobody who never was there.
func TestGridWhileEverybodyMoves(t *testing.T) {
	grid, moving, stop := models.NewGrid(), sync.WaitGroup{}, make(chan struct{})
	for mover := range 4 {
		moving.Add(1)
		go func() {
			defer moving.Done()
			random := rand.New(rand.NewPCG(uint64(mover), 7))
			for turn := 0; ; turn++ {
				select {
				case <-stop:
					return
				default:
					grid.Move(models.Whereabouts{
						ID: models.ID(fmt.Sprint(mover, "-", turn%250)), At: gridNow.Add(time.Duration(turn)),
						Position: near(random, models.Position{Lat: 30.52, Lng: 105.6}, 0.1),
					})
				}
			}
		}()
	}
	for range 300 {
		seen := map[models.ID]bool{}
		for _, one := range grid.Nearest(models.Position{Lat: 30.52, Lng: 105.6}, 50, 50_000, func(models.Whereabouts) bool { return true }) {
			if seen[one.ID] {
				t.Fatalf("%s is there twice", one.ID)
			}
			seen[one.ID] = true
		}
	}
	close(stop)
	moving.Wait()
}
