package handlers

import (
	"context"
	"time"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// CreateSosResponse answers POST /v1/sos/{sos_id}/responses. Who comes has taken the call in.
func (h *Server) CreateSosResponse(
	ctx context.Context, request api.CreateSosResponseRequestObject,
) (api.CreateSosResponseResponseObject, error) {
	reply := models.SOSReply(request.Body.State)
	what := &deed{
		operation: models.OpCreateSOSResponse, kind: "sos", id: request.SosId, facts: map[string]string{"reply": string(reply)},
	}
	answer, err := h.takeSOS(ctx, what, reply.Acknowledges(), func(helper *models.SOSHelper, now time.Time) {
		helper.Reply, helper.RepliedAt = reply, now
	})
	if err != nil {
		return nil, err
	}
	return api.CreateSosResponse200JSONResponse(answer), nil
}

// AcknowledgeSos answers POST /v1/sos/{sos_id}/acknowledge.
func (h *Server) AcknowledgeSos(
	ctx context.Context, request api.AcknowledgeSosRequestObject,
) (api.AcknowledgeSosResponseObject, error) {
	what := &deed{operation: models.OpAcknowledgeSOS, kind: "sos", id: request.SosId, facts: map[string]string{}}
	answer, err := h.takeSOS(ctx, what, true, func(helper *models.SOSHelper, _ time.Time) {
		if helper.Reply == models.SOSCannot { // they can after all
			helper.Reply, helper.RepliedAt = "", time.Time{}
		}
	})
	if err != nil {
		return nil, err
	}
	return api.AcknowledgeSos200JSONResponse(answer), nil
}

// takeSOS writes what somebody who was asked, or police there, answers to a call. The first who takes it in
// acknowledges it for all; the others are kept beside.
func (h *Server) takeSOS(
	ctx context.Context, what *deed, takes bool, answer func(helper *models.SOSHelper, now time.Time),
) (api.Sos, error) {
	asked, after := api.From(ctx), models.SOS{}
	wire, err := act(ctx, h, what, 200, func(tx *store.Store) (api.Sos, error) {
		sos, helper, err := h.sosToTake(ctx, tx, what)
		if err != nil {
			return api.Sos{}, err
		}
		taken, won, err := sos.Taken(asked.Principal.ID, asked.Now)
		if err != nil {
			return api.Sos{}, err
		}
		if !takes {
			taken, won = sos, false
		}
		if helper.DeliveredAt.IsZero() {
			helper.DeliveredAt = asked.Now
		}
		if takes && helper.AcknowledgedAt.IsZero() {
			helper.AcknowledgedAt = asked.Now
		}
		if taken.State == models.SOSRaised { // an answer proves that it arrived
			taken.State = models.SOSDelivered
		}
		if taken.DeliveredAt.IsZero() {
			taken.DeliveredAt = asked.Now
		}
		answer(&helper, asked.Now)
		if err := tx.UpdateSOSHelper(ctx, helper); err != nil {
			return api.Sos{}, err
		}
		if taken, err = letGo(ctx, tx, taken, asked.Now); err != nil {
			return api.Sos{}, err
		}
		what.facts["first"] = map[bool]string{true: "yes", false: "no"}[won]
		if after, err = tx.UpdateSOS(ctx, taken, asked.Now); err != nil {
			return api.Sos{}, err
		}
		return wireSOS(asked.Principal)(after), nil
	})
	if err == nil {
		h.sosChanged(ctx, after)
	}
	return wire, err
}

// letGo looks whether anybody is left on whom a call can count.
func letGo(ctx context.Context, tx *store.Store, sos models.SOS, now time.Time) (models.SOS, error) {
	if sos.State != models.SOSAcknowledged {
		return sos, nil
	}
	helpers, err := tx.SOSHelpers(ctx, sos.ID)
	sos, _ = sos.LetGo(helpers, now)
	return sos, err
}

// sosToTake locks a call that the caller may answer, and gives their part in it; a new one of police who come by themselves.
func (h *Server) sosToTake(ctx context.Context, tx *store.Store, what *deed) (models.SOS, models.SOSHelper, error) {
	asked := api.From(ctx)
	sos, err := tx.LockSOS(ctx, what.id)
	if err != nil {
		return sos, models.SOSHelper{}, err
	}
	helper, err := tx.SOSHelper(ctx, sos.ID, asked.Principal.ID)
	if err != nil && models.CodeOf(err) != models.CodeNotFound {
		return sos, helper, err
	}
	if refusal := sos.MayTake(what.operation, asked.Principal, err == nil); refusal != nil {
		return sos, helper, refusal
	}
	if err != nil {
		grant, _ := models.By(what.operation, asked.Principal, models.Object{Place: sos.Place})
		helper = models.SOSHelper{SOSID: sos.ID, PersonID: asked.Principal.ID, Role: grant.Role, AskedAt: asked.Now}
	}
	return sos, helper, nil
}

// ResolveSos answers POST /v1/sos/{sos_id}/resolve. To the caller of a silent one it looks as if it had ended.
func (h *Server) ResolveSos(ctx context.Context, request api.ResolveSosRequestObject) (api.ResolveSosResponseObject, error) {
	asked, body := api.From(ctx), request.Body
	outcome, after, told := models.SOSState(body.Outcome), models.SOS{}, models.Alert{}
	silent := models.SOS{}
	what := &deed{
		operation: models.OpResolveSOS, kind: "sos", id: request.SosId, facts: map[string]string{"outcome": string(outcome)},
	}
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.Sos, error) {
		told, silent = models.Alert{}, models.SOS{}
		sos, err := tx.LockSOS(ctx, what.id)
		if err == nil && sos.CallerID != asked.Principal.ID {
			sos, _, err = h.sosToTake(ctx, tx, what)
		}
		if err != nil {
			return api.Sos{}, err
		}
		after, err = sos.Resolved(outcome, models.Secret(value(body.Note)), asked.Principal.ID, asked.Now)
		if err != nil {
			return api.Sos{}, err
		}
		claims := sos.ClaimedSafeAt.IsZero() && !after.ClaimedSafeAt.IsZero()
		if claims || sos.Open() != after.Open() {
			if after, err = tx.UpdateSOS(ctx, after, asked.Now); err != nil {
				return api.Sos{}, err
			}
		}
		wire := wireSOS(asked.Principal)(after)
		if sos.CallerID != asked.Principal.ID {
			return wire, nil
		}
		if !sos.Silent {
			silent, told, err = h.claimedPlainly(ctx, tx, after)
			return wire, err
		}
		if claims {
			told, err = h.claimed(ctx, tx, after)
		}
		return plainlyOver(wire, outcome, asked.Now), err
	})
	if err != nil {
		return nil, err
	}
	h.asked(ctx, after, asking{alert: told})
	if silent.ID != "" {
		h.sosChanged(ctx, silent)
	}
	return api.ResolveSos200JSONResponse(answer), nil
}

// plainlyOver is what the caller of a silent call reads after saying that it is over: what an ended one looks like.
func plainlyOver(wire api.Sos, outcome models.SOSState, now time.Time) api.Sos {
	wire.State, wire.EndedAt, wire.ClaimedSafeAt, wire.Step = api.SosState(outcome), api.AtOrNil(now), nil, 1
	wire.DeliveredAt, wire.AcknowledgedAt = nil, nil
	return wire
}

// claimed tells those who were asked that the caller of a silent call says to be safe, and that help is still wanted.
func (h *Server) claimed(ctx context.Context, tx *store.Store, sos models.SOS) (models.Alert, error) {
	helpers, err := tx.SOSHelpers(ctx, sos.ID)
	if err != nil || len(helpers) == 0 {
		return models.Alert{}, err
	}
	people := make([]models.ID, 0, len(helpers))
	for _, helper := range helpers {
		people = append(people, helper.PersonID)
	}
	alert := worded(models.Alert{
		ID: h.NewID(), Kind: models.AlertSOSClaim, Severity: models.SeverityHigh,
		Audience: models.Audience{Place: models.Place{Station: sos.Place.Station}, People: people},
		SenderID: sos.CallerID, AboutID: sos.ID, CreatedAt: sos.ChangedAt, ExpiresAt: sos.ChangedAt.Add(models.SOSAlertLife),
	}, sosIsClaimed, sosLookYourself)
	alert.Recipients, err = tx.AddAlert(ctx, alert)
	return alert, err
}

// What those who were asked are told of a silent caller's word.
var (
	sosIsClaimed    = spoken{"求助者自称安全", "The caller says to be safe"}
	sosLookYourself = spoken{
		"静默求助的求助者表示已经安全，可能受人胁迫。求助仍然有效，请当面核实后再结束。",
		"The call was silent, and somebody may be forcing them to say so. It still stands: see them in person before you end it.",
	}
)
