package handlers

import (
	"context"
	"fmt"
	"slices"
	"time"

	"xunfang/models"
	"xunfang/store"
)

// dutyCommander is who is told of what no leader sees to.
var dutyCommander = []models.Role{models.RoleCommander}

// tellFirst tells the leader of new concerns, or the duty commander when there is none.
func (h *Server) tellFirst(
	ctx context.Context, tx *store.Store, told []models.Concern, leader models.ID, words watchWords, now time.Time,
) (models.Alert, error) {
	ids := make([]models.ID, 0, len(told))
	for _, concern := range told {
		ids = append(ids, concern.ID)
	}
	alert := h.watchAlert(told, words, now)
	to := models.Concern{LeaderAlertID: alert.ID, ToldLeaderAt: now, ClimbsAt: now.Add(models.ConcernClimbs)}
	alert.Audience.People = []models.ID{leader}
	if leader == "" {
		to = models.Concern{CommanderAlertID: alert.ID, ToldCommanderAt: now}
		alert.Audience.People, alert.Audience.Roles = nil, dutyCommander
	}
	var err error
	if alert.Recipients, err = tx.AddAlert(ctx, alert); err != nil {
		return alert, err
	}
	return alert, tx.TellConcerns(ctx, ids, to)
}

// tellOver tells people that concerns are resolved.
func (h *Server) tellOver(
	ctx context.Context, tx *store.Store, told []models.Concern, people map[models.ID]bool, words watchWords, now time.Time,
) (models.Alert, error) {
	alert := h.watchAlert(told, words, now)
	alert.Kind, alert.Severity, alert.RequiresAck = models.AlertWatchUpdate, models.SeverityInfo, false
	alert.Title, alert.Body = "已解除："+alert.Title, words.resolved(told)
	for person := range people {
		alert.Audience.People = append(alert.Audience.People, person)
	}
	slices.Sort(alert.Audience.People)
	var err error
	alert.Recipients, err = tx.AddAlert(ctx, alert)
	return alert, err
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
