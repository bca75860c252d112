package store

import (
	"context"
	"strconv"
	"strings"

	"gorm.io/gorm"

	"xunfang/models"
)

// DeliveryFilter narrows whom a list of deliveries shows; empty fields do not.
type DeliveryFilter struct {
	State           models.DeliveryState
	Channel         string // by this channel only
	NotAcknowledged bool
}

// bestState works out in SQL what models.TellOf says: the rank of the best that is known of a person.
var bestState = func() string {
	rank := strings.Builder{}
	rank.WriteString("CASE WHEN inbox_items.acknowledged_at > 0 THEN " + strconv.Itoa(models.DeliveryAcknowledged.Rank()) +
		" ELSE COALESCE(MAX(CASE deliveries.state")
	for _, state := range models.DeliveryStates {
		rank.WriteString(" WHEN '" + string(state) + "' THEN " + strconv.Itoa(state.Rank()))
	}
	rank.WriteString(" END), 0) END")
	return rank.String()
}()

// told is one row for each person whose inbox an alert is in, with the rank of the best that is known. What is told to the
// holder of a receipt is nobody's to see.
func (s *Store) told(ctx context.Context, alert models.ID, channel string) *gorm.DB {
	join, values := "LEFT JOIN deliveries ON deliveries.alert_id = inbox_items.alert_id AND deliveries.person_id = inbox_items.person_id"+
		" AND deliveries.installation_id <> ?", []any{models.ReceiptInstallation}
	if channel != "" {
		join, values = strings.TrimPrefix(join, "LEFT ")+" AND deliveries.channel = ?", append(values, channel)
	}
	return s.read(ctx).Table("inbox_items").Select("inbox_items.person_id, inbox_items.acknowledged_at, "+bestState+" AS best").
		Joins(join, values...).Where("inbox_items.alert_id = ?", alert).Group("inbox_items.person_id, inbox_items.acknowledged_at")
}

// ToldOf lists what is known of each person whose inbox an alert is in, by id.
func (s *Store) ToldOf(ctx context.Context, alert models.ID, filter DeliveryFilter, page Page) ([]models.Told, error) {
	query := s.told(ctx, alert, filter.Channel)
	if filter.NotAcknowledged {
		query = query.Where("inbox_items.acknowledged_at = 0")
	}
	if filter.State != "" {
		query = query.Having("best = ?", filter.State.Rank())
	}
	found := []inboxRow{}
	if err := (columns{order: "inbox_items.person_id"}).page(query, page).Scan(&found).Error; err != nil || len(found) == 0 {
		return nil, translate(err)
	}
	people := make([]models.ID, 0, len(found))
	for _, item := range found {
		people = append(people, item.PersonID)
	}
	rows, attempts := []deliveryRow{}, []models.Attempt{}
	attempted := s.read(ctx).Where("alert_id = ? AND person_id IN ? AND installation_id <> ?", alert, people, models.ReceiptInstallation)
	if filter.Channel != "" {
		attempted = attempted.Where("channel = ?", filter.Channel)
	}
	if err := attempted.Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	for _, row := range rows {
		attempts = append(attempts, row.attempt())
	}
	told := make([]models.Told, 0, len(found))
	for _, item := range found {
		told = append(told, models.TellOf(item.PersonID, instant(item.AcknowledgedAt), attempts))
	}
	return told, nil
}

// ToldCounts counts the people whose inbox an alert is in by the best that is known of each.
func (s *Store) ToldCounts(ctx context.Context, alert models.ID) (map[models.DeliveryState]int, error) {
	found := []struct{ Best, Number int }{}
	err := s.read(ctx).Table("(?) AS told", s.told(ctx, alert, "")).Select("best, COUNT(*) AS number").Group("best").Scan(&found).Error
	counts := map[models.DeliveryState]int{}
	for _, one := range found {
		counts[models.DeliveryStates[one.Best]] = one.Number
	}
	return counts, translate(err)
}

// LiveSent lists a person's newest alerts that are addressed by roles and were sent after an id, for telling them live who
// knows.
func (s *Store) LiveSent(ctx context.Context, sender, after models.ID, limit int) ([]models.Alert, error) {
	rows, alerts := []alertRow{}, []models.Alert{}
	err := s.read(ctx).Select("id", "recipients", "expires_at").Where("sender_id = ? AND id > ? AND roles <> ''", sender, after).
		Order("id DESC").Limit(limit).Find(&rows).Error
	for _, row := range rows {
		alerts = append(alerts, models.Alert{ID: row.ID, Recipients: row.Recipients, ExpiresAt: instant(row.ExpiresAt)})
	}
	return alerts, translate(err)
}
