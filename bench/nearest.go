package main

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"xunfang/models"
)

// caseNearest finds the nearest on duty in three ways; it needs neither program.
const caseNearest = "nearest"

const (
	walkers      = 100_000
	nearestAsked = models.SOSFirstAsked
	nearestGoal  = time.Millisecond // at the median
	walkersBatch = 500              // moves of one transaction
)

// finder is one way to find the nearest on duty while everybody moves.
type finder struct {
	name string
	find func(at models.Position) ([]models.ID, error)
	move func(first int) error // the next walkersBatch, from the first on
}

// walker is somebody in a district of 20 by 20 kilometres; every second one is on duty.
type walker struct {
	models.Whereabouts
	onDuty bool
}

// crowd makes the walkers, the same in every run.
func crowd() []walker {
	random, people := rand.New(rand.NewPCG(11, 13)), make([]walker, walkers)
	for at := range people {
		people[at] = walker{onDuty: at%2 == 0, Whereabouts: models.Whereabouts{
			ID: models.ID(fmt.Sprintf("%06d", at)), At: time.Unix(0, 0), Position: somewhereNear(random, 10_000),
		}}
	}
	return people
}

func somewhereNear(random *rand.Rand, metres float64) models.Position {
	return models.Position{
		Lat: 30.52 + (random.Float64()*2-1)*metres/111_195, Lng: 105.6 + (random.Float64()*2-1)*metres/95_800,
	}
}

// stepped is where a walker is one step later.
func stepped(one models.Whereabouts, random *rand.Rand) models.Whereabouts {
	one.At = one.At.Add(time.Second)
	one.Lat += (random.Float64() - 0.5) * 20 / 111_195
	one.Lng += (random.Float64() - 0.5) * 20 / 95_800
	return one
}

// measureNearest lets each way look while all positions move, and prints how long a look takes.
func measureNearest(ctx context.Context, asked options, out io.Writer) (err error) {
	folder, err := os.MkdirTemp(asked.data, "xunfang-nearest-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	box, closeBox, err := byBox(ctx, filepath.Join(folder, "nearest.db"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeBox()) }()
	ways := []finder{byGrid(), byBoxOrSort(box), bySort()}
	if err := sameAnswers(ways); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(out, "\nthe %d nearest on duty of %d people who all move\n%-22s %10s %10s %10s %12s %8s\n",
		nearestAsked, walkers, "way", "p50 µs", "p99 µs", "looks", "moves/s", "to grid"); err != nil {
		return err
	}
	medians := make([]time.Duration, len(ways))
	for at, way := range ways {
		looks, moves, err := lookWhileMoving(way, asked.round*time.Duration(asked.rounds))
		if err != nil {
			return fmt.Errorf("%s: %w", way.name, err)
		}
		medians[at] = percentile(looks, 0.5)
		if _, err := fmt.Fprintf(out, "%-22s %10.1f %10.1f %10d %12.0f %8.1f\n", way.name,
			float64(medians[at].Nanoseconds())/1e3, float64(percentile(looks, 0.99).Nanoseconds())/1e3, len(looks), moves,
			float64(medians[at])/float64(medians[0])); err != nil {
			return err
		}
	}
	verdict := "reached"
	if medians[0] > nearestGoal {
		verdict = "MISSED"
	}
	_, err = fmt.Fprintf(out, "goal: at the median at most %v: %s\n", nearestGoal, verdict)
	return err
}

// sameAnswers makes sure that all ways find the same people while nobody moves.
func sameAnswers(ways []finder) error {
	random := rand.New(rand.NewPCG(5, 6))
	for range 50 {
		at := somewhereNear(random, 10_000)
		want, err := ways[0].find(at)
		if err != nil {
			return err
		}
		for _, way := range ways[1:] {
			got, err := way.find(at)
			if err != nil || !slices.Equal(got, want) {
				return fmt.Errorf("at %v %s finds %v, %s %v: %w", at, way.name, got, ways[0].name, want, err)
			}
		}
	}
	return nil
}

// lookWhileMoving looks again and again while another goroutine moves everybody, one after the other.
func lookWhileMoving(way finder, length time.Duration) (looks []time.Duration, movesPerSecond float64, err error) {
	stop, moved := make(chan struct{}), make(chan error, 1)
	moves := 0
	go func() {
		for first := 0; ; first = (first + walkersBatch) % walkers {
			select {
			case <-stop:
				moved <- nil
				return
			default:
			}
			if err := way.move(first); err != nil {
				moved <- err
				return
			}
			moves += walkersBatch
		}
	}()
	random, begun := rand.New(rand.NewPCG(7, 8)), time.Now()
	for time.Since(begun) < length && err == nil {
		at, before := somewhereNear(random, 10_000), time.Now()
		_, err = way.find(at)
		looks = append(looks, time.Since(before))
	}
	close(stop)
	err = errors.Join(err, <-moved)
	slices.Sort(looks)
	return looks, float64(moves) / time.Since(begun).Seconds(), err
}

// byGrid is the product's way.
func byGrid() finder {
	grid, people, random := models.NewGrid(), crowd(), rand.New(rand.NewPCG(1, 1))
	onDuty := make(map[models.ID]bool, len(people))
	for _, one := range people {
		grid.Move(one.Whereabouts)
		if one.onDuty {
			onDuty[one.ID] = true
		}
	}
	return finder{
		name: "grid in memory",
		find: func(at models.Position) ([]models.ID, error) {
			found := grid.Nearest(at, nearestAsked, models.SOSWithinM, func(one models.Whereabouts) bool { return onDuty[one.ID] })
			ids := make([]models.ID, 0, len(found))
			for _, one := range found {
				ids = append(ids, one.ID)
			}
			return ids, nil
		},
		move: func(first int) error {
			for at := first; at < first+walkersBatch; at++ {
				people[at].Whereabouts = stepped(people[at].Whereabouts, random)
				grid.Move(people[at].Whereabouts)
			}
			return nil
		},
	}
}

// bySort is the naive way: measure everybody, sort, and take the first.
func bySort() finder {
	people, random, lock := crowd(), rand.New(rand.NewPCG(1, 1)), sync.RWMutex{}
	return finder{
		name: "full sort in memory",
		find: func(at models.Position) ([]models.ID, error) {
			found := make([]models.Neighbour, 0, len(people))
			lock.RLock()
			for _, one := range people {
				if one.onDuty {
					found = append(found, models.Neighbour{Whereabouts: one.Whereabouts, DistanceM: at.DistanceM(one.Position)})
				}
			}
			lock.RUnlock()
			return firstOf(found), nil
		},
		move: func(first int) error {
			for at := first; at < first+walkersBatch; at++ {
				lock.Lock()
				people[at].Whereabouts = stepped(people[at].Whereabouts, random)
				lock.Unlock()
			}
			return nil
		},
	}
}

func firstOf(found []models.Neighbour) []models.ID {
	slices.SortFunc(found, func(left, right models.Neighbour) int {
		return cmp.Or(cmp.Compare(left.DistanceM, right.DistanceM), cmp.Compare(left.ID, right.ID))
	})
	ids := []models.ID{}
	for _, one := range found[:min(len(found), nearestAsked)] {
		ids = append(ids, one.ID)
	}
	return ids
}

// boxTable is a table of last positions with an index on both coordinates, in SQLite.
type boxTable struct {
	writer, reader *sql.DB
	people         []walker
	random         *rand.Rand
}

func byBox(ctx context.Context, path string) (table *boxTable, closing func() error, err error) {
	table = &boxTable{people: crowd(), random: rand.New(rand.NewPCG(1, 1))}
	source := "file:" + path + "?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)"
	if table.writer, err = sql.Open("sqlite", source); err != nil {
		return nil, nil, err
	}
	if table.reader, err = sql.Open("sqlite", source); err != nil {
		return nil, nil, errors.Join(err, table.writer.Close())
	}
	closing = func() error { return errors.Join(table.reader.Close(), table.writer.Close()) }
	for _, statement := range []string{
		"CREATE TABLE last_positions (id TEXT PRIMARY KEY, lat REAL NOT NULL, lng REAL NOT NULL, on_duty INTEGER NOT NULL) STRICT, WITHOUT ROWID",
		"CREATE INDEX ix_last_positions ON last_positions (on_duty, lat, lng)",
	} {
		if _, err := table.writer.ExecContext(ctx, statement); err != nil {
			return nil, nil, errors.Join(err, closing())
		}
	}
	err = table.inOne("INSERT INTO last_positions (lat, lng, on_duty, id) VALUES (?, ?, ?, ?)", 0, len(table.people), func(one walker) []any {
		return []any{one.Lat, one.Lng, one.onDuty, string(one.ID)}
	})
	if err != nil {
		return nil, nil, errors.Join(err, closing())
	}
	return table, closing, nil
}

func (b *boxTable) inOne(statement string, first, end int, values func(walker) []any) error {
	tx, err := b.writer.Begin()
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	prepared, err := tx.Prepare(statement)
	if err != nil {
		return err
	}
	defer func() { _ = prepared.Close() }()
	for _, one := range b.people[first:end] {
		if _, err := prepared.Exec(values(one)...); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// byBoxOrSort asks for a box around the point, twice as wide each time, until it holds enough within its inner circle.
func byBoxOrSort(table *boxTable) finder {
	return finder{
		name: "bounding box in SQL",
		find: func(at models.Position) ([]models.ID, error) {
			for metres := 250.0; ; metres *= 2 {
				found, err := table.box(at, metres)
				inside := 0
				for _, one := range found {
					if one.DistanceM <= metres {
						inside++
					}
				}
				if err != nil || inside >= nearestAsked || metres > models.SOSWithinM {
					return firstOf(found), err
				}
			}
		},
		move: func(first int) error {
			for at := first; at < first+walkersBatch; at++ {
				table.people[at].Whereabouts = stepped(table.people[at].Whereabouts, table.random)
			}
			return table.inOne("UPDATE last_positions SET lat = ?, lng = ? WHERE id = ?", first, first+walkersBatch, func(one walker) []any {
				return []any{one.Lat, one.Lng, string(one.ID)}
			})
		},
	}
}

func (b *boxTable) box(at models.Position, metres float64) ([]models.Neighbour, error) {
	high, wide := metres/111_000, metres/95_000
	rows, err := b.reader.Query("SELECT id, lat, lng FROM last_positions WHERE on_duty = 1 AND lat BETWEEN ? AND ? AND lng BETWEEN ? AND ?",
		at.Lat-high, at.Lat+high, at.Lng-wide, at.Lng+wide)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	found := []models.Neighbour{}
	for rows.Next() {
		one := models.Neighbour{}
		if err := rows.Scan((*string)(&one.ID), &one.Lat, &one.Lng); err != nil {
			return nil, err
		}
		one.DistanceM = at.DistanceM(one.Position)
		found = append(found, one)
	}
	return found, rows.Err()
}
