package store

import (
	"context"
	"time"

	"xunfang/models"
)

type tipSettingsRow struct {
	StationID                 models.ID `gorm:"primaryKey"`
	Version                   int
	AcknowledgeByDayMinutes   int
	AcknowledgeByNightMinutes int
	AcknowledgeCrimeMinutes   int
	DecideHours               int
	FinishHours               int
	ClimbUnseenMinutes        int
	ClimbUndecidedHours       int
	ReopenDays                int
	DayBeginsHour             int
	DayEndsHour               int
	UpdatedAt                 int64 `gorm:"autoUpdateTime:false"`
}

func (tipSettingsRow) TableName() string { return "tip_settings" }

// TipSettings reads what a station has set for its tips; the defaults, of version 0, where it has set nothing.
func (s *Store) TipSettings(ctx context.Context, station models.ID) (models.TipSettings, error) {
	rows := []tipSettingsRow{}
	err := s.read(ctx).Where("station_id = ?", station).Limit(1).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return models.TipSettings{TipPeriods: models.DefaultTipPeriods}, translate(err)
	}
	return rows[0].settings(), nil
}

// PutTipSettings replaces the settings of a station that were read in settings.Version, and gives them their next version;
// CodeConflict when somebody set others meanwhile.
func (s *Store) PutTipSettings(ctx context.Context, station models.ID, settings models.TipSettings) (models.TipSettings, error) {
	seen := settings.Version
	settings.Version++
	row := newTipSettingsRow(station, settings)
	return settings, s.putOver(ctx, seen, &row)
}

func newTipSettingsRow(station models.ID, set models.TipSettings) tipSettingsRow {
	minutes := func(period time.Duration) int { return int(period / time.Minute) }
	hours := func(period time.Duration) int { return int(period / time.Hour) }
	return tipSettingsRow{
		StationID: station, Version: set.Version, AcknowledgeByDayMinutes: minutes(set.AcknowledgeByDay),
		AcknowledgeByNightMinutes: minutes(set.AcknowledgeByNight), AcknowledgeCrimeMinutes: minutes(set.AcknowledgeUrgent),
		DecideHours: hours(set.Decide), FinishHours: hours(set.Finish), ClimbUnseenMinutes: minutes(set.ClimbUnseen),
		ClimbUndecidedHours: hours(set.ClimbUndecided), ReopenDays: hours(set.ReopenWithin) / 24,
		DayBeginsHour: set.DayBegins, DayEndsHour: set.DayEnds, UpdatedAt: millis(set.UpdatedAt),
	}
}

func (row tipSettingsRow) settings() models.TipSettings {
	minutes := func(count int) time.Duration { return time.Duration(count) * time.Minute }
	hours := func(count int) time.Duration { return time.Duration(count) * time.Hour }
	return models.TipSettings{
		TipPeriods: models.TipPeriods{
			AcknowledgeByDay: minutes(row.AcknowledgeByDayMinutes), AcknowledgeByNight: minutes(row.AcknowledgeByNightMinutes),
			AcknowledgeUrgent: minutes(row.AcknowledgeCrimeMinutes), Decide: hours(row.DecideHours), Finish: hours(row.FinishHours),
			ClimbUnseen: minutes(row.ClimbUnseenMinutes), ClimbUndecided: hours(row.ClimbUndecidedHours),
			ReopenWithin: hours(24 * row.ReopenDays), DayBegins: row.DayBeginsHour, DayEnds: row.DayEndsHour,
		},
		Version: row.Version, UpdatedAt: instant(row.UpdatedAt),
	}
}
