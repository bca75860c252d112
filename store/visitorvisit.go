package store

import (
	"context"
	"time"

	"xunfang/models"
)

// UsedCode is what a typed code was worth.
type UsedCode struct {
	Pass   models.VisitorPass // with id, place and host only
	Used   bool               // the door opens: by a new use, or as a further door of a visit
	Begins bool               // by a new use
	Dead   bool               // of a pass that was for this door and is over: used up, revoked or ended
}

// visitorVisitRow is one door opened in one visit; its key is why a door opens once in each.
type visitorVisitRow struct {
	PassID    models.ID `gorm:"primaryKey"`
	Number    int       `gorm:"primaryKey;autoIncrement:false"`
	DoorID    models.ID `gorm:"primaryKey"`
	StartedAt int64     // of the visit
}

func (visitorVisitRow) TableName() string { return "visitor_visits" }

// UseVisitorCode opens one door by the code of a pass, at now: by one more use, or as a further door of a visit
// (models.VisitAt). Entries of one code wait for each other, at whichever doors, so exactly one of any number of simultaneous
// last entries wins at each. A pass is worth nothing once its host has no home, or no work, there any more, and outside of its
// hours.
func (s *Store) UseVisitorCode(ctx context.Context, typed TypedCode, door models.ID, now time.Time) (UsedCode, error) {
	// Every code walks the same path. The row is ours from here to the commit: what is read below is as it stands.
	if err := s.write(ctx).Exec("UPDATE visitor_passes SET uses = uses WHERE code_mac = ?", typed.CodeMAC).Error; err != nil {
		return UsedCode{}, translate(err)
	}
	found, hours, err := s.passHours(ctx, typed.CodeMAC, now)
	if err != nil {
		return UsedCode{}, err
	}
	opened, err := s.visitDoors(ctx, found.ID, now)
	if err != nil {
		return UsedCode{}, err
	}
	visit, begins, opens := models.VisitAt(opened, found.Uses, found.MaxUses, door, now)
	alone := typed.ExtensionMAC == nil
	done := s.write(ctx).Exec(`UPDATE visitor_passes SET uses = CASE WHEN ? THEN uses + 1 ELSE uses END,
		visit_started_at = CASE WHEN ? THEN ? ELSE visit_started_at END
		WHERE code_mac = ? AND (? OR extension_mac = ?)
		AND revoked_at = 0 AND starts_at <= ? AND ends_at > ? AND ? AND uses = ? AND max_uses = ? AND kind <> 'group'
		AND schedule_days = ? AND schedule_start = ? AND schedule_length = ?
		AND `+passDoorStands+" AND "+hostStands,
		begins, begins, millis(now), typed.CodeMAC, alone, typed.ExtensionMAC, millis(now), millis(now), opens, found.Uses, found.MaxUses,
		hours.days, hours.start, hours.length, door, millis(now), millis(now))
	if done.Error != nil {
		return UsedCode{}, translate(done.Error)
	}
	used := UsedCode{Used: done.RowsAffected == 1, Begins: done.RowsAffected == 1 && begins}
	if used.Used {
		if err := s.addVisitDoor(ctx, found.ID, visit, begins, now); err != nil {
			return UsedCode{}, err
		}
	}
	rows := []visitorPassRow{}
	err = s.write(ctx).
		Where("code_mac = ? AND (? OR extension_mac = ?)", typed.CodeMAC, alone, typed.ExtensionMAC).
		Where(passDoorStands, door).
		Limit(1).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return UsedCode{}, translate(err)
	}
	row := rows[0]
	used.Pass = models.VisitorPass{ID: row.ID, Place: row.place(), HostID: row.HostID, GroupID: row.GroupID, Uses: row.Uses}
	used.Dead = row.RevokedAt > 0 || row.Uses >= row.MaxUses || row.EndsAt <= millis(now)
	return used, nil
}

// UseVisitorPlate lets a vehicle in by a pass, at a barrier and an instant, as a code does at a door: by one more use, or in a visit
// that goes on. Of any number of vehicles at once exactly one has the last use.
func (s *Store) UseVisitorPlate(ctx context.Context, pass, barrier models.ID, at time.Time) (UsedCode, error) {
	used, door := UsedCode{}, barrier
	doors, rows := []models.ID{}, []visitorPassRow{}
	if err := s.read(ctx).Model(&doorRow{}).Where("device_id = ?", barrier).Order("id").Limit(1).Pluck("id", &doors).Error; err != nil {
		return used, translate(err)
	}
	if len(doors) == 1 {
		door = doors[0]
	}
	// The row is ours from here to the commit: what is read below is as it stands.
	if err := s.write(ctx).Exec("UPDATE visitor_passes SET uses = uses WHERE id = ?", pass).Error; err != nil {
		return used, translate(err)
	}
	if err := s.write(ctx).Where("id = ?", pass).Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return used, translate(err)
	}
	opened, err := s.visitDoors(ctx, pass, at)
	if err != nil {
		return used, err
	}
	row := rows[0]
	visit, begins, opens := models.VisitAt(opened, row.Uses, row.MaxUses, door, at)
	done := s.write(ctx).Exec(`UPDATE visitor_passes SET uses = CASE WHEN ? THEN uses + 1 ELSE uses END,
		visit_started_at = CASE WHEN ? THEN ? ELSE visit_started_at END
		WHERE id = ? AND (revoked_at = 0 OR revoked_at > ?) AND starts_at <= ? AND ends_at > ? AND ? AND uses = ? AND max_uses = ?
		AND kind <> 'group' AND `+hostStands,
		begins, begins && millis(at) > row.VisitStartedAt, millis(at), pass, millis(at), millis(at), millis(at), opens, row.Uses, row.MaxUses,
		millis(at), millis(at))
	if done.Error != nil || done.RowsAffected != 1 {
		return used, translate(done.Error)
	}
	if begins {
		row.Uses++
	}
	used.Pass = models.VisitorPass{ID: row.ID, Place: row.place(), HostID: row.HostID, GroupID: row.GroupID, Uses: row.Uses}
	used.Used, used.Begins = true, begins
	return used, s.addVisitDoor(ctx, pass, visit, begins, at)
}

// visitDoors reads the doors that were opened in visits that may go on at a time.
func (s *Store) visitDoors(ctx context.Context, pass models.ID, now time.Time) ([]models.VisitDoor, error) {
	rows := []visitorVisitRow{}
	err := s.read(ctx).Where("pass_id = ? AND started_at > ? AND started_at < ?", pass,
		millis(now.Add(-models.VisitWindow)), millis(now.Add(models.VisitWindow))).Find(&rows).Error
	opened := make([]models.VisitDoor, 0, len(rows))
	for _, row := range rows {
		opened = append(opened, models.VisitDoor{Number: row.Number, DoorID: row.DoorID, StartedAt: instant(row.StartedAt)})
	}
	return opened, translate(err)
}

// addVisitDoor notes a door; with a new visit, old ones are forgotten.
func (s *Store) addVisitDoor(ctx context.Context, pass models.ID, visit models.VisitDoor, begins bool, now time.Time) error {
	if begins {
		err := s.write(ctx).Where("pass_id = ? AND started_at <= ?", pass, millis(now.Add(-models.VisitsKept))).
			Delete(&visitorVisitRow{}).Error
		if err != nil {
			return translate(err)
		}
	}
	return translate(s.write(ctx).Create(&visitorVisitRow{
		PassID: pass, Number: visit.Number, DoorID: visit.DoorID, StartedAt: millis(visit.StartedAt),
	}).Error)
}
