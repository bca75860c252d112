package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"xunfang/models"
	"xunfang/store"
)

// caseCover is measured in this process: what is compared are ways to keep and read counts, not servers.
const caseCover = "coverage"

const (
	coverPeople   = 64
	coverSlot     = 120 // minutes
	coverPatience = time.Hour
	coverRepeats  = 11
	keepRounds    = 10
)

// measureCover prints what a day and a month of cover cost from the counts and from raw rows, of a station with a tenth of
// the check-ins and of one with all, and what keeping the counts costs the check-ins.
func (r *rig) measureCover(ctx context.Context, out io.Writer) error {
	// The program would count too, and by today's clock, to which most of the month is closed.
	if err := r.ours.stop(); err != nil {
		return err
	}
	r.ours = nil
	// Its lease ends by today's clock, and would never end by that of the month.
	if _, err := r.database.raw.ExecContext(ctx, "UPDATE leases SET holder = '', ended_at = 0 WHERE name = 'coverage'"); err != nil {
		return err
	}
	if err := r.coveringIndex(ctx); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(out, "%-12s  of one station          day ms  from raw rows  ratio   month ms\n", caseCover); err != nil {
		return err
	}
	for _, rows := range []int{r.asked.rows / 10, r.asked.rows} {
		made, begun, err := r.coverStation(ctx, rows)
		if err != nil {
			return err
		}
		if err := r.readCover(ctx, out, made, begun, rows); err != nil {
			return err
		}
	}
	return r.keepCover(ctx, out)
}

// coveringIndex holds everything that the raw rows are asked for, so that the rows themselves are not read.
func (r *rig) coveringIndex(ctx context.Context) error {
	_, err := r.database.raw.ExecContext(ctx,
		"CREATE INDEX bench_cover ON check_ins (station_id, captured_at, checkpoint_id, person_id, status)")
	return err
}

// coverStation makes a station with check-ins of thirty days, and has them counted as of a day when all were open.
func (r *rig) coverStation(ctx context.Context, rows int) (*station, time.Time, error) {
	made := &station{place: models.Place{Station: newID()}, patrol: make([]member, coverPeople)}
	for at := range made.patrol {
		made.patrol[at].id = newID()
	}
	now := time.Now()
	begun := now.Add(-fillSpan - time.Hour)
	_, err := r.database.raw.ExecContext(ctx,
		"INSERT INTO stations (id, name, time_zone, lat, lng, created_at) VALUES (?, ?, 'Asia/Shanghai', ?, ?, ?)",
		string(made.place.Station), fmt.Sprint("Cover ", rows), centre.Lat, centre.Lng, now.UnixMilli())
	if err != nil {
		return nil, begun, err
	}
	err = r.store.Atomically(ctx, func(tx *store.Store) error {
		made.checkpoints = nil
		for at := range checkpointsCount {
			one := models.Checkpoint{
				ID: newID(), Place: made.place, Name: fmt.Sprint(at), RadiusM: 50, CreatedAt: now,
				At: models.Position{Lat: centre.Lat + float64(at/10)*0.003, Lng: centre.Lng + float64(at%10)*0.003},
			}
			made.checkpoints = append(made.checkpoints, one)
			if err := tx.AddCheckpoint(ctx, one); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		err = fillCheckIns(ctx, r.database, made, rows)
	}
	if err != nil {
		return nil, begun, err
	}
	open := func() time.Time { return begun.Add(models.CoverOpen) }
	first, last := models.CoverDay(begun), models.CoverDay(now)
	if _, err := r.store.RecountCoverage(ctx, made.place.Station, first, last, open()); err != nil {
		return nil, begun, err
	}
	return made, begun, catchUp(ctx, store.NewCoverageCounter(r.store, "bench", open))
}

func catchUp(ctx context.Context, counter *store.CoverageCounter) error {
	ctx, cancel := context.WithTimeout(ctx, coverPatience)
	defer cancel()
	for {
		if counted, err := counter.CountOnce(ctx); err != nil || counted == 0 {
			return err
		}
	}
}

// readCover times the same question in turn: cover of each checkpoint in slots of two hours.
func (r *rig) readCover(ctx context.Context, out io.Writer, made *station, begun time.Time, rows int) error {
	day := begun.Add(20 * 24 * time.Hour).Truncate(24 * time.Hour)
	month := begun.Truncate(24 * time.Hour)
	times := map[string][]time.Duration{}
	figures := [2]int{}
	for range coverRepeats {
		for name, ask := range map[string]func() error{
			"day": func() (err error) {
				figures[0], err = r.counted(ctx, made.place.Station, day, day.Add(24*time.Hour))
				return err
			},
			"raw": func() (err error) { figures[1], err = r.raw(ctx, made.place.Station, day); return err },
			"month": func() error {
				_, err := r.counted(ctx, made.place.Station, month, month.Add(31*24*time.Hour))
				return err
			},
		} {
			from := time.Now()
			if err := ask(); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			times[name] = append(times[name], time.Since(from))
		}
	}
	if figures[0] != figures[1] {
		return fmt.Errorf("%d officer minutes are counted, and %d are in the raw rows", figures[0], figures[1])
	}
	middle := func(name string) time.Duration { slices.Sort(times[name]); return times[name][coverRepeats/2] }
	_, err := fmt.Fprintf(out, "%-8s of %9d check-ins     %8.2f  %13.2f  %5.1f   %8.2f   %s\n", r.database.kind, rows,
		inMillis(middle("day")), inMillis(middle("raw")), float64(middle("raw"))/float64(middle("day")), inMillis(middle("month")),
		verdict(middle("raw") >= 5*middle("day") && middle("month") < 200*time.Millisecond))
	return err
}

// counted is the officer minutes of all checkpoints, by way of everything that the API tells of them.
func (r *rig) counted(ctx context.Context, station models.ID, from, to time.Time) (int, error) {
	covers, err := r.store.Covers(ctx, station, models.CoverCheckpoint, models.ModeAll, models.StretchOf(from, to))
	sum := 0
	slots := models.Slots(from, to, coverSlot, time.UTC)
	for _, cover := range covers {
		for _, figures := range cover.Figures(slots) {
			sum += figures.OfficerMinutes
		}
	}
	return sum, err
}

// raw is the same from the rows of check-ins, and only the officer minutes: visits and gaps would cost it more.
func (r *rig) raw(ctx context.Context, station models.ID, day time.Time) (int, error) {
	minute := "captured_at / 60000"
	if r.database.kind == kindMariaDB {
		minute = "captured_at DIV 60000"
	}
	rows, err := r.database.raw.QueryContext(ctx, "SELECT checkpoint_id, at / 120 AS slot, COUNT(*) FROM (SELECT DISTINCT checkpoint_id, "+
		minute+" AS at, person_id FROM check_ins WHERE station_id = ? AND captured_at >= ? AND captured_at < ? AND status <> 'rejected') AS m "+
		"GROUP BY checkpoint_id, slot", string(station), day.UnixMilli(), day.Add(24*time.Hour).UnixMilli())
	if err != nil {
		return 0, err
	}
	defer func() { _ = rows.Close() }()
	sum := 0
	for rows.Next() {
		var checkpoint string
		var slot float64
		count := 0
		if err := rows.Scan(&checkpoint, &slot, &count); err != nil {
			return 0, err
		}
		sum += count
	}
	return sum, rows.Err()
}
