package store_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/store"
	"xunfang/store/testdb"
)

var thanksNow = time.Date(2036, 11, 24, 2, 0, 0, 0, time.UTC)

// forgetAll forgets until nothing is left to do, by three at once as replicas do.
func forgetAll(t *testing.T, s *store.Store, now time.Time) {
	t.Helper()
	workers, errs := sync.WaitGroup{}, make(chan error, 3)
	for range 3 {
		workers.Go(func() {
			for range 20 {
				if touched, err := s.ForgetOld(context.Background(), now); err != nil || touched == 0 {
					errs <- err
					return
				}
			}
			errs <- errors.New("there is no end of it")
		})
	}
	workers.Wait()
	for range 3 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

// Lines are forgotten at their age and not a millisecond before, those of one deed together, and the sum stays as it was.
func TestPointsAreForgottenAndTheSumStays(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx, edge := t.Context(), thanksNow.Add(-models.PointKept)
		person, other := models.OrderID(edge, "person"), models.OrderID(edge, "other")
		deed := func(who models.ID, event models.PointEvent, about models.ID) models.PointEntry {
			return models.PointEntry{StationID: models.OrderID(edge, "station"), PersonID: who, Event: event, AboutID: models.OrderID(edge, about)}
		}
		old, young := edge.Add(-time.Millisecond), edge
		taken := deed(person, models.EarnFinding, "taken back long ago").Next(3, old.Add(-time.Hour))
		late := deed(person, models.EarnFinding, "taken back lately").Next(5, old)
		honour := deed(person, models.EarnCommendation, "honour").Next(50, old)
		lines := []models.PointEntry{
			taken, taken.Next(0, old), late, late.Next(0, young), honour, deed(other, models.EarnFinding, "theirs").Next(2, old),
			deed(person, models.EarnTipResolved, "old").Next(7, old), deed(person, models.EarnTipResolved, "young").Next(11, young),
		}
		err := s.Atomically(ctx, func(tx *store.Store) error {
			for _, line := range lines {
				if err := tx.AddPointEntry(ctx, line); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		want := func(when string, lines, earlier int) {
			t.Helper()
			left, err := s.PointEntries(ctx, person, store.Page{Limit: 100})
			if err != nil || len(left) != lines {
				t.Errorf("%s: %d lines, want %d, %v", when, len(left), lines, err)
			}
			if sum, before, err := s.Points(ctx, person); err != nil || sum != 68 || before != earlier {
				t.Errorf("%s: %d points, %d of them earlier, want 68 and %d, %v", when, sum, before, earlier, err)
			}
			if sum, _, err := s.Points(ctx, other); err != nil || sum != 2 {
				t.Errorf("%s: the other has %d, %v", when, sum, err)
			}
		}
		want("before", 7, 0)
		forgetAll(t, s, thanksNow.Add(-time.Hour)) // the first line of a deed is old, its last is not
		want("an hour before", 7, 0)
		forgetAll(t, s, thanksNow)
		want("at the edge", 4, 7) // taken back both times, and the old tip; the honour stays as long as its commendation
		forgetAll(t, s, thanksNow.Add(time.Millisecond))
		want("a millisecond later", 1, 18)
	})
}

// Of a commendation it is forgotten whose it was: its number and its code stay, so that the paper still checks as genuine.
func TestCommendationsAreForgotten(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx, station := t.Context(), models.OrderID(thanksNow, "station")
		edge, idle := thanksNow.Add(-models.CommendationKept), thanksNow.Add(-models.CommendationIdleKept)
		person := models.OrderID(edge, "person")
		add := func(id models.ID, number int, decided time.Time) {
			commendation := models.Commendation{
				ID: id, OrderID: id, StationID: station, PersonID: person, Reason: "事由", AboutKind: models.AboutTip, AboutID: id,
				ProposerID: station, ProposedAt: decided, State: models.CommendationProposed,
			}
			err := s.Atomically(ctx, func(tx *store.Store) error {
				if err := tx.AddCommendation(ctx, commendation); err != nil || number == 0 {
					return err
				}
				commendation.State, commendation.DeciderID, commendation.DecidedAt = models.CommendationGranted, station, decided
				commendation.PersonName, commendation.StationName, commendation.Number = "王芳", "慈音派出所", number
				commendation.GrantedOn, commendation.CheckCode = models.Date{Year: 2026, Month: 11, Day: 24}, models.Secret("CODE"+string(id))
				if err := tx.DecideCommendation(ctx, commendation); err != nil {
					return err
				}
				line := models.PointEntry{StationID: station, PersonID: person, Event: models.EarnCommendation, AboutID: id}
				return tx.AddPointEntry(ctx, line.Next(50, decided))
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		old, young := models.OrderID(edge.Add(-time.Hour), "old"), models.OrderID(edge.Add(-time.Hour), "young")
		add(old, 1, edge.Add(-time.Millisecond))
		add(young, 2, edge)
		stale, waiting := models.OrderID(idle.Add(-time.Millisecond), "stale"), models.OrderID(idle, "waiting")
		add(stale, 0, idle)
		add(waiting, 0, idle)
		forgetAll(t, s, thanksNow)

		forgotten, err := s.CommendationByCode(ctx, models.Secret("CODE"+string(old)))
		if check := forgotten.Checked(); err != nil || check.State != models.CertificateGenuine || check.MaskedName != "" || check.Year != 2026 {
			t.Errorf("the old paper checks as %+v, %v", check, err)
		}
		if forgotten.PersonID != "" || forgotten.Reason != "" || forgotten.AboutID != "" || forgotten.ProposerID != "" || forgotten.CheckCode != "" {
			t.Errorf("kept: %+v", forgotten)
		}
		if err := s.Atomically(ctx, func(tx *store.Store) error { return tx.RevokeCommendation(ctx, forgotten) }); models.CodeOf(err) != models.CodeWrongState {
			t.Errorf("what was forgotten is revoked: %v", err)
		}
		year, err := s.YearlyCommendations(ctx, station, 2026, 0, 10)
		if err != nil || len(year) != 1 || year[0].ID != young || year[0].PersonName != "王芳" || year[0].Reason != "事由" {
			t.Errorf("the yearly list: %+v, %v", year, err)
		}
		all, err := s.Commendations(ctx, []models.Sight{{Within: models.Place{Station: station}}}, store.CommendationFilter{}, store.Page{Limit: 10})
		if err != nil || len(all) != 2 || all[0].ID != waiting || all[1].ID != young {
			t.Errorf("listed are %d, %v", len(all), err)
		}
		if sum, earlier, err := s.Points(ctx, person); err != nil || sum != 100 || earlier != 50 {
			t.Errorf("%d points, %d of them earlier, %v", sum, earlier, err)
		}
	})
}

func TestRewardsAreForgotten(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx, ended, paid := t.Context(), thanksNow.Add(-models.RewardEndedKept), thanksNow.Add(-models.RewardKept)
		officer := models.OrderID(paid, "officer")
		made := map[string]models.ID{}
		add := func(name string, state models.RewardState, at time.Time) {
			id := models.OrderID(paid.Add(-models.RewardEndedKept), models.ID(name))
			reward := models.Reward{
				ID: id, OrderID: id, Place: models.Place{Station: officer}, TipID: models.OrderID(paid, models.ID(name)), ReporterID: officer,
				AmountCents: 50_000, Reason: "线索属实", ProposerID: officer, ProposedAt: at, State: models.RewardProposed,
			}
			made[name] = id
			err := s.Atomically(ctx, func(tx *store.Store) error {
				if err := tx.AddReward(ctx, reward); err != nil {
					return err
				}
				if state == models.RewardProposed {
					return nil
				}
				reward.State, reward.DeciderID, reward.DecisionReason = state, officer, "同意"
				if state == models.RewardPaid {
					reward.PayerID, reward.PaidAt, reward.Voucher, reward.ClaimsUntil = officer, at, "2026-0017", at
				} else if !reward.Live() {
					reward.EndedAt = at
				}
				return tx.MoveReward(ctx, models.RewardProposed, reward)
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		for _, state := range []models.RewardState{models.RewardDeclined, models.RewardLapsed, models.RewardCancelled} {
			add("old "+string(state), state, ended.Add(-time.Millisecond))
			add("young "+string(state), state, ended)
		}
		add("old proposed", models.RewardProposed, ended.Add(-time.Millisecond)) // nobody ever decided about it
		add("young proposed", models.RewardProposed, ended)
		add("old paid", models.RewardPaid, paid.Add(-time.Millisecond))
		add("young paid", models.RewardPaid, paid)
		add("owed", models.RewardClaimed, paid.Add(-time.Hour)) // never, while it is owed
		forgetAll(t, s, thanksNow)

		for name, id := range made {
			reward, err := s.Reward(ctx, id)
			switch name {
			case "old declined", "old lapsed", "old cancelled", "old proposed":
				if models.CodeOf(err) != models.CodeNotFound {
					t.Errorf("%s is kept: %v", name, err)
				}
			case "old paid":
				if err != nil || reward.ReporterID+reward.ProposerID+reward.DeciderID+reward.PayerID != "" || reward.Reason+reward.Voucher+reward.DecisionReason != "" {
					t.Errorf("%s: %+v, %v", name, reward, err)
				}
				again := reward
				again.ID, again.OrderID = models.OrderID(thanksNow, "again"), models.OrderID(thanksNow, "again")
				again.Reason = "再次"
				err := s.Atomically(ctx, func(tx *store.Store) error { return tx.AddReward(ctx, again) })
				if models.CodeOf(err) != models.CodeAlreadyExists {
					t.Errorf("a tip that was paid is rewarded again: %v", err)
				}
			default:
				if err != nil || reward.Reason != "线索属实" || reward.ReporterID != officer {
					t.Errorf("%s is gone: %+v, %v", name, reward, err)
				}
			}
		}
	})
}
