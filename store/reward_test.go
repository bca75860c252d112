package store_test

import (
	"bytes"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/store"
	"xunfang/store/testdb"
)

// A tip has one reward that may still be paid; what has ended makes room, and is read back as it was written.
func TestATipHasOneLiveReward(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx, now := t.Context(), time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)
		id := func(name models.ID) models.ID { return models.OrderID(now, name) }
		reward := func(name models.ID) models.Reward {
			return models.Reward{
				ID: id(name), OrderID: id(name), Place: models.Place{Station: id("station")}, TipID: id("tip"), AmountCents: 5_000_000,
				Reason: "线索属实", ProposerID: id("officer"), ProposedAt: now, State: models.RewardProposed,
			}
		}
		within := func(fn func(tx *store.Store) error) models.Code { return models.CodeOf(s.Atomically(ctx, fn)) }
		add := func(one models.Reward) models.Code {
			return within(func(tx *store.Store) error { return tx.AddReward(ctx, one) })
		}
		move := func(from models.RewardState, to models.Reward) models.Code {
			return within(func(tx *store.Store) error { return tx.MoveReward(ctx, from, to) })
		}
		code := func(name models.ID, mac string) models.Code {
			return within(func(tx *store.Store) error { return tx.SetClaimCode(ctx, id(name), []byte(mac)) })
		}
		if got := add(reward("first")); got != "" {
			t.Fatal(got)
		}
		if got := add(reward("second")); got != models.CodeAlreadyExists {
			t.Errorf("a second live reward: %q", got)
		}
		if got := code("first", "mac"); got != models.CodeWrongState {
			t.Errorf("a code for what is only proposed: %q", got)
		}
		approved, err := reward("first").Decided(id("commander"), true, "同意", now)
		if got := move(models.RewardProposed, approved); err != nil || got != "" {
			t.Fatal(err, got)
		}
		if got := code("first", "mac"); got != "" {
			t.Error(got)
		}
		if overdue, err := s.OverdueRewards(ctx, approved.ClaimsUntil.Add(-time.Millisecond), 10); err != nil || len(overdue) != 0 {
			t.Errorf("a moment before its end %v are overdue, %v", overdue, err)
		}
		if overdue, err := s.OverdueRewards(ctx, approved.ClaimsUntil, 10); err != nil || len(overdue) != 1 {
			t.Errorf("at its end %v are overdue, %v", overdue, err)
		}
		lapsed, err := approved.Lapsed(approved.ClaimsUntil)
		if got := move(models.RewardNotified, lapsed); err != nil || got != "" {
			t.Fatal(err, got)
		}
		if got := move(models.RewardNotified, lapsed); got != models.CodeWrongState {
			t.Errorf("it lapses twice: %q", got)
		}
		back, err := s.RewardByCode(ctx, []byte("mac"))
		lapsed.CodeMAC = []byte("mac")
		if err != nil || back.State != models.RewardLapsed || back.Reason != lapsed.Reason || back.DecisionReason != "同意" ||
			!back.ClaimsUntil.Equal(lapsed.ClaimsUntil) || !back.EndedAt.Equal(lapsed.EndedAt) || !bytes.Equal(back.CodeMAC, lapsed.CodeMAC) {
			t.Errorf("read back: %+v, %v", back, err)
		}
		if got := add(reward("second")); got != "" {
			t.Errorf("after it has lapsed: %q", got)
		}
		again, err := reward("second").Decided(id("commander"), true, "同意", now)
		if got := move(models.RewardProposed, again); err != nil || got != "" {
			t.Fatal(err, got)
		}
		if got := code("second", "mac"); got != models.CodeAlreadyExists {
			t.Errorf("two rewards with one code: %q", got)
		}
	})
}
