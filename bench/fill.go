package main

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"

	"xunfang/models"
)

const (
	rowsAtOnce   = 500    // rows of one INSERT
	rowsPerGroup = 50_000 // rows of one commit
	busyShare    = 0.4    // of all check-ins, at the busy checkpoint
	fillSpan     = 30 * 24 * time.Hour
)

const fillColumns = `id, order_id, station_id, compound_id, person_id, checkpoint_id, round_id, method, lat, lng,
	accuracy_m, crs, is_mock, captured_at, occurred_at, received_at, status, reasons, distance_m, note_sealed`

const fillRow = "(?, ?, ?, '', ?, ?, '', 'gps', ?, ?, 8, 'WGS84', 0, ?, ?, ?, 'accepted', '', 3.5, NULL)"

// fillCheckIns puts check-ins into the table, spread over the thirty days that end an hour ago. It goes
// past the store, which would take minutes: what is measured afterwards reads them like any others.
func fillCheckIns(ctx context.Context, database *database, made *station, count int) error {
	begun := time.Now().Add(-fillSpan - time.Hour).Truncate(time.Millisecond)
	for done := 0; done < count; {
		group := min(rowsPerGroup, count-done)
		transaction, err := database.raw.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		for at := 0; at < group; at += rowsAtOnce {
			if err = fillSome(ctx, transaction, made, begun, done+at, min(rowsAtOnce, group-at), count); err != nil {
				return errors.Join(err, transaction.Rollback())
			}
		}
		if err := transaction.Commit(); err != nil {
			return err
		}
		done += group
	}
	_, err := database.raw.ExecContext(ctx, map[string]string{
		kindSQLite: "PRAGMA wal_checkpoint(TRUNCATE)", kindMariaDB: "ANALYZE TABLE check_ins",
	}[database.kind])
	return err
}

func fillSome(ctx context.Context, transaction *sql.Tx, made *station, begun time.Time, first, count, of int) error {
	arguments := make([]any, 0, count*10)
	for number := first; number < first+count; number++ {
		at := begun.Add(time.Duration(float64(fillSpan) * float64(number) / float64(of)))
		checkpoint := made.checkpoints[busyCheckpoint]
		// The fraction of the golden ratio's multiples spreads the busy ones evenly between the others.
		if spread := float64(number) * 0.6180339887; spread-float64(int(spread)) >= busyShare {
			checkpoint = made.checkpoints[1+number%(len(made.checkpoints)-1)]
		}
		random := models.ID(uuid.NewString())
		id := models.OrderID(at, random) // a phone makes its id at that moment
		arguments = append(arguments, string(id), string(models.OrderID(at, id)), string(made.place.Station),
			string(made.patrol[number%len(made.patrol)].id), string(checkpoint.ID), checkpoint.At.Lat, checkpoint.At.Lng,
			at.UnixMilli(), at.UnixMilli(), at.Add(time.Second).UnixMilli())
	}
	_, err := transaction.ExecContext(ctx,
		"INSERT INTO check_ins ("+fillColumns+") VALUES "+strings.TrimSuffix(strings.Repeat(fillRow+",", count), ","), arguments...)
	return err
}
