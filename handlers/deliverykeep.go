package handlers

import (
	"context"
	"time"

	"xunfang/store"
)

const (
	expiresEvery = 10 * time.Second
	maxExpires   = 100 // looks of one time; what is left has the next
)

// KeepDeliveries ends, until ctx ends, what waits for a provider that takes nothing though its alert is over: who asks who knows
// is not to be told that it is still on its way.
func (h *Server) KeepDeliveries(ctx context.Context) error {
	return h.every(ctx, expiresEvery, func() error { return h.ExpireDeliveries(ctx) })
}

// ExpireDeliveries looks once. Any number of replicas may.
func (h *Server) ExpireDeliveries(ctx context.Context) error {
	for range maxExpires {
		if ended, err := h.Store.ExpireDeliveries(ctx, h.Now()); err != nil || ended < store.ExpireLook {
			return err
		}
	}
	return nil
}
