package handlers

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

const (
	// streamLook is how often is looked for all open streams: for what another replica wrote, and
	// whether their sessions still hold. It keeps the promise to close within 5 s of a revocation.
	streamLook = 2 * time.Second
	// streamOverlap is how far back each look begins again: an alert with an older id
	// may be committed a moment after a newer one.
	streamOverlap = 5 * time.Second
	streamBatch   = 50
)

// GetStream answers GET /v1/stream.
func (h *Server) GetStream(ctx context.Context, request api.GetStreamRequestObject) (api.GetStreamResponseObject, error) {
	source, err := h.openStream(ctx, request.Params.LastEventID, request.Params.InstallationId)
	if err != nil {
		return nil, err
	}
	return api.EventStream{Source: source}, nil
}

// openStream begins a person's stream after an alert, or after the newest there is.
func (h *Server) openStream(ctx context.Context, last *models.ID, installation *string) (*streamSource, error) {
	who := api.From(ctx).Principal
	source := &streamSource{server: h, person: who.ID, session: who.SessionID, language: api.From(ctx).Language, sent: map[models.ID]bool{}}
	source.own.may = models.MayTry(models.OpListDeliveries, who) == nil
	source.waiter = h.streams.enter(who, value(installation), source.language)
	if err := h.ringAnew(ctx, source.waiter); err != nil {
		source.Close()
		return nil, err
	}
	// An id from the future is none of ours: after it nothing would ever come.
	if last != nil && *last < models.FirstIDAt(api.From(ctx).Now.Add(streamOverlap)) {
		source.floor = *last
	} else {
		newest, err := h.Store.Inbox(ctx, who.ID, store.InboxFilter{}, store.Page{Limit: 1})
		if err != nil {
			source.Close()
			return nil, err
		}
		if len(newest) > 0 {
			source.floor = newest[0].Alert.ID
		}
	}
	source.last = source.floor
	return source, nil
}

// streamSource is one person's alerts from a point on, in order.
type streamSource struct {
	server   *Server
	person   models.ID
	session  models.ID
	language string
	waiter   *streamWaiter
	floor    models.ID // where the stream began: nothing at or before it is sent
	last     models.ID // the newest sent
	sent     map[models.ID]bool
	ready    []api.Event
	own      sentLook // what the person sent, and who knows of it
	notices  noticeLook
}

// Next waits for the next alert. Alerts are given by whoever reads them for all streams; a stream reads its own inbox, and asks
// whether its session holds, when it begins and when it is told to.
func (s *streamSource) Next(ctx context.Context) (api.Event, error) {
	for {
		if len(s.ready) > 0 {
			event := s.ready[0]
			s.ready = slices.Delete(s.ready, 0, 1) // keeps its room: each alert is the only one, mostly
			return event, nil
		}
		given, behind := s.waiter.takeGiven()
		if behind {
			more, err := s.lookForOneself(ctx)
			if err != nil {
				s.waiter.lookYourself() // it was interrupted, perhaps
				return api.Event{}, err
			}
			if more {
				given = nil // it comes with the rest: before that it would be the newest, and what is between would be passed over
				s.waiter.lookYourself()
			}
		}
		s.accept(given)
		s.ready = append(s.ready, s.waiter.takeHints()...)
		if err := s.lookOut(ctx); err != nil {
			return api.Event{}, err
		}
		if err := s.lookAgain(ctx); err != nil {
			return api.Event{}, err
		}
		if err := s.lookAtSent(ctx); err != nil {
			return api.Event{}, err
		}
		if err := s.lookAtNotices(ctx); err != nil {
			return api.Event{}, err
		}
		if len(s.ready) == 0 {
			if err := s.rest(ctx); err != nil {
				return api.Event{}, err
			}
		}
	}
}

// rest waits for the bell; who sends looks again after a while all the same. A heartbeat interrupts it.
func (s *streamSource) rest(ctx context.Context) error {
	var again <-chan time.Time
	if s.own.may {
		timer := time.NewTimer(streamLook)
		defer timer.Stop()
		again = timer.C
	}
	select {
	case <-s.waiter.woken:
	case <-again:
	case <-ctx.Done():
	}
	return ctx.Err()
}

func (s *streamSource) lookForOneself(ctx context.Context) (more bool, err error) {
	if err := s.server.stillSignedIn(ctx, s.session, s.server.Now()); err != nil {
		return false, err
	}
	return s.look(ctx)
}

// accept readies the alerts that were given and not sent yet.
func (s *streamSource) accept(alerts []given) {
	if len(alerts) == 0 {
		return
	}
	for _, one := range alerts {
		alert := one.alert
		if alert <= s.floor || s.sent[alert] {
			continue
		}
		event := *one.event
		event.Flushed = func() { s.flushed(alert, 0) }
		s.ready = append(s.ready, event)
		s.sent[alert] = true
		s.last = max(s.last, alert)
	}
	s.forget()
}

// forget drops what a look cannot find any more.
func (s *streamSource) forget() {
	after := s.lookFrom()
	for id := range s.sent {
		if id < after {
			delete(s.sent, id)
		}
	}
}

func (s *streamSource) lookFrom() models.ID {
	return models.FirstIDAt(s.last.Time().Add(-streamOverlap))
}

// Close ends the waiting.
func (s *streamSource) Close() { s.server.streams.leave(s.person, s.waiter) }

// look reads what has come since, with an overlap, and readies what was not sent yet; more says that there may be more.
func (s *streamSource) look(ctx context.Context) (more bool, err error) {
	after, limit := s.lookFrom(), streamBatch+len(s.sent)
	items, err := s.server.Store.Inbox(ctx, s.person, store.InboxFilter{OldestFirst: true},
		store.Page{After: max(s.floor, after), Limit: limit})
	if err != nil {
		return false, err
	}
	s.forget()
	for _, item := range items {
		if s.sent[item.Alert.ID] {
			continue
		}
		data, err := json.Marshal(wireInboxItem(s.language)(item))
		if err != nil {
			return false, err
		}
		s.ready = append(s.ready, api.Event{
			ID: string(item.Alert.ID), Name: "alert", Data: data, Flushed: func() { s.flushed(item.Alert.ID, 0) },
		})
		s.sent[item.Alert.ID] = true
		s.last = max(s.last, item.Alert.ID)
	}
	return len(items) == limit, nil
}

// streamWaiter is one open stream's bell, and what is told beside the inbox.
type streamWaiter struct {
	woken chan struct{}
	mutex sync.Mutex
	hints map[models.ID]api.Event // call for help → its newest change
	calls map[models.ID]bool      // calls at doors to be told of; true: as a guard's
	again map[models.ID]int64     // alerts to be told once more → the time of asking

	notices map[models.ID]bool // of groups, that somebody acknowledged

	given  []given // alerts, in order
	behind bool    // it is to look for itself

	session      models.ID
	language     string
	installation string // which app it is; "" when it does not say
}

// streamHub knows which people have streams open in this process.
type streamHub struct {
	mutex sync.Mutex
	open  map[models.ID]map[*streamWaiter]bool
}

func (b *streamHub) enter(who models.Principal, installation, language string) *streamWaiter {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	waiter := &streamWaiter{
		woken: make(chan struct{}, 1), calls: map[models.ID]bool{}, behind: true, // it begins with its inbox
		session: who.SessionID, language: language, installation: installation,
	}
	if b.open[who.ID] == nil {
		b.open[who.ID] = map[*streamWaiter]bool{}
	}
	b.open[who.ID][waiter] = true
	return waiter
}

func (b *streamHub) leave(person models.ID, waiter *streamWaiter) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	delete(b.open[person], waiter)
	if len(b.open[person]) == 0 {
		delete(b.open, person)
	}
}

// wake makes the streams of some people look for themselves.
func (b *streamHub) wake(people []models.ID) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	for _, person := range people {
		for waiter := range b.open[person] {
			waiter.lookYourself()
		}
	}
}

// wakeAll makes every stream look for itself, also whether its session still holds.
func (b *streamHub) wakeAll() {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	for _, waiters := range b.open {
		for waiter := range waiters {
			waiter.lookYourself()
		}
	}
}

func (w *streamWaiter) ring() {
	select {
	case w.woken <- struct{}{}:
	default: // it has not answered the last ring yet
	}
}
