package handlers

import (
	"context"
	"errors"
	"slices"
	"time"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// repairNewsLife is how long the message about a repair is worth delivering.
const repairNewsLife = 3 * 24 * time.Hour

// repairAlert tells of a repair by its category alone: neither where, nor whose it is, nor in whose words.
func (h *Server) repairAlert(repair models.Repair, title spoken, people []models.ID, now time.Time) models.Alert {
	alert := worded(models.Alert{
		ID: h.NewID(), Kind: models.AlertRepair, Severity: models.SeverityNormal, AboutID: repair.ID,
		Audience:  models.Audience{Place: models.Place{Station: repair.Place.Station}, People: people},
		CreatedAt: now, ExpiresAt: now.Add(repairNewsLife),
	}, title, repairCategories[repair.Category])
	if repair.Category.Urgent() {
		alert.Severity = models.SeverityHigh
	}
	return alert
}

// tellMenders tells everybody who holds a role over the repair's place, but for its requester.
func (h *Server) tellMenders(
	ctx context.Context, tx *store.Store, repair models.Repair, role models.Role, title spoken,
) ([]models.Alert, error) {
	now := api.From(ctx).Now
	people, err := tx.HoldersOver(ctx, []models.Role{role}, repair.Place, now)
	people = slices.DeleteFunc(people, func(person models.ID) bool { return person == repair.RequesterID })
	if err != nil || len(people) == 0 { // a compound without property staff: the list shows it
		return nil, err
	}
	told := []models.Alert{h.repairAlert(repair, title, people, now)}
	return told, addAlerts(ctx, tx, told)
}

// tellOfRepair tells the requester of what was done with it, whoever has it of what is wanted, and all who mend of what was
// declined; nobody of what they did themselves.
func (h *Server) tellOfRepair(
	ctx context.Context, tx *store.Store, repair models.Repair, step models.RepairStep,
) ([]models.Alert, error) {
	told := []models.Alert{}
	if title := repairForRequester[step.State]; title.zh != "" && step.ByID != repair.RequesterID {
		told = append(told, h.repairAlert(repair, title, []models.ID{repair.RequesterID}, step.At))
	}
	if title := repairForMender[step.State]; title.zh != "" && repair.AssignedTo != "" && step.ByID != repair.AssignedTo {
		told = append(told, h.repairAlert(repair, title, []models.ID{repair.AssignedTo}, step.At))
	}
	if err := addAlerts(ctx, tx, told); err != nil || step.State != models.RepairRequested {
		return told, err
	}
	all, err := h.tellMenders(ctx, tx, repair, models.RoleProperty, repairIsBack)
	return append(told, all...), err
}

const (
	repairsEvery = 30 * time.Second
	repairsBatch = 200 // climbed in one round
)

// KeepRepairs lets repairs climb whose time has passed, until ctx ends.
func (h *Server) KeepRepairs(ctx context.Context) error {
	return h.every(ctx, repairsEvery, func() error { return h.ClimbRepairs(ctx) })
}

// ClimbRepairs takes every repair whose time has passed one step up.
func (h *Server) ClimbRepairs(ctx context.Context) error {
	due, err := h.Store.DueRepairs(ctx, h.Now(), repairsBatch)
	return errors.Join(err, eachOf(due, func(id models.ID) error { return h.climbRepair(ctx, id) }))
}

// climbRepair tells all who mend, or the owners' committee. Of any number of replicas one does.
func (h *Server) climbRepair(ctx context.Context, id models.ID) error {
	now := h.Now()
	repair, err := h.Store.Repair(ctx, id)
	if err != nil {
		return err
	}
	if repair.ClimbsAt.IsZero() || repair.ClimbsAt.After(now) { // somebody was quicker
		return nil
	}
	next := repair.Climbed()
	role := models.RoleProperty
	if next.Climb == models.RepairAtCommittee {
		role = models.RoleCommittee
	}
	ctx = h.asService(ctx, repair.Place.Station, now)
	what := &deed{operation: models.OpMoveRepair, kind: "repair", id: id, facts: map[string]string{"overdue": string(repair.State)}}
	return h.tellAfter(ctx, func(tx *store.Store) ([]models.Alert, error) {
		mine, err := tx.ClimbRepair(ctx, repair, next)
		if err != nil || !mine {
			return nil, err
		}
		told, err := h.tellMenders(ctx, tx, repair, role, repairIsLate)
		if err != nil {
			return nil, err
		}
		return told, tx.Record(ctx, h.entry(ctx, what, nil), "")
	})
}
