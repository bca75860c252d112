package handlers

import (
	"context"
	"time"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

const defaultAlertLife = 24 * time.Hour

// CreateAlert answers POST /v1/alerts: the alert, every inbox and everything to be sent to
// phones are written in one transaction.
func (h *Server) CreateAlert(ctx context.Context, request api.CreateAlertRequestObject) (api.CreateAlertResponseObject, error) {
	asked, body := api.From(ctx), request.Body
	alert := models.Alert{
		Kind: body.Kind, Severity: string(body.Severity), Title: models.Secret(body.Title),
		Body: models.Secret(body.Body), SenderID: asked.Principal.ID, RequiresAck: value(body.RequiresAck),
		CreatedAt: asked.Now, ExpiresAt: asked.Now.Add(defaultAlertLife),
	}
	if body.TtlS != nil {
		alert.ExpiresAt = asked.Now.Add(time.Duration(*body.TtlS) * time.Second)
	}
	what := &deed{
		operation: models.OpCreateAlert, kind: "alert",
		facts: map[string]string{"kind": alert.Kind, "severity": alert.Severity},
	}
	answer, err := act(ctx, h, what, 201, func(tx *store.Store) (api.Alert, error) {
		var err error
		if alert.Audience, err = h.audienceOf(ctx, tx, what.operation, body.Audience); err != nil {
			return api.Alert{}, err
		}
		// The id is made here, with the writer's turn, so that ids come in the order of their commits:
		// a stream that goes on after an id must not have missed an older one.
		alert.ID = h.NewID()
		what.id = alert.ID
		if alert.Recipients, err = tx.AddAlert(ctx, alert); err != nil {
			return api.Alert{}, err
		}
		return wireAlert(asked)(alert), nil
	})
	if err != nil {
		return nil, err
	}
	h.alerted(ctx, alert)
	return api.CreateAlert201JSONResponse(answer), nil
}

// wakePush tells the push worker, where there is one, that something was committed for it.
func (h *Server) wakePush() {
	if h.WakePush != nil {
		h.WakePush()
	}
}

// alerted wakes, after the commit, what carries an alert further: the push worker, open streams, and other replicas.
// A wake-up that is lost costs a moment: all look by themselves as well.
func (h *Server) alerted(ctx context.Context, alert models.Alert) {
	h.wakePush()
	h.tellReplicas(models.WakeAlert, alert.ID)
	// The alert is committed: that its sender has waited long enough must not keep it from the streams until the next look.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), streamLook)
	defer cancel()
	if err := h.spreadAlerts(ctx, alert.ID); err != nil {
		h.Logger.WarnContext(ctx, "open streams were not woken", "alert_id", alert.ID, "error", err)
	}
}

// ListAlerts answers GET /v1/alerts.
func (h *Server) ListAlerts(ctx context.Context, request api.ListAlertsRequestObject) (api.ListAlertsResponseObject, error) {
	who, params := api.From(ctx).Principal, request.Params
	page, err := pageOf(ctx, params.Limit, params.Cursor)
	if err != nil {
		return nil, err
	}
	filter := store.AlertFilter{Severity: string(value(params.Severity)), Kind: value(params.Kind)}
	alerts, err := h.Store.Alerts(ctx, models.Sights(models.OpListAlerts, who), filter, page)
	if err != nil {
		return nil, err
	}
	items, next := listed(ctx, alerts, page, wireAlert(api.From(ctx)), func(alert models.Alert) models.ID { return alert.ID })
	return api.ListAlerts200JSONResponse{Items: items, NextCursor: next}, nil
}

// GetAlert answers GET /v1/alerts/{alert_id}: to who is addressed, and to who oversees its audience.
func (h *Server) GetAlert(ctx context.Context, request api.GetAlertRequestObject) (api.GetAlertResponseObject, error) {
	who := api.From(ctx).Principal
	what := &deed{operation: models.OpGetAlert, kind: "alert", id: request.AlertId}
	alert, err := h.Store.Alert(ctx, request.AlertId)
	if err != nil {
		return nil, h.refused(ctx, what, err)
	}
	items, err := h.inbox(ctx, h.Store, store.InboxFilter{AlertID: alert.ID}, store.Page{Limit: 1})
	if err != nil {
		return nil, err
	}
	if len(items) == 0 && !oversees(who, alert) {
		return nil, h.refused(ctx, what, models.Fail(models.CodeNotFound))
	}
	return api.GetAlert200JSONResponse(wireAlert(api.From(ctx))(alert)), nil
}

// oversees says whether the caller may see an alert by their scope: one person's own alerts,
// which name no role, are nobody else's.
func oversees(who models.Principal, alert models.Alert) bool {
	return len(alert.Audience.Roles) > 0 &&
		models.May(models.OpCreateAlert, who, models.Object{Place: alert.Audience.Place}) == nil
}

// AcknowledgeAlert answers POST /v1/alerts/{alert_id}/acknowledge.
func (h *Server) AcknowledgeAlert(
	ctx context.Context, request api.AcknowledgeAlertRequestObject,
) (api.AcknowledgeAlertResponseObject, error) {
	asked := api.From(ctx)
	what := &deed{operation: models.OpAcknowledgeAlert, kind: "alert", id: request.AlertId}
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.Acknowledgement, error) {
		at, err := tx.AcknowledgeAlert(ctx, asked.Principal.ID, request.AlertId, asked.Now)
		if alias := asked.Principal.Alias; alias != "" && models.CodeOf(err) == models.CodeNotFound { // about what they reported hidden
			noted, failed := tx.AcknowledgeAlert(ctx, alias, request.AlertId, asked.Now.Truncate(models.CoarseTime))
			if failed == nil {
				api.Hide(ctx) // the record must not join the person with the alert
				at, err = noted, nil
			}
		}
		return api.Acknowledgement{AlertId: request.AlertId, AcknowledgedAt: api.At(at)}, err
	})
	if err != nil {
		return nil, err
	}
	return api.AcknowledgeAlert200JSONResponse(answer), nil
}

// wireAlert writes an alert as the caller may see it: the counts are for those who oversee it.
func wireAlert(asked api.Request) func(models.Alert) api.Alert {
	who := asked.Principal
	return func(alert models.Alert) api.Alert {
		title, body := alert.In(asked.Language)
		wire := api.Alert{
			Id: alert.ID, Kind: alert.Kind, Severity: api.Severity(alert.Severity), Title: title.Reveal(),
			Body: body.Reveal(), CreatedAt: api.At(alert.CreatedAt), ExpiresAt: api.At(alert.ExpiresAt),
			RequiresAck: alert.RequiresAck, CancelledAt: api.AtOrNil(alert.CancelledAt),
		}
		if len(alert.Audience.Roles) > 0 {
			audience := wireAudience(alert.Audience, oversees(who, alert))
			wire.Audience = &audience
		}
		if oversees(who, alert) {
			wire.Recipients, wire.Acknowledged = &alert.Recipients, &alert.Acknowledged
			if named := alert.Audience.Named; named > 0 {
				wire.Named = &named
			}
		}
		return wire
	}
}
