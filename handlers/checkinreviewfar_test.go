package handlers_test

import (
	"context"
	"log/slog"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/store"
)

// rowsHandler adds up how many rows the logged statements gave.
type rowsHandler struct{ rows *atomic.Int64 }

func (h rowsHandler) Enabled(context.Context, slog.Level) bool { return true }

func (h rowsHandler) Handle(_ context.Context, record slog.Record) error {
	record.Attrs(func(attr slog.Attr) bool {
		if attr.Key == "rows" {
			h.rows.Add(attr.Value.Int64())
		}
		return true
	})
	return nil
}

func (h rowsHandler) WithAttrs([]slog.Attr) slog.Handler { return h }

func (h rowsHandler) WithGroup(string) slog.Handler { return h }

// In a quiet compound two doubtful check-ins lie most of a year apart; what their person did elsewhere between them
// is not read.
func TestReviewsReadLittleOfAYear(t *testing.T) {
	rows := atomic.Int64{}
	count := func(settings *rigSettings) {
		settings.store = func(config *store.Config) {
			config.SlowStatement, config.Logger = time.Nanosecond, slog.New(rowsHandler{&rows})
		}
	}
	each(t, func(t *testing.T, rig *rig) {
		now, number := rig.clock.Now(), map[string]int{}
		for nth, ago := range []time.Duration{300 * 24 * time.Hour, time.Hour} {
			item := rig.here(map[string]any{"position": nil, "captured_at": at(now.Add(-ago))})
			number[rig.checkIn(rig.Volunteer, item).must(200).text("items.0.id")] = nth + 1
		}
		elsewhere := []models.CheckIn{}
		for hours := range 1500 {
			happened := now.Add(-time.Duration(2*(hours+10)) * time.Hour)
			id := rig.ids.next()
			elsewhere = append(elsewhere, models.CheckIn{
				ID: id, OrderID: models.OrderID(happened, id), Place: rig.Two.Place, PersonID: rig.Volunteer.ID,
				CheckpointID: rig.Two.Checkpoint, Method: models.MethodQR, CapturedAt: happened, OccurredAt: happened, ReceivedAt: now,
				Verdict: models.Verdict{Status: models.StatusAccepted},
			})
		}
		rig.write(func(_ context.Context, tx *store.Store) error { tx.AddCheckIns(elsewhere); return nil })
		rig.call(rig.Officer, http.MethodGet, "/v1/me", nil).must(200)
		before := rows.Load()
		got := rig.reviews(rig.Officer, "", number)
		if read := rows.Load() - before; read == 0 || read > 100 {
			t.Errorf("%d rows were read", read)
		}
		if len(got) != 2 || got[0] != "2 review" || got[1] != "1 review" {
			t.Errorf("the queue: %q", got)
		}
	}, count)
}
