package store_test

import (
	"context"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	"xunfang/store"
	"xunfang/store/testdb"
)

// BenchmarkInserts measures durable single-row inserts a second, with callers that share a
// commit and with one transaction each (a group of one, the same code otherwise).
func BenchmarkInserts(b *testing.B) {
	opens := map[string]func(testing.TB, func(*store.Config)) *store.Store{"sqlite": testdb.SQLiteWith}
	if os.Getenv(testdb.EnvMySQL) != "" {
		opens["mysql"] = testdb.MySQLWith
	}
	for database, open := range opens {
		for _, callers := range []int{1, 16, 64} {
			for name, group := range map[string]int{"shared": 0, "each": 1} {
				b.Run(fmt.Sprintf("%s/%s/callers=%d", database, name, callers), func(b *testing.B) {
					s := open(b, func(config *store.Config) {
						config.GroupSize = group
						if group == 1 && database == "mysql" {
							config.Committers = callers // as many connections as callers, as without a queue
						}
					})
					makeNotes(b.Context(), b, s)
					insertAll(b.Context(), b, s, callers)
				})
			}
		}
	}
}

func insertAll(ctx context.Context, b *testing.B, s *store.Store, callers int) {
	b.Helper()
	var next atomic.Int64
	var all sync.WaitGroup
	b.ResetTimer()
	for range callers {
		all.Go(func() {
			for {
				number := next.Add(1)
				if number > int64(b.N) {
					return
				}
				err := s.Atomically(ctx, func(tx *store.Store) error { return add(ctx, tx, fmt.Sprintf("%012d", number), "bench") })
				if err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	stats := s.Stats()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "inserts/s")
	b.ReportMetric(float64(stats.Transactions)/float64(stats.Commits), "group")
}
