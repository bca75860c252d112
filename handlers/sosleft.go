package handlers

import (
	"context"
	"errors"

	"xunfang/models"
	"xunfang/store"
)

// EndLeftSOS ends every open call that nothing was heard of for models.SOSLeft: it would show where its caller was
// for ever.
func (h *Server) EndLeftSOS(ctx context.Context) error {
	left, err := h.Store.LeftSOS(ctx, h.Now().Add(-models.SOSLeft), sosBatch)
	return errors.Join(err, eachOf(left, func(id models.ID) error { return h.endLeft(ctx, id) }))
}

// endLeft ends one call and tells the commanders. Of any number of replicas one does: who comes second finds it done.
func (h *Server) endLeft(ctx context.Context, id models.ID) error {
	now, ended, told := h.Now(), models.SOS{}, models.Alert{}
	sos, err := h.Store.SOS(ctx, id)
	if err != nil {
		return err
	}
	held, err := h.Store.RoleHolders(ctx, sos.Place.Station, []models.Role{models.RoleCommander}, now)
	if err != nil {
		return err
	}
	ctx = h.asService(ctx, sos.Place.Station, now)
	what := &deed{operation: models.OpResolveSOS, kind: "sos", id: id, facts: map[string]string{
		"outcome": string(models.SOSResolved), "reason": string(models.SOSNoContact),
	}}
	err = h.Store.Atomically(ctx, func(tx *store.Store) error {
		ended, told = models.SOS{}, models.Alert{}
		sos, err := tx.LockSOS(ctx, id)
		if err != nil {
			return err
		}
		over, due := sos.Left(now)
		if !due {
			return nil
		}
		if ended, err = tx.UpdateSOS(ctx, over, now); err != nil {
			return err
		}
		if told, err = h.sosLeft(ctx, tx, ended, held); err != nil {
			return err
		}
		return tx.Record(ctx, h.entry(ctx, what, nil), "")
	})
	if err == nil && ended.ID != "" {
		h.asked(ctx, ended, asking{alert: told})
	}
	return err
}

// sosLeft tells the commanders that a call was ended; never its own caller, who may have called silently.
func (h *Server) sosLeft(ctx context.Context, tx *store.Store, sos models.SOS, held map[models.ID]models.Role) (models.Alert, error) {
	people := []models.ID{}
	for person := range held {
		if person != sos.CallerID {
			people = append(people, person)
		}
	}
	if len(people) == 0 {
		return models.Alert{}, nil
	}
	alert := worded(models.Alert{
		ID: h.NewID(), Kind: models.AlertSOSLeft, Severity: models.SeverityHigh,
		Audience: models.Audience{Place: models.Place{Station: sos.Place.Station}, People: people},
		AboutID:  sos.ID, CreatedAt: sos.EndedAt, ExpiresAt: sos.EndedAt.Add(models.SOSLeft),
	}, sosIsLeft, sosLookAfter)
	var err error
	alert.Recipients, err = tx.AddAlert(ctx, alert)
	return alert, err
}

var (
	sosIsLeft    = spoken{"求助已由系统结束", "A call for help was ended by the system"}
	sosLookAfter = spoken{
		"一个求助七天没有位置，也没有任何答复，已由系统结束。请核实求助者是否平安。",
		"It had neither a position nor an answer for seven days. Please see whether the caller is well.",
	}
)
