package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"xunfang/models"
)

// coverageStateRow is the version of a station's sheets, and where its grid begins.
type coverageStateRow struct {
	StationID models.ID `gorm:"primaryKey"`
	Version   int64
	Lat       float64
	Lng       float64
}

func (coverageStateRow) TableName() string { return "coverage_states" }

// coverageState reads a station's state; before anything was counted it is the one that it would begin with.
func (s *Store) coverageState(ctx context.Context, station models.StationInfo) (coverageStateRow, error) {
	rows := []coverageStateRow{}
	err := s.read(ctx).Where("station_id = ?", station.ID).Limit(1).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return coverageStateRow{StationID: station.ID, Lat: station.Centre.Lat, Lng: station.Centre.Lng}, translate(err)
	}
	return rows[0], nil
}

var errCoverageMoved = errors.New("store: a station's sheets moved while they were counted")

// moveCoverage takes a state one version further, if it still is the one that was read.
func (s *Store) moveCoverage(ctx context.Context, state coverageStateRow) error {
	if state.Version == 0 {
		state.Version = 1
		err := translate(s.write(ctx).Create(&state).Error) // with ON CONFLICT, MySQL would say 1 row of one that was there
		if models.CodeOf(err) == models.CodeAlreadyExists {
			return errCoverageMoved
		}
		return err
	}
	moved := s.write(ctx).Model(&coverageStateRow{}).
		Where("station_id = ? AND version = ?", state.StationID, state.Version).Update("version", state.Version+1)
	if moved.Error == nil && moved.RowsAffected != 1 {
		return errCoverageMoved
	}
	return translate(moved.Error)
}

// CoverageGround reads a station with everything whose cover is counted; CodeNotFound when there is no such station.
func (s *Store) CoverageGround(ctx context.Context, station models.ID) (models.StationInfo, *models.Ground, error) {
	stations := []stationRow{}
	if err := s.read(ctx).Where("id = ?", station).Limit(1).Find(&stations).Error; err != nil || len(stations) == 0 {
		return models.StationInfo{}, nil, orNotFound(translate(err))
	}
	row := stations[0]
	info := models.StationInfo{
		ID: row.ID, Name: row.Name, TimeZone: row.TimeZone, Centre: models.Position{Lat: row.Lat, Lng: row.Lng},
	}
	state, err := s.coverageState(ctx, info)
	if err != nil {
		return info, nil, err
	}
	checkpoints, err := s.StationCheckpoints(ctx, station)
	if err != nil {
		return info, nil, err
	}
	sights := []models.Sight{{Within: models.Place{Station: station}}}
	routes, err := s.Routes(ctx, sights, Page{Limit: maxCoverRoutes})
	if err != nil {
		return info, nil, err
	}
	posts, err := s.coveragePosts(ctx, station)
	if err != nil {
		return info, nil, err
	}
	grid := models.CellGrid{Origin: models.Position{Lat: state.Lat, Lng: state.Lng}}
	return info, models.NewGround(grid, checkpoints, routes, posts), nil
}

const (
	maxCoverRoutes = 1000
	maxCoverPosts  = 1000
	maxPostShifts  = 5000
)

type coveragePostRow struct {
	ID            models.ID
	StationID     models.ID
	CompoundID    models.ID
	Name          string
	Lat           float64
	Lng           float64
	RadiusM       int
	MaxGapMinutes int
	CreatedAt     int64
	EndedAt       int64
}

// coveragePosts are a station's street posts, those that have ended too: cover is asked of days that are over.
func (s *Store) coveragePosts(ctx context.Context, station models.ID) ([]models.StreetPost, error) {
	rows := []coveragePostRow{}
	err := s.read(ctx).Table("street_posts").Where("station_id = ?", station).Order("id").Limit(maxCoverPosts).Find(&rows).Error
	posts := make([]models.StreetPost, 0, len(rows))
	for _, row := range rows {
		posts = append(posts, models.StreetPost{
			ID: row.ID, Place: models.Place{Station: row.StationID, Compound: row.CompoundID}, Name: row.Name,
			At: models.Position{Lat: row.Lat, Lng: row.Lng}, RadiusM: row.RadiusM,
			MaxGap:    time.Duration(row.MaxGapMinutes) * time.Minute,
			CreatedAt: instant(row.CreatedAt), EndedAt: instant(row.EndedAt),
		})
	}
	return posts, translate(err)
}

type postShiftRow struct {
	ID            models.ID
	PostID        models.ID
	StartMinute   int
	LengthMinutes int
	Recurrence    models.Recurrence
	Weekdays      int    // bit 0 is Sunday
	Dates         string // with commas between
	FromDate      string
	UntilDate     string
	EndedAt       int64
}

// PostShifts are the shifts of a station that stand at a street post, by post.
func (s *Store) PostShifts(ctx context.Context, station models.ID) (map[models.ID][]models.Shift, error) {
	rows := []postShiftRow{}
	err := s.read(ctx).Table("shifts").Where("station_id = ? AND post_id <> ''", station).Order("id").Limit(maxPostShifts).Find(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	shifts := map[models.ID][]models.Shift{}
	for _, row := range rows {
		shift, err := row.shift()
		if err != nil {
			return nil, fmt.Errorf("store: shift %s: %w", row.ID, err)
		}
		shifts[row.PostID] = append(shifts[row.PostID], shift)
	}
	return shifts, nil
}

func (row postShiftRow) shift() (models.Shift, error) {
	shift := models.Shift{
		ID: row.ID, PostID: row.PostID, StartMinute: row.StartMinute, LengthMinutes: row.LengthMinutes,
		Recurrence: row.Recurrence, EndedAt: instant(row.EndedAt),
	}
	for day := time.Sunday; day <= time.Saturday; day++ {
		if row.Weekdays&(1<<day) != 0 {
			shift.Weekdays = append(shift.Weekdays, day)
		}
	}
	dates := []models.Date{}
	for _, text := range append(strings.Split(row.Dates, ","), row.FromDate, row.UntilDate) {
		if text == "" {
			dates = append(dates, models.Date{})
			continue
		}
		date, err := models.ParseDate(text)
		if err != nil {
			return shift, err
		}
		dates = append(dates, date)
	}
	last := len(dates) - 1
	shift.Dates, shift.FromDate, shift.UntilDate = dates[:last-1], dates[last-1], dates[last]
	return shift, nil
}
