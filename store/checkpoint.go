package store

import (
	"context"
	"strings"
	"time"

	"gorm.io/gorm"

	"xunfang/models"
)

type checkpointRow struct {
	ID         models.ID `gorm:"primaryKey"`
	StationID  models.ID
	CompoundID models.ID
	Name       string
	Lat        float64
	Lng        float64
	RadiusM    int
	Methods    string
	NfcMac     []byte
	KeyPlace   bool
	CreatedAt  int64 `gorm:"autoCreateTime:false"`

	Generation   int
	GenerationAt int64
}

func (checkpointRow) TableName() string { return "checkpoints" }

// AddCheckpoint writes a new checkpoint; CodeAlreadyExists when the station has one of that name.
func (s *Store) AddCheckpoint(ctx context.Context, checkpoint models.Checkpoint) error {
	row := newCheckpointRow(checkpoint)
	return translate(s.write(ctx).Create(&row).Error)
}

func newCheckpointRow(checkpoint models.Checkpoint) checkpointRow {
	methods := make([]string, 0, len(checkpoint.Methods))
	for _, method := range checkpoint.Methods {
		methods = append(methods, string(method))
	}
	return checkpointRow{
		ID: checkpoint.ID, StationID: checkpoint.Place.Station, CompoundID: checkpoint.Place.Compound,
		Name: checkpoint.Name, Lat: checkpoint.At.Lat, Lng: checkpoint.At.Lng, RadiusM: checkpoint.RadiusM,
		Methods: strings.Join(methods, ","), NfcMac: checkpoint.NFCMAC, KeyPlace: checkpoint.KeyPlace,
		CreatedAt: millis(checkpoint.CreatedAt), Generation: checkpoint.Generation, GenerationAt: millis(checkpoint.GenerationAt),
	}
}

// RenewGeneration begins the next generation of a checkpoint's rotating codes; CodeWrongState when somebody was first.
func (s *Store) RenewGeneration(ctx context.Context, checkpoint models.Checkpoint, now time.Time) error {
	done := s.write(ctx).Model(&checkpointRow{}).Where("id = ? AND generation = ?", checkpoint.ID, checkpoint.Generation).
		Updates(map[string]any{"generation": checkpoint.Generation + 1, "generation_at": millis(now)})
	if done.Error == nil && done.RowsAffected == 0 {
		return models.Fail(models.CodeWrongState)
	}
	return translate(done.Error)
}

// Checkpoint reads one checkpoint; CodeNotFound when there is none.
func (s *Store) Checkpoint(ctx context.Context, id models.ID) (models.Checkpoint, error) {
	rows := []checkpointRow{}
	if err := s.read(ctx).Where("id = ?", id).Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return models.Checkpoint{}, orNotFound(translate(err))
	}
	return rows[0].checkpoint(), nil
}

// CheckpointPlaces says where those of the checkpoints lie that exist.
func (s *Store) CheckpointPlaces(ctx context.Context, ids []models.ID) (map[models.ID]models.Place, error) {
	places := make(map[models.ID]models.Place, len(ids))
	if len(ids) == 0 {
		return places, nil
	}
	rows := []checkpointRow{}
	err := s.read(ctx).Select("id, station_id, compound_id").Where("id IN ?", ids).Find(&rows).Error
	for _, row := range rows {
		places[row.ID] = models.Place{Station: row.StationID, Compound: row.CompoundID}
	}
	return places, translate(err)
}

// StationCheckpoints lists all checkpoints of a station, for judging check-ins; at most 5,000.
func (s *Store) StationCheckpoints(ctx context.Context, station models.ID) ([]models.Checkpoint, error) {
	rows := []checkpointRow{}
	err := s.read(ctx).Where("station_id = ?", station).Order("id").Limit(5000).Find(&rows).Error
	return checkpointsOf(rows), translate(err)
}

// CheckpointFilter narrows a list of checkpoints; empty fields do not.
type CheckpointFilter struct {
	RouteID    models.ID
	CompoundID models.ID
}

// Checkpoints lists checkpoints within sight, by id.
func (s *Store) Checkpoints(
	ctx context.Context, sights []models.Sight, filter CheckpointFilter, page Page,
) ([]models.Checkpoint, error) {
	base := func() *gorm.DB {
		query := s.read(ctx).Model(&checkpointRow{})
		if filter.RouteID != "" {
			query = query.Where("id IN (SELECT checkpoint_id FROM route_checkpoints WHERE route_id = ?)", filter.RouteID)
		}
		if filter.CompoundID != "" {
			query = query.Where("compound_id = ?", filter.CompoundID)
		}
		return query
	}
	rows, err := sightPages(ctx, base, sights, columns{order: "id", compound: "compound_id"}, page,
		func(row checkpointRow) models.ID { return row.ID })
	return checkpointsOf(rows), err
}

func checkpointsOf(rows []checkpointRow) []models.Checkpoint {
	checkpoints := make([]models.Checkpoint, 0, len(rows))
	for _, row := range rows {
		checkpoints = append(checkpoints, row.checkpoint())
	}
	return checkpoints
}

func (row checkpointRow) checkpoint() models.Checkpoint {
	methods := []models.CheckInMethod{}
	for _, method := range strings.Split(row.Methods, ",") {
		methods = append(methods, models.CheckInMethod(method))
	}
	return models.Checkpoint{
		ID: row.ID, Place: models.Place{Station: row.StationID, Compound: row.CompoundID}, Name: row.Name,
		At: models.Position{Lat: row.Lat, Lng: row.Lng}, RadiusM: row.RadiusM, Methods: methods,
		NFCMAC: row.NfcMac, KeyPlace: row.KeyPlace, CreatedAt: instant(row.CreatedAt),
		Generation: row.Generation, GenerationAt: instant(row.GenerationAt),
	}
}
