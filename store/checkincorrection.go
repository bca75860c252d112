package store

import (
	"context"

	"gorm.io/gorm"

	"xunfang/models"
)

type correctionRow struct {
	ID                   models.ID `gorm:"primaryKey"`
	OrderID              models.ID
	StationID            models.ID
	CompoundID           models.ID
	CheckInID            models.ID
	PersonID             models.ID
	Status               models.CheckInStatus
	ReasonSealed         []byte
	ProposerID           models.ID
	ProposedAt           int64
	State                models.CorrectionState
	DeciderID            models.ID
	DecidedAt            int64
	DecisionReasonSealed []byte
}

func (correctionRow) TableName() string { return "check_in_corrections" }

const (
	correctionReason         = "check_in_corrections.reason"
	correctionDecisionReason = "check_in_corrections.decision_reason"
)

// AddCorrection writes a proposed correction; CodeAlreadyExists when the id is taken.
func (s *Store) AddCorrection(ctx context.Context, correction models.Correction) error {
	row := correctionRow{
		ID: correction.ID, OrderID: correction.OrderID, StationID: correction.Place.Station, CompoundID: correction.Place.Compound,
		CheckInID: correction.CheckInID, PersonID: correction.PersonID, Status: correction.Status,
		ReasonSealed: s.sealText(correction.Reason, correctionReason, correction.ID),
		ProposerID:   correction.ProposerID, ProposedAt: millis(correction.ProposedAt), State: correction.State,
	}
	return translate(s.write(ctx).Create(&row).Error)
}

// DecideCorrection ends a proposed correction as correction says; CodeWrongState when somebody was first.
func (s *Store) DecideCorrection(ctx context.Context, correction models.Correction) error {
	done := s.write(ctx).Model(&correctionRow{}).Where("id = ? AND state = ?", correction.ID, models.CorrectionProposed).
		Updates(map[string]any{
			"state": correction.State, "decider_id": correction.DeciderID, "decided_at": millis(correction.DecidedAt),
			"decision_reason_sealed": s.sealText(correction.DecisionReason, correctionDecisionReason, correction.ID),
		})
	if done.Error == nil && done.RowsAffected == 0 {
		return models.Fail(models.CodeWrongState)
	}
	return translate(done.Error)
}

// Correction reads one correction; CodeNotFound when there is none.
func (s *Store) Correction(ctx context.Context, id models.ID) (models.Correction, error) {
	rows := []correctionRow{}
	if err := s.read(ctx).Where("id = ?", id).Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return models.Correction{}, orNotFound(translate(err))
	}
	return s.correction(rows[0])
}

// CorrectionFilter narrows a list of corrections; empty fields do not.
type CorrectionFilter struct {
	State     models.CorrectionState
	CheckInID models.ID
}

// Corrections lists corrections within sight by when they were proposed, newest first.
func (s *Store) Corrections(
	ctx context.Context, sights []models.Sight, filter CorrectionFilter, page Page,
) ([]models.Correction, error) {
	base := func() *gorm.DB {
		query := s.read(ctx).Model(&correctionRow{})
		if filter.State != "" {
			query = query.Where("state = ?", filter.State)
		}
		if filter.CheckInID != "" {
			query = query.Where("check_in_id = ?", filter.CheckInID)
		}
		return query
	}
	cols := columns{order: "order_id", newest: true, compound: "compound_id"}
	rows, err := sightPages(ctx, base, sights, cols, page, func(row correctionRow) models.ID { return row.OrderID })
	if err != nil {
		return nil, err
	}
	corrections := make([]models.Correction, 0, len(rows))
	for _, row := range rows {
		correction, err := s.correction(row)
		if err != nil {
			return nil, err
		}
		corrections = append(corrections, correction)
	}
	return corrections, nil
}

// HasCorrections says whether any check-in of a station was ever corrected.
func (s *Store) HasCorrections(ctx context.Context, station models.ID) (bool, error) {
	rows := []correctionRow{}
	err := s.read(ctx).Select("id").Where("station_id = ?", station).Limit(1).Find(&rows).Error
	return len(rows) > 0, translate(err)
}

// Standing is what corrections make of a check-in.
type Standing struct {
	Status   models.CheckInStatus // of the approved correction decided last; "" without one
	Proposed models.ID            // the newest correction that waits for its decision; "" without one
}

// Standings gives what corrections make of those of the check-ins that have any.
func (s *Store) Standings(ctx context.Context, checkInIDs []models.ID) (map[models.ID]Standing, error) {
	standings := map[models.ID]Standing{}
	if len(checkInIDs) == 0 {
		return standings, nil
	}
	rows := []correctionRow{}
	err := s.read(ctx).Select("id", "check_in_id", "status", "state").
		Where("check_in_id IN ? AND state <> ?", checkInIDs, models.CorrectionDeclined).
		Order("decided_at, order_id").Find(&rows).Error
	for _, row := range rows {
		standing := standings[row.CheckInID]
		if row.State == models.CorrectionApproved {
			standing.Status = row.Status
		} else {
			standing.Proposed = row.ID
		}
		standings[row.CheckInID] = standing
	}
	return standings, translate(err)
}

// effectiveStatus is, in a query of check_ins, what one of them counts as: as EffectiveStatuses tells it.
const effectiveStatus = "COALESCE((SELECT corrections.status FROM check_in_corrections AS corrections " +
	"WHERE corrections.check_in_id = check_ins.id AND corrections.state = 'approved' " +
	"ORDER BY corrections.decided_at DESC, corrections.order_id DESC LIMIT 1), check_ins.status)"

// EffectiveStatuses tells for each of the check-ins that exist what it counts as: what the approved correction
// decided last says, else its verdict. Check-ins added in the same transaction are not among them yet.
func (s *Store) EffectiveStatuses(ctx context.Context, checkInIDs []models.ID) (map[models.ID]models.CheckInStatus, error) {
	statuses := map[models.ID]models.CheckInStatus{}
	if len(checkInIDs) == 0 {
		return statuses, nil
	}
	rows := []checkInRow{}
	if err := s.read(ctx).Select("id", "status").Where("id IN ?", checkInIDs).Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	standings, err := s.Standings(ctx, checkInIDs)
	for _, row := range rows {
		statuses[row.ID] = row.Status
		if standing := standings[row.ID]; standing.Status != "" {
			statuses[row.ID] = standing.Status
		}
	}
	return statuses, err
}

// SquadKinds tells how the squads of rounds move; a round without a squad is not among them.
func (s *Store) SquadKinds(ctx context.Context, rounds []models.ID) (map[models.ID]models.SquadKind, error) {
	kinds := map[models.ID]models.SquadKind{}
	if len(rounds) == 0 {
		return kinds, nil
	}
	rows := []struct {
		ID   models.ID
		Kind models.SquadKind
	}{}
	err := s.read(ctx).Table("rounds").Select("rounds.id, squads.kind").
		Joins("JOIN squads ON squads.id = rounds.squad_id").Where("rounds.id IN ?", rounds).Find(&rows).Error
	for _, row := range rows {
		kinds[row.ID] = row.Kind
	}
	return kinds, translate(err)
}

func (s *Store) correction(row correctionRow) (models.Correction, error) {
	reason, err := s.openText(row.ReasonSealed, correctionReason, row.ID)
	if err != nil {
		return models.Correction{}, err
	}
	decisionReason, err := s.openText(row.DecisionReasonSealed, correctionDecisionReason, row.ID)
	return models.Correction{
		ID: row.ID, OrderID: row.OrderID, Place: models.Place{Station: row.StationID, Compound: row.CompoundID},
		CheckInID: row.CheckInID, PersonID: row.PersonID, Status: row.Status, Reason: reason, ProposerID: row.ProposerID,
		ProposedAt: instant(row.ProposedAt), State: row.State, DeciderID: row.DeciderID, DecidedAt: instant(row.DecidedAt),
		DecisionReason: decisionReason,
	}, err
}
