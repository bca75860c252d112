package store

import (
	"context"
	"time"

	"gorm.io/gorm/clause"

	"xunfang/models"
)

type inboxRow struct {
	PersonID       models.ID `gorm:"primaryKey"`
	AlertID        models.ID `gorm:"primaryKey"`
	AcknowledgedAt int64
}

func (inboxRow) TableName() string { return "inbox_items" }

// addInboxItems puts an alert into the inbox of everybody in its audience and counts them.
func (s *Store) addInboxItems(ctx context.Context, alert models.Alert) (int, error) {
	if len(alert.Audience.People) > 0 {
		rows := make([]inboxRow, 0, len(alert.Audience.People))
		for _, person := range alert.Audience.People {
			rows = append(rows, inboxRow{PersonID: person, AlertID: alert.ID})
		}
		return len(rows), translate(s.write(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&rows).Error)
	}
	chosen, visible := holdersOf(s.write(ctx), alert.Audience, alert.CreatedAt)
	if !visible {
		return 0, nil
	}
	done := s.write(ctx).Exec("INSERT INTO inbox_items (person_id, alert_id, acknowledged_at) "+
		"SELECT chosen.person_id, ?, 0 FROM (?) AS chosen", alert.ID, chosen.Select("DISTINCT person_id").Limit(models.MaxAudience+1))
	return int(done.RowsAffected), translate(done.Error)
}

// AcknowledgeAlert notes that a person has taken an alert in, once; the first time stays.
// CodeNotFound when the alert is not in the person's inbox.
func (s *Store) AcknowledgeAlert(ctx context.Context, person, alert models.ID, now time.Time) (time.Time, error) {
	done := s.write(ctx).Model(&inboxRow{}).Where("person_id = ? AND alert_id = ? AND acknowledged_at = 0", person, alert).
		Update("acknowledged_at", millis(now))
	if done.Error != nil {
		return time.Time{}, translate(done.Error)
	}
	if done.RowsAffected == 1 {
		return now, s.acknowledgeDeliveries(ctx, person, alert, now)
	}
	rows := []inboxRow{}
	err := s.write(ctx).Where("person_id = ? AND alert_id = ?", person, alert).Limit(1).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return time.Time{}, orNotFound(translate(err))
	}
	return instant(rows[0].AcknowledgedAt), nil
}

// InboxFilter narrows an inbox; empty fields do not.
type InboxFilter struct {
	AlertID        models.ID // this one alert only
	Unacknowledged bool      // only what asks for an acknowledgement and has none
	OldestFirst    bool      // for the stream: what came after the cursor, in order
}

// Inbox lists a person's alerts, newest first.
func (s *Store) Inbox(ctx context.Context, person models.ID, filter InboxFilter, page Page) ([]models.InboxItem, error) {
	query := s.read(ctx).Where("person_id = ?", person)
	if filter.AlertID != "" {
		query = query.Where("alert_id = ?", filter.AlertID)
	}
	if filter.Unacknowledged {
		query = query.Where("acknowledged_at = 0 AND EXISTS (?)",
			s.read(ctx).Table("alerts").Select("1").Where("alerts.id = inbox_items.alert_id AND requires_ack = ?", true))
	}
	items := []inboxRow{}
	cols := columns{order: "alert_id", newest: !filter.OldestFirst}
	if err := cols.page(query, page).Find(&items).Error; err != nil {
		return nil, translate(err)
	}
	return s.inboxItems(ctx, items)
}

func (s *Store) inboxItems(ctx context.Context, items []inboxRow) ([]models.InboxItem, error) {
	ids := make([]models.ID, 0, len(items))
	for _, item := range items {
		ids = append(ids, item.AlertID)
	}
	rows, byID := []alertRow{}, map[models.ID]alertRow{}
	if len(ids) > 0 {
		if err := s.read(ctx).Where("id IN ?", ids).Find(&rows).Error; err != nil {
			return nil, translate(err)
		}
	}
	for _, row := range rows {
		byID[row.ID] = row
	}
	inbox := make([]models.InboxItem, 0, len(items))
	for _, item := range items {
		alert, err := s.alert(byID[item.AlertID])
		if err != nil {
			return nil, err
		}
		inbox = append(inbox, models.InboxItem{
			PersonID: item.PersonID, Alert: alert, AcknowledgedAt: instant(item.AcknowledgedAt),
		})
	}
	return inbox, nil
}

// Recipients lists the people an alert is for; at most models.MaxAudience.
func (s *Store) Recipients(ctx context.Context, alert models.ID) ([]models.ID, error) {
	people := []models.ID{}
	query := s.read(ctx).Model(&inboxRow{}).Where("alert_id = ?", alert).Limit(models.MaxAudience)
	return people, translate(query.Pluck("person_id", &people).Error)
}
