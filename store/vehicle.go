package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"xunfang/models"
)

type vehicleRow struct {
	ID            models.ID `gorm:"primaryKey"`
	StationID     models.ID
	CompoundID    models.ID
	BuildingID    models.ID
	UnitID        models.ID
	HomeID        models.ID
	OwnerID       models.ID
	Kind          models.VehicleKind
	PlateSealed   []byte
	PlateHash     []byte // NULL, not empty, so that it can be unique
	TagSealed     []byte
	TagHash       []byte
	ColourSealed  []byte
	ModelSealed   []byte
	Shared        bool
	Locked        bool
	LockedAt      int64
	UnlockedAt    int64
	WordMac       []byte
	WordUntil     int64
	WordWrong     int
	WordWrongFrom int64
	WordWrongAt   int64
	CreatedAt     int64 `gorm:"autoCreateTime:false"`
	ConfirmedAt   int64
	PlateHeld     []byte // the hashes of a confirmed vehicle: one of each in a compound
	TagHeld       []byte
}

func (vehicleRow) TableName() string { return "vehicles" }

// The kinds of blind index by which a vehicle is found.
const (
	plateIndex = "vehicles.plate"
	tagIndex   = "vehicles.tag"
)

// markHash is by what a plate or a tag is found; nil for none.
func (s *Store) markHash(mark models.Secret, tag bool) []byte {
	switch {
	case mark == "":
		return nil
	case tag:
		return s.vault.BlindIndex(tagIndex, mark.Reveal())
	default:
		return s.vault.BlindIndex(plateIndex, mark.Reveal())
	}
}

// AddVehicle writes a new vehicle. Of one that is confirmed, CodeAlreadyExists when the compound has one of the plate or the tag.
func (s *Store) AddVehicle(ctx context.Context, vehicle models.Vehicle) error {
	row := vehicleRow{
		ID: vehicle.ID, StationID: vehicle.Place.Station, CompoundID: vehicle.Place.Compound, BuildingID: vehicle.Place.Building,
		UnitID: vehicle.Place.Unit, HomeID: vehicle.Place.Home, OwnerID: vehicle.OwnerID, Kind: vehicle.Kind,
		PlateSealed: s.sealText(vehicle.Plate, "vehicles.plate", vehicle.ID), PlateHash: s.markHash(vehicle.Plate, false),
		TagSealed: s.sealText(vehicle.Tag, "vehicles.tag", vehicle.ID), TagHash: s.markHash(vehicle.Tag, true),
		ColourSealed: s.sealText(vehicle.Colour, "vehicles.colour", vehicle.ID),
		ModelSealed:  s.sealText(vehicle.Model, "vehicles.model", vehicle.ID),
		Shared:       vehicle.Shared, Locked: vehicle.Locked, LockedAt: millis(vehicle.LockedAt), UnlockedAt: millis(vehicle.UnlockedAt),
		CreatedAt: millis(vehicle.CreatedAt), ConfirmedAt: millis(vehicle.ConfirmedAt),
	}
	if vehicle.State() == models.VehicleConfirmed {
		row.PlateHeld, row.TagHeld = row.PlateHash, row.TagHash
	}
	return translate(s.write(ctx).Create(&row).Error)
}

// LockVehicle keeps a vehicle's row for this transaction; CodeNotFound when there is none.
func (s *Store) LockVehicle(ctx context.Context, id models.ID) error {
	return lockRow(ctx, s, vehicleRow{}, id)
}

// UpdateVehicle writes what its owner can change. Whoever read it took its lock before.
func (s *Store) UpdateVehicle(ctx context.Context, vehicle models.Vehicle) error {
	return translate(s.write(ctx).Model(&vehicleRow{}).Where("id = ?", vehicle.ID).Updates(map[string]any{
		"colour_sealed": s.sealText(vehicle.Colour, "vehicles.colour", vehicle.ID),
		"model_sealed":  s.sealText(vehicle.Model, "vehicles.model", vehicle.ID),
		"shared":        vehicle.Shared, "locked": vehicle.Locked,
		"locked_at": millis(vehicle.LockedAt), "unlocked_at": millis(vehicle.UnlockedAt),
	}).Error)
}

// ConfirmVehicle writes that a vehicle is confirmed, or pending again: then its former arrivals are nobody's any more.
// CodeAlreadyExists when another one of the plate or the tag is confirmed in the compound. Whoever read it took its lock before.
func (s *Store) ConfirmVehicle(ctx context.Context, vehicle models.Vehicle) error {
	held := map[string]any{"confirmed_at": millis(vehicle.ConfirmedAt), "plate_held": nil, "tag_held": nil}
	if vehicle.State() == models.VehicleConfirmed {
		held["plate_held"], held["tag_held"] = gorm.Expr("plate_hash"), gorm.Expr("tag_hash")
	}
	if err := s.write(ctx).Model(&vehicleRow{}).Where("id = ?", vehicle.ID).Updates(held).Error; err != nil {
		return translate(err)
	}
	if vehicle.State() == models.VehicleConfirmed {
		return nil
	}
	return translate(s.write(ctx).Model(&arrivalRow{}).Where("vehicle_id = ?", vehicle.ID).Update("owner_id", "").Error)
}

// PutReleaseWord writes a vehicle's release word, and who guessed at it. Whoever read it took the vehicle's lock before.
func (s *Store) PutReleaseWord(ctx context.Context, vehicle models.ID, word models.ReleaseWord) error {
	return translate(s.write(ctx).Model(&vehicleRow{}).Where("id = ?", vehicle).Updates(map[string]any{
		"word_mac": word.MAC, "word_until": millis(word.Until), "word_wrong": word.Wrong,
		"word_wrong_from": millis(word.WrongFrom), "word_wrong_at": millis(word.WrongAt),
	}).Error)
}

// DeleteVehicle deletes a vehicle.
func (s *Store) DeleteVehicle(ctx context.Context, id models.ID) error {
	return translate(s.write(ctx).Where("id = ?", id).Delete(&vehicleRow{}).Error)
}

// Vehicle reads one vehicle; CodeNotFound when there is none.
func (s *Store) Vehicle(ctx context.Context, id models.ID) (models.Vehicle, error) {
	return s.oneVehicle(s.read(ctx).Where("id = ?", id))
}

func (s *Store) oneVehicle(query *gorm.DB) (models.Vehicle, error) {
	rows := []vehicleRow{}
	if err := query.Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return models.Vehicle{}, orNotFound(translate(err))
	}
	return s.vehicle(rows[0])
}

// VehicleOfMark finds the confirmed vehicle of a compound by its plate or tag; CodeNotFound when there is none.
func (s *Store) VehicleOfMark(ctx context.Context, compound models.ID, mark models.Secret, tag bool) (models.Vehicle, error) {
	column := "plate_held"
	if tag {
		column = "tag_held"
	}
	return s.oneVehicle(s.read(ctx).Where("compound_id = ? AND "+column+" = ?", compound, s.markHash(mark, tag)))
}

// LockedAmong finds a locked vehicle of a compound that has one of the plates; "" when there is none.
func (s *Store) LockedAmong(ctx context.Context, compound models.ID, plates []models.Secret) (models.ID, error) {
	hashes, found := make([][]byte, 0, len(plates)), []models.ID{}
	for _, plate := range plates {
		hashes = append(hashes, s.markHash(plate, false))
	}
	if len(hashes) == 0 {
		return "", nil
	}
	err := s.read(ctx).Model(&vehicleRow{}).Where("compound_id = ? AND plate_held IN ? AND locked = ?", compound, hashes, true).
		Order("id").Limit(1).Pluck("id", &found).Error
	if err != nil || len(found) == 0 {
		return "", translate(err)
	}
	return found[0], nil
}

// KeepsMark says whether a person has written down a vehicle of a plate or tag in a compound already.
func (s *Store) KeepsMark(ctx context.Context, vehicle models.Vehicle) (bool, error) {
	column, mark := "plate_hash", s.markHash(vehicle.Plate, false)
	if mark == nil {
		column, mark = "tag_hash", s.markHash(vehicle.Tag, true)
	}
	count := int64(0)
	err := s.read(ctx).Model(&vehicleRow{}).
		Where("compound_id = ? AND "+column+" = ? AND owner_id = ?", vehicle.Place.Compound, mark, vehicle.OwnerID).Count(&count).Error
	return count > 0, translate(err)
}

// CountVehicles counts a person's vehicles.
func (s *Store) CountVehicles(ctx context.Context, owner models.ID) (int, error) {
	count := int64(0)
	err := s.read(ctx).Model(&vehicleRow{}).Where("owner_id = ?", owner).Count(&count).Error
	return int(count), translate(err)
}

// LivesIn says whether a person lives in a home at an instant.
func (s *Store) LivesIn(ctx context.Context, person, home models.ID, now time.Time) (bool, error) {
	count := int64(0)
	err := s.read(ctx).Model(&grantRow{}).Where("person_id = ? AND role = ? AND home_id = ?", person, models.RoleResident, home).
		Scopes(heldAt(now)).Count(&count).Error
	return count > 0, translate(err)
}

// Residents lists who lives in a home at an instant, at most 100, by id.
func (s *Store) Residents(ctx context.Context, home models.ID, now time.Time) ([]models.ID, error) {
	people := []models.ID{}
	err := s.read(ctx).Model(&grantRow{}).Where("role = ? AND home_id = ?", models.RoleResident, home).
		Scopes(heldAt(now)).Distinct("person_id").Order("person_id").Limit(100).Pluck("person_id", &people).Error
	return people, translate(err)
}

// vehicle turns a row into a vehicle.
func (s *Store) vehicle(row vehicleRow) (models.Vehicle, error) {
	vehicle := models.Vehicle{
		ID: row.ID, OwnerID: row.OwnerID, Kind: row.Kind, Shared: row.Shared, Locked: row.Locked,
		Place: models.Place{
			Station: row.StationID, Compound: row.CompoundID, Building: row.BuildingID, Unit: row.UnitID, Home: row.HomeID,
		},
		LockedAt: instant(row.LockedAt), UnlockedAt: instant(row.UnlockedAt), CreatedAt: instant(row.CreatedAt),
		ConfirmedAt: instant(row.ConfirmedAt),
		Word: models.ReleaseWord{
			MAC: row.WordMac, Until: instant(row.WordUntil), Wrong: row.WordWrong,
			WrongFrom: instant(row.WordWrongFrom), WrongAt: instant(row.WordWrongAt),
		},
	}
	for _, text := range []struct {
		into   *models.Secret
		sealed []byte
		column string
	}{
		{&vehicle.Plate, row.PlateSealed, "plate"},
		{&vehicle.Tag, row.TagSealed, "tag"},
		{&vehicle.Colour, row.ColourSealed, "colour"},
		{&vehicle.Model, row.ModelSealed, "model"},
	} {
		opened, err := s.openText(text.sealed, "vehicles."+text.column, row.ID)
		if err != nil {
			return models.Vehicle{}, err
		}
		*text.into = opened
	}
	return vehicle, nil
}
