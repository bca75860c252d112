package models

// RewardShare is how much of a reward is for which tip.
type RewardShare struct {
	TipID       ID
	AmountCents int64
}

// DivideEvenly divides an amount among so many, in cents: the shares make up the amount exactly, and those who came first get the
// cents that are left, one each.
func DivideEvenly(cents int64, among int) []int64 {
	shares := make([]int64, among)
	for at := range shares {
		shares[at] = cents / int64(among)
		if int64(at) < cents%int64(among) {
			shares[at]++
		}
	}
	return shares
}

// DivideAmongTips divides an amount among tips that say the same, in the order in which they arrived: all to the first that can be
// rewarded, or evenly to each that can. CodeUnprocessable where none can, where they are more than MaxRewardShares, or where there
// is not a cent for each.
func DivideAmongTips(cents int64, tips []Tip, evenly bool) ([]RewardShare, error) {
	fit := []ID{}
	for _, tip := range tips {
		if RewardFits(tip) {
			fit = append(fit, tip.ID)
		}
	}
	if !evenly && len(fit) > 1 {
		fit = fit[:1]
	}
	switch {
	case len(fit) == 0:
		return nil, Unfit("merge.tip_id", FieldNotAllowed, "resolved, referred, or a duplicate")
	case len(fit) > MaxRewardShares:
		return nil, Unfit("merge.divide", FieldNotAllowed, "first; even among at most 20 tips")
	case cents < int64(len(fit)):
		return nil, Unfit("merge.amount_cents", FieldTooSmall, "a cent for each tip")
	}
	shares := make([]RewardShare, 0, len(fit))
	for at, amount := range DivideEvenly(cents, len(fit)) {
		shares = append(shares, RewardShare{TipID: fit[at], AmountCents: amount})
	}
	return shares, nil
}
