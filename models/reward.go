package models

import "time"

// RewardState is where a reward stands: proposed → notified → claimed → paid, or an end before.
type RewardState string

// The states of a reward.
const (
	RewardProposed  RewardState = "proposed"
	RewardDeclined  RewardState = "declined"
	RewardNotified  RewardState = "notified"  // approved by somebody else, and the reporter was told
	RewardClaimed   RewardState = "claimed"   // by the claim code
	RewardPaid      RewardState = "paid"      // handed over
	RewardLapsed    RewardState = "lapsed"    // nobody claimed it in RewardClaimTime
	RewardCancelled RewardState = "cancelled" // before it was claimed
)

// What alerts say about rewards: to a reporter that one waits for them; to the reporter, where known, and to who proposed it
// that it lapses soon, and that it has.
const (
	AlertReward       = "reward"
	AlertRewardEnding = "reward_ending"
	AlertRewardLapsed = "reward_lapsed"
)

// What bounds a reward.
const (
	RewardClaimTime = 30 * 24 * time.Hour // how long a reward waits to be claimed
	RewardWarning   = 7 * 24 * time.Hour  // how long before its end it is told that it lapses
	MaxRewardCents  = 5_000_000           // one reward, or what is divided at once: 50,000 ¥, in cents
	MaxRewardShares = 20                  // proposed at once
)

// Reward is money for one tip. Of several tips about the same thing each has its own: a share.
type Reward struct {
	ID             ID
	OrderID        ID // sortable
	Place          Place
	TipID          ID
	ReporterID     ID // "" where the tip does not say who reported it
	AmountCents    int64
	Reason         Secret
	ProposerID     ID
	ProposedAt     time.Time
	State          RewardState
	DeciderID      ID // "" before
	DecidedAt      time.Time
	DecisionReason Secret
	ClaimsUntil    time.Time // zero before it was approved
	WarnedAt       time.Time // when it was told that it lapses; zero before
	CodeMAC        []byte    // keyed hash of the claim code; nil until one was shown
	ClaimedAt      time.Time
	DeskID         ID // the officer who took the code at the desk; "" where the reporter entered it
	PayerID        ID
	PaidAt         time.Time
	Voucher        Secret    // number of the paper that was signed
	EndedAt        time.Time // declined, lapsed or cancelled
}

// Live says whether the reward may still be paid, or was: a tip has one of these at most.
func (r Reward) Live() bool {
	switch r.State {
	case RewardProposed, RewardNotified, RewardClaimed, RewardPaid:
		return true
	default:
		return false
	}
}

// RewardFits says whether a tip can be rewarded: it has helped, or says the same as one that has, and somebody could claim it.
func RewardFits(tip Tip) bool {
	helped := tip.State == TipResolved || tip.State == TipClosed && (tip.ClosedReason == "referred" || tip.ClosedReason == "duplicate")
	return helped && tip.Reporting != ReportingCivicApp
}

// CheckProposer refuses a reward for oneself.
func (r Reward) CheckProposer() error {
	if r.ReporterID != "" && r.ReporterID == r.ProposerID {
		return Fail(CodeSecondPerson)
	}
	return nil
}

// Decided is the reward after somebody's word about it: neither who proposed it nor who gets it, and only once.
func (r Reward) Decided(decider ID, approved bool, reason Secret, now time.Time) (Reward, error) {
	switch {
	case decider == r.ProposerID, decider == r.ReporterID:
		return r, Fail(CodeSecondPerson)
	case r.State != RewardProposed:
		return r, Fail(CodeWrongState)
	}
	r.DeciderID, r.DecidedAt, r.DecisionReason = decider, now, reason
	if approved {
		r.State, r.ClaimsUntil = RewardNotified, now.Add(RewardClaimTime)
	} else {
		r.State, r.EndedAt = RewardDeclined, now
	}
	return r, nil
}

// MayDrawCode says whether a claim code can be shown for the reward at now.
func (r Reward) MayDrawCode(now time.Time) error {
	if r.State != RewardNotified || !now.Before(r.ClaimsUntil) {
		return Fail(CodeWrongState)
	}
	return nil
}

// Claimant is who enters a claim code. Exactly one field is set.
type Claimant struct {
	PersonID ID // the reporter, signed in by name
	DeskID   ID // an officer, for whoever stands at the desk with the code: nobody asks who that is
	TipID    ID // of the receipt by which a nameless reporter is here
}

// MayBeClaimedBy says whether the code is good in these hands. In others' it is worth what a wrong one is; above all
// somebody signed in by name cannot become known as the reporter of a nameless tip.
func (r Reward) MayBeClaimedBy(who Claimant) bool {
	switch {
	case who.DeskID != "":
		return who.DeskID != r.ReporterID
	case who.PersonID != "":
		return who.PersonID == r.ReporterID
	default:
		return who.TipID != "" && who.TipID == r.TipID && r.ReporterID == ""
	}
}

// Claimed is the reward after its code was entered: once, and before ClaimsUntil. Who claimed it is not kept, but for
// the desk's officer: of a named tip it is the reporter, and of another it is nobody's business.
func (r Reward) Claimed(who Claimant, now time.Time) (Reward, error) {
	if r.State != RewardNotified || !now.Before(r.ClaimsUntil) {
		return r, Fail(CodeWrongState)
	}
	r.State, r.ClaimedAt, r.DeskID = RewardClaimed, now, who.DeskID
	return r, nil
}

// Warned is the reward after it was told that it lapses: once, within RewardWarning before ClaimsUntil.
func (r Reward) Warned(now time.Time) (Reward, error) {
	if r.State != RewardNotified || !r.WarnedAt.IsZero() || now.Before(r.ClaimsUntil.Add(-RewardWarning)) || !now.Before(r.ClaimsUntil) {
		return r, Fail(CodeWrongState)
	}
	r.WarnedAt = now
	return r, nil
}

// Lapsed is the reward after its time is over: from ClaimsUntil on.
func (r Reward) Lapsed(now time.Time) (Reward, error) {
	if r.State != RewardNotified || now.Before(r.ClaimsUntil) {
		return r, Fail(CodeWrongState)
	}
	r.State, r.EndedAt = RewardLapsed, now
	return r, nil
}

// Cancelled is the reward after somebody took it back, which ends when it is claimed: then it is owed.
func (r Reward) Cancelled(now time.Time) (Reward, error) {
	if r.State != RewardProposed && r.State != RewardNotified {
		return r, Fail(CodeWrongState)
	}
	r.State, r.EndedAt = RewardCancelled, now
	return r, nil
}

// Paid is the reward after somebody handed the money over, who is not its receiver.
func (r Reward) Paid(payer ID, voucher Secret, now time.Time) (Reward, error) {
	switch {
	case payer == r.ReporterID:
		return r, Fail(CodeSecondPerson)
	case r.State != RewardClaimed:
		return r, Fail(CodeWrongState)
	}
	r.State, r.PayerID, r.PaidAt, r.Voucher = RewardPaid, payer, now, voucher
	return r, nil
}
