package handlers

import (
	"context"
	"time"

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
	if len(tip.MediaIDs) > 0 { // photos know who took them
		return nil, models.Unfit("media_ids", models.FieldNotAllowed, "without hide_me only")
	}
	tip.Reporting, tip.ReporterID, tip.OrderID = models.ReportingHidden, asked.Principal.Alias, models.CoarseID(tip.OrderID, asked.Now)
	tip.OccurredAt = tip.OccurredAt.Truncate(models.CoarseTime)
	tip.Steps[0].ByID = tip.ReporterID
	return h.sealIdentity(ctx, asked.Principal)
}

// idAt is a new id that says no more of its time than now does: where somebody is unknown that is the minute.
func (h *Server) idAt(now time.Time) models.ID {
	id := h.NewID()
	if now.Equal(now.Truncate(models.CoarseTime)) && !id.Time().Equal(now) {
		return models.CoarseID(id, now)
	}
	return id
}

// addReportedTip writes a tip, with its sealed reporter where they are hidden.
func addReportedTip(ctx context.Context, tx *store.Store, tip models.Tip, identity []byte) error {
	if tip.Reporting == models.ReportingHidden {
		return tx.AddHiddenTip(ctx, tip, identity)
	}
	return tx.AddTip(ctx, tip)
}
