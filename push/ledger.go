package push

import "xunfang/models"

// Row is what the ledger says of how the attempt ended. It claims no more than there is proof of: where nobody answered, the
// bytes may have gone out and that is all; where the provider said no, they came to nothing.
func (r Result) Row() models.DeliveryResult {
	row := models.DeliveryResult{
		Delivery: models.Delivery{
			ID: r.Delivery.ID, AlertID: r.Delivery.Message.AlertID, AlertKind: r.Delivery.Message.Kind, Kind: r.Delivery.Kind,
			PersonID: r.Delivery.PersonID, InstallationID: r.Delivery.InstallationID,
			Address: r.Delivery.Message.Address, Attempt: r.Delivery.Attempt - 1, Spent: r.Delivery.Spent,
		},
		State: models.DeliveryFailed, Reason: r.Outcome.Reason, ProviderID: r.Outcome.ProviderID,
		Forget: r.Outcome.State == StateGone, NextAt: r.NextAt, Counted: r.Counted,
	}
	switch {
	case r.Outcome.State == StateSent && r.Outcome.ProviderID == "": // a channel whose provider names nothing
		row.State = models.DeliverySent
	case r.Outcome.State == StateSent:
		row.State = models.DeliveryAccepted
	case r.Outcome.Reason == ReasonExpired:
		row.State = models.DeliveryExpired
	case r.Outcome.State == StateRetry && (r.Outcome.Reason == ReasonTimeout || r.Outcome.Reason == ReasonBadAnswer):
		row.State = models.DeliverySent
	}
	return row
}
