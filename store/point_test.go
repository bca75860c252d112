package store_test

import (
	"testing"
	"time"

	"xunfang/models"
	"xunfang/store"
	"xunfang/store/testdb"
)

// The ledger takes each line about a deed once, sums what it has, and counts a day from its first instant to the next's.
func TestTheLedgerTakesEachLineOnce(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx, day := t.Context(), time.Date(2026, 11, 23, 16, 0, 0, 0, time.UTC)
		person, other, station := models.OrderID(day, "person"), models.OrderID(day, "other"), models.OrderID(day, "station")
		add := func(entry models.PointEntry) error {
			return s.Atomically(ctx, func(tx *store.Store) error { return tx.AddPointEntry(ctx, entry) })
		}
		line := func(who models.ID, about string, at time.Time) models.PointEntry {
			return models.PointEntry{
				StationID: station, PersonID: who, Event: models.EarnFinding, AboutID: models.OrderID(day, models.ID(about)),
			}.Next(5, at)
		}
		first := line(person, "first", day)
		if err := add(first); err != nil {
			t.Fatal(err)
		}
		again := line(person, "first", day.Add(time.Hour)) // another id, the same number
		if err := add(again); models.CodeOf(err) != models.CodeAlreadyExists {
			t.Errorf("the same deed is credited twice: %v", err)
		}
		for _, entry := range []models.PointEntry{
			first.Next(0, day.Add(25*time.Hour)), line(person, "second", day.Add(-time.Millisecond)), line(person, "third", day.Add(24*time.Hour-time.Millisecond)),
			line(person, "fourth", day.Add(24*time.Hour)), line(other, "first", day),
		} {
			if err := add(entry); err != nil {
				t.Fatal(err)
			}
		}
		if sum, _, err := s.Points(ctx, person); err != nil || sum != 15 {
			t.Errorf("%d points in all, %v", sum, err)
		}
		// Of the day there is the third; the first was of it too, and is taken back.
		if sum, err := s.PointsEarned(ctx, person, models.EarnFinding, day, day.Add(24*time.Hour)); err != nil || sum != 5 {
			t.Errorf("%d points of the day, %v", sum, err)
		}
		if sum, err := s.PointsEarned(ctx, person, models.EarnTipResolved, day, day.Add(24*time.Hour)); err != nil || sum != 0 {
			t.Errorf("%d points of another kind, %v", sum, err)
		}
		last, err := s.LastPointEntries(ctx, models.EarnFinding, first.AboutID)
		if err != nil || len(last) != 2 || last[person].Credits() || !last[other].Credits() || last[person].Points != -5 {
			t.Errorf("the last lines: %+v, %v", last, err)
		}
		page, err := s.PointEntries(ctx, person, store.Page{Limit: 2})
		if err != nil || len(page) != 2 || page[0].Points != -5 {
			t.Errorf("the newest lines: %+v, %v", page, err)
		}
		rest, err := s.PointEntries(ctx, person, store.Page{Limit: 10, After: page[1].ID})
		if err != nil || len(rest) != 3 || rest[2].AboutID != models.OrderID(day, "second") {
			t.Errorf("the others: %+v, %v", rest, err)
		}
	})
}
