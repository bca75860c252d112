package store

import (
	"context"
	"time"

	"xunfang/models"
)

type tipMessageRow struct {
	ID            models.ID `gorm:"primaryKey"`
	TipID         models.ID
	Ordinal       int
	FromReporter  bool
	AuthorID      models.ID
	TextSealed    []byte
	ContentSealed []byte
	SentAt        int64
	ReadAt        int64
}

func (tipMessageRow) TableName() string { return "tip_messages" }

type tipMessageMediaRow struct {
	MediaID   models.ID `gorm:"primaryKey"`
	MessageID models.ID
	TipID     models.ID
	Ordinal   int
}

func (tipMessageMediaRow) TableName() string { return "tip_message_media" }

// AddTipMessage writes a message as its tip's next and gives its ordinal; CodeAlreadyExists when the id is taken. The
// tip must be kept by LockTips, so that ordinals come in the order of commits.
func (s *Store) AddTipMessage(ctx context.Context, message models.TipMessage) (int, error) {
	last := 0
	err := s.write(ctx).Model(&tipMessageRow{}).Where("tip_id = ?", message.TipID).Select("COALESCE(MAX(ordinal), 0)").Scan(&last).Error
	if err != nil {
		return 0, translate(err)
	}
	row := tipMessageRow{
		ID: message.ID, TipID: message.TipID, Ordinal: last + 1, FromReporter: message.FromReporter, AuthorID: message.AuthorID,
		TextSealed: s.sealText(message.Text, "tip_messages.text", message.ID), ContentSealed: message.Sealed,
		SentAt: millis(message.SentAt),
	}
	return row.Ordinal, translate(s.write(ctx).Create(&row).Error)
}

// AttachToTipMessage gives a message its photos; CodeAlreadyExists when one is another message's.
func (s *Store) AttachToTipMessage(ctx context.Context, message models.TipMessage) error {
	rows := make([]tipMessageMediaRow, 0, len(message.MediaIDs))
	for at, media := range message.MediaIDs {
		rows = append(rows, tipMessageMediaRow{MediaID: media, MessageID: message.ID, TipID: message.TipID, Ordinal: at + 1})
	}
	if len(rows) == 0 {
		return nil
	}
	return translate(s.write(ctx).Create(&rows).Error)
}

// TipMessage reads one message; CodeNotFound when there is none.
func (s *Store) TipMessage(ctx context.Context, id models.ID) (models.TipMessage, error) {
	rows := []tipMessageRow{}
	if err := s.read(ctx).Where("id = ?", id).Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return models.TipMessage{}, orNotFound(translate(err))
	}
	messages, err := s.tipMessages(ctx, rows)
	if err != nil {
		return models.TipMessage{}, err
	}
	return messages[0], nil
}

// TipMessages lists a tip's messages that come after an ordinal, oldest first.
func (s *Store) TipMessages(ctx context.Context, tip models.ID, after, limit int) ([]models.TipMessage, error) {
	rows := []tipMessageRow{}
	err := s.read(ctx).Where("tip_id = ? AND ordinal > ?", tip, after).Order("ordinal").Limit(limit).Find(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	return s.tipMessages(ctx, rows)
}

// ReadTipMessages notes that one side has read what the other one wrote up to an ordinal; what was read stays so.
func (s *Store) ReadTipMessages(ctx context.Context, tip models.ID, byReporter bool, upTo int, now time.Time) error {
	return translate(s.write(ctx).Model(&tipMessageRow{}).
		Where("tip_id = ? AND read_at = 0 AND from_reporter = ? AND ordinal <= ?", tip, !byReporter, upTo).
		Update("read_at", millis(now)).Error)
}

// addUnread adds to tips how many messages each side has not read.
func (s *Store) addUnread(ctx context.Context, tips []models.Tip) error {
	ids := make([]models.ID, 0, len(tips))
	for _, tip := range tips {
		ids = append(ids, tip.ID)
	}
	counts := []struct {
		TipID        models.ID
		FromReporter bool
		Number       int
	}{}
	if len(ids) == 0 {
		return nil
	}
	err := s.read(ctx).Model(&tipMessageRow{}).Select("tip_id, from_reporter, COUNT(*) AS number").
		Where("tip_id IN ? AND read_at = 0", ids).Group("tip_id, from_reporter").Scan(&counts).Error
	if err != nil {
		return translate(err)
	}
	unread := map[models.ID]models.TipUnread{}
	for _, count := range counts {
		of := unread[count.TipID]
		if count.FromReporter {
			of.Station = count.Number
		} else {
			of.Reporter = count.Number
		}
		unread[count.TipID] = of
	}
	for at := range tips {
		tips[at].Unread = unread[tips[at].ID]
	}
	return nil
}

// tipMessages turns rows into messages with their photos.
func (s *Store) tipMessages(ctx context.Context, rows []tipMessageRow) ([]models.TipMessage, error) {
	ids := make([]models.ID, 0, len(rows))
	for _, row := range rows {
		ids = append(ids, row.ID)
	}
	photoRows, photos := []tipMessageMediaRow{}, map[models.ID][]models.ID{}
	if len(ids) > 0 {
		if err := s.read(ctx).Where("message_id IN ?", ids).Order("message_id, ordinal").Find(&photoRows).Error; err != nil {
			return nil, translate(err)
		}
	}
	for _, row := range photoRows {
		photos[row.MessageID] = append(photos[row.MessageID], row.MediaID)
	}
	messages := make([]models.TipMessage, 0, len(rows))
	for _, row := range rows {
		text, err := s.openText(row.TextSealed, "tip_messages.text", row.ID)
		if err != nil {
			return nil, err
		}
		messages = append(messages, models.TipMessage{
			ID: row.ID, TipID: row.TipID, Ordinal: row.Ordinal, FromReporter: row.FromReporter, AuthorID: row.AuthorID,
			Text: text, Sealed: row.ContentSealed, MediaIDs: photos[row.ID], SentAt: instant(row.SentAt), ReadAt: instant(row.ReadAt),
		})
	}
	return messages, nil
}

// TipMessageOfMedia finds the message that a photo is attached to; CodeNotFound when there is none.
func (s *Store) TipMessageOfMedia(ctx context.Context, media models.ID) (models.TipMessage, error) {
	rows := []tipMessageMediaRow{}
	if err := s.read(ctx).Where("media_id = ?", media).Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return models.TipMessage{}, orNotFound(translate(err))
	}
	return s.TipMessage(ctx, rows[0].MessageID)
}
