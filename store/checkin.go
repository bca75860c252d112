package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"xunfang/models"
)

type checkInRow struct {
	ID           models.ID `gorm:"primaryKey"`
	OrderID      models.ID
	StationID    models.ID
	CompoundID   models.ID
	PersonID     models.ID
	CheckpointID models.ID
	RoundID      models.ID
	Method       models.CheckInMethod
	Lat          *float64
	Lng          *float64
	AccuracyM    float64
	Crs          models.CRS
	IsMock       bool
	CapturedAt   int64
	OccurredAt   int64
	FixedAt      int64
	ReceivedAt   int64
	Status       models.CheckInStatus
	Reasons      string
	DistanceM    *float64
	NoteSealed   []byte
}

func (checkInRow) TableName() string { return "check_ins" }

// AddCheckIns writes new check-ins at the commit, together with those of other callers. Look for
// repeats with CheckInsByID first: where an id exists, Atomically returns CodeAlreadyExists.
func (s *Store) AddCheckIns(checkIns []models.CheckIn) {
	s.checkInsChangeCoverage(checkIns)
	for _, checkIn := range checkIns {
		later(s, s.checkInRow(checkIn))
	}
}

// AddCheckInsNow writes new check-ins at once, so that this transaction's queries see them, and those of the callers
// who share its commit; CodeAlreadyExists when one's id exists.
func (s *Store) AddCheckInsNow(ctx context.Context, checkIns []models.CheckIn) error {
	db := s.write(ctx)
	if db.Error != nil {
		return db.Error
	}
	s.checkInsChangeCoverage(checkIns)
	rows := bufferedRows[checkInRow]{}
	for _, checkIn := range checkIns {
		rows.list = append(rows.list, s.checkInRow(checkIn))
	}
	return translate(rows.flush(db))
}

func (s *Store) checkInRow(checkIn models.CheckIn) checkInRow {
	row := checkInRow{
		ID: checkIn.ID, OrderID: checkIn.OrderID, StationID: checkIn.Place.Station, CompoundID: checkIn.Place.Compound,
		PersonID: checkIn.PersonID, CheckpointID: checkIn.CheckpointID, RoundID: checkIn.RoundID, Method: checkIn.Method,
		CapturedAt: millis(checkIn.CapturedAt), OccurredAt: millis(checkIn.OccurredAt), ReceivedAt: millis(checkIn.ReceivedAt),
		Status: checkIn.Status, Reasons: joinReasons(checkIn.Reasons), DistanceM: checkIn.DistanceM,
		NoteSealed: s.sealText(checkIn.Note, "check_ins.note", checkIn.ID),
	}
	if checkIn.OccurredAt.IsZero() {
		row.OccurredAt = row.CapturedAt
	}
	if fix := checkIn.Fix; fix != nil {
		row.Lat, row.Lng = &fix.Lat, &fix.Lng
		row.AccuracyM, row.Crs, row.IsMock, row.FixedAt = fix.AccuracyM, fix.ReportedCRS, fix.IsMock, millis(fix.FixedAt)
	}
	return row
}

// CheckInsByID finds those of the ids that exist. For nearly every batch that is none, which
// callers that come at the same time find out in one query.
func (s *Store) CheckInsByID(ctx context.Context, ids []models.ID) (map[models.ID]models.CheckIn, error) {
	if s.tx == nil {
		exists, err := s.repeats.anyOf(ctx, s.readers, "check_ins", ids)
		if err != nil || !exists {
			return map[models.ID]models.CheckIn{}, translate(err)
		}
	}
	rows := []checkInRow{}
	if err := s.read(ctx).Where("id IN ?", ids).Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	found := make(map[models.ID]models.CheckIn, len(rows))
	for _, row := range rows {
		checkIn, err := s.checkIn(row)
		if err != nil {
			return nil, err
		}
		found[row.ID] = checkIn
	}
	return found, nil
}

// CheckInFilter narrows a list of check-ins; empty fields do not. From is included, To is not;
// both are about when the check-ins happened. Status is that of the verdict.
type CheckInFilter struct {
	RouteID      models.ID
	CheckpointID models.ID
	PersonID     models.ID
	Status       models.CheckInStatus
	From, To     time.Time
}

// CheckIns lists check-ins within sight by when they happened, newest first.
func (s *Store) CheckIns(ctx context.Context, sights []models.Sight, filter CheckInFilter, page Page) ([]models.CheckIn, error) {
	base := func() *gorm.DB {
		return filter.apply(s.read(ctx).Model(&checkInRow{}).Table(filter.table(s.engine.kind)))
	}
	cols := columns{order: "order_id", newest: true, owner: "person_id", compound: "compound_id"}
	rows, err := sightPages(ctx, base, sights, cols, page, func(row checkInRow) models.ID { return row.OrderID })
	if err != nil {
		return nil, err
	}
	return s.checkIns(rows)
}

// CheckIn reads one check-in; CodeNotFound when there is none.
func (s *Store) CheckIn(ctx context.Context, id models.ID) (models.CheckIn, error) {
	rows := []checkInRow{}
	if err := s.read(ctx).Where("id = ?", id).Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return models.CheckIn{}, orNotFound(translate(err))
	}
	return s.checkIn(rows[0])
}

// The limits of CheckInsOf: spans asked for in one statement, and check-ins of one span, of which the latest are given.
const (
	spansAtOnce = 100
	maxInSpan   = 1000 // in eight hours: one every half minute
)

// CheckInsOf gives people's check-ins of some stretches of time, in no order. Each stretch is a query of its own by the
// person's index, many of them one statement: an OR of them all, or one stretch around them, would read far more.
func (s *Store) CheckInsOf(ctx context.Context, spans []models.PersonSpan) ([]models.CheckIn, error) {
	found := []checkInRow{}
	for part := range slices.Chunk(spans, spansAtOnce) {
		queries, values := make([]string, 0, len(part)), make([]any, 0, 4*len(part))
		for _, span := range part {
			queries = append(queries, "SELECT * FROM (SELECT * FROM check_ins WHERE person_id = ? AND order_id >= ? AND order_id < ?"+
				" ORDER BY order_id DESC LIMIT ?) AS one")
			values = append(values, span.PersonID, models.FirstIDAt(span.From), models.FirstIDAt(span.To), maxInSpan)
		}
		rows := []checkInRow{}
		if err := s.read(ctx).Raw(strings.Join(queries, " UNION ALL "), values...).Scan(&rows).Error; err != nil {
			return nil, translate(err)
		}
		found = append(found, rows...)
	}
	return s.checkIns(found)
}

func (s *Store) checkIns(rows []checkInRow) ([]models.CheckIn, error) {
	checkIns := make([]models.CheckIn, 0, len(rows))
	for _, row := range rows {
		checkIn, err := s.checkIn(row)
		if err != nil {
			return nil, err
		}
		checkIns = append(checkIns, checkIn)
	}
	return checkIns, nil
}

// table names the index to read in order where the filter says it all: left alone, MariaDB walks the whole
// station's check-ins from the newest to find those of one checkpoint.
func (f CheckInFilter) table(kind string) string {
	hint := " INDEXED BY %s"
	if kind == kindMySQL {
		hint = " FORCE INDEX (%s)"
	}
	switch {
	case f.CheckpointID != "":
		return "check_ins" + fmt.Sprintf(hint, "ix_check_ins_checkpoint_id_order_id")
	case f.PersonID != "":
		return "check_ins" + fmt.Sprintf(hint, "ix_check_ins_person_id_order_id")
	default:
		return "check_ins"
	}
}

func (f CheckInFilter) apply(query *gorm.DB) *gorm.DB {
	if f.RouteID != "" {
		query = query.Where("checkpoint_id IN (SELECT checkpoint_id FROM route_checkpoints WHERE route_id = ?)", f.RouteID)
	}
	if f.CheckpointID != "" {
		query = query.Where("checkpoint_id = ?", f.CheckpointID)
	}
	if f.PersonID != "" {
		query = query.Where("person_id = ?", f.PersonID)
	}
	if f.Status != "" {
		query = query.Where("status = ?", f.Status)
	}
	return between(query, "order_id", f.From, f.To)
}

func (s *Store) checkIn(row checkInRow) (models.CheckIn, error) {
	note, err := s.openText(row.NoteSealed, "check_ins.note", row.ID)
	checkIn := models.CheckIn{
		ID: row.ID, OrderID: row.OrderID, Place: models.Place{Station: row.StationID, Compound: row.CompoundID},
		PersonID: row.PersonID, CheckpointID: row.CheckpointID, RoundID: row.RoundID, Method: row.Method,
		Fix:        fixOf(row.Lat, row.Lng, row.AccuracyM, row.Crs, row.IsMock),
		CapturedAt: time.UnixMilli(row.CapturedAt).UTC(), // a phone that lost its clock starts at 0
		OccurredAt: instant(row.OccurredAt), ReceivedAt: instant(row.ReceivedAt), Note: note,
		Verdict: models.Verdict{Status: row.Status, Reasons: splitReasons(row.Reasons), DistanceM: row.DistanceM},
	}
	if checkIn.Fix != nil {
		checkIn.Fix.FixedAt = instant(row.FixedAt)
	}
	return checkIn, err
}

func fixOf(lat, lng *float64, accuracyM float64, crs models.CRS, mock bool) *models.Fix {
	if lat == nil || lng == nil {
		return nil
	}
	return &models.Fix{
		Position: models.Position{Lat: *lat, Lng: *lng}, ReportedCRS: crs, AccuracyM: accuracyM, IsMock: mock,
	}
}

func joinReasons(reasons []models.CheckInReason) string {
	words := make([]string, 0, len(reasons))
	for _, reason := range reasons {
		words = append(words, string(reason))
	}
	return strings.Join(words, ",")
}

func splitReasons(text string) []models.CheckInReason {
	reasons := []models.CheckInReason{}
	for _, word := range strings.Split(text, ",") {
		if word != "" {
			reasons = append(reasons, models.CheckInReason(word))
		}
	}
	return reasons
}
