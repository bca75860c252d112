package store

import (
	"context"
	"encoding/base64"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"xunfang/models"
)

type deviceListRow struct {
	DeviceID   models.ID `gorm:"primaryKey"`
	Serial     int64
	Digest     []byte
	MadeAt     int64
	HeldSerial int64
	HeldAt     int64
}

func (deviceListRow) TableName() string { return "device_lists" }

// DeviceList reads what is remembered of a device's lists; zero before the first.
func (s *Store) DeviceList(ctx context.Context, device models.ID) (models.DeviceList, error) {
	rows := []deviceListRow{}
	err := s.read(ctx).Where("device_id = ?", device).Limit(1).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return models.DeviceList{DeviceID: device}, translate(err)
	}
	return rows[0].list(), nil
}

func (r deviceListRow) list() models.DeviceList {
	return models.DeviceList{
		DeviceID: r.DeviceID, Serial: r.Serial, Digest: r.Digest, MadeAt: instant(r.MadeAt), Held: r.HeldSerial,
		HeldAt: instant(r.HeldAt),
	}
}

// listTimes says when the lists of devices were made.
func (s *Store) listTimes(ctx context.Context, devices []models.ID) (map[models.ID]models.ListTimes, error) {
	rows, times := []deviceListRow{}, map[models.ID]models.ListTimes{}
	if len(devices) == 0 {
		return times, nil
	}
	err := s.read(ctx).Where("device_id IN ?", devices).Find(&rows).Error
	for _, row := range rows {
		times[row.DeviceID] = row.list().Times()
	}
	return times, translate(err)
}

// PutDeviceList writes the latest list of a device, whose lock is held. What it holds stays.
func (s *Store) PutDeviceList(ctx context.Context, list models.DeviceList) error {
	row := deviceListRow{DeviceID: list.DeviceID, Serial: list.Serial, Digest: list.Digest, MadeAt: millis(list.MadeAt)}
	return translate(s.write(ctx).Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "device_id"}}, DoUpdates: clause.AssignmentColumns([]string{"serial", "digest", "made_at"}),
	}).Create(&row).Error)
}

// HoldDeviceList notes that a device holds the list with a serial: passes that were in it have arrived, and those that were no
// longer in it are gone. A serial that was not given yet, or is not newer than the last, changes nothing.
func (s *Store) HoldDeviceList(ctx context.Context, device models.ID, serial int64, now time.Time) error {
	done := s.write(ctx).Model(&deviceListRow{}).Where("device_id = ? AND serial >= ? AND held_serial < ?", device, serial, serial).
		Updates(map[string]any{"held_serial": serial, "held_at": millis(now)})
	if done.Error != nil || done.RowsAffected != 1 {
		return translate(done.Error)
	}
	settled := func() *gorm.DB {
		return s.write(ctx).Model(&visitorPassDoorRow{}).
			Where("list_serial > 0 AND list_serial <= ? AND state = 'pending'", serial).
			Where("door_id IN (SELECT id FROM doors WHERE device_id = ?)", device)
	}
	if err := settled().Where("removed = ?", true).Delete(&visitorPassDoorRow{}).Error; err != nil {
		return translate(err)
	}
	return translate(settled().Updates(map[string]any{"state": models.PassIssued, "reason": "", "changed_at": millis(now)}).Error)
}

// unlistedBatch is a batch of pending doors that no list was made from yet.
const unlistedBatch = 500

// UnlistedPassDoors lists doors of passes at a device's doors that wait for a list, in batches.
func (s *Store) UnlistedPassDoors(ctx context.Context, device models.ID) ([]PassAtDoor, error) {
	rows := []visitorPassDoorRow{}
	err := s.read(ctx).Where("state = 'pending' AND list_serial = 0").Where("door_id IN (SELECT id FROM doors WHERE device_id = ?)", device).
		Order("pass_id, door_id").Limit(unlistedBatch).Find(&rows).Error
	waiting := make([]PassAtDoor, 0, len(rows))
	for _, row := range rows {
		waiting = append(waiting, PassAtDoor{
			Pass: models.VisitorPass{ID: row.PassID},
			Door: models.PassDoor{DoorID: row.DoorID, State: row.State, Revision: row.Revision, Removed: row.Removed},
		})
	}
	return waiting, translate(err)
}

// ListPassDoor notes of a pass's door that a list was made from it as of its revision; one that changed meanwhile goes on waiting.
func (s *Store) ListPassDoor(ctx context.Context, waiting PassAtDoor, serial int64) error {
	return translate(s.write(ctx).Model(&visitorPassDoorRow{}).
		Where("pass_id = ? AND door_id = ? AND revision = ? AND state = 'pending'", waiting.Pass.ID, waiting.Door.DoorID, waiting.Door.Revision).
		Update("list_serial", serial).Error)
}

// PassArrived says whether a device's doors all know of a pass as it is now.
func (s *Store) PassArrived(ctx context.Context, pass, device models.ID) (bool, error) {
	count := int64(0)
	err := s.read(ctx).Model(&visitorPassDoorRow{}).Where("pass_id = ? AND state <> ?", pass, models.PassIssued).
		Where("door_id IN (SELECT id FROM doors WHERE device_id = ?)", device).Count(&count).Error
	return count == 0, translate(err)
}

// KeepsAllowList says whether one of the doors is at a controller that keeps a list.
func (s *Store) KeepsAllowList(ctx context.Context, doors []models.ID) (bool, error) {
	count := int64(0)
	if len(doors) == 0 {
		return false, nil
	}
	err := s.read(ctx).Table("doors").Joins("JOIN device_lists ON device_lists.device_id = doors.device_id").
		Where("doors.id IN ?", doors).Count(&count).Error
	return count > 0, translate(err)
}

// ListedPass is a pass with what a list says of its code: nil for one from before there were lists.
type ListedPass struct {
	models.VisitorPass
	Inner []byte
	Been  []models.ID // of a pass that is used up but for its last visit, which goes on: the doors that were opened in it
}

// AllowedPasses lists the passes that open one of a device's doors now or later, by their id, with their doors; at most limit.
func (s *Store) AllowedPasses(ctx context.Context, device models.ID, now time.Time, limit int) ([]ListedPass, error) {
	rows := []visitorPassRow{}
	err := s.read(ctx).
		Where("id IN (SELECT pass_id FROM visitor_pass_doors JOIN doors ON doors.id = door_id WHERE device_id = ? AND removed = 0)", device).
		Where("revoked_at = 0 AND ends_at > ? AND (uses < max_uses OR visit_started_at > ?) AND kind <> 'group'",
			millis(now), millis(now.Add(-models.VisitWindow))).
		Where(hostStands, millis(now), millis(now)).Order("ends_at, id").Limit(limit).Find(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	passes, err := s.visitorPasses(ctx, rows)
	listed := make([]ListedPass, 0, len(rows))
	for at, pass := range passes {
		inner, err := s.openText(rows[at].ListMacSealed, "visitor_passes.list_mac", pass.ID)
		if err != nil {
			return nil, err
		}
		mac, err := base64.RawURLEncoding.DecodeString(inner.Reveal())
		if err != nil {
			return nil, err
		}
		been, err := s.lastVisitDoors(ctx, pass, now)
		if err != nil {
			return nil, err
		}
		listed = append(listed, ListedPass{VisitorPass: pass, Inner: mac, Been: been})
	}
	return listed, err
}

// lastVisitDoors names the doors of the last visit of a pass that is used up; none for any other.
func (s *Store) lastVisitDoors(ctx context.Context, pass models.VisitorPass, now time.Time) ([]models.ID, error) {
	if pass.Uses < pass.MaxUses {
		return nil, nil
	}
	opened, err := s.visitDoors(ctx, pass.ID, now)
	been := []models.ID{}
	for _, one := range opened {
		if one.Number == pass.Uses {
			been = append(been, one.DoorID)
		}
	}
	return been, err
}

// DeniedPasses names the passes of a compound whose signed QR codes say more than is true now; at most limit, by id.
func (s *Store) DeniedPasses(ctx context.Context, compound models.ID, now time.Time, limit int) ([]models.ID, error) {
	ids := []models.ID{}
	err := s.read(ctx).Model(&visitorPassRow{}).Where("compound_id = ? AND signed_until > ?", compound, millis(now)).
		Where("(revoked_at > 0 OR uses >= max_uses OR changed_at > 0 OR ends_at <= ? OR NOT ("+hostStands+"))",
			millis(now), millis(now), millis(now)).
		Order("id").Limit(limit).Pluck("id", &ids).Error
	return ids, translate(err)
}

// CountOfflineUse counts one opening that a controller allowed without the server, whatever is left: it has happened. It is
// part of a visit or begins one (models.VisitLate), and the pass's Uses are those of that visit. false when the pass has
// nothing to do with the door.
func (s *Store) CountOfflineUse(ctx context.Context, pass, door models.ID, at time.Time) (models.VisitorPass, bool, error) {
	// The row is ours from here to the commit, as in UseVisitorCode.
	done := s.write(ctx).Exec(`UPDATE visitor_passes SET uses = uses WHERE id = ? AND kind <> 'group'
		AND compound_id = (SELECT compound_id FROM doors WHERE id = ?)`, pass, door)
	if done.Error != nil || done.RowsAffected != 1 {
		return models.VisitorPass{}, false, translate(done.Error)
	}
	rows := []visitorPassRow{}
	if err := s.write(ctx).Where("id = ?", pass).Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return models.VisitorPass{}, false, orNotFound(translate(err))
	}
	opened, err := s.visitDoors(ctx, pass, at)
	if err != nil {
		return models.VisitorPass{}, false, err
	}
	visit, begins := models.VisitLate(opened, rows[0].Uses, door, at)
	if begins {
		err := s.write(ctx).Exec("UPDATE visitor_passes SET uses = uses + 1 WHERE id = ?", pass).Error
		if err != nil {
			return models.VisitorPass{}, false, translate(err)
		}
	}
	if err := s.addVisitDoor(ctx, pass, visit, begins, at); err != nil {
		return models.VisitorPass{}, false, err
	}
	row := rows[0]
	return models.VisitorPass{
		ID: row.ID, Place: row.place(), HostID: row.HostID, Uses: visit.Number, MaxUses: row.MaxUses, RevokedAt: instant(row.RevokedAt),
	}, true, nil
}

// FirstConflict notes that a pass was used once too often; false when that was noted before.
func (s *Store) FirstConflict(ctx context.Context, pass models.ID, now time.Time) (bool, error) {
	done := s.write(ctx).Model(&visitorPassRow{}).Where("id = ? AND conflict_at = 0", pass).Update("conflict_at", millis(now))
	return done.RowsAffected == 1, translate(done.Error)
}

func (s *Store) sealListMAC(pass models.VisitorPass) []byte {
	if pass.ListMAC == nil {
		return nil
	}
	return s.sealText(models.Secret(base64.RawURLEncoding.EncodeToString(pass.ListMAC)), "visitor_passes.list_mac", pass.ID)
}

// laterSigned moves the end of what was signed on, where anything was: who has the page's address gets a new QR code.
func laterSigned(ends time.Time) clause.Expr {
	return gorm.Expr("CASE WHEN signed_until > 0 AND signed_until < ? THEN ? ELSE signed_until END", millis(ends), millis(ends))
}
