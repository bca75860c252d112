package handlers

import (
	"context"
	"strings"
	"time"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

const (
	findingAlertLife  = 24 * time.Hour     // how long officers are told of something urgent
	findingUpdateLife = 7 * 24 * time.Hour // how long the message about a finding's new state is worth delivering
)

// CreateFindingTransition answers POST /v1/findings/{finding_id}/transitions. The finder is told in
// the same transaction.
func (h *Server) CreateFindingTransition(
	ctx context.Context, request api.CreateFindingTransitionRequestObject,
) (api.CreateFindingTransitionResponseObject, error) {
	asked, body := api.From(ctx), request.Body
	reason := string(value(body.Reason))
	step := models.FindingStep{
		State: models.FindingState(body.State), At: asked.Now, ByID: asked.Principal.ID, Note: models.Secret(value(body.Note)),
	}
	what := &deed{
		operation: models.OpMoveFinding, kind: "finding", id: request.FindingId, facts: map[string]string{"state": string(step.State)},
	}
	var told models.Alert
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.Finding, error) {
		finding, err := tx.Finding(ctx, request.FindingId)
		if err != nil {
			return api.Finding{}, err
		}
		if err := models.May(what.operation, asked.Principal, models.Object{Place: finding.Place}); err != nil {
			return api.Finding{}, err
		}
		if err := finding.CheckTransition(step.State, reason); err != nil {
			return api.Finding{}, err
		}
		if err := tx.AdvanceFinding(ctx, finding, step, reason); err != nil {
			return api.Finding{}, err
		}
		finding.State, finding.DismissedReason, finding.Steps = step.State, reason, append(finding.Steps, step)
		if err := creditDeeds(ctx, tx, finding.Place.Station, finding.ID, models.FindingEarns(finding), asked.Now); err != nil {
			return api.Finding{}, err
		}
		told = h.findingUpdate(finding, step)
		told.Recipients, err = tx.AddAlert(ctx, told)
		return wireFinding(asked.Principal)(finding), err
	})
	if err != nil {
		return nil, err
	}
	h.alerted(ctx, told)
	return api.CreateFindingTransition200JSONResponse(answer), nil
}

// findingUpdate is the message to the finder; the finding's own words stay out of it.
func (h *Server) findingUpdate(finding models.Finding, step models.FindingStep) models.Alert {
	words := map[models.FindingState]string{
		models.FindingAccepted:   "民警已接收您的巡逻发现",
		models.FindingHandedOver: "您的巡逻发现已移交有关单位",
		models.FindingResolved:   "您的巡逻发现已处理完毕",
		models.FindingDismissed:  "您的巡逻发现已核销",
	}
	return models.Alert{
		ID: h.NewID(), Kind: models.AlertFindingUpdate, Severity: models.SeverityNormal,
		Title: models.Secret(words[step.State]), Body: step.Note, SenderID: step.ByID, AboutID: finding.ID,
		Audience:  models.Audience{Place: models.Place{Station: finding.Place.Station}, People: []models.ID{finding.FinderID}},
		CreatedAt: step.At, ExpiresAt: step.At.Add(findingUpdateLife),
	}
}

// alertFindings tells the officers in scope and the duty commander of what is urgent among new findings, in the
// transaction that writes them.
func (h *Server) alertFindings(ctx context.Context, tx *store.Store, fresh []models.Finding) ([]models.Alert, error) {
	told := []models.Alert{}
	roles := []models.Role{models.RoleOfficer, models.RoleCommander}
	for _, finding := range fresh {
		if !finding.Urgent() {
			continue
		}
		people, err := tx.HoldersOver(ctx, roles, finding.Place, finding.ReceivedAt)
		if err != nil {
			return nil, err
		}
		if len(people) == 0 {
			continue // a station without police: there is nobody to tell
		}
		alert, err := h.findingAlert(ctx, tx, finding)
		if err != nil {
			return nil, err
		}
		alert.Audience.Roles, alert.Audience.People = roles, people
		if alert.Recipients, err = tx.AddAlert(ctx, alert); err != nil {
			return nil, err
		}
		told = append(told, alert)
	}
	return told, nil
}

// findingAlert says what and where, by the names of public places only: neither the finder nor the
// finding's own words.
func (h *Server) findingAlert(ctx context.Context, tx *store.Store, finding models.Finding) (models.Alert, error) {
	where := []string{}
	if finding.Place.Compound != "" {
		compound, err := tx.Compound(ctx, finding.Place.Compound)
		if err != nil {
			return models.Alert{}, err
		}
		where = append(where, compound.Name)
	}
	if finding.CheckpointID != "" {
		checkpoint, err := tx.Checkpoint(ctx, finding.CheckpointID)
		if err != nil {
			return models.Alert{}, err
		}
		where = append(where, checkpoint.Name)
	}
	if len(where) == 0 {
		where = append(where, "位置见详情")
	}
	words := map[models.FindingKind]string{
		models.FindingForcedDoor: "巡逻发现：门被撬", models.FindingSuspiciousObject: "巡逻发现：可疑物品",
	}
	return models.Alert{
		ID: h.NewID(), Kind: models.AlertFinding, Severity: models.SeverityHigh, Title: models.Secret(words[finding.Kind]),
		Body: models.Secret(strings.Join(where, " · ")), AboutID: finding.ID, RequiresAck: true,
		Audience:  models.Audience{Place: finding.Place},
		CreatedAt: finding.ReceivedAt, ExpiresAt: finding.ReceivedAt.Add(findingAlertLife),
	}, nil
}
