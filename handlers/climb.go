package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

const (
	climbsEvery = time.Second
	climbBatch  = 200 // of one look; the others have the next
)

// opClimbAlert is the system's own, in the audit.
const opClimbAlert models.Operation = "climbAlert"

// deputies are told by the rung of that name: who leads the place.
var deputies = []models.Role{models.RoleOfficer}

// KeepClimbs takes alerts that nobody acknowledged up their ladders, until ctx ends.
func (h *Server) KeepClimbs(ctx context.Context) error {
	return h.every(ctx, climbsEvery, func() error { return h.ClimbAlerts(ctx) })
}

// ClimbAlerts looks once. Any number of replicas may: each step is a conditional update.
func (h *Server) ClimbAlerts(ctx context.Context) error {
	now := h.Now()
	due, err := h.Store.DueClimbs(ctx, now, climbBatch)
	climbed := eachOf(due, func(climb models.Climb) error { return h.climb(ctx, climb, now) })
	return errors.Join(err, climbed, h.spreadClimbs(ctx, now))
}

// climb does one step of one alert: who is added, who is told again, and its record are written in one transaction.
func (h *Server) climb(ctx context.Context, before models.Climb, now time.Time) error {
	alert, moved := models.Alert{}, false
	err := h.Store.Atomically(ctx, func(tx *store.Store) error {
		var err error
		if alert, err = tx.Alert(ctx, before.AlertID); err != nil {
			return err
		}
		step, after := before.Next(alert, now)
		if moved, err = tx.MoveClimb(ctx, before, after); err != nil || !moved {
			return err
		}
		added := 0
		if len(step.Channels) > 0 {
			if added, err = h.tellStep(ctx, tx, alert, step, int64(before.Step), now); err != nil {
				return err
			}
		}
		return h.recordClimb(ctx, tx, alert, step, after, added, now)
	})
	if err == nil && moved {
		h.climbChanged(ctx, alert.ID)
	}
	return err
}

// climbChanged wakes, after the commit, what tells that an alert went up its ladder or is off: the push worker, other replicas,
// and the streams of this one.
func (h *Server) climbChanged(ctx context.Context, alert models.ID) {
	h.wakePush()
	h.tellReplicas(models.WakeClimb, alert)
	if err := h.Woken(ctx, models.WakeClimb, alert); err != nil {
		h.Logger.WarnContext(ctx, "an alert was not streamed again", "alert_id", alert, "error", err)
	}
}

// tellStep adds whom a step widens to, and tells everybody who has not acknowledged; it returns how many are new.
func (h *Server) tellStep(
	ctx context.Context, tx *store.Store, alert models.Alert, step models.LadderStep, round int64, now time.Time,
) (int, error) {
	joins, err := h.joining(ctx, tx, step.Widen, alert.Audience.Place, now, map[models.ID]bool{})
	if err != nil {
		return 0, err
	}
	added, err := tx.WidenAlert(ctx, alert, joins)
	if err != nil {
		return 0, err
	}
	return added, tx.TellAlert(ctx, alert, round, step.Channels, now)
}

// joining names whom some widenings add, who were not told before, in order; told is kept up to date.
func (h *Server) joining(
	ctx context.Context, from *store.Store, wider []models.Widening, place models.Place, now time.Time, told map[models.ID]bool,
) ([]models.ID, error) {
	joins := []models.ID{}
	for _, widen := range wider {
		people, err := h.widened(ctx, from, widen, place, now)
		if err != nil {
			return nil, err
		}
		for _, person := range people {
			if !told[person] {
				told[person] = true
				joins = append(joins, person)
			}
		}
	}
	slices.Sort(joins)
	return joins, nil
}

func (h *Server) widened(
	ctx context.Context, from *store.Store, widen models.Widening, place models.Place, now time.Time,
) ([]models.ID, error) {
	switch widen {
	case models.WidenDeputy:
		return from.HoldersOver(ctx, deputies, place, now)
	case models.WidenSquad:
		return h.dutyNow(ctx, from, place.Station, now)
	case models.WidenCommander:
		return from.HoldersOver(ctx, dutyCommander, place, now)
	default:
		return nil, nil
	}
}

// dutyNow names who of a station is on duty.
func (h *Server) dutyNow(ctx context.Context, from *store.Store, station models.ID, now time.Time) ([]models.ID, error) {
	people := []models.ID{}
	onDuty, err := from.OnDuty(ctx, station, now)
	for _, one := range onDuty {
		people = append(people, one.PersonID)
	}
	if len(people) > 0 && err != nil { // an alarm does not wait for one row that is spoilt
		h.Logger.ErrorContext(ctx, "not all who are on duty could be read", "error", err)
		err = nil
	}
	return people, err
}

func (h *Server) recordClimb(
	ctx context.Context, tx *store.Store, alert models.Alert, step models.LadderStep, after models.Climb, added int, now time.Time,
) error {
	facts := map[string]string{"ended": after.Ended}
	if len(step.Channels) > 0 {
		wider := []string{}
		for _, widen := range step.Widen {
			wider = append(wider, string(widen))
		}
		facts = map[string]string{
			"ended": after.Ended, "rung": strconv.Itoa(step.Rung), "repeat": strconv.Itoa(step.Repeat), "widen": strings.Join(wider, ","),
			"channels": strings.Join(step.Channels, ","), "added": strconv.Itoa(added),
		}
	}
	return tx.Record(ctx, models.AuditEntry{
		ID: h.NewID(), StationID: alert.Audience.Place.Station, At: now, Operation: opClimbAlert, ObjectKind: "alert", ObjectID: alert.ID,
		Outcome: models.AuditAllowed, Facts: facts,
	}, "")
}

// spreadClimbs tells this process's streams of alerts that were told again, or cancelled, by any replica since the last look.
func (h *Server) spreadClimbs(ctx context.Context, now time.Time) error {
	look := func(since time.Time) ([]models.Climb, error) { return h.Store.ChangedClimbs(ctx, since, climbBatch) }
	return spread(ctx, &h.climbed, now, look, h.climbNews())
}

func (h *Server) climbNews() news[models.Climb] {
	return news[models.Climb]{
		id: func(climb models.Climb) models.ID { return climb.AlertID }, version: roundOf, tell: h.tellClimb,
	}
}

// roundOf is the round of telling that an alert has come to.
func roundOf(climb models.Climb) int64 {
	if climb.Ended == models.ClimbCancelled {
		return store.CancelRound
	}
	return int64(climb.Step)
}

// tellClimb has the streams of this process tell an alert again.
func (h *Server) tellClimb(ctx context.Context, climb models.Climb) error {
	begun := roundOf(climb) == 1 // sending it told the streams
	quiet := climb.Ended == models.ClimbAcknowledged || climb.Ended == models.ClimbExpired
	if begun || quiet || h.streams.none() {
		return nil
	}
	people, err := h.Store.Recipients(ctx, climb.AlertID)
	if err == nil {
		h.streams.tellAgain(people, climb.AlertID, roundOf(climb))
	}
	return err
}

// tellAgain has some people's open streams tell an alert once more.
func (b *streamHub) tellAgain(people []models.ID, alert models.ID, round int64) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	for _, person := range people {
		for waiter := range b.open[person] {
			waiter.mutex.Lock()
			if waiter.again == nil {
				waiter.again = map[models.ID]int64{}
			}
			waiter.again[alert] = round
			waiter.mutex.Unlock()
			waiter.ring()
		}
	}
}

func (w *streamWaiter) takeAgain() map[models.ID]int64 {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	again := w.again
	w.again = nil
	return again
}

// lookAgain readies what is to be told once more, as the inbox has it now; without an id, for a client goes on after the newest
// alert and not after an older one. What was acknowledged is not told again, unless it is to say that it is off.
func (s *streamSource) lookAgain(ctx context.Context) error {
	for alert, round := range s.waiter.takeAgain() {
		items, err := s.server.Store.Inbox(ctx, s.person, store.InboxFilter{AlertID: alert}, store.Page{Limit: 1})
		if err != nil {
			return err
		}
		if len(items) == 0 || !items[0].AcknowledgedAt.IsZero() && items[0].Alert.CancelledAt.IsZero() {
			continue
		}
		data, err := json.Marshal(wireInboxItem(s.language)(items[0]))
		if err != nil {
			return err
		}
		s.ready = append(s.ready, api.Event{Name: "alert", Data: data, Flushed: func() { s.flushed(alert, round) }})
	}
	return nil
}
