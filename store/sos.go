package store

import (
	"context"
	"strings"
	"time"

	"gorm.io/gorm"

	"xunfang/models"
)

type sosRow struct {
	ID             models.ID `gorm:"primaryKey"`
	OrderID        models.ID
	StationID      models.ID
	CompoundID     models.ID
	CallerID       models.ID
	OpenOf         *models.ID // whose it is while it is open, as openOf writes it
	Kind           models.SOSKind
	Silent         bool
	Lat            *float64
	Lng            *float64
	AccuracyM      float64
	Crs            models.CRS
	FixedAt        int64
	RaisedAt       int64
	ReceivedAt     int64
	State          models.SOSState
	DeliveredAt    int64
	AcknowledgedAt int64
	AcknowledgedBy models.ID
	ClaimedSafeAt  int64
	EndedAt        int64
	EndedBy        models.ID
	EndReason      models.SOSEndReason
	NoteSealed     []byte
	AskedAt        int64
	Step           int
	WidensAt       int64
	ChangedAt      int64
	Version        int64
}

func (sosRow) TableName() string { return "sos" }

type sosCallRow struct {
	ID         models.ID `gorm:"primaryKey"`
	SosID      models.ID
	CallerID   models.ID
	ReceivedAt int64
}

func (sosCallRow) TableName() string { return "sos_calls" }

func (s *Store) sosRow(sos models.SOS) sosRow {
	row := sosRow{
		ID: sos.ID, OrderID: sos.OrderID, StationID: sos.Place.Station, CompoundID: sos.Place.Compound, CallerID: sos.CallerID,
		Kind: sos.Kind, Silent: sos.Silent, RaisedAt: millis(sos.RaisedAt), ReceivedAt: millis(sos.ReceivedAt), State: sos.State,
		DeliveredAt: millis(sos.DeliveredAt), AcknowledgedAt: millis(sos.AcknowledgedAt), AcknowledgedBy: sos.AcknowledgedBy,
		ClaimedSafeAt: millis(sos.ClaimedSafeAt), EndedAt: millis(sos.EndedAt), EndedBy: sos.EndedBy, EndReason: sos.EndReason,
		NoteSealed: s.sealText(sos.Note, "sos.note", sos.ID), AskedAt: millis(sos.AskedAt), Step: sos.Step,
		WidensAt: millis(sos.WidensAt), ChangedAt: millis(sos.ChangedAt), Version: sos.Version,
	}
	if sos.Open() {
		open := openOf(sos.CallerID, sos.Silent)
		row.OpenOf = &open
	}
	if fix := sos.Fix; fix != nil {
		row.Lat, row.Lng, row.AccuracyM, row.Crs, row.FixedAt = &fix.Lat, &fix.Lng, fix.AccuracyM, fix.ReportedCRS, millis(fix.FixedAt)
	}
	return row
}

// AddSOS writes a new call for help; CodeAlreadyExists when the id is taken, or the caller has one open.
func (s *Store) AddSOS(ctx context.Context, sos models.SOS) error {
	row := s.sosRow(sos)
	if err := s.write(ctx).Create(&row).Error; err != nil {
		return translate(err)
	}
	return s.AddSOSCall(ctx, sos.ID, sos)
}

// AddSOSCall notes a further id under which the caller of an open call called again.
func (s *Store) AddSOSCall(ctx context.Context, id models.ID, sos models.SOS) error {
	call := sosCallRow{ID: id, SosID: sos.ID, CallerID: sos.CallerID, ReceivedAt: millis(sos.ChangedAt)}
	return translate(s.write(ctx).Create(&call).Error)
}

// SOS reads one call for help; CodeNotFound when there is none.
func (s *Store) SOS(ctx context.Context, id models.ID) (models.SOS, error) {
	return s.oneSOS(s.read(ctx).Where("id = ?", id))
}

// SOSOfCall finds the call for help that came under an id, or was joined by it; CodeNotFound when there is none.
func (s *Store) SOSOfCall(ctx context.Context, id models.ID) (models.SOS, error) {
	return s.oneSOS(s.read(ctx).Where("id = (SELECT sos_id FROM sos_calls WHERE sos_calls.id = ?)", id))
}

// OpenSOS finds a person's open call for help, the silent or the plain one; CodeNotFound when there is none.
func (s *Store) OpenSOS(ctx context.Context, caller models.ID, silent bool) (models.SOS, error) {
	return s.oneSOS(s.read(ctx).Where("open_of = ?", openOf(caller, silent)))
}

// openOf is the key by which a person has one open call of each sort at most. For a silent one it is spelt so that it
// can be nobody's id.
func openOf(caller models.ID, silent bool) models.ID {
	if silent {
		return models.ID(strings.Replace(string(caller), "-", "s", 1))
	}
	return caller
}

// CoverOfSOS finds the plain call that a person had open when a silent one came; CodeNotFound when there was none.
func (s *Store) CoverOfSOS(ctx context.Context, silent models.SOS) (models.SOS, error) {
	came := millis(silent.ReceivedAt)
	return s.oneSOS(s.read(ctx).Where("caller_id = ? AND silent = ? AND received_at <= ?", silent.CallerID, false, came).
		Where("ended_at = 0 OR ended_at > ?", came).Order("order_id DESC"))
}

func (s *Store) oneSOS(query *gorm.DB) (models.SOS, error) {
	rows := []sosRow{}
	if err := query.Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return models.SOS{}, orNotFound(translate(err))
	}
	return s.sos(rows[0])
}

// LockSOS keeps a call for help for this transaction and reads it; CodeNotFound when there is none.
func (s *Store) LockSOS(ctx context.Context, id models.ID) (models.SOS, error) {
	if err := lockRow(ctx, s, sosRow{}, id); err != nil {
		return models.SOS{}, err
	}
	return s.SOS(ctx, id)
}

// UpdateSOS writes a call that was read and changed, once: CodeBusy when somebody changed it meanwhile.
func (s *Store) UpdateSOS(ctx context.Context, sos models.SOS, now time.Time) (models.SOS, error) {
	read := sos.Version
	sos.Version, sos.ChangedAt = read+1, now
	row := s.sosRow(sos)
	done := s.write(ctx).Model(&sosRow{}).Where("id = ? AND version = ?", sos.ID, read).Select("*").Updates(&row)
	if done.Error == nil && done.RowsAffected != 1 {
		return sos, models.Fail(models.CodeBusy).After(retryAfter)
	}
	return sos, translate(done.Error)
}

// DueSOS lists calls that have to widen, the longest due first.
func (s *Store) DueSOS(ctx context.Context, now time.Time, limit int) ([]models.ID, error) {
	due := []models.ID{}
	err := s.read(ctx).Model(&sosRow{}).Where("widens_at > 0 AND widens_at <= ?", millis(now)).
		Order("widens_at").Limit(limit).Pluck("id", &due).Error
	return due, translate(err)
}

// LeftSOS lists open calls that nobody has heard of since an instant, the longest first.
func (s *Store) LeftSOS(ctx context.Context, since time.Time, limit int) ([]models.ID, error) {
	left := []models.ID{}
	err := s.read(ctx).Model(&sosRow{}).Where("ended_at = 0 AND changed_at <= ?", millis(since)).
		Order("changed_at").Limit(limit).Pluck("id", &left).Error
	return left, translate(err)
}

// ChangedSOS lists calls that changed at or after an instant, so that other replicas' streams hear of them.
func (s *Store) ChangedSOS(ctx context.Context, since time.Time, limit int) ([]models.SOS, error) {
	rows := []sosRow{}
	err := s.read(ctx).Where("changed_at >= ?", millis(since)).Order("changed_at DESC").Limit(limit).Find(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	return s.manySOS(rows)
}

// SOSFilter narrows a list of calls for help; empty fields do not.
type SOSFilter struct {
	Open  bool
	State models.SOSState
}

// ListSOS lists calls within sight, newest first. A sight with an owner shows what the owner called, if it was not
// silent, and what the owner was asked to help with. Nobody sees their own silent ones.
func (s *Store) ListSOS(ctx context.Context, sights []models.Sight, who models.ID, filter SOSFilter, page Page) ([]models.SOS, error) {
	base := func() *gorm.DB {
		query := s.read(ctx).Model(&sosRow{}).Where("NOT (caller_id = ? AND silent = ?)", who, true)
		if filter.Open {
			query = query.Where("ended_at = 0")
		}
		if filter.State != "" {
			query = query.Where("state = ?", filter.State)
		}
		return query
	}
	cols := columns{order: "order_id", newest: true, owner: "caller_id", compound: "compound_id"}
	key := func(row sosRow) models.ID { return row.OrderID }
	rows, err := sightPages(ctx, base, sights, cols, page, key)
	if err != nil {
		return nil, err
	}
	asked := []sosRow{}
	helping := base().Where("id IN (SELECT sos_id FROM sos_helpers WHERE person_id = ?)", who)
	if err := cols.page(helping, page).Find(&asked).Error; err != nil {
		return nil, translate(err)
	}
	return s.manySOS(newestFirst(append(rows, asked...), page.Limit, key))
}

func (s *Store) manySOS(rows []sosRow) ([]models.SOS, error) {
	found := make([]models.SOS, 0, len(rows))
	for _, row := range rows {
		sos, err := s.sos(row)
		if err != nil {
			return nil, err
		}
		found = append(found, sos)
	}
	return found, nil
}

func (s *Store) sos(row sosRow) (models.SOS, error) {
	note, err := s.openText(row.NoteSealed, "sos.note", row.ID)
	fix := fixOf(row.Lat, row.Lng, row.AccuracyM, row.Crs, false)
	if fix != nil {
		fix.FixedAt = instant(row.FixedAt)
	}
	return models.SOS{
		ID: row.ID, OrderID: row.OrderID, Place: models.Place{Station: row.StationID, Compound: row.CompoundID},
		CallerID: row.CallerID, Kind: row.Kind, Silent: row.Silent,
		Fix:      fix,
		RaisedAt: instant(row.RaisedAt), ReceivedAt: instant(row.ReceivedAt), State: row.State,
		DeliveredAt: instant(row.DeliveredAt), AcknowledgedAt: instant(row.AcknowledgedAt), AcknowledgedBy: row.AcknowledgedBy,
		ClaimedSafeAt: instant(row.ClaimedSafeAt), EndedAt: instant(row.EndedAt), EndedBy: row.EndedBy, EndReason: row.EndReason, Note: note,
		AskedAt: instant(row.AskedAt), Step: row.Step, WidensAt: instant(row.WidensAt),
		ChangedAt: instant(row.ChangedAt), Version: row.Version,
	}, err
}
