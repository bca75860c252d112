package handlers

import (
	"context"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// hide takes its reporter out of a tip that asked for it: they own it by their alias from now on, and who they are is
// encrypted to the station's key. Of any other tip it does nothing.
func (h *Server) hide(ctx context.Context, tip *models.Tip) (identity []byte, err error) {
	asked := api.From(ctx)
	if !asked.Anonymous {
		return nil, nil
	}
	tip.Reporting, tip.ReporterID, tip.OrderID = models.ReportingHidden, asked.Principal.Alias, models.CoarseID(tip.OrderID, asked.Now)
	tip.OccurredAt = tip.OccurredAt.Truncate(models.CoarseTime)
	tip.Steps[0].ByID = tip.ReporterID
	return h.sealIdentity(ctx, asked.Principal)
}

// checkOwnID refuses an id of the phone's making that tells when it was made, in a request of which no exact time is kept.
func checkOwnID(ctx context.Context, id models.ID) error {
	if !api.From(ctx).Anonymous {
		return nil
	}
	return models.CheckTimeless("id", id)
}

// addReportedTip writes a tip, with its sealed reporter where they are hidden. Whether its category takes it is answered
// after its id: a repeat gets the first answer, whatever the station asks by now.
func addReportedTip(ctx context.Context, tx *store.Store, tip *models.Tip, identity []byte) error {
	taken, unfit := takenBy(ctx, tx, *tip)
	add := tx.AddTip
	if tip.Reporting == models.ReportingHidden {
		add = func(ctx context.Context, tip models.Tip) error { return tx.AddHiddenTip(ctx, tip, identity) }
	}
	if err := add(ctx, taken); err != nil {
		return err
	}
	*tip = taken
	return unfit
}
