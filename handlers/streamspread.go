package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"sync"

	"xunfang/api"
	"xunfang/models"
)

const (
	spreadBatch = 500 // alerts, or sessions, of one query
	spreadTurns = 200 // queries of one look at alerts; what is left has the next
	maxWaiting  = 100 // alerts that wait for one stream; beyond, it reads its inbox
)

// spreadBook remembers which alerts this process's streams were given: they are read once for all streams, in the order of
// their ids, and not by each stream for itself.
type spreadBook struct {
	mutex  sync.Mutex // whoever looks holds it; the rest is below asking
	newest models.ID
	known  map[models.ID]bool // of the last streamOverlap

	asking sync.Mutex
	again  bool
	asked  []models.ID // alerts that somebody says are new, whatever their age
}

func (b *spreadBook) ask(alerts ...models.ID) {
	b.asking.Lock()
	defer b.asking.Unlock()
	b.again = true
	if room := maxWaiting - len(b.asked); len(alerts) <= room {
		b.asked = append(b.asked, alerts...)
	}
}

func (b *spreadBook) wanted() bool {
	b.asking.Lock()
	defer b.asking.Unlock()
	return b.again
}

func (b *spreadBook) take() (asked []models.ID, again bool) {
	b.asking.Lock()
	defer b.asking.Unlock()
	asked, again = b.asked, b.again
	b.asked, b.again = nil, false
	return asked, again
}

// KeepStreams looks, until ctx ends, for what other replicas wrote and for sessions that ended: the promise to close within 5 s
// of a revocation stands on it.
func (h *Server) KeepStreams(ctx context.Context) error {
	h.lookForStreams(ctx)
	return h.every(ctx, streamLook, func() error { h.lookForStreams(ctx); return nil })
}

// lookForStreams looks once. Where it cannot, every stream looks for itself, and ends if it cannot either.
func (h *Server) lookForStreams(ctx context.Context) {
	if err := errors.Join(h.spreadAlerts(ctx), h.endStreams(ctx)); err != nil && ctx.Err() == nil {
		h.Logger.ErrorContext(ctx, "streams look for themselves", "error", err)
		h.streams.wakeAll()
	}
}

// spreadAlerts gives this process's streams the alerts they do not have yet. Of many callers at once one looks, and once more
// for what the others came with.
func (h *Server) spreadAlerts(ctx context.Context, alerts ...models.ID) error {
	errs := []error{}
	h.spread.ask(alerts...)
	for h.spread.wanted() && h.spread.mutex.TryLock() {
		asked, again := h.spread.take()
		if again {
			errs = append(errs, h.lookForAlerts(ctx, asked))
		}
		h.spread.mutex.Unlock()
	}
	return errors.Join(errs...)
}

func (h *Server) lookForAlerts(ctx context.Context, asked []models.ID) error {
	book := &h.spread
	since := models.FirstIDAt(h.Now().Add(-streamOverlap))
	if book.newest != "" {
		since = models.FirstIDAt(book.newest.Time().Add(-streamOverlap))
	}
	maps.DeleteFunc(book.known, func(id models.ID, _ bool) bool { return id < since })
	// What the look finds anyhow comes in its order: after a newer one a stream that is opened anew would not ask for an older.
	asked = slices.DeleteFunc(asked, func(id models.ID) bool { return id > since })
	slices.Sort(asked)
	if err := h.spreadUnknown(ctx, asked); err != nil {
		return err
	}
	for range spreadTurns {
		ids, err := h.Store.AlertsAfter(ctx, since, spreadBatch)
		if err != nil {
			return err
		}
		if err := h.spreadUnknown(ctx, ids); err != nil {
			return err
		}
		if len(ids) < spreadBatch {
			return nil
		}
		since = ids[len(ids)-1]
	}
	book.ask()
	return nil
}

func (h *Server) spreadUnknown(ctx context.Context, ids []models.ID) error {
	unknown := slices.DeleteFunc(slices.Clone(ids), func(id models.ID) bool { return h.spread.known[id] })
	alerts, err := h.Store.AlertsOf(ctx, unknown)
	if err != nil {
		return err
	}
	for _, alert := range alerts {
		if err := h.giveAlert(ctx, alert); err != nil {
			return err
		}
		h.spread.known[alert.ID] = true
		h.spread.newest = max(h.spread.newest, alert.ID)
	}
	return nil
}

// giveAlert gives one alert to the open streams of those in whose inbox it is, written once for each language.
func (h *Server) giveAlert(ctx context.Context, alert models.Alert) error {
	if h.streams.none() {
		return nil
	}
	people, err := h.Store.Recipients(ctx, alert.ID)
	if err != nil {
		return err
	}
	written := map[string]*api.Event{}
	for _, language := range []string{api.Chinese, api.English} {
		data, err := json.Marshal(wireInboxItem(language)(models.InboxItem{Alert: alert}))
		if err != nil {
			return err
		}
		event := api.Event{ID: string(alert.ID), Name: "alert", Data: data}.Written()
		written[language] = &event
	}
	h.streams.give(people, alert.ID, written)
	return nil
}

// endStreams makes the streams whose sessions ended look whether they may go on.
func (h *Server) endStreams(ctx context.Context) error {
	now := h.Now()
	for sessions := range slices.Chunk(h.streams.sessions(), spreadBatch) {
		ended, err := h.Store.EndedSessions(ctx, sessions, now)
		if err != nil {
			return err
		}
		if len(ended) > 0 {
			h.streams.wakeSessions(ended)
		}
	}
	return nil
}

// given is an alert on its way to one stream.
type given struct {
	alert models.ID
	event *api.Event // one for all streams of a language
}

// give puts an alert before the streams of some people.
func (b *streamHub) give(people []models.ID, alert models.ID, written map[string]*api.Event) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	for _, person := range people {
		for waiter := range b.open[person] {
			waiter.mutex.Lock()
			if len(waiter.given) < maxWaiting {
				waiter.given = append(waiter.given, given{alert, written[waiter.language]})
			} else {
				waiter.given, waiter.behind = nil, true
			}
			waiter.mutex.Unlock()
			waiter.ring()
		}
	}
}

func (b *streamHub) none() bool {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return len(b.open) == 0
}

// sessions are those that streams are open for, each once.
func (b *streamHub) sessions() []models.ID {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	found := map[models.ID]bool{}
	for _, waiters := range b.open {
		for waiter := range waiters {
			found[waiter.session] = true
		}
	}
	return slices.Collect(maps.Keys(found))
}

func (b *streamHub) wakeSessions(sessions []models.ID) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	for _, waiters := range b.open {
		for waiter := range waiters {
			if slices.Contains(sessions, waiter.session) {
				waiter.lookYourself()
			}
		}
	}
}

// lookYourself makes a stream look whether its session holds, and what its inbox has.
func (w *streamWaiter) lookYourself() {
	w.mutex.Lock()
	w.behind = true
	w.mutex.Unlock()
	w.ring()
}

func (w *streamWaiter) takeGiven() (alerts []given, behind bool) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	alerts, behind = w.given, w.behind
	w.given, w.behind = nil, false
	return alerts, behind
}
