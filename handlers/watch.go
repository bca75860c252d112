package handlers

import (
	"context"
	"errors"
	"time"

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
	err := h.Store.Atomically(ctx, func(tx *store.Store) (err error) {
		alert = models.Alert{}
		begun, told := []models.Concern{}, []models.Concern{}
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
				told = append(told, concern)
			}
		}
		if len(begun) == 0 {
			return nil
		}
		if len(told) > 0 {
			if alert, err = h.tellFirst(ctx, tx, told, leader, words, now); err != nil {
				return err
			}
		}
		return h.recordConcerns(ctx, tx, opBeginConcern, begun, alert, now)
	})
	h.toldOf(ctx, err, alert)
	return err
}

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

// endConcerns ends concerns, and tells those who were told of them when it has turned out well. They are read in the
// transaction: a climb may have come between.
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
			var err error
			if alert, err = h.tellOver(ctx, tx, told, people, words, now); err != nil {
				return err
			}
		}
		return h.recordConcerns(ctx, tx, opEndConcern, ended, alert, now)
	})
	h.toldOf(ctx, err, alert)
	return err
}
