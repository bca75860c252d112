package doors

import (
	"time"

	"xunfang/models"
)

// memory is what a controller remembers of the commands it acted upon. It is bounded, and
// forgets only commands that have expired: full of live ones, it makes the controller refuse.
type memory struct {
	limit   int
	acked   map[models.ID]Ack
	expires map[models.ID]time.Time
	order   []models.ID // oldest first
}

func newMemory(limit int) *memory {
	return &memory{limit: limit, acked: map[models.ID]Ack{}, expires: map[models.ID]time.Time{}}
}

// full says whether there is no room for one more at now, after forgetting what has expired.
// Nothing is forgotten before room is needed, so that a clock set back finds most of it still here.
func (m *memory) full(now time.Time) bool {
	if len(m.order) < m.limit {
		return false
	}
	kept := m.order[:0]
	for _, id := range m.order {
		if now.Before(m.expires[id].Add(MaxClockSkew)) {
			kept = append(kept, id)
			continue
		}
		delete(m.acked, id)
		delete(m.expires, id)
	}
	m.order = kept
	return len(m.order) >= m.limit
}

// remember takes the id before the relay moves, with the answer it would have to give if the
// power failed in between.
func (m *memory) remember(command Command, answer Ack) {
	if _, known := m.acked[command.ID]; !known {
		m.order = append(m.order, command.ID)
		m.expires[command.ID] = command.ExpiresAt
	}
	m.acked[command.ID] = answer
}
