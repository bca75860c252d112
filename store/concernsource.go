package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"xunfang/models"
)

type concernSourceRow struct {
	ID           models.ID `gorm:"primaryKey"`
	StationID    models.ID
	CompoundID   models.ID
	DeviceID     models.ID
	Name         string
	ReasonSealed []byte
	ProposedBy   models.ID
	ProposerRole models.Role
	ProposedAt   int64
	ValidUntil   int64
	ApprovedBy   models.ID
	ApprovedAt   int64
	RevokedBy    models.ID
	RevokedAt    int64
}

func (concernSourceRow) TableName() string { return "concern_sources" }

// AddConcernSource writes a source that somebody proposes.
func (s *Store) AddConcernSource(ctx context.Context, source models.ConcernSource) error {
	row := concernSourceRow{
		ID: source.ID, StationID: source.Place.Station, CompoundID: source.Place.Compound, DeviceID: source.DeviceID, Name: source.Name,
		ReasonSealed: s.sealText(source.Reason, "concern_sources.reason", source.ID), ProposedBy: source.ProposedBy,
		ProposerRole: source.ProposerRole, ProposedAt: millis(source.ProposedAt), ValidUntil: millis(source.ValidUntil),
	}
	return translate(s.write(ctx).Create(&row).Error)
}

// ConcernSource reads one source; CodeNotFound when there is none.
func (s *Store) ConcernSource(ctx context.Context, id models.ID) (models.ConcernSource, error) {
	rows := []concernSourceRow{}
	if err := s.read(ctx).Where("id = ?", id).Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return models.ConcernSource{}, orNotFound(translate(err))
	}
	return s.concernSource(rows[0])
}

// ConcernSources lists sources within sight, newest first; of one device where that is named.
func (s *Store) ConcernSources(
	ctx context.Context, sights []models.Sight, device models.ID, page Page,
) ([]models.ConcernSource, error) {
	base := func() *gorm.DB {
		query := s.read(ctx).Model(&concernSourceRow{})
		if device != "" {
			query = query.Where("device_id = ?", device)
		}
		return query
	}
	cols := columns{order: "id", newest: true, compound: "compound_id"}
	rows, err := sightPages(ctx, base, sights, cols, page, func(row concernSourceRow) models.ID { return row.ID })
	if err != nil {
		return nil, err
	}
	sources := make([]models.ConcernSource, 0, len(rows))
	for _, row := range rows {
		source, err := s.concernSource(row)
		if err != nil {
			return nil, err
		}
		sources = append(sources, source)
	}
	return sources, nil
}

// LiveConcernSources counts the sources of a station that are not over.
func (s *Store) LiveConcernSources(ctx context.Context, station models.ID, now time.Time) (int64, error) {
	count := int64(0)
	err := s.read(ctx).Model(&concernSourceRow{}).
		Where("station_id = ? AND revoked_at = 0 AND valid_until > ?", station, millis(now)).Count(&count).Error
	return count, translate(err)
}

// ApprovedConcernSource finds the source as which a device may report now; CodeNotFound when there is none.
func (s *Store) ApprovedConcernSource(ctx context.Context, device models.ID, now time.Time) (models.ConcernSource, error) {
	rows := []concernSourceRow{}
	err := s.read(ctx).Where("device_id = ? AND approved_at > 0 AND revoked_at = 0 AND valid_until > ?", device, millis(now)).
		Order("id").Limit(1).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return models.ConcernSource{}, orNotFound(translate(err))
	}
	return s.concernSource(rows[0])
}

// ApproveConcernSource notes the approval of another, once; false when somebody was first.
func (s *Store) ApproveConcernSource(ctx context.Context, id, by models.ID, now time.Time) (bool, error) {
	done := s.write(ctx).Model(&concernSourceRow{}).
		Where("id = ? AND approved_by = '' AND proposed_by <> ? AND revoked_at = 0 AND valid_until > ?", id, by, millis(now)).
		Updates(map[string]any{"approved_by": by, "approved_at": millis(now)})
	return done.RowsAffected == 1, translate(done.Error)
}

// RevokeConcernSource ends a source, once; false when somebody was first.
func (s *Store) RevokeConcernSource(ctx context.Context, id, by models.ID, now time.Time) (bool, error) {
	done := s.write(ctx).Model(&concernSourceRow{}).Where("id = ? AND revoked_at = 0", id).
		Updates(map[string]any{"revoked_by": by, "revoked_at": millis(now)})
	return done.RowsAffected == 1, translate(done.Error)
}

func (s *Store) concernSource(row concernSourceRow) (models.ConcernSource, error) {
	reason, err := s.openText(row.ReasonSealed, "concern_sources.reason", row.ID)
	return models.ConcernSource{
		ID: row.ID, Place: models.Place{Station: row.StationID, Compound: row.CompoundID}, DeviceID: row.DeviceID, Name: row.Name,
		Reason: reason, ProposedBy: row.ProposedBy, ProposerRole: row.ProposerRole, ProposedAt: instant(row.ProposedAt),
		ValidUntil: instant(row.ValidUntil), ApprovedBy: row.ApprovedBy, ApprovedAt: instant(row.ApprovedAt),
		RevokedBy: row.RevokedBy, RevokedAt: instant(row.RevokedAt),
	}, err
}
