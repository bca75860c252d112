package handlers

import (
	"cmp"
	"context"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// CreateVoiceCallback answers POST /v1/voice-callbacks. Whoever does not sign right learns nothing, and whoever does not whether
// there is such a call.
func (h *Server) CreateVoiceCallback(
	ctx context.Context, request api.CreateVoiceCallbackRequestObject,
) (api.CreateVoiceCallbackResponseObject, error) {
	asked, body := api.From(ctx), request.Body
	if !h.fromCaller(ctx, request.Params, asked) {
		return nil, models.Fail(models.CodeBadSignature) // not in the audit: anybody could fill it
	}
	report := models.VoiceReport{
		CallbackID: value(request.Params.WebhookId), CallID: body.Data.CallId, Event: models.VoiceEvent(body.Data.Event),
	}
	err := h.Store.Atomically(ctx, func(tx *store.Store) error { return h.takeVoice(ctx, tx, report, asked) })
	if models.CodeOf(err) == models.CodeNotFound { // no call of ours, or one of an alert that is gone
		err = nil
	}
	return api.CreateVoiceCallback204Response{}, err
}

// fromCaller says whether a request is signed by the caller system with one of the secrets that hold now.
func (h *Server) fromCaller(ctx context.Context, params api.CreateVoiceCallbackParams, asked api.Request) bool {
	if h.VoiceSecrets == nil {
		return false
	}
	secrets, err := h.VoiceSecrets()
	if err != nil {
		h.Logger.ErrorContext(ctx, "the secrets shared with the caller system cannot be read; no callback is believed", "error", err)
	}
	for _, secret := range secrets {
		key, err := models.WebhookKey(secret)
		if err == nil && models.WebhookGenuine(key, value(params.WebhookId), value(params.WebhookTimestamp),
			value(params.WebhookSignature), asked.Signed, asked.Now) {
			return true
		}
	}
	return false
}

// takeVoice writes what became of a call, once for each callback. CodeNotFound when there is no such call.
func (h *Server) takeVoice(ctx context.Context, tx *store.Store, report models.VoiceReport, asked api.Request) error {
	fresh, err := tx.TakeVoiceCallback(ctx, report.CallbackID, asked.Now)
	if err != nil || !fresh {
		return err
	}
	attempt, err := tx.VoiceAttempt(ctx, report.CallID)
	state, moves := report.Event.Moves(attempt)
	if err != nil || !moves {
		return err
	}
	alert, err := tx.Alert(ctx, attempt.AlertID)
	if err != nil {
		return err
	}
	// As by the app: the person's row first, so that an acknowledgement keeps the time of the first.
	at, record := asked.Now, models.AuditEntry{Operation: models.OpVoiceCallback}
	if state == models.DeliveryAcknowledged {
		who, err := tx.Person(ctx, attempt.PersonID)
		if err == nil && who.Disabled() { // whose account is closed acknowledges nothing any more
			err = models.Fail(models.CodeNotFound)
		}
		if err != nil {
			return err
		}
		if at, err = tx.AcknowledgeAlert(ctx, attempt.PersonID, alert.ID, asked.Now); err != nil {
			return err
		}
		record.Operation, record.ActorID = models.OpAcknowledgeAlert, attempt.PersonID
	}
	if moved, err := tx.MoveVoice(ctx, attempt, report.Event, state, at, asked.Now); err != nil || !moved {
		return cmp.Or(err, error(models.Fail(models.CodeBusy))) // the worker wrote meanwhile: the caller system says it again
	}
	record.ID, record.StationID, record.At, record.Outcome = h.NewID(), alert.Audience.Place.Station, asked.Now, models.AuditAllowed
	record.ObjectKind, record.ObjectID = "alert", alert.ID
	record.Facts = map[string]string{"channel": models.ChannelVoice, "event": string(report.Event), "call": string(attempt.ID)}
	return tx.Record(ctx, record, "")
}
