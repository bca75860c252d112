package store

import (
	"context"

	"xunfang/models"
)

type groupSettingsRow struct {
	StationID  models.ID `gorm:"primaryKey"`
	Version    int
	KeepDays   int
	BeforeDays int
	UpdatedAt  int64 `gorm:"autoUpdateTime:false"`
}

func (groupSettingsRow) TableName() string { return "group_settings" }

// GroupSettings reads what a station has set for its groups; the defaults, of version 0, where it has set nothing.
func (s *Store) GroupSettings(ctx context.Context, station models.ID) (models.GroupSettings, error) {
	rows := []groupSettingsRow{}
	err := s.read(ctx).Where("station_id = ?", station).Limit(1).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return models.DefaultGroupSettings(), translate(err)
	}
	row := rows[0]
	return models.GroupSettings{
		KeepDays: row.KeepDays, BeforeDays: row.BeforeDays, Version: row.Version, UpdatedAt: instant(row.UpdatedAt),
	}, nil
}

// PutGroupSettings replaces the settings of a station that were read in settings.Version, and gives them their next version;
// CodeConflict when somebody set others meanwhile.
func (s *Store) PutGroupSettings(ctx context.Context, station models.ID, settings models.GroupSettings) (models.GroupSettings, error) {
	seen := settings.Version
	settings.Version++
	row := groupSettingsRow{
		StationID: station, Version: settings.Version, KeepDays: settings.KeepDays, BeforeDays: settings.BeforeDays,
		UpdatedAt: millis(settings.UpdatedAt),
	}
	return settings, s.putOver(ctx, seen, &row)
}
