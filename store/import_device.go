package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"xunfang/models"
)

func importDevices(description models.Description, now time.Time) importTable {
	secrets := map[models.ID][]byte{} // of devices that had none
	return &described[deviceRow]{
		kind: "devices", keys: description.Keys, scope: "station_id", station: description.Station.ID,
		id:      func(row *deviceRow) models.ID { return row.ID },
		columns: []string{"compound_id", "name", "kind"},
		wanted: rowsOf(description.Devices, func(device models.Device) deviceRow {
			device.CreatedAt = now
			row := newDeviceRow(device)
			row.SecretHash = append([]byte{}, device.SecretHash...) // never NULL; empty, it is no secret's hash
			return row
		}),
		merge: func(want, have *deviceRow) (bool, error) {
			if len(have.SecretHash) == 0 && len(want.SecretHash) > 0 {
				secrets[want.ID] = want.SecretHash
			}
			same := want.CompoundID == have.CompoundID && want.Name == have.Name && want.Kind == have.Kind
			return !same || secrets[want.ID] != nil, nil
		},
		finish: func(ctx context.Context, tx *Store, _ *described[deviceRow]) error {
			for id, hash := range secrets {
				empty := tx.write(ctx).Model(&deviceRow{}).Where("id = ? AND LENGTH(secret_hash) = 0", id)
				if err := setOnce(empty.Update("secret_hash", hash)); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// setOnce is the outcome of an update of something that must not have been set before.
func setOnce(done *gorm.DB) error {
	if done.Error == nil && done.RowsAffected != 1 {
		return models.Fail(models.CodeConflict)
	}
	return translate(done.Error)
}

// importDoors leaves a door with the controller it was given through the API, unless the file
// names another; and with the ways that it has, unless the file names some.
func importDoors(description models.Description, now time.Time) importTable {
	devices, unsaid := map[models.ID]bool{}, map[models.ID]bool{}
	for _, device := range description.Devices {
		devices[device.ID] = true
	}
	return &described[doorRow]{
		kind: "doors", keys: description.Keys, scope: "station_id", station: description.Station.ID,
		id:      func(row *doorRow) models.ID { return row.ID },
		columns: []string{"compound_id", "building_id", "unit_id", "device_id", "name", "kind", "ways"},
		wanted: rowsOf(description.Doors, func(door models.Door) doorRow {
			door.CreatedAt = now
			unsaid[door.ID] = len(door.Ways) == 0
			return newDoorRow(door)
		}),
		merge: func(want, have *doorRow) (bool, error) {
			want.CreatedAt = have.CreatedAt
			if unsaid[want.ID] {
				want.Ways = have.Ways
			}
			if want.DeviceID == "" && !devices[have.DeviceID] {
				want.DeviceID = have.DeviceID
			}
			return differs(want, have)
		},
	}
}
