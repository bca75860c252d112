package store

import (
	"context"
	"time"

	"xunfang/models"
)

// GroupSpan is which of a group's messages are exported: those sent from From and before To, where they are set, after an ordinal.
type GroupSpan struct {
	From, To time.Time
	After    int
}

// GroupMessagesOf lists a group's messages of a span, the oldest first.
func (s *Store) GroupMessagesOf(ctx context.Context, compound models.ID, span GroupSpan, limit int) ([]models.GroupMessage, error) {
	query := s.read(ctx).Where("compound_id = ? AND ordinal > ?", compound, span.After)
	if !span.From.IsZero() {
		query = query.Where("sent_at >= ?", millis(span.From))
	}
	if !span.To.IsZero() {
		query = query.Where("sent_at < ?", millis(span.To))
	}
	rows := []groupMessageRow{}
	if err := query.Order("ordinal").Limit(limit).Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	return s.groupMessages(ctx, rows)
}

// AcknowledgementsOf lists who has acknowledged each of some notices.
func (s *Store) AcknowledgementsOf(ctx context.Context, messages []models.ID) (map[models.ID][]models.GroupAcknowledgement, error) {
	done, rows := map[models.ID][]models.GroupAcknowledgement{}, []groupAcknowledgementRow{}
	if len(messages) == 0 {
		return done, nil
	}
	err := s.read(ctx).Where("message_id IN ?", messages).Order("message_id, at, person_id").Find(&rows).Error
	for _, row := range rows {
		done[row.MessageID] = append(done[row.MessageID],
			models.GroupAcknowledgement{PersonID: row.PersonID, Role: row.Role, At: instant(row.At)})
	}
	return done, translate(err)
}

// NewlyAcknowledged lists the notices that somebody acknowledged after a time, with their authors; at most limit.
func (s *Store) NewlyAcknowledged(ctx context.Context, after time.Time, limit int) (map[models.ID]models.ID, error) {
	rows, authors := []groupMessageRow{}, map[models.ID]models.ID{}
	newly := s.read(ctx).Model(&groupAcknowledgementRow{}).Select("message_id").Where("at > ?", millis(after))
	err := s.read(ctx).Select("id", "author_id").Where("id IN (?)", newly).Limit(limit).Find(&rows).Error
	for _, row := range rows {
		authors[row.ID] = row.AuthorID
	}
	return authors, translate(err)
}
