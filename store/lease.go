package store

import (
	"context"
	"time"
)

// claimLease makes holder the one who does the work called name until now + length, and says
// whether it worked: it does when the lease is free, has run out, or is holder's already.
// The lease's row must exist. Done in the transaction of the work it fences, the loser's work is undone.
func (s *Store) claimLease(ctx context.Context, name, holder string, now time.Time, length time.Duration) (bool, error) {
	result := s.write(ctx).Table("leases").
		Where("name = ? AND (holder = ? OR ended_at <= ?)", name, holder, millis(now)).
		Updates(map[string]any{"holder": holder, "ended_at": millis(now.Add(length))})
	return result.RowsAffected == 1, translate(result.Error)
}
