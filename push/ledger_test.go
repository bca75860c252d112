package push

import (
	"testing"

	"xunfang/models"
)

// The ledger never says more than there is proof of.
func TestRowsOfTheLedger(t *testing.T) {
	for _, try := range []struct {
		outcome Outcome
		want    models.DeliveryState
		forget  bool
	}{
		{Outcome{State: StateSent, ProviderID: "projects/p/messages/1"}, models.DeliveryAccepted, false},
		{Outcome{State: StateSent}, models.DeliverySent, false},
		{Outcome{State: StateGone, Reason: ReasonUnregistered}, models.DeliveryFailed, true},
		{Outcome{State: StateRetry, Reason: ReasonTimeout}, models.DeliverySent, false},
		{Outcome{State: StateRetry, Reason: ReasonBadAnswer}, models.DeliverySent, false},
		{Outcome{State: StateRetry, Reason: ReasonQuota}, models.DeliveryFailed, false},
		{Outcome{State: StateRetry, Reason: ReasonNetwork}, models.DeliveryFailed, false},
		{Outcome{State: StateFailed, Reason: ReasonExpired}, models.DeliveryExpired, false},
		{Outcome{State: StateFailed, Reason: ReasonGaveUp}, models.DeliveryFailed, false},
	} {
		got := Result{Outcome: try.outcome}.Row()
		if got.State != try.want || got.Forget != try.forget || got.Reason != try.outcome.Reason || got.ProviderID != try.outcome.ProviderID {
			t.Errorf("%+v: %+v", try.outcome, got)
		}
	}
}
