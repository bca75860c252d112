package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

const callsBatch = 500 // stepped, or told of, in one round

// KeepCalls forwards and ends calls, and tells streams of what other replicas changed, until ctx ends. A call that it is late
// for is over all the same: every reader goes by the time.
func (h *Server) KeepCalls(ctx context.Context) error {
	return h.every(ctx, models.CallsEvery, func() error { return errors.Join(h.StepCalls(ctx), h.spreadCalls(ctx)) })
}

// StepCalls takes every call one step on whose time has come.
func (h *Server) StepCalls(ctx context.Context) error {
	due, err := h.Store.DueCalls(ctx, h.Now(), callsBatch)
	return errors.Join(err, eachOf(due, func(id models.ID) error { return h.forwardCall(ctx, id) }))
}

// forwardCall rings a call's next leg, or ends the call. Of any number of replicas one does.
func (h *Server) forwardCall(ctx context.Context, id models.ID) error {
	now := h.Now()
	call, err := h.Store.Call(ctx, id)
	if err != nil {
		return err
	}
	ctx = h.asService(ctx, call.Place.Station, now)
	what := &deed{operation: models.OpCreateCall, kind: "call", id: id}
	next, over := call.Lapsed(now)
	if !over {
		if next.Leg = call.LegAt(now); next.Leg <= call.Leg || call.State != models.CallRinging { // somebody was quicker
			return nil
		}
	}
	mine := true
	err = h.Store.Atomically(ctx, func(tx *store.Store) error {
		what.facts = map[string]string{"state": string(next.StateAt(now))}
		if over {
			err := tx.MoveCall(ctx, call, next, now)
			if models.CodeOf(err) == models.CodeWrongState {
				mine = false
				return nil
			}
			if err != nil {
				return err
			}
			return tx.Record(ctx, h.entry(ctx, what, nil), "")
		}
		var err error
		if mine, err = tx.AdvanceCall(ctx, call, next, now); err != nil || !mine {
			return err
		}
		for leg := call.Leg + 1; leg <= next.Leg; leg++ {
			if err := h.ringLeg(ctx, tx, next, leg); err != nil {
				return err
			}
		}
		return tx.Record(ctx, h.entry(ctx, what, nil), "")
	})
	if err == nil && mine {
		h.callChanged(ctx, next)
	}
	return err
}

// ringLeg queues the pushes of one leg. Those of a leg before it are rung on.
func (h *Server) ringLeg(ctx context.Context, tx *store.Store, call models.Call, leg int) error {
	now, to := api.From(ctx).Now, call.Legs[leg]
	if to.Kind == models.LegGuard {
		guards, err := tx.HoldersOver(ctx, []models.Role{models.RoleGuard}, call.Place, now)
		if err != nil {
			return err
		}
		return tx.RingPeople(ctx, call, guards, now)
	}
	phones, err := tx.CallPhones(ctx, call.Place.Home, now)
	if err != nil {
		return err
	}
	wanted := []models.CallPhone{}
	for _, phone := range phones {
		if to.Kind == models.LegHome || phone.PersonID == to.PersonID {
			wanted = append(wanted, phone)
		}
	}
	return tx.RingPhones(ctx, call, wanted, now)
}

// callHint is what a stream says of a call: enough to ring, or to stop.
type callHint struct {
	CallID     models.ID        `json:"call_id"`
	State      models.CallState `json:"state"`
	ExpiresAt  api.Time         `json:"expires_at"`
	AnsweredBy bool             `json:"answered_by_me"`
}

// callChanged wakes, after the commit, what tells of a change: the push worker, other replicas, and the streams of this one.
func (h *Server) callChanged(ctx context.Context, call models.Call) {
	h.wakePush()
	h.tellReplicas(models.WakeCall, call.ID)
	if err := h.tellCall(ctx, call); err != nil {
		h.Logger.WarnContext(ctx, "a call was not streamed", "call_id", call.ID, "error", err)
	}
}

// tellCall marks a change in the streams of this process of who was rung so far. What is told is read when it is told, so that
// nothing old can ring.
func (h *Server) tellCall(ctx context.Context, call models.Call) error {
	if h.streams.none() {
		return nil
	}
	now := h.Now()
	if call.Legs[0].Kind == models.LegHome {
		phones, err := h.Store.CallPhones(ctx, call.Place.Home, now)
		if err != nil {
			return err
		}
		h.streams.ringPhones(phones, call.ID)
	}
	if from := call.GuardAt(); from.IsZero() || now.Before(from) {
		return nil
	}
	guards, err := h.Store.HoldersOver(ctx, []models.Role{models.RoleGuard}, call.Place, now)
	if err == nil {
		h.streams.ringPeople(guards, call.ID)
	}
	return err
}

func (h *Server) callNews() news[models.Call] {
	return news[models.Call]{
		id:      func(call models.Call) models.ID { return call.ID },
		version: func(call models.Call) int64 { return call.Version },
		tell:    h.tellCall,
	}
}

// spreadCalls tells this process's streams what changed in others since the last look.
func (h *Server) spreadCalls(ctx context.Context) error {
	look := func(since time.Time) ([]models.Call, error) { return h.Store.ChangedCalls(ctx, since, callsBatch) }
	return spread(ctx, &h.rung, h.Now(), look, h.callNews())
}

// ringPhones marks a call in the streams of some phones.
func (b *streamHub) ringPhones(phones []models.CallPhone, call models.ID) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	for _, phone := range phones {
		for waiter := range b.open[phone.PersonID] {
			if waiter.installation == phone.InstallationID {
				waiter.rings(call, false)
			}
		}
	}
}

// ringPeople marks a call in every stream of some guards.
func (b *streamHub) ringPeople(people []models.ID, call models.ID) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	for _, person := range people {
		for waiter := range b.open[person] {
			waiter.rings(call, true)
		}
	}
}

func (w *streamWaiter) rings(call models.ID, guard bool) {
	w.mutex.Lock()
	w.calls[call] = guard || w.calls[call]
	w.mutex.Unlock()
	w.ring()
}

func (w *streamWaiter) takeCalls() map[models.ID]bool {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if len(w.calls) == 0 {
		return nil
	}
	taken := w.calls
	w.calls = map[models.ID]bool{}
	return taken
}

// ringAnew marks, in a stream that opens, the calls that go on: a phone that was woken by a push, or lost its connection.
func (h *Server) ringAnew(ctx context.Context, waiter *streamWaiter) error {
	asked := api.From(ctx)
	calls, err := h.Store.Calls(ctx, store.CallSights(asked.Principal), true, asked.Now, store.Page{Limit: maxLimit})
	for _, call := range calls {
		waiter.rings(call.ID, !ofHome(asked.Principal, call))
	}
	return err
}

// lookOut readies what is to be told of calls, as they stand now.
func (s *streamSource) lookOut(ctx context.Context) error {
	for id, guard := range s.waiter.takeCalls() {
		call, err := s.server.Store.Call(ctx, id)
		if err != nil {
			return err
		}
		now := s.server.Now()
		if !guard {
			may, err := s.mayRing(ctx, call, now)
			if err != nil {
				return err
			}
			if !may {
				continue
			}
		}
		data, err := json.Marshal(callHint{
			CallID: id, State: call.StateAt(now), ExpiresAt: api.At(call.ExpiresAt), AnsweredBy: call.AnsweredBy == s.person,
		})
		if err != nil {
			return err
		}
		s.ready = append(s.ready, api.Event{Name: models.AlertCall, Data: data})
	}
	return nil
}

// mayRing says whether the phone at the stream's end may be rung: the consent may have been withdrawn a moment ago.
func (s *streamSource) mayRing(ctx context.Context, call models.Call, now time.Time) (bool, error) {
	if call.Legs[0].Kind != models.LegHome {
		return false, nil
	}
	phones, err := s.server.Store.CallPhones(ctx, call.Place.Home, now)
	for _, phone := range phones {
		if phone.PersonID == s.person && phone.InstallationID == s.waiter.installation {
			return true, nil
		}
	}
	return false, err
}

// ForgetCalls deletes the photos of calls, and calls, that have outlived their use: rows first.
func (h *Server) ForgetCalls(ctx context.Context) error {
	for range maxForgets {
		blobs, err := h.Store.ForgetCallPhotos(ctx, h.Now().Add(-models.CallPhotoKept))
		if err != nil {
			return err
		}
		for _, name := range blobs {
			h.dropBlob(ctx, name)
		}
		deleted, err := h.Store.ForgetCalls(ctx, h.Now().Add(-models.CallKept))
		if err != nil || deleted == 0 && len(blobs) == 0 {
			return err
		}
	}
	return nil
}
