package store

import (
	"context"
	"time"

	"xunfang/models"
)

type visitorPassDoorRow struct {
	PassID    models.ID `gorm:"primaryKey"`
	DoorID    models.ID `gorm:"primaryKey"`
	State     models.PassDoorState
	Reason    string
	Revision  int
	Removed   bool
	ChangedAt int64
	// ListSerial is of the first list of its controller's that was made from the row as it is; 0: of none.
	ListSerial int64
}

func (visitorPassDoorRow) TableName() string { return "visitor_pass_doors" }

func (s *Store) addPassDoors(ctx context.Context, pass models.ID, doors []models.PassDoor) error {
	rows := make([]visitorPassDoorRow, 0, len(doors))
	for _, door := range doors {
		rows = append(rows, visitorPassDoorRow{
			PassID: pass, DoorID: door.DoorID, State: door.State, Reason: door.Reason, Revision: door.Revision, Removed: door.Removed,
			ChangedAt: millis(door.ChangedAt),
		})
	}
	if len(rows) == 0 {
		return nil
	}
	return translate(s.write(ctx).Create(&rows).Error)
}

// SetPassDoors replaces the doors of a pass.
func (s *Store) SetPassDoors(ctx context.Context, pass models.ID, doors []models.PassDoor) error {
	if err := s.write(ctx).Where("pass_id = ?", pass).Delete(&visitorPassDoorRow{}).Error; err != nil {
		return translate(err)
	}
	return s.addPassDoors(ctx, pass, doors)
}

// passDoors reads the doors of passes, in one query for all.
func (s *Store) passDoors(ctx context.Context, passes []models.ID) (map[models.ID][]models.PassDoor, error) {
	found, rows := map[models.ID][]models.PassDoor{}, []struct {
		Row    visitorPassDoorRow `gorm:"embedded"`
		Driver models.DriverKind
		List   deviceListRow `gorm:"embedded;embeddedPrefix:list_of_"`
	}{}
	if len(passes) == 0 {
		return found, nil
	}
	err := s.read(ctx).Table("visitor_pass_doors").
		Select(`visitor_pass_doors.*, COALESCE(device_drivers.kind, '') AS driver, COALESCE(device_lists.serial, 0) AS list_of_serial,
			COALESCE(device_lists.made_at, 0) AS list_of_made_at, COALESCE(device_lists.held_serial, 0) AS list_of_held_serial`).
		Joins("LEFT JOIN doors ON doors.id = visitor_pass_doors.door_id").
		Joins("LEFT JOIN device_lists ON device_lists.device_id = doors.device_id").
		Joins("LEFT JOIN devices ON devices.id = doors.device_id AND devices.holds_codes = 0").
		Joins("LEFT JOIN device_drivers ON device_drivers.device_id = devices.id").
		Where("pass_id IN ?", passes).Order("door_id").Scan(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	for _, one := range rows {
		row := one.Row
		found[row.PassID] = append(found[row.PassID], models.PassDoor{
			DoorID: row.DoorID, State: row.State, Reason: row.Reason, Revision: row.Revision, Removed: row.Removed,
			ChangedAt: instant(row.ChangedAt), List: one.List.list().Times(),
		}.With(one.Driver))
	}
	return found, nil
}

// unsettlePassDoors has the controllers that hold codes told anew of passes that changed as a whole.
func (s *Store) unsettlePassDoors(ctx context.Context, passes []models.ID, now time.Time) error {
	return translate(s.write(ctx).Exec(`UPDATE visitor_pass_doors SET state = 'pending', reason = '', revision = revision + 1, changed_at = ?,
		list_serial = 0
		WHERE pass_id IN ? AND door_id IN (SELECT doors.id FROM doors JOIN devices ON devices.id = doors.device_id
			WHERE devices.holds_codes = 1)`, millis(now), passes).Error)
}

// SetDeviceHoldsCodes says whether a controller keeps codes itself. Passes made from then on wait for its word.
func (s *Store) SetDeviceHoldsCodes(ctx context.Context, device models.ID, holds bool) error {
	return translate(s.write(ctx).Table("devices").Where("id = ?", device).Update("holds_codes", holds).Error)
}

// codeHolders says which of the devices keep codes themselves.
func (s *Store) codeHolders(ctx context.Context, devices []models.ID) (map[models.ID]bool, error) {
	holds, ids := map[models.ID]bool{}, []models.ID{}
	if len(devices) == 0 {
		return holds, nil
	}
	if err := s.read(ctx).Table("devices").Where("id IN ? AND holds_codes = ?", devices, true).Pluck("id", &ids).Error; err != nil {
		return nil, translate(err)
	}
	for _, id := range ids {
		holds[id] = true
	}
	return holds, nil
}

// PassAtDoor is what a controller that holds codes is to be told of a pass at one of its doors.
type PassAtDoor struct {
	Pass models.VisitorPass
	Door models.PassDoor
	Gone bool // it is to let go of the code: the pass is revoked, or no longer leads through this door
}

// PendingPassDoors lists what a device has not confirmed yet, oldest pass first. Passes that ended are left out: their code
// opens nothing by its own end.
func (s *Store) PendingPassDoors(ctx context.Context, device models.ID, now time.Time, limit int) ([]PassAtDoor, error) {
	rows := []visitorPassDoorRow{}
	err := s.read(ctx).Table("visitor_pass_doors").Select("visitor_pass_doors.*").
		Joins("JOIN doors ON doors.id = visitor_pass_doors.door_id").
		Joins("JOIN visitor_passes ON visitor_passes.id = visitor_pass_doors.pass_id").
		Where("visitor_pass_doors.state = 'pending' AND doors.device_id = ? AND visitor_passes.ends_at > ?", device, millis(now)).
		Where("visitor_passes.kind <> 'group'").
		Order("visitor_pass_doors.pass_id, visitor_pass_doors.door_id").Limit(limit).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return nil, translate(err)
	}
	ids := []models.ID{}
	for _, row := range rows {
		ids = append(ids, row.PassID)
	}
	passRows := []visitorPassRow{}
	if err := s.read(ctx).Where("id IN ?", ids).Find(&passRows).Error; err != nil {
		return nil, translate(err)
	}
	passes, err := s.visitorPasses(ctx, passRows)
	if err != nil {
		return nil, err
	}
	byID := map[models.ID]models.VisitorPass{}
	for _, pass := range passes {
		byID[pass.ID] = pass
	}
	pending := make([]PassAtDoor, 0, len(rows))
	for _, row := range rows {
		pass := byID[row.PassID]
		pending = append(pending, PassAtDoor{
			Pass: pass, Gone: row.Removed || !pass.RevokedAt.IsZero(),
			Door: models.PassDoor{
				DoorID: row.DoorID, State: row.State, Revision: row.Revision, Removed: row.Removed, ChangedAt: instant(row.ChangedAt),
			},
		})
	}
	return pending, nil
}

// PassDoorArrived notes that a door's controller holds the pass as of a revision, or has let go of a removed one. false when
// the pass has changed since: it waits for the confirmation of what it is now.
func (s *Store) PassDoorArrived(ctx context.Context, pass, door models.ID, revision int, now time.Time) (bool, error) {
	gone := s.write(ctx).Where("pass_id = ? AND door_id = ? AND revision = ? AND removed = ?", pass, door, revision, true).
		Delete(&visitorPassDoorRow{})
	if gone.Error != nil || gone.RowsAffected == 1 {
		return gone.RowsAffected == 1, translate(gone.Error)
	}
	return s.settlePassDoor(ctx, pass, door, revision, models.PassIssued, "", now)
}

// PassDoorFailed notes that a door's controller refused the pass as of a revision, and why, in a word of its own.
func (s *Store) PassDoorFailed(
	ctx context.Context, pass, door models.ID, revision int, reason string, now time.Time,
) (bool, error) {
	if runes := []rune(reason); len(runes) > models.MaxPassDoorReason {
		reason = string(runes[:models.MaxPassDoorReason])
	}
	return s.settlePassDoor(ctx, pass, door, revision, models.PassFailed, reason, now)
}

func (s *Store) settlePassDoor(
	ctx context.Context, pass, door models.ID, revision int, state models.PassDoorState, reason string, now time.Time,
) (bool, error) {
	done := s.write(ctx).Model(&visitorPassDoorRow{}).
		Where("pass_id = ? AND door_id = ? AND revision = ? AND state <> ?", pass, door, revision, state).
		Updates(map[string]any{"state": state, "reason": reason, "changed_at": millis(now)})
	return done.RowsAffected == 1, translate(done.Error)
}
