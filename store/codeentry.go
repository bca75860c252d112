package store

import (
	"context"
	"time"

	"gorm.io/gorm/clause"

	"xunfang/models"
)

// TypedCode is what somebody typed at a door, as it is compared. Extension is nil where none is asked for.
type TypedCode struct {
	CodeMAC, ExtensionMAC []byte
}

type wrongCodeRow struct {
	ID           models.ID `gorm:"primaryKey"`
	DoorID       models.ID
	At           int64
	CodeMac      []byte
	ExtensionMac []byte
}

func (wrongCodeRow) TableName() string { return "wrong_codes" }

// LockCodeTries keeps a door's row for this transaction, so that one try after the other is judged there, by whichever
// server, and reads what the door remembers: at most as many wrong codes as the rule counts. CodeNotFound when there is
// no such door.
func (s *Store) LockCodeTries(ctx context.Context, door models.ID, most int, now time.Time) (models.CodeTries, error) {
	query := s.write(ctx).Model(doorRow{}).Where("id = ?", door).Limit(1)
	if s.engine.kind == kindMySQL {
		query = query.Clauses(clause.Locking{Strength: "UPDATE"})
	}
	crowded, times := []int64{}, []int64{}
	if err := query.Pluck("crowded_until", &crowded).Error; err != nil || len(crowded) == 0 {
		return models.CodeTries{}, orNotFound(translate(err))
	}
	err := s.write(ctx).Model(wrongCodeRow{}).Where("door_id = ? AND at > ?", door, millis(now.Add(-models.CodeWindow))).
		Order("at DESC").Limit(max(1, most)).Pluck("at", &times).Error
	tries := models.CodeTries{CrowdedUntil: instant(crowded[0])}
	for _, at := range times {
		tries.Wrong = append(tries.Wrong, instant(at))
	}
	return tries, translate(err)
}

// AddWrongCode remembers a wrong code at a door whose tries are locked. False for one that was wrong there within
// CodeWindow already: trying it again teaches nothing.
func (s *Store) AddWrongCode(ctx context.Context, id, door models.ID, typed TypedCode, now time.Time) (bool, error) {
	same := s.write(ctx).Model(wrongCodeRow{}).
		Where("code_mac = ? AND door_id = ? AND at > ?", typed.CodeMAC, door, millis(now.Add(-models.CodeWindow)))
	if typed.ExtensionMAC == nil {
		same = same.Where("extension_mac IS NULL")
	} else {
		same = same.Where("extension_mac = ?", typed.ExtensionMAC)
	}
	count := int64(0)
	if err := same.Count(&count).Error; err != nil || count > 0 {
		return false, translate(err)
	}
	return true, translate(s.write(ctx).Create(&wrongCodeRow{
		ID: id, DoorID: door, At: millis(now), CodeMac: typed.CodeMAC, ExtensionMac: typed.ExtensionMAC,
	}).Error)
}

// hostStands is the condition that a pass's host still has a home, or work, there.
const hostStands = `EXISTS (SELECT 1 FROM role_grants WHERE person_id = visitor_passes.host_id AND role IN ('resident', 'property')
			AND compound_id = visitor_passes.compound_id AND home_id IN ('', visitor_passes.home_id)
			AND starts_at <= ? AND (ends_at = 0 OR ends_at > ?))
		AND EXISTS (SELECT 1 FROM people WHERE people.id = visitor_passes.host_id AND disabled_at = 0)`

// passDoorStands is the condition that a pass is for a door.
const passDoorStands = "EXISTS (SELECT 1 FROM visitor_pass_doors WHERE pass_id = visitor_passes.id AND door_id = ? AND removed = 0)"

// HasVisitorCode says whether a pass has the code, whatever it is worth, or whether it was typed somewhere in vain a
// short while ago: who typed it may type it again.
func (s *Store) HasVisitorCode(ctx context.Context, codeMAC []byte) (bool, error) {
	for _, table := range []any{visitorPassRow{}, wrongCodeRow{}} {
		count := int64(0)
		if err := s.read(ctx).Model(table).Where("code_mac = ?", codeMAC).Count(&count).Error; err != nil || count > 0 {
			return count > 0, translate(err)
		}
	}
	return false, nil
}

// LockLiveCodes keeps the rows of a pass's doors for this transaction, and counts at each the codes of others that are live
// while the pass is, those of a visit under way among them. A pass and its doors are of one compound.
func (s *Store) LockLiveCodes(ctx context.Context, pass models.VisitorPass, now time.Time) ([]models.LiveCodes, error) {
	query := s.write(ctx).Model(doorRow{}).Where("id IN ?", pass.DoorIDs).Order("id")
	if s.engine.kind == kindMySQL {
		query = query.Clauses(clause.Locking{Strength: "UPDATE"})
	}
	doors := []models.ID{}
	if err := query.Pluck("id", &doors).Error; err != nil {
		return nil, translate(err)
	}
	from, until := pass.CodeSpan(now)
	found := []struct {
		DoorID      models.ID
		Total, Host int
	}{}
	err := s.read(ctx).Raw(`SELECT door_id, COUNT(*) AS total, SUM(CASE WHEN host_id = ? THEN 1 ELSE 0 END) AS host
		FROM visitor_passes JOIN visitor_pass_doors ON pass_id = id AND door_id IN ? AND removed = 0
		WHERE compound_id = ? AND id <> ? AND kind <> 'group' AND ends_at > ? AND starts_at < ? AND revoked_at = 0
		AND (uses < max_uses OR visit_started_at > ?) GROUP BY door_id`,
		pass.HostID, doors, pass.Place.Compound, pass.ID, millis(from), millis(until.Add(models.CodeWindow)),
		millis(now.Add(-models.VisitWindow))).Scan(&found).Error
	live := make([]models.LiveCodes, 0, len(found))
	for _, one := range found {
		live = append(live, models.LiveCodes{DoorID: one.DoorID, All: one.Total, OfHost: one.Host})
	}
	return live, translate(err)
}

// CrowdDoor notes that many codes may be live at a door until a time.
func (s *Store) CrowdDoor(ctx context.Context, door models.ID, until time.Time) error {
	return translate(s.write(ctx).Model(doorRow{}).Where("id = ? AND crowded_until < ?", door, millis(until)).
		Update("crowded_until", millis(until)).Error)
}
