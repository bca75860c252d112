package store

import (
	"context"

	"gorm.io/gorm"

	"xunfang/models"
)

type stationRow struct {
	ID        models.ID `gorm:"primaryKey"`
	Name      string
	TimeZone  string
	Lat       float64
	Lng       float64
	CreatedAt int64 `gorm:"autoCreateTime:false"`
}

func (stationRow) TableName() string { return "stations" }

type compoundRow struct {
	ID        models.ID `gorm:"primaryKey"`
	StationID models.ID
	Name      string
	Kind      string
	Lat       float64
	Lng       float64
	CreatedAt int64 `gorm:"autoCreateTime:false"`
}

func (compoundRow) TableName() string { return "compounds" }

// Stations lists the stations the database knows.
func (s *Store) Stations(ctx context.Context) ([]models.StationInfo, error) {
	rows := []stationRow{}
	err := s.read(ctx).Order("id").Limit(1000).Find(&rows).Error
	stations := make([]models.StationInfo, 0, len(rows))
	for _, row := range rows {
		stations = append(stations, models.StationInfo{
			ID: row.ID, Name: row.Name, TimeZone: row.TimeZone, Centre: models.Position{Lat: row.Lat, Lng: row.Lng},
		})
	}
	return stations, translate(err)
}

// AddCompound writes a new compound; CodeAlreadyExists when the station has one of that name.
func (s *Store) AddCompound(ctx context.Context, compound models.Compound) error {
	row := newCompoundRow(compound)
	return translate(s.write(ctx).Create(&row).Error)
}

// UpdateCompound writes a compound's columns.
func (s *Store) UpdateCompound(ctx context.Context, compound models.Compound) error {
	row := newCompoundRow(compound)
	return translate(s.write(ctx).Model(&compoundRow{}).Where("id = ?", compound.ID).Select("*").Updates(&row).Error)
}

func newCompoundRow(compound models.Compound) compoundRow {
	return compoundRow{
		ID: compound.ID, StationID: compound.StationID, Name: compound.Name, Kind: compound.Kind,
		Lat: compound.Centre.Lat, Lng: compound.Centre.Lng, CreatedAt: millis(compound.CreatedAt),
	}
}

// Compound reads one compound; CodeNotFound when there is none.
func (s *Store) Compound(ctx context.Context, id models.ID) (models.Compound, error) {
	rows := []compoundRow{}
	if err := s.read(ctx).Where("id = ?", id).Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return models.Compound{}, orNotFound(translate(err))
	}
	return rows[0].compound(), nil
}

// Compounds lists compounds within sight, by id.
func (s *Store) Compounds(ctx context.Context, sights []models.Sight, page Page) ([]models.Compound, error) {
	base := func() *gorm.DB { return s.read(ctx).Model(&compoundRow{}) }
	rows, err := sightPages(ctx, base, sights, columns{order: "id", compound: "id"}, page,
		func(row compoundRow) models.ID { return row.ID })
	return compoundsOf(rows), err
}

// StationCompounds lists all compounds of a station, for finding the nearest; at most 1,000.
func (s *Store) StationCompounds(ctx context.Context, station models.ID) ([]models.Compound, error) {
	rows := []compoundRow{}
	err := s.read(ctx).Where("station_id = ?", station).Order("id").Limit(1000).Find(&rows).Error
	return compoundsOf(rows), translate(err)
}

func compoundsOf(rows []compoundRow) []models.Compound {
	compounds := make([]models.Compound, 0, len(rows))
	for _, row := range rows {
		compounds = append(compounds, row.compound())
	}
	return compounds
}

func (row compoundRow) compound() models.Compound {
	return models.Compound{
		ID: row.ID, StationID: row.StationID, Name: row.Name, Kind: row.Kind,
		Centre: models.Position{Lat: row.Lat, Lng: row.Lng}, CreatedAt: instant(row.CreatedAt),
	}
}
