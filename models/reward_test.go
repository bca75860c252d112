package models

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var rewardStart = time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)

var rewardStates = []RewardState{
	RewardProposed, RewardDeclined, RewardNotified, RewardClaimed, RewardPaid, RewardLapsed, RewardCancelled,
}

func waiting() Reward {
	return Reward{
		TipID: "t", ReporterID: "r", ProposerID: "o", State: RewardNotified, DeciderID: "c", ClaimsUntil: rewardStart.Add(RewardClaimTime),
	}
}

// Every step × every state: only the one it goes from takes it.
func TestARewardsSteps(t *testing.T) {
	now := rewardStart.Add(time.Hour)
	steps := map[string]struct {
		from []RewardState
		step func(Reward) (Reward, error)
		to   RewardState
	}{
		"approve": {[]RewardState{RewardProposed}, func(r Reward) (Reward, error) { return r.Decided("c", true, "", now) }, RewardNotified},
		"decline": {[]RewardState{RewardProposed}, func(r Reward) (Reward, error) { return r.Decided("c", false, "", now) }, RewardDeclined},
		"claim": {
			[]RewardState{RewardNotified}, func(r Reward) (Reward, error) { return r.Claimed(Claimant{PersonID: "r"}, now) }, RewardClaimed,
		},
		"pay":    {[]RewardState{RewardClaimed}, func(r Reward) (Reward, error) { return r.Paid("o", "1", now) }, RewardPaid},
		"cancel": {[]RewardState{RewardProposed, RewardNotified}, func(r Reward) (Reward, error) { return r.Cancelled(now) }, RewardCancelled},
		"lapse": {
			[]RewardState{RewardNotified}, func(r Reward) (Reward, error) { return r.Lapsed(r.ClaimsUntil) }, RewardLapsed,
		},
	}
	for name, one := range steps {
		for _, state := range rewardStates {
			reward := waiting()
			reward.State = state
			next, err := one.step(reward)
			allowed := false
			for _, from := range one.from {
				allowed = allowed || from == state
			}
			if (err == nil) != allowed || allowed && next.State != one.to || !allowed && (next.State != state || CodeOf(err) != CodeWrongState) {
				t.Errorf("%s from %s: %s, %v", name, state, next.State, err)
			}
		}
	}
}

func TestWhoMayDoWhatToAReward(t *testing.T) {
	proposed := waiting()
	proposed.State = RewardProposed
	for decider, want := range map[ID]Code{"o": CodeSecondPerson, "r": CodeSecondPerson, "c": ""} {
		if _, err := proposed.Decided(decider, true, "", rewardStart); CodeOf(err) != want {
			t.Errorf("%s decides: %v", decider, err)
		}
	}
	claimed := waiting()
	claimed.State = RewardClaimed
	for payer, want := range map[ID]Code{"r": CodeSecondPerson, "o": "", "c": ""} {
		if _, err := claimed.Paid(payer, "1", rewardStart); CodeOf(err) != want {
			t.Errorf("%s pays: %v", payer, err)
		}
	}
	if CodeOf(Reward{ProposerID: "o", ReporterID: "o"}.CheckProposer()) != CodeSecondPerson {
		t.Error("somebody proposes a reward for themself")
	}
	if (Reward{ProposerID: "o"}).CheckProposer() != nil {
		t.Error("for a nameless tip anybody may propose")
	}
}

// Claiming ends where lapsing begins: at each instant exactly one of them is possible.
func TestClaimingEndsWhereLapsingBegins(t *testing.T) {
	for by, claims := range map[time.Duration]bool{-time.Millisecond: true, 0: false, time.Millisecond: false} {
		now := waiting().ClaimsUntil.Add(by)
		_, claim := waiting().Claimed(Claimant{PersonID: "r"}, now)
		_, lapse := waiting().Lapsed(now)
		code := waiting().MayDrawCode(now)
		if (claim == nil) != claims || (lapse == nil) == claims || (code == nil) != claims {
			t.Errorf("%s after the end: claim %v, lapse %v, code %v", by, claim, lapse, code)
		}
	}
}

func TestInWhoseHandsACodeIsGood(t *testing.T) {
	named, nameless := waiting(), waiting()
	nameless.ReporterID = ""
	for _, one := range []struct {
		name            string
		who             Claimant
		named, nameless bool
	}{
		{"the reporter", Claimant{PersonID: "r"}, true, false},
		{"somebody else", Claimant{PersonID: "x"}, false, false},
		{"the desk", Claimant{DeskID: "o"}, true, true},
		{"an officer who reported it, at the desk", Claimant{DeskID: "r"}, false, true},
		{"the tip's receipt", Claimant{TipID: "t"}, false, true},
		{"another tip's receipt", Claimant{TipID: "u"}, false, false},
		{"nobody", Claimant{}, false, false},
	} {
		if got := named.MayBeClaimedBy(one.who); got != one.named {
			t.Errorf("%s, named: %t", one.name, got)
		}
		if got := nameless.MayBeClaimedBy(one.who); got != one.nameless {
			t.Errorf("%s, nameless: %t", one.name, got)
		}
	}
	claimed, _ := nameless.Claimed(Claimant{TipID: "t"}, rewardStart)
	if text := fmt.Sprintf("%+v", claimed); claimed.DeskID != "" || claimed.ReporterID != "" {
		t.Errorf("who claimed a nameless reward is kept: %s", text)
	}
}

func TestWhichTipsAreRewarded(t *testing.T) {
	for _, one := range []struct {
		tip  Tip
		fits bool
	}{
		{Tip{State: TipResolved}, true},
		{Tip{State: TipClosed, ClosedReason: "referred"}, true},
		{Tip{State: TipClosed, ClosedReason: "duplicate"}, true},
		{Tip{State: TipClosed, ClosedReason: "unfounded"}, false},
		{Tip{State: TipResolved, Reporting: ReportingCivicApp}, false},
		{Tip{State: TipInvestigating}, false},
		{Tip{State: TipReceived}, false},
	} {
		if RewardFits(one.tip) != one.fits {
			t.Errorf("%+v: want %t", one.tip, one.fits)
		}
	}
}

// Whatever is tried in whatever order: a reward is claimed once and paid once at most, never paid unclaimed, and never
// both ended and paid.
func TestARewardIsPaidOnceAtMost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		reward, now := Reward{TipID: "t", ReporterID: "r", ProposerID: "o", State: RewardProposed}, rewardStart
		claims, payments := 0, 0
		for _, step := range rapid.SliceOfN(rapid.IntRange(0, 6), 1, 40).Draw(t, "steps") {
			before := reward
			var err error
			switch step {
			case 0:
				reward, err = reward.Decided("c", true, "", now)
			case 1:
				reward, err = reward.Decided("c", false, "", now)
			case 2:
				if reward, err = reward.Claimed(Claimant{PersonID: "r"}, now); err == nil {
					claims++
				}
			case 3:
				if reward, err = reward.Paid("o", "1", now); err == nil {
					payments++
				}
			case 4:
				reward, err = reward.Cancelled(now)
			case 5:
				reward, err = reward.Lapsed(now)
			default:
				now = now.Add(10 * 24 * time.Hour)
			}
			if err != nil && reward.State != before.State {
				t.Fatalf("a refusal moved it from %s to %s", before.State, reward.State)
			}
		}
		if claims > 1 || payments > claims || payments == 1 && (!reward.EndedAt.IsZero() || !reward.Live()) {
			t.Fatalf("%d claims, %d payments, %s, ended %s", claims, payments, reward.State, reward.EndedAt)
		}
	})
}
