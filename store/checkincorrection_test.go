package store_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/store"
	"xunfang/store/testdb"
)

func TestEffectiveStatuses(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		ctx, at := t.Context(), time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)
		place := models.Place{Station: models.OrderID(at, "station")}
		id := func(name string) models.ID { return models.OrderID(at, models.ID(name)) }
		checkIns := []models.CheckIn{}
		for _, name := range []string{"untouched", "proposed", "declined", "approved", "twice", "at once"} {
			checkIns = append(checkIns, models.CheckIn{
				ID: id(name), OrderID: id(name), Place: place, PersonID: id("walker"), RoundID: id("round"), CapturedAt: at, ReceivedAt: at,
				Verdict: models.Verdict{Status: models.StatusReview},
			})
		}
		stranger := checkIns[0]
		stranger.ID, stranger.PersonID = id("stranger"), id("stranger")
		must(s.Atomically(ctx, func(tx *store.Store) error {
			tx.AddCheckIns(append(checkIns, stranger))
			return tx.AddRoundMember(ctx, models.RoundMember{RoundID: id("round"), PersonID: id("walker"), Kind: models.MemberLeader, JoinedAt: at})
		}))
		count := 0
		correct := func(name string, status models.CheckInStatus, state models.CorrectionState, decided time.Duration) {
			t.Helper()
			count++
			correction := models.Correction{
				ID: id(fmt.Sprint("correction ", count)), OrderID: models.OrderID(at.Add(time.Duration(count)*time.Second), "c"), Place: place,
				CheckInID: id(name), PersonID: id("walker"), Status: status, Reason: "看得清", ProposerID: id("officer"), ProposedAt: at,
				State: models.CorrectionProposed,
			}
			must(s.Atomically(ctx, func(tx *store.Store) error { return tx.AddCorrection(ctx, correction) }))
			if state == models.CorrectionProposed {
				return
			}
			correction.State, correction.DeciderID, correction.DecidedAt, correction.DecisionReason = state, id("chief"), at.Add(decided), "属实"
			must(s.Atomically(ctx, func(tx *store.Store) error { return tx.DecideCorrection(ctx, correction) }))
			again := s.Atomically(ctx, func(tx *store.Store) error { return tx.DecideCorrection(ctx, correction) })
			if models.CodeOf(again) != models.CodeWrongState {
				t.Errorf("decided twice: %v", again)
			}
			kept, err := s.Correction(ctx, correction.ID)
			if must(err); !kept.Same(correction) || kept.State != state || kept.DecisionReason != "属实" || !kept.DecidedAt.Equal(at.Add(decided)) {
				t.Errorf("kept as %+v", kept)
			}
		}
		if has, err := s.HasCorrections(ctx, place.Station); err != nil || has {
			t.Errorf("corrections before any: %t %v", has, err)
		}
		correct("proposed", models.StatusRejected, models.CorrectionProposed, 0)
		correct("declined", models.StatusRejected, models.CorrectionDeclined, time.Minute)
		correct("approved", models.StatusRejected, models.CorrectionApproved, time.Minute)
		correct("twice", models.StatusRejected, models.CorrectionApproved, 2*time.Minute) // proposed first, decided last
		correct("twice", models.StatusAccepted, models.CorrectionApproved, time.Minute)
		correct("at once", models.StatusRejected, models.CorrectionApproved, time.Minute)
		correct("at once", models.StatusAccepted, models.CorrectionApproved, time.Minute)
		want := map[models.ID]models.CheckInStatus{
			id("untouched"): models.StatusReview, id("proposed"): models.StatusReview, id("declined"): models.StatusReview,
			id("approved"): models.StatusRejected, id("twice"): models.StatusRejected, id("at once"): models.StatusAccepted,
		}
		got, err := s.EffectiveStatuses(ctx, append(slices.Collect(maps.Keys(want)), id("missing")))
		if must(err); !maps.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
		scans, err := s.RoundScans(ctx, id("round"))
		must(err)
		for _, scan := range scans {
			if scan.Status != want[scan.ID] {
				t.Errorf("a round is told %s, want %s", scan.Status, want[scan.ID])
			}
		}
		if len(scans) != len(want) {
			t.Errorf("a round is told of %d check-ins", len(scans))
		}
		standings, err := s.Standings(ctx, []models.ID{id("proposed"), id("untouched")})
		if must(err); len(standings) != 1 || standings[id("proposed")].Proposed != id("correction 1") {
			t.Errorf("standings %v", standings)
		}
		if has, err := s.HasCorrections(ctx, place.Station); err != nil || !has {
			t.Errorf("corrections afterwards: %t %v", has, err)
		}
		if has, err := s.HasCorrections(ctx, id("another station")); err != nil || has {
			t.Errorf("corrections of another station: %t %v", has, err)
		}
	})
}

// Check-ins of before the corrected clock count as having happened when their phones said.
func TestWhenOldCheckInsHappened(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		ctx, at := t.Context(), time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)
		old := models.CheckIn{
			ID: models.OrderID(at, "a"), OrderID: models.OrderID(at, "a"), PersonID: "walker", CapturedAt: at, ReceivedAt: at.Add(time.Hour),
			Place: models.Place{Station: models.OrderID(at, "station")}, Verdict: models.Verdict{Status: models.StatusAccepted},
		}
		put := old
		put.ID, put.OrderID, put.CapturedAt, put.OccurredAt = models.OrderID(at, "b"), models.OrderID(at, "b"), time.UnixMilli(0).UTC(), at.Add(time.Minute)
		put.Fix = &models.Fix{Position: models.Position{Lat: 30, Lng: 105}, ReportedCRS: models.BD09, FixedAt: at.Add(time.Second)}
		must(s.Atomically(ctx, func(tx *store.Store) error { tx.AddCheckIns([]models.CheckIn{old, put}); return nil }))
		got, err := s.CheckIn(ctx, old.ID)
		if must(err); !got.OccurredAt.Equal(at) || !got.CapturedAt.Equal(at) {
			t.Errorf("old: %s %s", got.OccurredAt, got.CapturedAt)
		}
		got, err = s.CheckIn(ctx, put.ID)
		if must(err); !got.OccurredAt.Equal(at.Add(time.Minute)) || !got.CapturedAt.Equal(time.UnixMilli(0)) || *got.Fix != *put.Fix {
			t.Errorf("put right: %+v", got)
		}
		if _, err := s.CheckIn(ctx, "missing"); models.CodeOf(err) != models.CodeNotFound {
			t.Errorf("missing: %v", err)
		}
		mine, err := s.CheckInsOf(ctx, []models.PersonSpan{
			{PersonID: "walker", From: at, To: at.Add(time.Millisecond)}, {PersonID: "nobody", From: at, To: at.Add(time.Hour)},
		})
		if must(err); len(mine) != 2 {
			t.Errorf("%d check-ins of the walker", len(mine))
		}
	})
}
