package store_test

import (
	"fmt"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/store"
	"xunfang/store/testdb"
)

// What waits ends with its alert, whoever takes anything; what is under way is its worker's, and what a dead worker had begun
// may have left: no row says that it never did.
func TestDeliveriesExpire(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx, ends := t.Context(), claimNow.Add(24*time.Hour)
		states := func() string {
			rows := []struct{ ID, State, Reason, LeaseOwner string }{}
			err := s.Read(ctx).Raw("SELECT id, state, reason, lease_owner FROM deliveries ORDER BY id").Scan(&rows).Error
			if err != nil {
				t.Fatal(err)
			}
			return fmt.Sprint(rows)
		}
		set := func(row, change string, values ...any) {
			err := s.Atomically(ctx, func(tx *store.Store) error {
				return tx.Write(ctx).Exec("UPDATE deliveries SET "+change+" WHERE id = ?", append(values, row)...).Error
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		queueDeliveries(ctx, t, s, "d", "fcm", 3, 6)
		set("d-00000001", "lease_owner = 'dead', lease_until = ?", ends.UnixMilli()-1)
		set("d-00000002", "lease_owner = 'alive', lease_until = ?", ends.UnixMilli())
		set("d-00000003", "state = 'provider_accepted'")
		set("d-00000004", "expires_at = ?", ends.UnixMilli()+1)
		set("d-00000005", "next_at = ?", ends.UnixMilli()-1) // a retry that was to come
		expire := func(at time.Time, want int) {
			t.Helper()
			if ended, err := s.ExpireDeliveries(ctx, at); err != nil || ended != want {
				t.Errorf("%d ended at %s, want %d: %v", ended, at, want, err)
			}
		}
		expire(ends.Add(-time.Millisecond), 0)
		expire(ends, 3)
		expire(ends, 0)
		want := "[{d-00000000 expired expired } {d-00000001 failed expired } {d-00000002 queued  alive} {d-00000003 provider_accepted  } " +
			"{d-00000004 queued  } {d-00000005 expired expired }]"
		if got := states(); got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
		late := models.DeliveryResult{Delivery: models.Delivery{ID: "d-00000001"}, State: models.DeliveryAccepted, ProviderID: "m"}
		if err := s.FinishDeliveries(ctx, "dead", []models.DeliveryResult{late}, ends); err != nil {
			t.Fatal(err)
		}
		if got := states(); got != want {
			t.Errorf("whom nobody waits for any more changed it to %s", got)
		}
		expire(ends.Add(time.Millisecond), 2)
		if ids := claimed(t, s, "one", models.DeliveryShare{Channels: models.Channels, Limit: 9, Ordinary: 9}); len(ids) > 0 {
			t.Errorf("%v are sent", ids)
		}
	})
}
