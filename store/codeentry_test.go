package store_test

import (
	"fmt"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/store"
	"xunfang/store/testdb"
)

// Live at a door while a new pass is: what overlaps with it, or is typed a day too early; not what is over.
func TestLiveCodesAreCounted(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx, now := t.Context(), time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
		const day = models.CodeWindow
		id := func(number int) models.ID { return models.OrderID(now, models.ID(fmt.Sprint(number))) }
		compound, gate, tower, host, other := id(1), id(2), id(3), id(4), id(5)
		made := 100
		pass := func(host models.ID, from, until time.Duration, doors ...models.ID) models.VisitorPass {
			made++
			return models.VisitorPass{
				ID: id(made), Place: models.Place{Station: compound, Compound: compound}, HostID: host, VisitorName: "访客", DoorIDs: doors,
				CodeMAC: []byte(fmt.Sprintf("%032d", made)), StartsAt: now.Add(from), EndsAt: now.Add(until), MaxUses: 1, CreatedAt: now,
			}
		}
		used, revoked := pass(host, -day, day, gate), pass(host, -day, day, gate)
		used.Uses, revoked.RevokedAt = 1, now
		elsewhere := pass(host, -day, day, gate)
		elsewhere.Place.Compound = other
		err := s.Atomically(ctx, func(tx *store.Store) error {
			for _, door := range []models.ID{gate, tower} {
				place := models.Place{Station: compound, Compound: compound}
				if err := tx.AddDoor(ctx, models.Door{ID: door, Place: place, Name: "门", Kind: models.DoorGate, CreatedAt: now}); err != nil {
					return err
				}
			}
			for _, one := range []models.VisitorPass{
				used, revoked, elsewhere,
				pass(host, -day, 0, gate),              // over
				pass(host, -day, 1e6, gate),            // live for a millisecond more
				pass(other, time.Hour+day, 9e15, gate), // a day after the end of the new one
				pass(other, time.Hour+day-1e6, 9e15, gate, tower),
			} {
				if err := tx.AddVisitorPass(ctx, one); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		got := map[models.ID]models.LiveCodes{}
		err = s.Atomically(ctx, func(tx *store.Store) error {
			clear(got)
			lives, err := tx.LockLiveCodes(ctx, pass(host, 0, time.Hour, gate, tower), now)
			for _, live := range lives {
				got[live.DoorID] = live
			}
			return err
		})
		if want := (models.LiveCodes{DoorID: gate, All: 2, OfHost: 1}); err != nil || got[gate] != want {
			t.Errorf("at the gate %+v, want %+v, %v", got[gate], want, err)
		}
		if want := (models.LiveCodes{DoorID: tower, All: 1}); got[tower] != want {
			t.Errorf("at the tower %+v, want %+v", got[tower], want)
		}
	})
}
