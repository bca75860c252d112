package handlers

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"xunfang/api"
	"xunfang/models"
)

const (
	flushedEvery = 200 * time.Millisecond
	flushedLater = 5       // so many times at most it waits while streams are being told: they go before their ledger
	maxFlushed   = 200_000 // events whose row waits to be written; beyond, the ledger says less than was done, never more
	lastFlush    = 2 * time.Second

	sentEvery     = time.Second // how often a sender is told of one alert at most
	sentManyEvery = 10 * time.Second
	sentKept      = 24 * time.Hour // older alerts are not followed live
	maxSent       = 20

	manyRecipients = 1000
)

// flushedBook holds what went out to open streams and is not in the ledger yet: streams do not wait for the database.
type flushedBook struct {
	mutex   sync.Mutex
	waiting []models.Attempt
	lost    int
	looked  int // how many waited at the last look
	put     int // how often it was put off
}

// calm says whether it is time to write: nothing has come since the last look, or it was put off often enough.
func (b *flushedBook) calm() bool {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if len(b.waiting) > b.looked && b.put < flushedLater {
		b.looked, b.put = len(b.waiting), b.put+1
		return false
	}
	b.looked, b.put = 0, 0
	return true
}

func (b *flushedBook) add(attempts ...models.Attempt) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	room := max(0, maxFlushed-len(b.waiting))
	kept := min(room, len(attempts))
	b.waiting = append(b.waiting, attempts[:kept]...)
	b.lost += len(attempts) - kept
}

func (b *flushedBook) take() (waiting []models.Attempt, lost int) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	waiting, lost = b.waiting, b.lost
	b.waiting, b.lost = nil, 0
	return waiting, lost
}

// flushed notes that an alert has gone out to the stream's connection.
func (s *streamSource) flushed(alert models.ID, round int64) {
	now := s.server.Now()
	s.server.flushed.add(models.Attempt{
		AlertID: alert, PersonID: s.person, InstallationID: s.waiter.installation, Round: round, SentAt: now, ChangedAt: now,
	})
}

// KeepLedger writes what went out to open streams, until ctx ends, and what is left then.
func (h *Server) KeepLedger(ctx context.Context) error {
	err := h.every(ctx, flushedEvery, func() error {
		if !h.flushed.calm() {
			return nil
		}
		return h.WriteFlushed(ctx)
	})
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastFlush)
	defer cancel()
	if failed := h.WriteFlushed(last); failed != nil {
		h.Logger.ErrorContext(last, "what went out to streams is not in the ledger", "error", failed)
	}
	return err
}

// WriteFlushed writes once; what cannot be written now waits for the next time.
func (h *Server) WriteFlushed(ctx context.Context) error {
	waiting, lost := h.flushed.take()
	if lost > 0 {
		h.Logger.WarnContext(ctx, "events of streams are not in the ledger", "events", lost)
	}
	err := h.Store.AddStreamed(ctx, waiting)
	if err != nil {
		h.flushed.add(waiting...)
	}
	return err
}

// sentLook is what a stream has told a sender of their own alerts.
type sentLook struct {
	may    bool // whether the person is one who sends
	at     time.Time
	counts map[models.ID]api.DeliveryCounts
	looked map[models.ID]time.Time
}

// deliveryHint is what a stream says of who knows of an alert.
type deliveryHint struct {
	AlertID models.ID          `json:"alert_id"`
	Counts  api.DeliveryCounts `json:"counts"`
}

// lookAtSent readies, for a sender, how many know of their alerts, where that changed. It counts in the database, so that it is
// right whichever replica told whom; alerts to many are counted less often.
func (s *streamSource) lookAtSent(ctx context.Context) error {
	now := s.server.Now()
	if !s.own.may || !s.own.at.IsZero() && now.Sub(s.own.at) < sentEvery {
		return nil
	}
	sent, err := s.server.Store.LiveSent(ctx, s.person, models.FirstIDAt(now.Add(-sentKept)), maxSent)
	if err != nil {
		return err
	}
	before := s.own
	s.own = sentLook{may: true, at: now, counts: map[models.ID]api.DeliveryCounts{}, looked: map[models.ID]time.Time{}}
	for _, alert := range sent {
		told, known := before.counts[alert.ID]
		recent := alert.Recipients > manyRecipients && now.Sub(before.looked[alert.ID]) < sentManyEvery
		if known && (recent || !now.Before(alert.ExpiresAt)) {
			s.own.counts[alert.ID], s.own.looked[alert.ID] = told, before.looked[alert.ID]
			continue
		}
		if !now.Before(alert.ExpiresAt) {
			continue
		}
		found, err := s.server.Store.ToldCounts(ctx, alert.ID)
		if err != nil {
			return err
		}
		counts := wireCounts(found)
		s.own.counts[alert.ID], s.own.looked[alert.ID] = counts, now
		if known && counts == told {
			continue
		}
		data, err := json.Marshal(deliveryHint{AlertID: alert.ID, Counts: counts})
		if err != nil {
			return err
		}
		s.ready = append(s.ready, api.Event{Name: "delivery", Data: data})
	}
	return nil
}
