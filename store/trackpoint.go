package store

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"xunfang/models"
)

type trackPointRow struct {
	PersonID    models.ID `gorm:"primaryKey"`
	BootID      string    `gorm:"primaryKey"`
	Slot        int64     `gorm:"primaryKey;autoIncrement:false"`
	At          int64
	StationID   models.ID
	RoundID     models.ID `json:"-"` // one that waits has none
	Lat         float64
	Lng         float64
	AccuracyM   float64
	IsMock      bool
	SpeedMps    *float64
	Crs         models.CRS
	Source      models.TrackSource
	PhoneAt     int64
	MonotonicMS int64
	ReceivedAt  int64
	RankID      models.ID `json:"-"` // last: see replacing
}

func (trackPointRow) TableName() string { return "track_points" }

// replaces makes the row of the smaller rank the one that is kept, whichever comes first.
func (trackPointRow) replaces() (key []string, rank string) {
	return []string{"person_id", "boot_id", "slot"}, "rank_id"
}

func (r trackPointRow) compareKey(other any) int {
	right := other.(trackPointRow) //nolint:forcetypeassert // rows of one table
	return cmp.Or(cmp.Compare(r.PersonID, right.PersonID), cmp.Compare(r.BootID, right.BootID), cmp.Compare(r.Slot, right.Slot))
}

func (s *Store) trackPointRow(point models.TrackPoint) trackPointRow {
	key := point.Key()
	return trackPointRow{
		PersonID: point.PersonID, BootID: key.BootID, Slot: key.Slot, RankID: point.Rank(), At: millis(point.At),
		StationID: point.StationID, RoundID: point.RoundID, Lat: point.Lat, Lng: point.Lng, AccuracyM: point.AccuracyM,
		IsMock: point.IsMock, SpeedMps: point.SpeedMps, Crs: point.ReportedCRS, Source: point.Source,
		PhoneAt: millis(point.PhoneAt), MonotonicMS: point.MonotonicMS, ReceivedAt: millis(point.ReceivedAt),
	}
}

// AddTrackPoints writes positions at once, so that this transaction's queries see them and those of the callers who share
// its commit: those of a round into the track, the others among those that wait. Of several with one models.TrackKey the
// one of the smallest rank stays, in whatever order and how often they come, from several requests at once too; one that
// is kept already moves to where it belongs now. The cover loses what is replaced or moved, and that can have been at any
// other time: two that a phone recorded within seconds lie days apart where its clock was set in between, or where only
// one request told the clock. Lock the person's row first, so that nobody comes in between.
func (s *Store) AddTrackPoints(ctx context.Context, points []models.TrackPoint, now time.Time) error {
	db := s.write(ctx)
	if db.Error != nil || len(points) == 0 {
		return db.Error
	}
	rivals, err := s.trackRivals(ctx, points)
	if err != nil {
		return err
	}
	if points, err = s.makeWay(ctx, points, rivals); err != nil {
		return err
	}
	track, waiting := bufferedRows[trackPointRow]{}, bufferedRows[waitingPointRow]{}
	placed := []models.TrackPoint{}
	for _, point := range points {
		if point.RoundID == "" {
			row, err := s.waitingPointRow(point)
			if err != nil {
				return err
			}
			waiting.list = append(waiting.list, row)
			continue
		}
		placed = append(placed, point)
		track.list = append(track.list, s.trackPointRow(point))
	}
	s.tracksChangeCoverage(placed, rivals, now)
	if err := track.flush(db); err != nil {
		return translate(err)
	}
	if err := waiting.flush(db); err != nil {
		return translate(err)
	}
	return s.boundWaiting(ctx, waiting.list)
}

// TrackPoints gives a person's positions in [from, to) by time, at most limit.
func (s *Store) TrackPoints(ctx context.Context, person models.ID, from, to time.Time, limit int) ([]models.TrackPoint, error) {
	rows := []trackPointRow{}
	err := s.read(ctx).Where("person_id = ? AND at >= ? AND at < ?", person, millis(from), millis(to)).
		Order("at").Limit(limit).Find(&rows).Error
	return trackPoints(rows), translate(err)
}

// TrackFilter says of which track; person or round must be given. From is included, To is not; zero times do not narrow.
type TrackFilter struct {
	PersonID, RoundID models.ID
	From, To          time.Time
}

// sameMillisecond bounds how many people of one round can be somewhere at one millisecond.
const sameMillisecond = 64

// Tracks lists positions within sight by models.TrackPoint.OrderID, the earliest first. The database walks its index on
// time alone; what shares a millisecond is put in order here, which is why a little more is read than is shown.
func (s *Store) Tracks(ctx context.Context, sights []models.Sight, filter TrackFilter, page Page) ([]models.TrackPoint, error) {
	merged := []models.TrackPoint{}
	for _, sight := range sights {
		query, visible := columns{owner: "person_id"}.where(filter.apply(s.read(ctx), s.engine.kind), sight)
		if !visible {
			continue
		}
		if page.After != "" {
			query = query.Where("at >= ?", millis(page.After.Time()))
		}
		rows := []trackPointRow{}
		if err := query.Order("at").Limit(page.Limit + 2*sameMillisecond).Find(&rows).Error; err != nil {
			return nil, translate(err)
		}
		merged = append(merged, trackPoints(rows)...)
	}
	slices.SortFunc(merged, func(left, right models.TrackPoint) int {
		return strings.Compare(string(left.OrderID()), string(right.OrderID()))
	})
	merged = slices.CompactFunc(merged, func(left, right models.TrackPoint) bool { return left.OrderID() == right.OrderID() })
	merged = slices.DeleteFunc(merged, func(point models.TrackPoint) bool { return point.OrderID() <= page.After })
	return merged[:min(len(merged), page.Limit)], nil
}

// apply names the index to walk: left alone, a database may take the station's whole day for one person's hour.
func (f TrackFilter) apply(query *gorm.DB, kind string) *gorm.DB {
	index := "ix_track_points_person_id_at"
	if f.PersonID == "" {
		index = "ix_track_points_round_id_at"
	}
	hint := " INDEXED BY " + index
	if kind == kindMySQL {
		hint = " FORCE INDEX (" + index + ")"
	}
	query = query.Table("track_points" + hint)
	if f.PersonID != "" {
		query = query.Where("person_id = ?", f.PersonID)
	}
	if f.RoundID != "" || f.PersonID == "" {
		query = query.Where("round_id = ?", f.RoundID)
	}
	if !f.From.IsZero() {
		query = query.Where("at >= ?", millis(f.From))
	}
	if !f.To.IsZero() {
		query = query.Where("at < ?", millis(f.To))
	}
	return query
}

func trackPoints(rows []trackPointRow) []models.TrackPoint {
	points := make([]models.TrackPoint, 0, len(rows))
	for _, row := range rows {
		points = append(points, models.TrackPoint{
			PersonID: row.PersonID, StationID: row.StationID, RoundID: row.RoundID, At: instant(row.At),
			PhoneAt: instant(row.PhoneAt), ReceivedAt: instant(row.ReceivedAt), Source: row.Source, SpeedMps: row.SpeedMps,
			BootID: row.BootID, MonotonicMS: row.MonotonicMS,
			Fix: models.Fix{
				Position: models.Position{Lat: row.Lat, Lng: row.Lng}, ReportedCRS: row.Crs, AccuracyM: row.AccuracyM, IsMock: row.IsMock,
			},
		})
	}
	return points
}

// forgetTracks deletes positions recorded before a time, of each station no more than forgetBatch and those that share
// the last one's millisecond.
func (s *Store) forgetTracks(ctx context.Context, before time.Time) (int64, error) {
	stations, err := s.Stations(ctx)
	touched := int64(0)
	for _, station := range stations {
		aged := []int64{}
		if err := s.read(ctx).Table("track_points").Where("station_id = ? AND at < ?", station.ID, millis(before)).
			Order("at").Limit(forgetBatch).Pluck("at", &aged).Error; err != nil {
			return touched, translate(err)
		}
		if len(aged) == 0 {
			continue
		}
		gone, err := s.erase(ctx, "DELETE FROM track_points WHERE station_id = ? AND at <= ?", station.ID, aged[len(aged)-1])
		touched += gone
		if err != nil {
			return touched, err
		}
	}
	return touched, err
}
