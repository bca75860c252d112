package handlers

import (
	"context"
	"encoding/json"
	"time"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// sosHint is what a stream says of a change: where to look, and no more.
type sosHint struct {
	SosID     models.ID       `json:"sos_id"`
	State     models.SOSState `json:"state"`
	ChangedAt api.Time        `json:"changed_at"`
}

// sosChanged tells of a change, after its commit: the other replicas, and the streams of this one.
func (h *Server) sosChanged(ctx context.Context, sos models.SOS) {
	h.tellReplicas(models.WakeSOS, sos.ID)
	if err := h.tellSOS(ctx, sos); err != nil {
		h.Logger.WarnContext(ctx, "a change of a call for help was not streamed", "sos_id", sos.ID, "error", err)
	}
}

// tellSOS tells the streams of this process of a change: to who was asked, and to the caller of a call that is not
// silent. A hint that is lost costs nothing that GET /v1/sos does not tell.
func (h *Server) tellSOS(ctx context.Context, sos models.SOS) error {
	if h.streams.none() {
		return nil
	}
	helpers, err := h.Store.SOSHelpers(ctx, sos.ID)
	if err != nil {
		return err
	}
	people := make([]models.ID, 0, len(helpers)+1)
	for _, helper := range helpers {
		if helper.PersonID != sos.CallerID {
			people = append(people, helper.PersonID)
		}
	}
	if !sos.Silent {
		people = append(people, sos.CallerID)
	}
	data, err := json.Marshal(sosHint{SosID: sos.ID, State: sos.State, ChangedAt: api.At(sos.ChangedAt)})
	if err == nil {
		h.streams.hint(people, sos.ID, api.Event{Name: models.AlertSOS, Data: data})
	}
	return err
}

func (h *Server) sosNews() news[models.SOS] {
	return news[models.SOS]{
		id:      func(sos models.SOS) models.ID { return sos.ID },
		version: func(sos models.SOS) int64 { return sos.Version },
		tell:    h.tellSOS,
	}
}

// spreadSOS tells this process's streams what changed in others since the last look.
func (h *Server) spreadSOS(ctx context.Context) error {
	look := func(since time.Time) ([]models.SOS, error) { return h.Store.ChangedSOS(ctx, since, sosBatch) }
	return spread(ctx, &h.told, h.Now(), look, h.sosNews())
}

// hint gives an event to the streams of some people; a newer one about the same call takes the place of an older.
func (b *streamHub) hint(people []models.ID, about models.ID, event api.Event) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	for _, person := range people {
		for waiter := range b.open[person] {
			waiter.mutex.Lock()
			if waiter.hints == nil {
				waiter.hints = map[models.ID]api.Event{}
			}
			waiter.hints[about] = event
			waiter.mutex.Unlock()
			waiter.ring()
		}
	}
}

func (w *streamWaiter) takeHints() []api.Event {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if len(w.hints) == 0 {
		return nil
	}
	events := make([]api.Event, 0, len(w.hints))
	for _, event := range w.hints {
		events = append(events, event)
	}
	clear(w.hints)
	return events
}

// fetchedInbox notes which calls for help a person's phone has fetched with its inbox. Writing to an open stream
// proves nothing of the phone at its end; asking for the inbox, or for the call, does.
func (h *Server) fetchedInbox(ctx context.Context, inbox []models.InboxItem) {
	calls, oldest := []models.ID{}, api.From(ctx).Now.Add(-models.SOSAlertLife)
	for _, item := range inbox {
		if item.Alert.Kind == models.AlertSOS && item.Alert.AboutID != "" && item.Alert.CreatedAt.After(oldest) {
			calls = append(calls, item.Alert.AboutID)
		}
	}
	if len(calls) == 0 {
		return
	}
	unfetched, err := h.Store.UnfetchedSOS(ctx, api.From(ctx).Principal.ID, calls)
	for _, call := range unfetched {
		if err == nil {
			err = h.fetchedSOS(ctx, models.OpListMyInbox, call)
		}
	}
	if err != nil { // the inbox is answered all the same
		h.Logger.ErrorContext(ctx, "a delivered call for help was not noted", "error", err)
	}
}

// fetchedSOS notes that the caller's phone has fetched a call for help. The first to do so delivers it.
func (h *Server) fetchedSOS(ctx context.Context, operation models.Operation, id models.ID) error {
	asked, first := api.From(ctx), false
	what := &deed{operation: operation, kind: "sos", id: id, facts: map[string]string{"state": string(models.SOSDelivered)}}
	err := h.Store.Atomically(ctx, func(tx *store.Store) error {
		var err error
		if first, err = tx.FetchedSOS(ctx, id, asked.Principal.ID, asked.Now); err != nil || !first {
			return err
		}
		return tx.Record(ctx, h.entry(ctx, what, nil), "")
	})
	if err != nil || !first {
		return err
	}
	sos, err := h.Store.SOS(ctx, id)
	if err == nil {
		h.sosChanged(ctx, sos)
	}
	return err
}
