package store

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"xunfang/models"
)

type textCountRow struct {
	PersonID models.ID `gorm:"primaryKey"`
	Day      int64     `gorm:"primaryKey"`
	Messages int
}

func (textCountRow) TableName() string { return "text_counts" }

func dayOf(at time.Time) int64 { return at.Unix() / int64(24*time.Hour/time.Second) }

// textBatch is how many people one statement counts.
const textBatch = 500

// tellByText queues an alert for the numbers of some people. Who was sent as many as a day has is not sent
// another; the ledger says so.
func (s *Store) tellByText(ctx context.Context, alert models.Alert, round int64, among []models.ID, now time.Time) error {
	if !s.config.Texts {
		return nil
	}
	people := []models.ID{}
	err := s.write(ctx).Model(&personRow{}).Where("id IN ?", among).
		Where("phone_sealed IS NOT NULL AND disabled_at = 0").Order("id").Pluck("id", &people).Error
	if err != nil {
		return translate(err)
	}
	for len(people) > 0 {
		part := people[:min(len(people), textBatch)]
		people = people[len(part):]
		within, err := s.countTexts(ctx, part, now)
		if err != nil {
			return err
		}
		rows := make([]deliveryRow, 0, len(part))
		for _, person := range part {
			number := pushAddressRow{PersonID: person, InstallationID: models.PhoneInstallation, Kind: models.ChannelSMS}
			row := s.queuedRow(alert, number, round, now)
			if !within[person] {
				row.State, row.Reason = models.DeliveryFailed, models.ReasonDailyLimit
			}
			rows = append(rows, row)
		}
		if err := s.write(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&rows).Error; err != nil {
			return translate(err)
		}
	}
	return nil
}

// countTexts counts one more message for each of some people, and says who is still within the limit. It counts first and looks
// afterwards: whoever counts at the same time waits for this transaction.
func (s *Store) countTexts(ctx context.Context, people []models.ID, now time.Time) (map[models.ID]bool, error) {
	rows, counted, within := make([]textCountRow, 0, len(people)), []models.ID{}, map[models.ID]bool{}
	for _, person := range people {
		rows = append(rows, textCountRow{PersonID: person, Day: dayOf(now), Messages: 1})
	}
	more := clause.OnConflict{
		Columns:   []clause.Column{{Name: "person_id"}, {Name: "day"}},
		DoUpdates: clause.Assignments(map[string]any{"messages": gorm.Expr("text_counts.messages + 1")}),
	}
	if err := s.write(ctx).Clauses(more).Create(&rows).Error; err != nil {
		return nil, translate(err)
	}
	err := s.write(ctx).Model(&textCountRow{}).Where("person_id IN ? AND day = ? AND messages <= ?", people, dayOf(now), models.MaxAlertTexts).
		Pluck("person_id", &counted).Error
	for _, person := range counted {
		within[person] = true
	}
	return within, translate(err)
}

// numbersOf opens the numbers of those to whom leased rows go by SMS: only for sending, and kept nowhere.
func (s *Store) numbersOf(ctx context.Context, rows []deliveryRow) (map[models.ID]models.Secret, error) {
	people, numbers := []models.ID{}, map[models.ID]models.Secret{}
	for _, row := range rows {
		if row.Kind == models.ChannelSMS {
			people = append(people, row.PersonID)
		}
	}
	if len(people) == 0 {
		return numbers, nil
	}
	found := []personRow{}
	err := s.read(ctx).Select("id", "phone_sealed").Where("id IN ? AND disabled_at = 0", people).Find(&found).Error
	if err != nil {
		return nil, translate(err)
	}
	for _, row := range found {
		number, err := s.openText(row.PhoneSealed, "people.phone", row.ID)
		if err != nil {
			return nil, err
		}
		numbers[row.ID] = number
	}
	return numbers, nil
}

// forgetTexts deletes the counts of days that are over.
func (s *Store) forgetTexts(ctx context.Context, now time.Time) (int64, error) {
	people, over := []models.ID{}, dayOf(now)
	err := s.read(ctx).Model(&textCountRow{}).Where("day < ?", over).Limit(forgetBatch).Pluck("person_id", &people).Error
	if err != nil || len(people) == 0 {
		return 0, translate(err)
	}
	return s.erase(ctx, "DELETE FROM text_counts WHERE day < ? AND person_id IN ?", over, people)
}
