package store

import (
	"context"

	"gorm.io/gorm"

	"xunfang/models"
)

type commendationRow struct {
	ID                   models.ID `gorm:"primaryKey"`
	OrderID              models.ID
	StationID            models.ID
	PersonID             models.ID
	ReasonSealed         []byte
	AboutKind            models.AboutKind
	AboutID              models.ID
	ProposerID           models.ID
	ProposedAt           int64
	State                models.CommendationState
	DeciderID            models.ID
	DecidedAt            int64
	DecisionReasonSealed []byte
	PersonNameSealed     []byte
	StationName          string
	GrantedOn            string
	Year                 int
	Number               *int // NULL before it was granted: many have none
	CheckCodeSealed      []byte
	CheckIndex           []byte
	RevokerID            models.ID
	RevokedAt            int64

	RevocationReasonSealed []byte
}

func (commendationRow) TableName() string { return "commendations" }

const (
	commendationReason   = "commendations.reason"
	commendationDecision = "commendations.decision_reason"
	commendationName     = "commendations.person_name"
	commendationCode     = "commendations.check_code"
	commendationRevoked  = "commendations.revocation_reason"
	indexCertificate     = "certificate"
)

// AddCommendation writes a proposed commendation.
func (s *Store) AddCommendation(ctx context.Context, commendation models.Commendation) error {
	row := commendationRow{
		ID: commendation.ID, OrderID: commendation.OrderID, StationID: commendation.StationID, PersonID: commendation.PersonID,
		ReasonSealed: s.sealText(commendation.Reason, commendationReason, commendation.ID),
		AboutKind:    commendation.AboutKind, AboutID: commendation.AboutID,
		ProposerID: commendation.ProposerID, ProposedAt: millis(commendation.ProposedAt), State: commendation.State,
	}
	return translate(s.write(ctx).Create(&row).Error)
}

// DecideCommendation ends a proposed commendation as it says; CodeWrongState when somebody was first.
func (s *Store) DecideCommendation(ctx context.Context, commendation models.Commendation) error {
	changes := map[string]any{
		"state": commendation.State, "decider_id": commendation.DeciderID, "decided_at": millis(commendation.DecidedAt),
		"decision_reason_sealed": s.sealText(commendation.DecisionReason, commendationDecision, commendation.ID),
	}
	if commendation.State == models.CommendationGranted {
		changes["person_name_sealed"] = s.sealText(commendation.PersonName, commendationName, commendation.ID)
		changes["station_name"], changes["granted_on"] = commendation.StationName, commendation.GrantedOn.String()
		changes["year"], changes["number"] = commendation.GrantedOn.Year, commendation.Number
		changes["check_code_sealed"] = s.sealText(commendation.CheckCode, commendationCode, commendation.ID)
		changes["check_index"] = s.CertificateIndex(commendation.CheckCode)
	}
	done := s.write(ctx).Model(&commendationRow{}).Where("id = ? AND state = ?", commendation.ID, models.CommendationProposed).
		Updates(changes)
	if done.Error == nil && done.RowsAffected == 0 {
		return models.Fail(models.CodeWrongState)
	}
	return translate(done.Error)
}

// RevokeCommendation writes that a granted commendation was taken back; CodeWrongState when somebody was first.
func (s *Store) RevokeCommendation(ctx context.Context, commendation models.Commendation) error {
	done := s.write(ctx).Model(&commendationRow{}).
		Where("id = ? AND state = ? AND person_id <> ''", commendation.ID, models.CommendationGranted).
		Updates(map[string]any{
			"state": commendation.State, "revoker_id": commendation.RevokerID, "revoked_at": millis(commendation.RevokedAt),
			"revocation_reason_sealed": s.sealText(commendation.RevocationReason, commendationRevoked, commendation.ID),
		})
	if done.Error == nil && done.RowsAffected == 0 {
		return models.Fail(models.CodeWrongState)
	}
	return translate(done.Error)
}

// CertificateIndex is what a certificate is found by.
func (s *Store) CertificateIndex(code models.Secret) []byte {
	return s.vault.BlindIndex(indexCertificate, code.Reveal())
}

// NextCommendationNumber gives the number after the last of a station's year, and keeps the station's row, so that
// nobody else takes the same one; CodeUnprocessable after the last of models.MaxCommendationsAYear.
func (s *Store) NextCommendationNumber(ctx context.Context, station models.ID, year int) (int, error) {
	if err := lockRow(ctx, s, stationRow{}, station); err != nil {
		return 0, err
	}
	last := 0
	err := s.read(ctx).Model(&commendationRow{}).Where("station_id = ? AND year = ?", station, year).
		Select("COALESCE(MAX(number), 0)").Row().Scan(&last)
	if err == nil && last >= models.MaxCommendationsAYear {
		return 0, models.Unfit("decision", models.FieldNotAllowed, "at most 2000 a year")
	}
	return last + 1, translate(err)
}

// Commendation reads one commendation; CodeNotFound when there is none.
func (s *Store) Commendation(ctx context.Context, id models.ID) (models.Commendation, error) {
	return s.oneCommendation(s.read(ctx).Where("id = ?", id))
}

// CommendationByCode finds the certificate of a code; CodeNotFound when there is none.
func (s *Store) CommendationByCode(ctx context.Context, code models.Secret) (models.Commendation, error) {
	return s.oneCommendation(s.read(ctx).Where("check_index = ?", s.CertificateIndex(code)))
}

func (s *Store) oneCommendation(query *gorm.DB) (models.Commendation, error) {
	rows := []commendationRow{}
	if err := query.Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return models.Commendation{}, orNotFound(translate(err))
	}
	return s.commendation(rows[0])
}

// CommendationFilter narrows a list of commendations; empty fields do not. Year is that of granting.
type CommendationFilter struct {
	PersonID models.ID
	State    models.CommendationState
	Year     int
}

// Commendations lists commendations within sight by when they were proposed, newest first. One's own are seen
// once they are granted. Those of which it was forgotten whose they were are on no list.
func (s *Store) Commendations(
	ctx context.Context, sights []models.Sight, filter CommendationFilter, page Page,
) ([]models.Commendation, error) {
	base := func() *gorm.DB {
		query := s.read(ctx).Model(&commendationRow{}).Where("person_id <> ''")
		if filter.PersonID != "" {
			query = query.Where("person_id = ?", filter.PersonID)
		}
		if filter.State != "" {
			query = query.Where("state = ?", filter.State)
		}
		if filter.Year != 0 {
			query = query.Where("year = ?", filter.Year)
		}
		return query
	}
	cols := columns{order: "order_id", newest: true, owned: "person_id = ? AND state IN ('granted', 'revoked')"}
	rows, err := sightPages(ctx, base, sights, cols, page, func(row commendationRow) models.ID { return row.OrderID })
	if err != nil {
		return nil, err
	}
	return s.commendations(rows)
}

// YearlyCommendations lists what a station granted in a year by number, those after a number, at most limit.
func (s *Store) YearlyCommendations(ctx context.Context, station models.ID, year, after, limit int) ([]models.Commendation, error) {
	rows := []commendationRow{}
	err := s.read(ctx).Where("station_id = ? AND year = ? AND number > ? AND person_id <> ''", station, year, after).Order("number").
		Limit(limit).Find(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	return s.commendations(rows)
}

func (s *Store) commendations(rows []commendationRow) ([]models.Commendation, error) {
	list := make([]models.Commendation, 0, len(rows))
	for _, row := range rows {
		one, err := s.commendation(row)
		if err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, nil
}

func (s *Store) commendation(row commendationRow) (models.Commendation, error) {
	commendation := models.Commendation{
		ID: row.ID, OrderID: row.OrderID, StationID: row.StationID, PersonID: row.PersonID, AboutKind: row.AboutKind,
		AboutID: row.AboutID, ProposerID: row.ProposerID, ProposedAt: instant(row.ProposedAt), State: row.State,
		DeciderID: row.DeciderID, DecidedAt: instant(row.DecidedAt), StationName: row.StationName, CheckIndex: row.CheckIndex,
		RevokerID: row.RevokerID, RevokedAt: instant(row.RevokedAt),
	}
	if row.Number != nil {
		commendation.Number = *row.Number
	}
	var err error
	if row.GrantedOn != "" {
		if commendation.GrantedOn, err = models.ParseDate(row.GrantedOn); err != nil {
			return commendation, err
		}
	}
	for _, one := range []struct {
		into   *models.Secret
		sealed []byte
		column string
	}{
		{&commendation.Reason, row.ReasonSealed, commendationReason},
		{&commendation.DecisionReason, row.DecisionReasonSealed, commendationDecision},
		{&commendation.PersonName, row.PersonNameSealed, commendationName},
		{&commendation.CheckCode, row.CheckCodeSealed, commendationCode},
		{&commendation.RevocationReason, row.RevocationReasonSealed, commendationRevoked},
	} {
		if *one.into, err = s.openText(one.sealed, one.column, row.ID); err != nil {
			return commendation, err
		}
	}
	return commendation, nil
}
