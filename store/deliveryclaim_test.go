package store_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/store"
	"xunfang/store/testdb"
)

var claimNow = time.Date(2026, 6, 1, 3, 0, 0, 0, time.UTC)

// queueDeliveries writes due deliveries, as many alerts would.
func queueDeliveries(ctx context.Context, t testing.TB, s *store.Store, name, channel string, urgency, count int) {
	t.Helper()
	err := s.Atomically(ctx, func(tx *store.Store) error {
		const row = "(?,?,?,'phone','fcm_token',?,?,'queued',0,?,?,'',0,'',0)"
		for at := 0; at < count; at += 500 {
			values := []any{}
			for number := at; number < min(at+500, count); number++ {
				id := fmt.Sprintf("%s-%08d", name, number)
				values = append(values, id, "alert-"+name, id, channel, urgency, claimNow.UnixMilli()-1, claimNow.Add(24*time.Hour).UnixMilli())
			}
			rows := strings.TrimSuffix(strings.Repeat(row+",", len(values)/7), ",")
			err := tx.Write(ctx).Exec("INSERT INTO deliveries (id, alert_id, person_id, installation_id, kind, channel, urgency, state, "+
				"attempt, next_at, expires_at, lease_owner, lease_until, reason, updated_at) VALUES "+rows, values...).Error
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func claimed(t testing.TB, s *store.Store, owner string, shares ...models.DeliveryShare) []string {
	t.Helper()
	deliveries, err := s.ClaimShares(context.Background(), owner, shares, time.Minute, claimNow)
	if err != nil {
		t.Fatal(err)
	}
	ids := []string{}
	for _, one := range deliveries {
		ids = append(ids, string(one.ID))
	}
	return ids
}

func TestSharesOfDeliveries(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		queueDeliveries(ctx, t, s, "wechat", "wechat", 1, 3)
		queueDeliveries(ctx, t, s, "info", "fcm", 3, 3)
		queueDeliveries(ctx, t, s, "alarm", "fcm", 0, 2)
		queueDeliveries(ctx, t, s, "high", "fcm", 1, 2)
		fcm := func(limit, ordinary int) models.DeliveryShare {
			return models.DeliveryShare{Channels: []string{"fcm"}, Limit: limit, Ordinary: ordinary}
		}
		for _, row := range []struct {
			share models.DeliveryShare
			want  string
		}{
			{fcm(0, 0), "[]"},
			{fcm(1, 1), "[alarm-00000000]"},
			{fcm(4, 0), "[alarm-00000001]"}, // the slots that are kept are for emergencies alone
			{fcm(4, 0), "[]"},
			{fcm(9, 1), "[high-00000000]"},
			{fcm(3, 3), "[high-00000001 info-00000000 info-00000001]"},
			{models.DeliveryShare{Channels: []string{"sms", "wechat"}, Limit: 2, Ordinary: 2}, "[wechat-00000000 wechat-00000001]"},
			{models.DeliveryShare{Channels: models.Channels, Limit: 9, Ordinary: 9}, "[wechat-00000002 info-00000002]"},
			{models.DeliveryShare{Channels: models.Channels, Limit: 9, Ordinary: 9}, "[]"},
		} {
			if got := fmt.Sprint(claimed(t, s, "one", row.share)); got != row.want {
				t.Errorf("%+v: %s, want %s", row.share, got, row.want)
			}
		}
	})
}

// TestWorkersClaimApart: several workers at once share a backlog; each delivery is one's, and all of them are somebody's.
// XUNFANG_BACKLOG sets how many; with -v it says how long one and four workers take.
func TestWorkersClaimApart(t *testing.T) {
	count := 2000
	if asked := os.Getenv("XUNFANG_BACKLOG"); asked != "" {
		if _, err := fmt.Sscan(asked, &count); err != nil {
			t.Fatal(err)
		}
	}
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		for _, workers := range []int{1, 4} {
			queueDeliveries(t.Context(), t, s, fmt.Sprint("w", workers), "fcm", 3, count)
			var mutex sync.Mutex
			var group sync.WaitGroup
			var empty atomic.Int64
			owners, twice, began := map[string]string{}, 0, time.Now()
			left := func() bool { mutex.Lock(); defer mutex.Unlock(); return len(owners) < count }
			for worker := range workers {
				group.Go(func() {
					for tries := 0; left() && tries < 50*count; tries++ {
						ids := claimed(t, s, fmt.Sprint(worker), models.DeliveryShare{Channels: []string{"fcm"}, Limit: 200, Ordinary: 200})
						if len(ids) == 0 {
							empty.Add(1)
						}
						mutex.Lock()
						for _, id := range ids {
							if owners[id] != "" {
								twice++
							}
							owners[id] = fmt.Sprint(worker)
						}
						mutex.Unlock()
					}
				})
			}
			group.Wait()
			took := time.Since(began)
			if len(owners) != count || twice > 0 {
				t.Errorf("%d workers: %d of %d claimed, %d twice", workers, len(owners), count, twice)
			}
			t.Logf("%d workers: %d in %s, %.0f a second, %d claims in vain", workers, count, took.Round(time.Millisecond), float64(count)/took.Seconds(), empty.Load())
		}
	})
}
