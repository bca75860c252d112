package handlers_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
	"xunfang/store/testdb"
	"xunfang/wake"
)

// another is a second server on the rig's database, with a store of its own and nothing in memory. The clock is the same.
func (r *rig) another() *rig {
	r.t.Helper()
	other := &rig{
		world: r.world, t: r.t, keys: r.keys, clock: r.clock, ids: r.ids, passwords: r.passwords, opener: r.opener,
		doors: newFakeDoors(), sms: r.sms, woken: &counter{}, metrics: api.NewMetrics(), logs: r.logs, sql: r.sql, client: r.client,
		issued: map[models.ID]issuedToken{}, stationKey: r.stationKey,
	}
	other.store = testdb.Reopen(r.t, r.store, func(config *store.Config) { config.AuditMAC, config.Vault = r.keys.AuditMAC, r.keys })
	other.restart(rigSettings{limits: api.Limits{Off: true}})
	return other
}

// wakeEachOther lets two servers wake each other through a Redis until the test ends, and waits until they do.
func wakeEachOther(t *testing.T, url string, one, other *rig) {
	t.Helper()
	heard := [2]atomic.Int64{}
	ends := []*rig{one, other}
	for at, end := range ends {
		line, err := wake.New(wake.Config{
			URL: url, Own: string(one.ids.next()), Logger: end.logs.logger(),
			Heard: func(ctx context.Context, what models.Wake, id models.ID) error {
				heard[at].Add(1)
				return end.server.Woken(ctx, what, id)
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		runs(t, line.Run)
		end.server.Replicas = line
	}
	for at := range ends {
		until(t, "a hint", func() bool {
			ends[1-at].server.Replicas.Tell(models.WakeEnded, one.ids.next())
			time.Sleep(5 * time.Millisecond)
			return heard[at].Load() > 0
		})
	}
}

// runs runs something until the test ends.
func runs(t *testing.T, run func(ctx context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// keeps has a server look by itself for what others changed, as it does while it serves.
func (r *rig) keeps(t *testing.T) {
	t.Helper()
	for _, keep := range []func(context.Context) error{r.server.KeepStreams, r.server.KeepSOS, r.server.KeepCalls, r.server.KeepClimbs} {
		runs(t, keep)
	}
}

// toldOf counts what a stream told of something: alerts that are told anew, and changes.
func (l *listener) toldOf(id string) int {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	count := 0
	for _, data := range append(l.hints[:len(l.hints):len(l.hints)], l.alerts...) {
		if strings.Contains(data, id) {
			count++
		}
	}
	return count
}
