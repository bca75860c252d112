package handlers

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// AlertHook speaks to the station's own systems: push.Webhook.
type AlertHook interface {
	// Test sends one message about no alert, and gives why it was not taken; "" when it was.
	Test(ctx context.Context, id models.ID, address models.Secret, secrets []models.Secret) string
}

// ListAlertWebhooks answers GET /v1/alert-webhooks.
func (h *Server) ListAlertWebhooks(ctx context.Context, _ api.ListAlertWebhooksRequestObject) (api.ListAlertWebhooksResponseObject, error) {
	hooks, err := h.Store.AlertWebhooks(ctx, api.From(ctx).Principal.StationID)
	answer := api.AlertWebhookList{Items: make([]api.AlertWebhook, 0, len(hooks))}
	for _, hook := range hooks {
		answer.Items = append(answer.Items, wireAlertWebhook(hook, api.From(ctx).Now))
	}
	return api.ListAlertWebhooks200JSONResponse(answer), err
}

// CreateAlertWebhook answers POST /v1/alert-webhooks.
func (h *Server) CreateAlertWebhook(
	ctx context.Context, request api.CreateAlertWebhookRequestObject,
) (api.CreateAlertWebhookResponseObject, error) {
	asked, body := api.From(ctx), request.Body
	if err := models.CheckWebhookURL(body.Url, h.HookNetworks); err != nil {
		return nil, err
	}
	if err := models.CheckWebhookKinds(value(body.Kinds)); err != nil {
		return nil, err
	}
	secret, err := h.webhookSecret()
	if err != nil {
		return nil, err
	}
	hook := models.AlertWebhook{
		ID: h.NewID(), StationID: asked.Principal.StationID, Name: strings.TrimSpace(body.Name), URL: models.Secret(body.Url),
		Secret: secret, Kinds: value(body.Kinds), CreatedAt: asked.Now,
	}
	for _, severity := range body.Severities {
		hook.Severities = append(hook.Severities, string(severity))
	}
	what := &deed{
		operation: models.OpCreateWebhook, kind: "alert_webhook", id: hook.ID,
		facts: map[string]string{"severities": strings.Join(hook.Severities, ","), "kinds": strings.Join(hook.Kinds, ",")},
	}
	answer, err := act(ctx, h, what, 201, func(tx *store.Store) (api.AlertWebhookSecret, error) {
		others, err := tx.AlertWebhooks(ctx, hook.StationID)
		if err == nil && len(others) >= models.MaxAlertWebhooks {
			err = models.Fail(models.CodeConflict)
		}
		if err != nil {
			return api.AlertWebhookSecret{}, err
		}
		return api.AlertWebhookSecret{Id: hook.ID, Secret: secret.Reveal()}, tx.AddAlertWebhook(ctx, hook)
	})
	if err != nil {
		return nil, err
	}
	return api.CreateAlertWebhook201JSONResponse(answer), nil
}

func (h *Server) webhookSecret() (models.Secret, error) {
	key := make([]byte, models.AlertWebhookKeyBytes)
	_, err := io.ReadFull(h.Random, key)
	return models.NewWebhookSecret(key), err
}

// DeleteAlertWebhook answers DELETE /v1/alert-webhooks/{webhook_id}.
func (h *Server) DeleteAlertWebhook(
	ctx context.Context, request api.DeleteAlertWebhookRequestObject,
) (api.DeleteAlertWebhookResponseObject, error) {
	asked := api.From(ctx)
	what := &deed{operation: models.OpDeleteWebhook, kind: "alert_webhook", id: request.WebhookId}
	_, err := act(ctx, h, what, 204, func(tx *store.Store) (bool, error) {
		deleted, err := tx.DeleteAlertWebhook(ctx, asked.Principal.StationID, request.WebhookId, asked.Now)
		if err == nil && !deleted {
			err = models.Fail(models.CodeNotFound)
		}
		return deleted, err
	})
	if err != nil {
		return nil, err
	}
	return api.DeleteAlertWebhook204Response{}, nil
}

// RotateAlertWebhookSecret answers POST /v1/alert-webhooks/{webhook_id}/rotate-secret. While two secrets sign there is no third:
// the receiver would lose the one that it knows.
func (h *Server) RotateAlertWebhookSecret(
	ctx context.Context, request api.RotateAlertWebhookSecretRequestObject,
) (api.RotateAlertWebhookSecretResponseObject, error) {
	asked := api.From(ctx)
	secret, err := h.webhookSecret()
	if err != nil {
		return nil, err
	}
	what := &deed{operation: models.OpRotateWebhook, kind: "alert_webhook", id: request.WebhookId}
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.AlertWebhookSecret, error) {
		hook, err := tx.AlertWebhook(ctx, asked.Principal.StationID, request.WebhookId)
		if err != nil {
			return api.AlertWebhookSecret{}, err
		}
		rotated := false
		if !asked.Now.Before(hook.BeforeEnds) {
			rotated, err = tx.RotateAlertWebhook(ctx, hook, secret, asked.Now.Add(models.AlertWebhookOverlap))
		}
		if err == nil && !rotated {
			err = models.Fail(models.CodeConflict)
		}
		return api.AlertWebhookSecret{Id: hook.ID, Secret: secret.Reveal()}, err
	})
	if err != nil {
		return nil, err
	}
	return api.RotateAlertWebhookSecret200JSONResponse(answer), nil
}

// TestAlertWebhook answers POST /v1/alert-webhooks/{webhook_id}/test. What is sent goes out before its record is written, as of
// everything that is only tried; a repeated key sends nothing again.
func (h *Server) TestAlertWebhook(
	ctx context.Context, request api.TestAlertWebhookRequestObject,
) (api.TestAlertWebhookResponseObject, error) {
	asked := api.From(ctx)
	what := &deed{operation: models.OpTestWebhook, kind: "alert_webhook", id: request.WebhookId}
	key, err := h.takeKey(ctx, what.operation)
	if err != nil {
		return nil, err
	}
	defer key.release()
	hook, err := h.Store.AlertWebhook(ctx, asked.Principal.StationID, request.WebhookId)
	if err != nil {
		return nil, h.refused(ctx, what, err)
	}
	reason := "no_channel"
	if h.Hook != nil {
		reason = h.Hook.Test(ctx, h.NewID(), hook.URL, hook.Secrets(asked.Now))
	}
	what.facts = map[string]string{"reason": reason}
	answer, err := actOnce(ctx, h, what, key, 200, func(*store.Store) (api.AlertWebhookTest, error) {
		return api.AlertWebhookTest{Accepted: reason == "", Reason: reason}, nil
	})
	if err != nil {
		return nil, err
	}
	return api.TestAlertWebhook200JSONResponse(answer), nil
}

func wireAlertWebhook(hook models.AlertWebhook, now time.Time) api.AlertWebhook {
	wire := api.AlertWebhook{
		Id: hook.ID, Name: hook.Name, Kinds: append([]string{}, hook.Kinds...), State: api.WebhookWorking,
		Severities: []api.Severity{}, CreatedAt: api.At(hook.CreatedAt), SucceededAt: api.AtOrNil(hook.SucceededAt),
		FailingSince: api.AtOrNil(hook.FailingSince),
	}
	for _, severity := range hook.Severities {
		wire.Severities = append(wire.Severities, api.Severity(severity))
	}
	switch {
	case !hook.DisabledAt.IsZero() || hook.Worn(now):
		wire.State = api.WebhookDisabled
	case hook.Failures > 0:
		wire.State = api.WebhookFailing
	}
	return wire
}

const (
	webhooksEvery = time.Minute
	webhookBatch  = 100            // of one look; the others have the next
	webhookLife   = 24 * time.Hour // of the alert that tells of it

	opDisableWebhook models.Operation = "disableAlertWebhook" // the system's own, in the audit
)

// KeepAlertWebhooks switches off webhooks that have failed for too long, until ctx ends.
func (h *Server) KeepAlertWebhooks(ctx context.Context) error {
	return h.every(ctx, webhooksEvery, func() error { return h.DisableWornWebhooks(ctx) })
}

// DisableWornWebhooks looks once. Any number of replicas may: who switches one off tells of it.
func (h *Server) DisableWornWebhooks(ctx context.Context) error {
	now := h.Now()
	failing, err := h.Store.FailingAlertWebhooks(ctx, now.Add(-models.AlertWebhookWorn), webhookBatch)
	worn := slices.DeleteFunc(failing, func(hook models.AlertWebhook) bool { return !hook.Worn(now) })
	return errors.Join(err, eachOf(worn, func(hook models.AlertWebhook) error { return h.disableWebhook(ctx, hook, now) }))
}

func (h *Server) disableWebhook(ctx context.Context, hook models.AlertWebhook, now time.Time) error {
	return h.tellAfter(ctx, func(tx *store.Store) ([]models.Alert, error) {
		if mine, err := tx.DisableAlertWebhook(ctx, hook.ID, now); err != nil || !mine {
			return nil, err
		}
		place := models.Place{Station: hook.StationID}
		people, err := tx.HoldersOver(ctx, dutyCommander, place, now)
		if err != nil {
			return nil, err
		}
		alerts := []models.Alert{}
		if len(people) > 0 {
			alert := models.Alert{
				ID: h.NewID(), Kind: models.AlertWebhookBroken, Severity: models.SeverityHigh, AboutID: hook.ID,
				Audience:  models.Audience{Place: place, People: people},
				CreatedAt: now, ExpiresAt: now.Add(webhookLife),
				Title: models.Secret("自有系统已停收预警：" + hook.Name), TitleEN: models.Secret("A system is told of alerts no more: " + hook.Name),
				Body:   "它很久没有收下预警，已停用。修好之后请更换密钥，即重新启用。",
				BodyEN: "It has not taken an alert for long, and was switched off. Once it is mended, give it a new secret to switch it on.",
			}
			if alert.Recipients, err = tx.AddAlert(ctx, alert); err != nil {
				return nil, err
			}
			alerts = append(alerts, alert)
		}
		return alerts, tx.Record(ctx, models.AuditEntry{
			ID: h.NewID(), StationID: hook.StationID, At: now, Operation: opDisableWebhook, ObjectKind: "alert_webhook", ObjectID: hook.ID,
			Outcome: models.AuditAllowed,
		}, "")
	})
}
