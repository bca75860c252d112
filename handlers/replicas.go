package handlers

import (
	"context"
	"errors"
	"sync"
	"time"

	"xunfang/models"
)

// Replicas wakes the other replicas of this server: package wake. The database stays the truth.
type Replicas interface {
	// Tell returns at once; what cannot be told is dropped.
	Tell(what models.Wake, id models.ID)
}

func (h *Server) tellReplicas(what models.Wake, id models.ID) {
	if h.Replicas != nil {
		h.Replicas.Tell(what, id)
	}
}

// Woken looks at what another replica says has changed.
func (h *Server) Woken(ctx context.Context, what models.Wake, id models.ID) error {
	switch what {
	case models.WakeAlert:
		return h.spreadAlerts(ctx, id)
	case models.WakeEnded:
		h.sessions.drop(id)
		h.streams.wake([]models.ID{id})
	case models.WakeSOS:
		return hear(ctx, &h.told, id, h.Store.SOS, h.sosNews())
	case models.WakeCall:
		return hear(ctx, &h.rung, id, h.Store.Call, h.callNews())
	case models.WakeClimb:
		return hear(ctx, &h.climbed, id, h.Store.Climb, h.climbNews())
	}
	return nil
}

// changeOverlap is how far back each look at other replicas' changes begins again.
const changeOverlap = 5 * time.Second

// toldBook remembers which change of what this process's streams were told. Whoever looks and tells holds it.
type toldBook struct {
	mutex    sync.Mutex
	since    time.Time
	versions map[models.ID]int64
}

// news is how streams are told that something changed.
type news[T any] struct {
	id      func(T) models.ID
	version func(T) int64
	tell    func(context.Context, T) error
}

// hear reads what another replica says has changed and tells this process's streams, unless its own look was quicker. An
// id of nothing tells nothing: anybody who reaches Redis can name an id.
func hear[T any](
	ctx context.Context, book *toldBook, id models.ID, read func(context.Context, models.ID) (T, error), of news[T],
) error {
	book.mutex.Lock()
	defer book.mutex.Unlock()
	changed, err := read(ctx, id)
	if models.CodeOf(err) == models.CodeNotFound {
		return nil
	}
	if err != nil || book.versions[id] == of.version(changed) {
		return err
	}
	if err := of.tell(ctx, changed); err != nil {
		return err
	}
	book.versions[id] = of.version(changed)
	return nil
}

// spread tells this process's streams what changed since the last look, wherever that was done. What it could not tell it tells
// at the next look.
func spread[T any](
	ctx context.Context, book *toldBook, now time.Time, look func(since time.Time) ([]T, error), of news[T],
) error {
	book.mutex.Lock()
	defer book.mutex.Unlock()
	if book.since.IsZero() {
		book.since = now
	}
	changed, err := look(book.since.Add(-changeOverlap))
	if err != nil {
		return err
	}
	errs, versions := []error{}, make(map[models.ID]int64, len(changed))
	for _, one := range changed {
		id, version := of.id(one), of.version(one)
		if book.versions[id] != version {
			if err := of.tell(ctx, one); err != nil {
				errs = append(errs, err)
				continue
			}
		}
		versions[id] = version
	}
	book.versions = versions
	if len(errs) == 0 {
		book.since = now
	}
	return errors.Join(errs...)
}
