package handlers

import (
	"context"
	"errors"
	"fmt"
	"time"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// asking is one step of putting a call to people: who is asked, and the alert that does it.
type asking struct {
	helpers    []models.SOSHelper
	alert      models.Alert
	incomplete bool // somebody who has to be asked could not be read
}

// failed says that nobody was found, because they could not be read.
func (a asking) failed() bool { return a.incomplete && len(a.helpers) == 0 }

// nextLook sets when a call has to be looked at next after this step.
func (a asking) nextLook(sos models.SOS, now time.Time) models.SOS {
	switch {
	case a.failed(), a.incomplete && sos.Step == models.SOSLastStep:
		return sos.Incomplete(now)
	case len(a.helpers) == 0 && !sos.WidensAt.IsZero():
		sos.WidensAt = now // nobody to wait for
	}
	return sos
}

// ask writes whom a step asks, with their alert. The alert's id is made with the writer's turn, as in CreateAlert.
func (h *Server) ask(ctx context.Context, tx *store.Store, sos models.SOS, made *asking, now time.Time) error {
	if len(made.helpers) == 0 {
		return nil
	}
	if err := tx.AddSOSHelpers(ctx, made.helpers); err != nil {
		return err
	}
	return h.alertOf(ctx, tx, sos, made, now)
}

// alertOf writes the alert that puts a call to people.
func (h *Server) alertOf(ctx context.Context, tx *store.Store, sos models.SOS, made *asking, now time.Time) error {
	if len(made.helpers) == 0 {
		return nil
	}
	names, err := tx.Names(ctx, []models.ID{sos.CallerID})
	if err != nil { // help is called without the name
		h.Logger.ErrorContext(ctx, "the name of who calls for help could not be read", "sos_id", sos.ID, "error", err)
	}
	people := make([]models.ID, 0, len(made.helpers))
	for _, helper := range made.helpers {
		people = append(people, helper.PersonID)
	}
	made.alert = models.Alert{
		ID: h.NewID(), Kind: models.AlertSOS, Severity: models.SeverityEmergency,
		Title: sosTitle(sos), Body: h.sosBody(ctx, h.hushed(ctx, "", sos), names, now),
		Audience: models.Audience{Place: models.Place{Station: sos.Place.Station}, People: people},
		SenderID: sos.CallerID, AboutID: sos.ID, CreatedAt: now, ExpiresAt: now.Add(models.SOSAlertLife),
	}
	made.alert.Recipients, err = tx.AddAlert(ctx, made.alert)
	return err
}

func sosTitle(sos models.SOS) models.Secret {
	return models.Secret("紧急求助：" + map[models.SOSKind]string{
		models.SOSPanic: "一键求助", models.SOSManDown: "疑似倒地", models.SOSDuress: "受到胁迫", models.SOSMissed: "未按时确认平安",
	}[sos.Kind])
}

func (h *Server) sosBody(ctx context.Context, sos models.SOS, names map[models.ID]models.Secret, now time.Time) models.Secret {
	who := names[sos.CallerID].Reveal()
	if who == "" {
		who = "有人"
	}
	text := fmt.Sprintf("%s 请求帮助，%s。请立即打开应用查看并答复。", who, h.sosWhere(ctx, sos, now))
	if sos.Silent {
		text += "静默求助：不要致电求助者，不要鸣笛。"
	}
	return models.Secret(text)
}

// sosWhere says where the caller is, and of when that is, if they may have gone since.
func (h *Server) sosWhere(ctx context.Context, sos models.SOS, now time.Time) string {
	if sos.Fix == nil {
		return "目前位置不明"
	}
	where := "位置见求助详情"
	compounds, err := h.stationCompounds(ctx, sos.Place.Station)
	if err != nil {
		h.Logger.WarnContext(ctx, "the place of a call for help has no name", "sos_id", sos.ID, "error", err)
	}
	if compound, near := models.NearestCompound(sos.Fix.Position, compounds, models.TipWithinM); near {
		where = "在" + compound.Name + "附近"
	}
	if sos.PlaceKnown(now) {
		return where
	}
	zone, err := h.Store.StationZone(ctx, sos.Place.Station)
	if err != nil {
		h.Logger.WarnContext(ctx, "the station's time zone could not be read", "sos_id", sos.ID, "error", err)
		return "目前位置不明，最后一次已知位置已过时，" + where
	}
	return "目前位置不明，最后一次已知位置（" + watchWords{zone: zone}.clock(sos.Fix.FixedAt) + "）" + where
}

func (h *Server) stationCompounds(ctx context.Context, station models.ID) ([]models.Compound, error) {
	return h.places.get(station, h.Now(), func() ([]models.Compound, error) { return h.Store.StationCompounds(ctx, station) })
}

// asked is done after the commit: phones and streams of those asked are woken, and who is part of it hears of the change.
func (h *Server) asked(ctx context.Context, sos models.SOS, made asking) {
	if made.alert.ID != "" {
		h.alerted(ctx, made.alert)
	}
	h.sosChanged(ctx, sos)
}

const (
	sosEvery = time.Second
	sosBatch = 100 // calls, or timers, that one tick works on
)

// KeepSOS widens calls that nobody acknowledges, ends those that were left, watches welfare timers, and tells streams of
// what other replicas changed, until ctx ends.
func (h *Server) KeepSOS(ctx context.Context) error {
	return h.every(ctx, sosEvery, func() error {
		return errors.Join(h.WidenSOS(ctx), h.EndLeftSOS(ctx), h.WatchWelfare(ctx), h.spreadSOS(ctx))
	})
}

// WidenSOS widens every call whose time has come.
func (h *Server) WidenSOS(ctx context.Context) error {
	due, err := h.Store.DueSOS(ctx, h.Now(), sosBatch)
	return errors.Join(err, eachOf(due, func(id models.ID) error { return h.widen(ctx, id) }))
}

// widen takes one step. Of any number of replicas one does: who comes second finds it done.
func (h *Server) widen(ctx context.Context, id models.ID) error {
	now, made, wider := h.Now(), asking{}, models.SOS{}
	sos, err := h.Store.SOS(ctx, id)
	if err != nil {
		return err
	}
	before, err := h.askedBefore(ctx, id)
	if err != nil {
		return err
	}
	next, due := sos.Widened(now)
	if !due {
		return nil
	}
	next.Fix = h.lastKnown(ctx, sos)
	made = h.whomToAsk(ctx, next, before, now)
	next = made.nextLook(next, now)
	ctx = h.asService(ctx, sos.Place.Station, now)
	what := &deed{operation: models.OpCreateSOS, kind: "sos", id: id, facts: map[string]string{
		"step": fmt.Sprint(next.Step), "asked": fmt.Sprint(len(made.helpers)),
	}}
	err = h.Store.Atomically(ctx, func(tx *store.Store) error {
		held, err := tx.LockSOS(ctx, id)
		if err != nil || held.Version != sos.Version { // the next tick looks again
			return err
		}
		place := next.Fix
		next.Fix = held.Fix
		if wider, err = tx.UpdateSOS(ctx, next, now); err != nil {
			return err
		}
		if made.failed() {
			return nil // nothing was done yet
		}
		about := wider
		about.Fix = place
		if err := h.ask(ctx, tx, about, &made, now); err != nil {
			return err
		}
		return tx.Record(ctx, h.entry(ctx, what, nil), "")
	})
	if err == nil && wider.ID != "" && !made.failed() {
		h.asked(ctx, wider, made)
	}
	return err
}

func (h *Server) askedBefore(ctx context.Context, id models.ID) (map[models.ID]bool, error) {
	helpers, err := h.Store.SOSHelpers(ctx, id)
	before := map[models.ID]bool{}
	for _, helper := range helpers {
		before[helper.PersonID] = true
	}
	return before, err
}

// lastKnown is where a caller was last, as far as anybody knows.
func (h *Server) lastKnown(ctx context.Context, sos models.SOS) *models.Fix {
	trail, err := h.Store.SOSPositions(ctx, sos.ID, 1)
	if err != nil {
		h.Logger.ErrorContext(ctx, "the way of who calls for help could not be read", "sos_id", sos.ID, "error", err)
	}
	if len(trail) > 0 && (sos.Fix == nil || trail[0].FixedAt.After(sos.Fix.FixedAt)) {
		return &trail[0].Fix
	}
	return sos.Fix
}

// asService is the context of what the service does by itself.
func (h *Server) asService(ctx context.Context, station models.ID, now time.Time) context.Context {
	return api.With(ctx, api.Request{Now: now, Principal: models.Principal{StationID: station}})
}
