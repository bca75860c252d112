package handlers

import (
	"context"
	"sync"
	"time"

	"xunfang/models"
)

const (
	positionsEvery = 3 * time.Second
	// positionsOverlap is how far back each look begins again: a position may be committed a while after it was taken.
	// One that another replica took in later than that is missed by this one.
	positionsOverlap = time.Minute
)

// positionBook knows where people were seen last. All of it can be read again from the database.
type positionBook struct {
	grid  *models.Grid
	mutex sync.Mutex              // one look at a time
	seen  map[models.ID]time.Time // station → when its positions were last read
}

func newPositionBook() positionBook {
	return positionBook{grid: models.NewGrid(), seen: map[models.ID]time.Time{}}
}

// moved notes where somebody is, once that is committed. A phone's clock cannot put anybody into the future, where
// nothing newer would ever come.
func (h *Server) moved(person models.ID, position models.Position, at time.Time) {
	if now := h.Now(); at.After(now) {
		at = now
	}
	h.positions.grid.Move(models.Whereabouts{ID: person, Position: position, At: at})
}

// lookWhere reads what other replicas wrote of a station since the last look; everything still of use at the first.
func (h *Server) lookWhere(ctx context.Context, station models.ID) error {
	h.positions.mutex.Lock()
	defer h.positions.mutex.Unlock()
	now := h.Now()
	since, looked := h.positions.seen[station]
	if since = since.Add(-positionsOverlap); !looked {
		since = now.Add(-models.WhereaboutsKept)
	}
	found, err := h.Store.Whereabouts(ctx, station, since)
	if err != nil {
		return err
	}
	for _, one := range found {
		h.moved(one.ID, one.Position, one.At)
	}
	h.positions.seen[station] = now
	return nil
}

// LookWhere reads the new positions of all stations and drops those that are of no more use.
func (h *Server) LookWhere(ctx context.Context) error {
	stations, err := h.Store.Stations(ctx)
	if err != nil {
		return err
	}
	for _, station := range stations {
		if err := h.lookWhere(ctx, station.ID); err != nil {
			return err
		}
	}
	h.positions.grid.Forget(h.Now().Add(-models.WhereaboutsKept))
	return nil
}

// KeepPositions keeps last positions in memory up to date, until ctx ends.
func (h *Server) KeepPositions(ctx context.Context) error {
	if err := h.LookWhere(ctx); err != nil && ctx.Err() == nil {
		h.Logger.ErrorContext(ctx, "last positions could not be read", "error", err)
	}
	return h.every(ctx, positionsEvery, func() error { return h.LookWhere(ctx) })
}
