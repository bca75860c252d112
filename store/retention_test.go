package store_test

import (
	"context"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/store"
	"xunfang/store/testdb"
)

func TestWhatIsOldIsForgottenAndNothingElse(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx, now := t.Context(), time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
		station := models.FirstIDAt(now.Add(-time.Hour))
		pass := func(id models.ID, ends time.Time) models.VisitorPass {
			return models.VisitorPass{
				ID: id, Place: models.Place{Station: station, Compound: station}, HostID: station, VisitorName: "访客甲", Plate: "川J00001",
				DoorIDs: []models.ID{station}, CodeMAC: []byte(id)[:32], StartsAt: ends.Add(-time.Hour), EndsAt: ends, MaxUses: 1,
				PlateMAC: []byte(id)[:32], GuestHash: []byte(id)[:32], CodeSealed: []byte(id)[:32],
			}
		}
		event := func(at time.Time) models.AccessEvent {
			return models.AccessEvent{ID: models.OrderID(at, station), Place: models.Place{Station: station}, OccurredAt: at, ReceivedAt: at, Way: models.WayCard, Outcome: models.AccessGranted}
		}
		old, recent := now.Add(-models.VisitorKept-time.Hour), now.Add(-models.VisitorKept+time.Hour)
		oldPass, recentPass := models.OrderID(old.Add(-time.Hour), "a"), models.OrderID(recent.Add(-time.Hour), "b")
		oldRevoked, recentRevoked := models.OrderID(old.Add(-time.Hour), "c"), models.OrderID(recent.Add(-time.Hour), "d")
		err := s.Atomically(ctx, func(tx *store.Store) error {
			tx.AddAccessEvent(event(now.Add(-models.AccessEventKept - time.Hour)))
			tx.AddAccessEvent(event(now.Add(-models.AccessEventKept + time.Hour)))
			if err := tx.AddVisitorPass(ctx, pass(oldPass, old)); err != nil {
				return err
			}
			if err := tx.AddVisitorPass(ctx, pass(recentPass, recent)); err != nil {
				return err
			}
			for id, at := range map[models.ID]time.Time{oldRevoked: old, recentRevoked: recent} { // a cleaner's, who was sent away
				if err := tx.AddVisitorPass(ctx, pass(id, now.Add(300*24*time.Hour))); err != nil {
					return err
				}
				if _, err := tx.RevokeVisitorPass(ctx, id, at); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if touched, err := s.ForgetOld(ctx, now); err != nil || touched != 3 {
			t.Errorf("touched %d, %v; want one event and two passes", touched, err)
		}
		if touched, err := s.ForgetOld(ctx, now); err != nil || touched != 0 {
			t.Errorf("the second time touched %d, %v", touched, err)
		}
		events, err := s.AccessEvents(ctx, []models.Sight{{Within: models.Place{Station: station}}}, store.AccessEventFilter{}, store.Page{Limit: 10})
		if err != nil || len(events) != 1 {
			t.Errorf("%d events are left, %v", len(events), err)
		}
		for id, name := range map[models.ID]models.Secret{oldPass: "", recentPass: "访客甲", oldRevoked: "", recentRevoked: "访客甲"} {
			if kept := readPass(ctx, t, s, id); kept.VisitorName != name || (kept.Plate == "") != (name == "") ||
				(len(kept.PlateMAC)+len(kept.GuestHash) == 0) != (name == "") {
				t.Errorf("pass %s: name kept %t, plate kept %t", id, kept.VisitorName != "", kept.Plate != "")
			}
		}
	})
}

func readPass(ctx context.Context, t *testing.T, s *store.Store, id models.ID) models.VisitorPass {
	t.Helper()
	pass, err := s.VisitorPass(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	return pass
}
