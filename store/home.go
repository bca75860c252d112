package store

import (
	"context"

	"gorm.io/gorm"

	"xunfang/models"
)

type buildingRow struct {
	ID         models.ID `gorm:"primaryKey"`
	StationID  models.ID
	CompoundID models.ID
	Name       string
}

func (buildingRow) TableName() string { return "buildings" }

type unitRow struct {
	ID         models.ID `gorm:"primaryKey"`
	StationID  models.ID
	CompoundID models.ID
	BuildingID models.ID
	Name       string
}

func (unitRow) TableName() string { return "units" }

type homeRow struct {
	ID         models.ID `gorm:"primaryKey"`
	StationID  models.ID
	CompoundID models.ID
	BuildingID models.ID
	UnitID     models.ID
	Label      string
}

func (homeRow) TableName() string { return "homes" }

// EnsureBuilding finds a compound's building by name, or makes it with the id given.
func (s *Store) EnsureBuilding(ctx context.Context, building models.Building) (models.Building, error) {
	rows := []buildingRow{}
	query := s.write(ctx).Where("compound_id = ? AND name = ?", building.Place.Compound, building.Name)
	if err := query.Limit(1).Find(&rows).Error; err != nil {
		return building, translate(err)
	}
	if len(rows) == 1 {
		building.ID, building.Place.Building = rows[0].ID, rows[0].ID
		return building, nil
	}
	building.Place.Building = building.ID
	row := buildingRow{
		ID: building.ID, StationID: building.Place.Station, CompoundID: building.Place.Compound, Name: building.Name,
	}
	return building, translate(s.write(ctx).Create(&row).Error)
}

// EnsureUnit finds a building's unit by name, or makes it with the id given.
func (s *Store) EnsureUnit(ctx context.Context, unit models.Unit) (models.Unit, error) {
	rows := []unitRow{}
	query := s.write(ctx).Where("building_id = ? AND name = ?", unit.Place.Building, unit.Name)
	if err := query.Limit(1).Find(&rows).Error; err != nil {
		return unit, translate(err)
	}
	if len(rows) == 1 {
		unit.ID, unit.Place.Unit = rows[0].ID, rows[0].ID
		return unit, nil
	}
	unit.Place.Unit = unit.ID
	row := unitRow{
		ID: unit.ID, StationID: unit.Place.Station, CompoundID: unit.Place.Compound,
		BuildingID: unit.Place.Building, Name: unit.Name,
	}
	return unit, translate(s.write(ctx).Create(&row).Error)
}

// AddHome writes a new home; CodeAlreadyExists when the unit has one with that label.
func (s *Store) AddHome(ctx context.Context, home models.Home) error {
	row := homeRow{
		ID: home.ID, StationID: home.Place.Station, CompoundID: home.Place.Compound,
		BuildingID: home.Place.Building, UnitID: home.Place.Unit, Label: home.Label,
	}
	return translate(s.write(ctx).Create(&row).Error)
}

// RelabelHome changes what stands on the door.
func (s *Store) RelabelHome(ctx context.Context, id models.ID, label string) error {
	return translate(s.write(ctx).Model(&homeRow{}).Where("id = ?", id).Update("label", label).Error)
}

// Home reads one home; CodeNotFound when there is none.
func (s *Store) Home(ctx context.Context, id models.ID) (models.Home, error) {
	rows := []homeRow{}
	if err := s.read(ctx).Where("id = ?", id).Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return models.Home{}, orNotFound(translate(err))
	}
	homes, err := s.namedHomes(ctx, rows)
	if err != nil {
		return models.Home{}, err
	}
	return homes[0], nil
}

// Homes lists homes within sight, by id; all compounds when compound is "".
func (s *Store) Homes(ctx context.Context, sights []models.Sight, compound models.ID, page Page) ([]models.Home, error) {
	base := func() *gorm.DB {
		query := s.read(ctx).Model(&homeRow{})
		if compound != "" {
			query = query.Where("compound_id = ?", compound)
		}
		return query
	}
	cols := columns{order: "id", compound: "compound_id", building: "building_id", unit: "unit_id", home: "id"}
	rows, err := sightPages(ctx, base, sights, cols, page, func(row homeRow) models.ID { return row.ID })
	if err != nil {
		return nil, err
	}
	return s.namedHomes(ctx, rows)
}

// Place finds the full path of a scope by its level and id; CodeNotFound when there is none.
func (s *Store) Place(ctx context.Context, level models.Level, id models.ID) (models.Place, error) {
	place := struct {
		Station  models.ID
		Compound models.ID
		Building models.ID
		Unit     models.ID
		Home     models.ID
	}{}
	query, known := map[models.Level]string{
		models.LevelStation:  "SELECT id AS station FROM stations WHERE id = ?",
		models.LevelCompound: "SELECT station_id AS station, id AS compound FROM compounds WHERE id = ?",
		models.LevelBuilding: "SELECT station_id AS station, compound_id AS compound, id AS building FROM buildings WHERE id = ?",
		models.LevelUnit: `SELECT station_id AS station, compound_id AS compound, building_id AS building, id AS unit
			FROM units WHERE id = ?`,
		models.LevelHome: `SELECT station_id AS station, compound_id AS compound, building_id AS building, unit_id AS unit,
			id AS home FROM homes WHERE id = ?`,
	}[level]
	if !known {
		return models.Place{}, models.Fail(models.CodeNotFound)
	}
	done := s.read(ctx).Raw(query, id).Scan(&place)
	if done.Error != nil || place.Station == "" {
		return models.Place{}, orNotFound(translate(done.Error))
	}
	return models.Place(place), nil
}

// namedHomes adds the names of buildings and units, in one query each.
func (s *Store) namedHomes(ctx context.Context, rows []homeRow) ([]models.Home, error) {
	buildingIDs, unitIDs := []models.ID{}, []models.ID{}
	for _, row := range rows {
		buildingIDs, unitIDs = append(buildingIDs, row.BuildingID), append(unitIDs, row.UnitID)
	}
	names := map[models.ID]string{}
	buildings, units := []buildingRow{}, []unitRow{}
	if len(rows) > 0 {
		if err := s.read(ctx).Where("id IN ?", buildingIDs).Find(&buildings).Error; err != nil {
			return nil, translate(err)
		}
		if err := s.read(ctx).Where("id IN ?", unitIDs).Find(&units).Error; err != nil {
			return nil, translate(err)
		}
	}
	for _, row := range buildings {
		names[row.ID] = row.Name
	}
	for _, row := range units {
		names[row.ID] = row.Name
	}
	homes := make([]models.Home, 0, len(rows))
	for _, row := range rows {
		place := models.Place{
			Station: row.StationID, Compound: row.CompoundID, Building: row.BuildingID, Unit: row.UnitID, Home: row.ID,
		}
		homes = append(homes, models.Home{
			ID: row.ID, Place: place, Building: names[row.BuildingID], Unit: names[row.UnitID], Label: row.Label,
		})
	}
	return homes, nil
}
