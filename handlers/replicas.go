package handlers

import (
	"context"

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
	}
	return nil
}
