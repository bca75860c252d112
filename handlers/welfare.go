package handlers

import (
	"context"
	"errors"
	"time"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// CreateWelfareTimer answers POST /v1/me/welfare-timers. The phone's id makes a repeat harmless.
func (h *Server) CreateWelfareTimer(
	ctx context.Context, request api.CreateWelfareTimerRequestObject,
) (api.CreateWelfareTimerResponseObject, error) {
	asked, body := api.From(ctx), request.Body
	timer := models.WelfareTimer{
		ID: body.Id, StationID: asked.Principal.StationID, PersonID: asked.Principal.ID, UntilAt: body.Until.Time,
		Interval: time.Duration(body.IntervalMinutes) * time.Minute, Grace: time.Duration(body.GraceMinutes) * time.Minute,
	}.Started(asked.Now)
	what := &deed{operation: models.OpCreateWelfareTimer, kind: "welfare_timer", id: timer.ID}
	first, err := h.Store.WelfareTimer(ctx, timer.ID)
	switch {
	case err == nil && first.PersonID == timer.PersonID:
		return api.CreateWelfareTimer200JSONResponse(wireTimer(asked.Now)(first)), nil
	case err == nil:
		return nil, h.refused(ctx, what, models.Unfit("id", models.FieldNotUnique, ""))
	case models.CodeOf(err) != models.CodeNotFound:
		return nil, err
	}
	answer, err := act(ctx, h, what, 201, func(tx *store.Store) (api.WelfareTimer, error) {
		if err := timer.Check(asked.Now); err != nil {
			return api.WelfareTimer{}, err
		}
		timer.OrderID = h.NewID()
		return wireTimer(asked.Now)(timer), tx.AddWelfareTimer(ctx, timer)
	})
	if models.CodeOf(err) == models.CodeAlreadyExists { // the same request at the same moment, or another timer that runs
		if first, again := h.Store.WelfareTimer(ctx, timer.ID); again == nil && first.PersonID == timer.PersonID {
			return api.CreateWelfareTimer200JSONResponse(wireTimer(asked.Now)(first)), nil
		}
	}
	if err != nil {
		return nil, err
	}
	return api.CreateWelfareTimer201JSONResponse(answer), nil
}

// AnswerWelfareTimer answers POST /v1/me/welfare-timers/{timer_id}/answers.
func (h *Server) AnswerWelfareTimer(
	ctx context.Context, request api.AnswerWelfareTimerRequestObject,
) (api.AnswerWelfareTimerResponseObject, error) {
	now, body := api.From(ctx).Now, request.Body
	given := models.WelfareAnswer{
		At: recorded(body.At), Clock: clockOf(body.Clock), BootID: value(body.BootId), MonotonicMS: readingOf(body.MonotonicMs),
	}
	what := &deed{
		operation: models.OpAnswerWelfareTimer, kind: "welfare_timer", id: request.TimerId,
		facts: map[string]string{"phone_at": given.At.Format(time.RFC3339Nano)},
	}
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.WelfareTimer, error) {
		timer, err := h.ownTimer(ctx, tx, what)
		if err != nil {
			return api.WelfareTimer{}, err
		}
		if timer, err = timer.Answered(timer.GivenAt(given, now), now); err != nil {
			return api.WelfareTimer{}, err
		}
		return wireTimer(now)(timer), tx.UpdateWelfareTimer(ctx, timer)
	})
	if err != nil {
		return nil, err
	}
	return api.AnswerWelfareTimer200JSONResponse(answer), nil
}

// EndWelfareTimer answers DELETE /v1/me/welfare-timers/{timer_id}. A call for help that it raised stays open.
func (h *Server) EndWelfareTimer(
	ctx context.Context, request api.EndWelfareTimerRequestObject,
) (api.EndWelfareTimerResponseObject, error) {
	what := &deed{operation: models.OpEndWelfareTimer, kind: "welfare_timer", id: request.TimerId}
	_, err := act(ctx, h, what, 204, func(tx *store.Store) (bool, error) {
		timer, err := h.ownTimer(ctx, tx, what)
		if err != nil || !timer.EndedAt.IsZero() {
			return false, err
		}
		timer.State, timer.EndedAt, timer.ActsAt = models.WelfareEnded, api.From(ctx).Now, time.Time{}
		return true, tx.UpdateWelfareTimer(ctx, timer)
	})
	if err != nil {
		return nil, err
	}
	return api.EndWelfareTimer204Response{}, nil
}

// ownTimer locks a timer of the caller's own.
func (h *Server) ownTimer(ctx context.Context, tx *store.Store, what *deed) (models.WelfareTimer, error) {
	timer, err := tx.LockWelfareTimer(ctx, what.id)
	if err == nil {
		err = models.May(what.operation, api.From(ctx).Principal, models.Object{Owner: timer.PersonID})
	}
	return timer, err
}

// ListWelfareTimers answers GET /v1/welfare-timers. Looking at other people's is recorded.
func (h *Server) ListWelfareTimers(
	ctx context.Context, request api.ListWelfareTimersRequestObject,
) (api.ListWelfareTimersResponseObject, error) {
	asked, params := api.From(ctx), request.Params
	page, err := pageOf(ctx, params.Limit, params.Cursor)
	if err != nil {
		return nil, err
	}
	sights := models.Sights(models.OpListWelfareTimers, asked.Principal)
	timers, err := h.Store.WelfareTimers(ctx, sights, value(params.Running), page)
	if err != nil {
		return nil, err
	}
	foreign := foreignIn(timers, func(timer models.WelfareTimer) (models.ID, bool) {
		return timer.PersonID, timer.PersonID != asked.Principal.ID
	})
	if err := h.lookedAtList(ctx, models.OpListWelfareTimers, "welfare_timer", foreign); err != nil {
		return nil, err
	}
	items, next := listed(ctx, timers, page, wireTimer(asked.Now), func(timer models.WelfareTimer) models.ID { return timer.OrderID })
	return api.ListWelfareTimers200JSONResponse{Items: items, NextCursor: next}, nil
}

// WatchWelfare warns, and calls for help, for every timer whose time has come.
func (h *Server) WatchWelfare(ctx context.Context) error {
	due, err := h.Store.DueWelfareTimers(ctx, h.Now(), sosBatch)
	return errors.Join(err, eachOf(due, func(id models.ID) error { return h.advanceTimer(ctx, id) }))
}

// advanceTimer takes one step of a timer. Of any number of replicas one does: who comes second finds it done.
func (h *Server) advanceTimer(ctx context.Context, id models.ID) error {
	now, told := h.Now(), models.Alert{}
	timer, err := h.Store.WelfareTimer(ctx, id)
	if err != nil {
		return err
	}
	next, acts := timer.Advanced(now)
	if !acts {
		return nil
	}
	ctx = h.asService(ctx, timer.StationID, now)
	if next.State == models.WelfareCritical {
		return h.missed(ctx, timer, next, now)
	}
	err = h.stepTimer(ctx, timer, next, func(tx *store.Store) (err error) {
		if next.State != models.WelfareWarning {
			return nil
		}
		told = h.welfareCheck(next, now)
		told.Recipients, err = tx.AddAlert(ctx, told)
		return err
	})
	if err == nil && told.Recipients > 0 {
		h.alerted(ctx, told)
	}
	return err
}

// errTaken says that another replica, or an answer, was first.
var errTaken = errors.New("handlers: the timer changed meanwhile")

// stepTimer writes a timer's next step and what belongs to it, unless somebody changed the timer meanwhile.
func (h *Server) stepTimer(
	ctx context.Context, timer, next models.WelfareTimer, more func(tx *store.Store) error,
) error {
	err := h.Store.Atomically(ctx, func(tx *store.Store) error {
		if err := h.writeStep(ctx, tx, timer, next); err != nil {
			return err
		}
		return more(tx)
	})
	if errors.Is(err, errTaken) {
		return nil
	}
	return err
}

func (h *Server) writeStep(ctx context.Context, tx *store.Store, timer, next models.WelfareTimer) error {
	held, err := tx.LockWelfareTimer(ctx, timer.ID)
	if err != nil {
		return err
	}
	if held.Version != timer.Version {
		return errTaken
	}
	if err := tx.UpdateWelfareTimer(ctx, next); err != nil {
		return err
	}
	what := &deed{
		operation: models.OpCreateWelfareTimer, kind: "welfare_timer", id: timer.ID, facts: map[string]string{"state": string(next.State)},
	}
	return tx.Record(ctx, h.entry(ctx, what, nil), "")
}

// missed calls for help for somebody who did not answer, in one transaction with the timer's step: an answer that
// comes first leaves no call behind, and there is no step without its call.
func (h *Server) missed(ctx context.Context, timer, next models.WelfareTimer, now time.Time) error {
	grants, err := h.Store.Grants(ctx, timer.PersonID)
	if err != nil {
		return err
	}
	who := models.Principal{ID: timer.PersonID, StationID: timer.StationID, Grants: models.InForce(grants, now)}
	call := models.NewSOS(models.SOS{
		ID: h.NewID(), CallerID: timer.PersonID, Kind: models.SOSMissed, RaisedAt: timer.CriticalAt(),
	}, now)
	_, _, err = h.callForHelp(ctx, call, who, models.OpCreateWelfareTimer, func(tx *store.Store, sos models.ID) error {
		next.SOSID = sos
		return h.writeStep(ctx, tx, timer, next)
	})
	if errors.Is(err, errTaken) {
		return nil
	}
	return err
}

// welfareCheck asks somebody who is alone whether all is well.
func (h *Server) welfareCheck(timer models.WelfareTimer, now time.Time) models.Alert {
	return worded(models.Alert{
		ID: h.NewID(), Kind: models.AlertWelfareCheck, Severity: models.SeverityEmergency,
		Audience: models.Audience{Place: models.Place{Station: timer.StationID}, People: []models.ID{timer.PersonID}},
		AboutID:  timer.ID, CreatedAt: now, ExpiresAt: timer.CriticalAt().Add(models.SOSAsksAgain),
	}, welfareIsDue, welfareConfirm)
}

var (
	welfareIsDue   = spoken{"请确认平安", "Are you all right?"}
	welfareConfirm = spoken{
		"您未按时确认平安。请立即在应用中确认，否则将自动为您求助。",
		"You have not said so in time. Confirm it in the app now, or help is called for you.",
	}
)

// wireTimer writes a timer as it stands at an instant.
func wireTimer(now time.Time) func(models.WelfareTimer) api.WelfareTimer {
	return func(timer models.WelfareTimer) api.WelfareTimer {
		return api.WelfareTimer{
			Id: timer.ID, PersonId: timer.PersonID, IntervalMinutes: int(timer.Interval / time.Minute),
			GraceMinutes: int(timer.Grace / time.Minute), State: api.WelfareState(timer.StateAt(now)), CreatedAt: api.At(timer.CreatedAt),
			AnsweredAt: api.At(timer.AnsweredAt), WarnsAt: api.At(timer.WarnsAt()), CriticalAt: api.At(timer.CriticalAt()),
			Until: api.At(timer.UntilAt), EndedAt: api.AtOrNil(timer.EndedAt), SosId: idOrNil(timer.SOSID),
		}
	}
}
