package models

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// Whatever is divided among however many: not a cent is lost or made, nobody gets more than a cent more than another, and who came
// first never gets less than who came later.
func TestNotACentIsLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tips, cents := []Tip{}, rapid.Int64Range(1, MaxRewardCents).Draw(t, "cents")
		for at := range rapid.IntRange(1, MaxRewardShares).Draw(t, "tips") {
			tips = append(tips, Tip{ID: ID(fmt.Sprint(at)), State: TipClosed, ClosedReason: TipDuplicate})
		}
		for _, evenly := range []bool{true, false} {
			shares, err := DivideAmongTips(cents, tips, evenly)
			if cents < int64(len(tips)) && evenly {
				if CodeOf(err) != CodeUnprocessable {
					t.Fatalf("%d cents among %d: %v, %v", cents, len(tips), shares, err)
				}
				continue
			}
			sum, last := int64(0), shares[0].AmountCents
			for at, share := range shares {
				if share.TipID != tips[at].ID || share.AmountCents > last || share.AmountCents < shares[0].AmountCents-1 || share.AmountCents < 1 {
					t.Fatalf("%d cents among %d: %v", cents, len(tips), shares)
				}
				sum, last = sum+share.AmountCents, share.AmountCents
			}
			if err != nil || sum != cents || evenly && len(shares) != len(tips) || !evenly && len(shares) != 1 {
				t.Fatalf("%d cents among %d make %d: %v, %v", cents, len(tips), sum, shares, err)
			}
		}
	})
}

func TestWhoGetsAShare(t *testing.T) {
	tip := func(id ID, state TipState, reason string) Tip { return Tip{ID: id, State: state, ClosedReason: reason} }
	unfounded, open := tip("u", TipClosed, "unfounded"), tip("o", TipInvestigating, "")
	first, second := tip("a", TipClosed, TipDuplicate), tip("b", TipResolved, "")
	if got, err := DivideAmongTips(101, []Tip{unfounded, first, open, second}, true); err != nil || !slices.Equal(got, []RewardShare{{"a", 51}, {"b", 50}}) {
		t.Errorf("evenly: %v, %v", got, err)
	}
	if got, err := DivideAmongTips(101, []Tip{unfounded, first, second}, false); err != nil || !slices.Equal(got, []RewardShare{{"a", 101}}) {
		t.Errorf("to the first: %v, %v", got, err)
	}
	if _, err := DivideAmongTips(101, []Tip{unfounded, open}, false); CodeOf(err) != CodeUnprocessable {
		t.Errorf("nobody fits: %v", err)
	}
	many := make([]Tip, MaxRewardShares+1)
	for at := range many {
		many[at] = first
	}
	if _, err := DivideAmongTips(1000, many, true); CodeOf(err) != CodeUnprocessable {
		t.Errorf("more than can be proposed at once: %v", err)
	}
	if got, err := DivideAmongTips(1000, many, false); err != nil || len(got) != 1 {
		t.Errorf("to the first of many: %v, %v", got, err)
	}
}
