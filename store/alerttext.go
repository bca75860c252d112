package store

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"xunfang/models"
)

// byNumber is a way of telling people at their phone numbers.
type byNumber struct {
	channel string
	counts  string // the table of how often a person was told so on a day
	most    int    // on a day
}

var (
	byText  = byNumber{models.ChannelSMS, "text_counts", models.MaxAlertTexts}
	byVoice = byNumber{models.ChannelVoice, "voice_counts", models.MaxAlertCalls}
)

type numberCountRow struct {
	PersonID models.ID `gorm:"primaryKey"`
	Day      int64     `gorm:"primaryKey"`
	Messages int
}

func dayOf(at time.Time) int64 { return at.Unix() / int64(24*time.Hour/time.Second) }

// numberBatch is how many people one statement counts.
const numberBatch = 500

// tellByNumber queues an alert for the numbers of some people. Who was told as often as a day has is not told once more; the ledger
// says so.
func (s *Store) tellByNumber(
	ctx context.Context, way byNumber, alert models.Alert, round int64, among []models.ID, now time.Time,
) error {
	people := []models.ID{}
	err := s.write(ctx).Model(&personRow{}).Where("id IN ?", among).
		Where("phone_sealed IS NOT NULL AND disabled_at = 0").Order("id").Pluck("id", &people).Error
	if err != nil {
		return translate(err)
	}
	for len(people) > 0 {
		part := people[:min(len(people), numberBatch)]
		people = people[len(part):]
		within, err := s.countNumbers(ctx, way, part, now)
		if err != nil {
			return err
		}
		if err := s.queueNumbers(ctx, way, alert, round, part, within, now); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) queueNumbers(
	ctx context.Context, way byNumber, alert models.Alert, round int64, people []models.ID, within map[models.ID]bool, now time.Time,
) error {
	rows, full := make([]deliveryRow, 0, len(people)), []deliveryRow{}
	for _, person := range people {
		number := pushAddressRow{PersonID: person, InstallationID: models.PhoneInstallation, Kind: way.channel}
		row := s.queuedRow(alert, number, round, now)
		if within[person] {
			rows = append(rows, row)
			continue
		}
		row.State, row.Reason = models.DeliveryFailed, models.ReasonDailyLimit
		full = append(full, row)
	}
	if err := s.holdBack(ctx, alert, rows, now); err != nil {
		return err
	}
	rows = append(rows, full...)
	return translate(s.write(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&rows).Error)
}

// countNumbers counts one more time for each of some people, and says who is still within the limit. It counts first and looks
// afterwards: whoever counts at the same time waits for this transaction.
func (s *Store) countNumbers(ctx context.Context, way byNumber, people []models.ID, now time.Time) (map[models.ID]bool, error) {
	rows, counted, within := make([]numberCountRow, 0, len(people)), []models.ID{}, map[models.ID]bool{}
	for _, person := range people {
		rows = append(rows, numberCountRow{PersonID: person, Day: dayOf(now), Messages: 1})
	}
	more := clause.OnConflict{
		Columns:   []clause.Column{{Name: "person_id"}, {Name: "day"}},
		DoUpdates: clause.Assignments(map[string]any{"messages": gorm.Expr(way.counts + ".messages + 1")}),
	}
	if err := s.write(ctx).Table(way.counts).Clauses(more).Create(&rows).Error; err != nil {
		return nil, translate(err)
	}
	err := s.write(ctx).Table(way.counts).Where("person_id IN ? AND day = ? AND messages <= ?", people, dayOf(now), way.most).
		Pluck("person_id", &counted).Error
	for _, person := range counted {
		within[person] = true
	}
	return within, translate(err)
}

// numbersOf opens the numbers of those to whom leased rows go by SMS or by a call: only for sending, and kept nowhere.
func (s *Store) numbersOf(ctx context.Context, rows []deliveryRow) (map[models.ID]models.Secret, error) {
	people, numbers := []models.ID{}, map[models.ID]models.Secret{}
	for _, row := range rows {
		if row.Kind == models.ChannelSMS || row.Kind == models.ChannelVoice {
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

// forgetNumbers deletes the counts of days that are over.
func (s *Store) forgetNumbers(ctx context.Context, way byNumber, now time.Time) (int64, error) {
	people, over := []models.ID{}, dayOf(now)
	err := s.read(ctx).Table(way.counts).Where("day < ?", over).Limit(forgetBatch).Pluck("person_id", &people).Error
	if err != nil || len(people) == 0 {
		return 0, translate(err)
	}
	return s.erase(ctx, "DELETE FROM "+way.counts+" WHERE day < ? AND person_id IN ?", over, people)
}
