package store

import (
	"context"
	"time"

	"gorm.io/gorm/clause"

	"xunfang/models"
)

type groupAcknowledgementRow struct {
	MessageID models.ID `gorm:"primaryKey"`
	PersonID  models.ID `gorm:"primaryKey"`
	Role      models.Role
	At        int64
}

func (groupAcknowledgementRow) TableName() string { return "group_acknowledgements" }

// AcknowledgeGroupMessage notes that a person has read a notice, once; the first time stays.
func (s *Store) AcknowledgeGroupMessage(
	ctx context.Context, message, person models.ID, role models.Role, now time.Time,
) (time.Time, error) {
	row := groupAcknowledgementRow{MessageID: message, PersonID: person, Role: role, At: millis(now)}
	if err := s.write(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
		return time.Time{}, translate(err)
	}
	err := s.write(ctx).Where("message_id = ? AND person_id = ?", message, person).Take(&row).Error
	return instant(row.At), translate(err)
}

// GroupAcknowledgements lists who has acknowledged a notice.
func (s *Store) GroupAcknowledgements(ctx context.Context, message models.ID) ([]models.GroupAcknowledgement, error) {
	rows := []groupAcknowledgementRow{}
	if err := s.read(ctx).Where("message_id = ?", message).Order("person_id").Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	done := make([]models.GroupAcknowledgement, 0, len(rows))
	for _, row := range rows {
		done = append(done, models.GroupAcknowledgement{PersonID: row.PersonID, Role: row.Role, At: instant(row.At)})
	}
	return done, nil
}

// GroupReceipts are how many people acknowledged a notice, and when one of them did; zero for not yet.
type GroupReceipts struct {
	Number int
	OwnAt  time.Time
}

// GroupReceipts counts the acknowledgements of messages, and tells a person's own.
func (s *Store) GroupReceipts(ctx context.Context, person models.ID, messages []models.ID) (map[models.ID]GroupReceipts, error) {
	counts, receipts := []struct {
		MessageID models.ID
		Number    int
		OwnAt     int64
	}{}, map[models.ID]GroupReceipts{}
	if len(messages) == 0 {
		return receipts, nil
	}
	err := s.read(ctx).Model(&groupAcknowledgementRow{}).
		Select("message_id, COUNT(*) AS number, MAX(CASE WHEN person_id = ? THEN at ELSE 0 END) AS own_at", person).
		Where("message_id IN ?", messages).Group("message_id").Scan(&counts).Error
	for _, count := range counts {
		receipts[count.MessageID] = GroupReceipts{Number: count.Number, OwnAt: instant(count.OwnAt)}
	}
	return receipts, translate(err)
}
