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

const (
	watchEvery = 30 * time.Second
	watchQuiet = time.Minute // how long after its end a concern does not begin again: longer than a look takes
)

// Operations of the system itself, in the audit.
const (
	opBeginConcern models.Operation = "beginConcern"
	opClimbConcern models.Operation = "climbConcern"
	opEndConcern   models.Operation = "endConcern"
)

// KeepWatch looks for what is wrong about patrol, and tells whom it concerns, until ctx ends.
func (h *Server) KeepWatch(ctx context.Context) error {
	return h.every(ctx, watchEvery, func() error { return h.Watch(ctx) })
}

// Watch looks once at every station. One that fails does not keep the others.
func (h *Server) Watch(ctx context.Context) error {
	stations, err := h.Store.Stations(ctx)
	errs := []error{err}
	for _, station := range stations {
		errs = append(errs, h.watchStation(ctx, station.ID, h.Now()))
	}
	return errors.Join(errs...)
}

// watchStation writes and tells what has changed at a station. Any number of replicas may do it at the same time: each
// step is a unique insert or a conditional update. The open concerns are read before the facts, so that what another
// replica begins meanwhile is not taken for something that is over.
func (h *Server) watchStation(ctx context.Context, station models.ID, now time.Time) error {
	open, err := h.Store.OpenConcerns(ctx, station)
	if err != nil {
		return err
	}
	facts, err := h.Store.WatchFacts(ctx, station, now)
	if err != nil {
		return err
	}
	begun, moved, gone := models.CompareConcerns(open, models.Concerns(facts, now))
	words, errs := watchWords{zone: facts.Zone}, []error{}
	for _, group := range models.GroupConcerns(gone, models.Concern.ToldTogether) {
		errs = append(errs, h.endConcerns(ctx, group, words, now))
	}
	for _, concern := range moved {
		errs = append(errs, h.Store.Atomically(ctx, func(tx *store.Store) error { return tx.MoveConcern(ctx, concern) }))
	}
	for _, group := range models.GroupConcerns(begun, models.Concern.Group) {
		errs = append(errs, h.beginConcerns(ctx, group, words, now))
	}
	due := []models.Concern{}
	for _, concern := range open {
		if concern.Climbs(now) {
			due = append(due, concern)
		}
	}
	for _, group := range models.GroupConcerns(due, models.Concern.ToldTogether) {
		errs = append(errs, h.climbConcerns(ctx, group, words, now))
	}
	return errors.Join(errs...)
}

// beginConcerns writes concerns that belong together, and tells the leader of those that are young enough, or the duty
// commander where nobody leads.
func (h *Server) beginConcerns(ctx context.Context, group []models.Concern, words watchWords, now time.Time) error {
	leader := models.ID("")
	if group[0].LeaderID != "" {
		held, err := h.Store.RoleHolders(ctx, group[0].StationID, models.PersonRoles, now)
		if err != nil {
			return err
		}
		if held[group[0].LeaderID] != "" {
			leader = group[0].LeaderID
		}
	}
	alert := models.Alert{}
	err := h.Store.Atomically(ctx, func(tx *store.Store) error {
		alert = models.Alert{}
		begun, told, ids := []models.Concern{}, []models.Concern{}, []models.ID{}
		for _, concern := range group {
			concern.ID = h.NewID()
			added, err := tx.AddConcern(ctx, concern, now.Add(-watchQuiet))
			if err != nil {
				return err
			}
			if added {
				begun = append(begun, concern)
			}
			if added && concern.Tell(now) {
				told, ids = append(told, concern), append(ids, concern.ID)
			}
		}
		if len(begun) == 0 {
			return nil
		}
		if len(told) > 0 {
			alert = h.watchAlert(told, words, now)
			to := models.Concern{LeaderAlertID: alert.ID, ToldLeaderAt: now, ClimbsAt: now.Add(models.ConcernClimbs)}
			if leader == "" {
				to = models.Concern{CommanderAlertID: alert.ID, ToldCommanderAt: now}
				alert.Audience.Roles = dutyCommander
			} else {
				alert.Audience.People = []models.ID{leader}
			}
			var err error
			if alert.Recipients, err = tx.AddAlert(ctx, alert); err != nil {
				return err
			}
			if err := tx.TellConcerns(ctx, ids, to); err != nil {
				return err
			}
		}
		return h.recordConcerns(ctx, tx, opBeginConcern, begun, alert, now)
	})
	h.toldOf(ctx, err, alert)
	return err
}

// dutyCommander is who is told of what no leader sees to.
var dutyCommander = []models.Role{models.RoleCommander}

// climbConcerns tells the duty commander of concerns that the leader has not acknowledged in time. One who has ends the climb.
func (h *Server) climbConcerns(ctx context.Context, group []models.Concern, words watchWords, now time.Time) error {
	alert := models.Alert{}
	err := h.Store.Atomically(ctx, func(tx *store.Store) error {
		alert = models.Alert{}
		seen, err := tx.Acknowledged(ctx, group[0].LeaderAlertID)
		if err != nil {
			return err
		}
		id, at := h.NewID(), now
		if seen {
			id, at = "", time.Time{}
		}
		climbed := []models.Concern{}
		for _, concern := range group {
			mine, err := tx.ClimbConcern(ctx, concern.ID, id, at)
			if err != nil {
				return err
			}
			if mine {
				climbed = append(climbed, concern)
			}
		}
		if len(climbed) == 0 || seen {
			return nil
		}
		alert = h.watchAlert(climbed, words, now)
		alert.ID, alert.Audience.Roles = id, dutyCommander
		alert.Body = "带队人十分钟内未签收。" + alert.Body
		if alert.Recipients, err = tx.AddAlert(ctx, alert); err != nil {
			return err
		}
		return h.recordConcerns(ctx, tx, opClimbConcern, climbed, alert, now)
	})
	h.toldOf(ctx, err, alert)
	return err
}

// endConcerns ends concerns, and tells those who were told of them when it has turned out well. Whom that is is read in
// the transaction: a climb may have come between.
func (h *Server) endConcerns(ctx context.Context, group []models.Concern, words watchWords, now time.Time) error {
	alert := models.Alert{}
	err := h.Store.Atomically(ctx, func(tx *store.Store) error {
		alert = models.Alert{}
		ended, told, people := []models.Concern{}, []models.Concern{}, map[models.ID]bool{}
		for _, concern := range group {
			concern = concern.End(now)
			mine, err := tx.EndConcern(ctx, concern)
			if err != nil {
				return err
			}
			if !mine {
				continue
			}
			ended = append(ended, concern)
			held, err := tx.Concern(ctx, concern.ID)
			if err != nil {
				return err
			}
			if held.Outcome != models.ConcernResolved || !held.Told() {
				continue
			}
			told = append(told, held)
			if err := recipientsOf(ctx, tx, held, people); err != nil {
				return err
			}
		}
		if len(ended) == 0 {
			return nil
		}
		if len(people) > 0 {
			alert = h.watchAlert(told, words, now)
			alert.Kind, alert.Severity, alert.RequiresAck = models.AlertWatchUpdate, models.SeverityInfo, false
			alert.Title, alert.Body = "已解除："+alert.Title, words.resolved(told)
			for person := range people {
				alert.Audience.People = append(alert.Audience.People, person)
			}
			var err error
			if alert.Recipients, err = tx.AddAlert(ctx, alert); err != nil {
				return err
			}
		}
		return h.recordConcerns(ctx, tx, opEndConcern, ended, alert, now)
	})
	h.toldOf(ctx, err, alert)
	return err
}

// recipientsOf adds everybody who was told of a concern.
func recipientsOf(ctx context.Context, tx *store.Store, concern models.Concern, people map[models.ID]bool) error {
	for _, alert := range []models.ID{concern.LeaderAlertID, concern.CommanderAlertID} {
		if alert == "" {
			continue
		}
		found, err := tx.Recipients(ctx, alert)
		if err != nil {
			return err
		}
		for _, person := range found {
			people[person] = true
		}
	}
	return nil
}

// watchAlert tells of concerns that belong together; whom is for the caller to say.
func (h *Server) watchAlert(told []models.Concern, words watchWords, now time.Time) models.Alert {
	alert := models.Alert{
		ID: h.NewID(), Kind: models.AlertWatch, Severity: models.SeverityNormal, Title: words.title(told[0]), Body: words.body(told),
		Audience: models.Audience{Place: models.Place{Station: told[0].StationID}}, AboutID: told[0].ID, RequiresAck: true,
		CreatedAt: now, ExpiresAt: now.Add(defaultAlertLife),
	}
	for _, concern := range told {
		if concern.Severity == models.SeverityHigh {
			alert.Severity = models.SeverityHigh
		}
	}
	return alert
}

// toldOf wakes, after the commit, what carries an alert further.
func (h *Server) toldOf(ctx context.Context, err error, alert models.Alert) {
	if err == nil && alert.ID != "" {
		h.alerted(ctx, alert)
	}
}

// recordConcerns records what the system did with concerns by itself.
func (h *Server) recordConcerns(
	ctx context.Context, tx *store.Store, operation models.Operation, group []models.Concern, alert models.Alert, now time.Time,
) error {
	first := group[0]
	return tx.Record(ctx, models.AuditEntry{
		ID: h.NewID(), StationID: first.StationID, At: now, Operation: operation, ObjectKind: "watch_concern", ObjectID: first.ID,
		Outcome: models.AuditAllowed, Facts: map[string]string{
			"kind": string(first.Kind), "concerns": fmt.Sprint(len(group)), "alert_id": string(alert.ID),
			"told": fmt.Sprint(alert.Recipients), "outcome": string(first.Outcome),
		},
	}, "")
}

// ListWatchConcerns answers GET /v1/watch-concerns.
func (h *Server) ListWatchConcerns(
	ctx context.Context, request api.ListWatchConcernsRequestObject,
) (api.ListWatchConcernsResponseObject, error) {
	asked, params := api.From(ctx), request.Params
	page, err := pageOf(params.Limit, params.Cursor)
	if err != nil {
		return nil, err
	}
	state := value(params.State)
	filter := store.ConcernFilter{
		Kind: models.ConcernKind(value(params.Kind)), Open: state == "open", Ended: state == "ended",
		From: instantOf(params.From), To: instantOf(params.To),
	}
	zone, err := h.Store.StationZone(ctx, asked.Principal.StationID)
	if err != nil {
		return nil, err
	}
	found, err := h.Store.ListConcerns(ctx, models.Sights(models.OpListWatchConcerns, asked.Principal), filter, page)
	if err != nil {
		return nil, err
	}
	words := watchWords{zone: zone, english: asked.Language == "en"}
	items, next := listed(found, page, words.wire, func(concern models.Concern) models.ID { return concern.ID })
	return api.ListWatchConcerns200JSONResponse{Items: items, NextCursor: next}, nil
}
