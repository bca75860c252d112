package store

import (
	"context"
	"time"

	"gorm.io/gorm/clause"

	"xunfang/models"
)

type groupHeadRow struct {
	CompoundID  models.ID `gorm:"primaryKey"`
	LastOrdinal int
	LastAt      int64
}

func (groupHeadRow) TableName() string { return "group_heads" }

type groupMarkRow struct {
	PersonID   models.ID `gorm:"primaryKey"`
	CompoundID models.ID `gorm:"primaryKey"`
	ReadTo     int
}

func (groupMarkRow) TableName() string { return "group_marks" }

// GroupMembers lists the members of a compound's security group, role by role; who holds several is told by the first.
func (s *Store) GroupMembers(ctx context.Context, compound models.Place, now time.Time) ([]models.GroupMember, error) {
	members, seen := []models.GroupMember{}, map[models.ID]bool{}
	for _, role := range models.GroupRoles {
		people, err := s.HoldersOver(ctx, []models.Role{role}, compound, now)
		if err != nil {
			return nil, err
		}
		for _, person := range people {
			if !seen[person] {
				seen[person] = true
				members = append(members, models.GroupMember{PersonID: person, Role: role})
			}
		}
	}
	return members, nil
}

// GroupStates tells when groups were last written in and how much of that a person has not read, of their newest
// messages; a group that nobody has written in is left out.
func (s *Store) GroupStates(ctx context.Context, person models.ID, compounds []models.ID) (map[models.ID]models.GroupState, error) {
	states := map[models.ID]models.GroupState{}
	heads := []groupHeadRow{}
	if len(compounds) == 0 {
		return states, nil
	}
	if err := s.read(ctx).Where("compound_id IN ?", compounds).Find(&heads).Error; err != nil {
		return nil, translate(err)
	}
	counts, unread := []struct {
		CompoundID models.ID
		Number     int
	}{}, map[models.ID]int{}
	// The head bounds what is walked: somebody who comes new to a group has not its years before them.
	err := s.read(ctx).Raw(`SELECT messages.compound_id, COUNT(*) AS number FROM group_heads
		JOIN group_messages AS messages ON messages.compound_id = group_heads.compound_id
			AND messages.ordinal > group_heads.last_ordinal - ?
		LEFT JOIN group_marks ON group_marks.compound_id = group_heads.compound_id AND group_marks.person_id = ?
		WHERE group_heads.compound_id IN ? AND messages.ordinal > COALESCE(group_marks.read_to, 0)
			AND messages.author_id <> ? AND messages.deleted_at = 0 AND messages.hidden_at = 0
		GROUP BY messages.compound_id`, models.MaxGroupUnread, person, compounds, person).Scan(&counts).Error
	if err != nil {
		return nil, translate(err)
	}
	for _, count := range counts {
		unread[count.CompoundID] = count.Number
	}
	for _, head := range heads {
		states[head.CompoundID] = models.GroupState{LastAt: instant(head.LastAt), Unread: unread[head.CompoundID]}
	}
	return states, nil
}

// MarkGroup notes up to where a person has read a group; what was read stays so.
func (s *Store) MarkGroup(ctx context.Context, person, compound models.ID, ordinal int) error {
	row := groupMarkRow{PersonID: person, CompoundID: compound}
	if err := s.write(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
		return translate(err)
	}
	return translate(s.write(ctx).Model(&groupMarkRow{}).
		Where("person_id = ? AND compound_id = ? AND read_to < ?", person, compound, ordinal).Update("read_to", ordinal).Error)
}

// nextInGroup takes the next ordinal of a group. Its row stays locked until the end of the transaction, so that ordinals
// come in the order of commits.
func (s *Store) nextInGroup(ctx context.Context, compound models.ID, now time.Time) (int, error) {
	row := groupHeadRow{CompoundID: compound}
	if err := s.write(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
		return 0, translate(err)
	}
	err := s.write(ctx).Exec("UPDATE group_heads SET last_ordinal = last_ordinal + 1, last_at = ? WHERE compound_id = ?",
		millis(now), compound).Error
	if err != nil {
		return 0, translate(err)
	}
	err = s.write(ctx).Where("compound_id = ?", compound).Take(&row).Error
	return row.LastOrdinal, translate(err)
}
