package store

import (
	"context"
	"strings"
	"time"

	"xunfang/models"
)

type groupMessageRow struct {
	ID         models.ID `gorm:"primaryKey"`
	StationID  models.ID
	CompoundID models.ID
	Ordinal    int
	AuthorID   models.ID
	AuthorRole models.Role
	TextSealed []byte
	ReplyToID  models.ID
	Notice     bool
	DueAt      int64
	AlertID    models.ID
	SentAt     int64
	DeletedAt  int64
	HiddenAt   int64
}

func (groupMessageRow) TableName() string { return "group_messages" }

type groupMessageMediaRow struct {
	MediaID   models.ID `gorm:"primaryKey"`
	MessageID models.ID
	Ordinal   int
}

func (groupMessageMediaRow) TableName() string { return "group_message_media" }

// AddGroupMessage writes a message as its group's next and gives its ordinal; CodeAlreadyExists when the id is taken.
func (s *Store) AddGroupMessage(ctx context.Context, message models.GroupMessage) (int, error) {
	ordinal, err := s.nextInGroup(ctx, message.Place.Compound, message.SentAt)
	if err != nil {
		return 0, err
	}
	row := groupMessageRow{
		ID: message.ID, StationID: message.Place.Station, CompoundID: message.Place.Compound, Ordinal: ordinal,
		AuthorID: message.AuthorID, AuthorRole: message.AuthorRole,
		TextSealed: s.sealText(message.Text, "group_messages.text", message.ID), ReplyToID: message.ReplyToID,
		Notice: message.Notice, DueAt: millis(message.DueAt), AlertID: message.AlertID, SentAt: millis(message.SentAt),
	}
	return ordinal, translate(s.write(ctx).Create(&row).Error)
}

// AttachToGroupMessage gives a message its photos; CodeAlreadyExists when one is another message's.
func (s *Store) AttachToGroupMessage(ctx context.Context, message models.GroupMessage) error {
	rows := make([]groupMessageMediaRow, 0, len(message.MediaIDs))
	for at, media := range message.MediaIDs {
		rows = append(rows, groupMessageMediaRow{MediaID: media, MessageID: message.ID, Ordinal: at + 1})
	}
	if len(rows) == 0 {
		return nil
	}
	return translate(s.write(ctx).Create(&rows).Error)
}

// GroupMessage reads one message; CodeNotFound when there is none.
func (s *Store) GroupMessage(ctx context.Context, id models.ID) (models.GroupMessage, error) {
	rows := []groupMessageRow{}
	if err := s.read(ctx).Where("id = ?", id).Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return models.GroupMessage{}, orNotFound(translate(err))
	}
	messages, err := s.groupMessages(ctx, rows)
	if err != nil {
		return models.GroupMessage{}, err
	}
	return messages[0], nil
}

// LockGroupMessage keeps a message's row for this transaction and reads it; CodeNotFound when there is none.
func (s *Store) LockGroupMessage(ctx context.Context, id models.ID) (models.GroupMessage, error) {
	if err := lockRow(ctx, s, groupMessageRow{}, id); err != nil {
		return models.GroupMessage{}, err
	}
	return s.GroupMessage(ctx, id)
}

// GroupMessages lists a group's messages of before an ordinal (0: all), newest first.
func (s *Store) GroupMessages(ctx context.Context, compound models.ID, before, limit int) ([]models.GroupMessage, error) {
	query := s.read(ctx).Where("compound_id = ?", compound)
	if before > 0 {
		query = query.Where("ordinal < ?", before)
	}
	rows := []groupMessageRow{}
	if err := query.Order("ordinal DESC").Limit(limit).Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	return s.groupMessages(ctx, rows)
}

// SearchGroup lists those of a group's messages of before an ordinal whose text contains words, newest first, as the
// seat sees them. It opens at most models.GroupSearched messages. before is where to go on; 0 when it has seen all.
func (s *Store) SearchGroup(
	ctx context.Context, compound models.ID, words string, seat models.GroupSeat, after, limit int,
) (found []models.GroupMessage, before int, err error) {
	messages, err := s.GroupMessages(ctx, compound, after, models.GroupSearched)
	if err != nil {
		return nil, 0, err
	}
	words = strings.ToLower(words)
	for _, message := range messages {
		if strings.Contains(strings.ToLower(message.ShownTo(seat).Text.Reveal()), words) {
			if found = append(found, message); len(found) == limit {
				return found, message.Ordinal, nil
			}
		}
	}
	if len(messages) < models.GroupSearched {
		return found, 0, nil
	}
	return found, messages[len(messages)-1].Ordinal, nil
}

// DeleteGroupMessage takes out of a message all but its place, and gives the names of the blobs that nothing shows any more.
// CodeWrongState when it was deleted or hidden meanwhile.
func (s *Store) DeleteGroupMessage(ctx context.Context, message models.GroupMessage, now time.Time) ([]string, error) {
	done := s.write(ctx).Model(&groupMessageRow{}).Where("id = ? AND deleted_at = 0 AND hidden_at = 0", message.ID).
		Updates(map[string]any{"deleted_at": millis(now), "text_sealed": nil})
	if done.Error != nil {
		return nil, translate(done.Error)
	}
	if done.RowsAffected != 1 {
		return nil, models.Fail(models.CodeWrongState)
	}
	if err := s.write(ctx).Exec("DELETE FROM group_message_media WHERE message_id = ?", message.ID).Error; err != nil {
		return nil, translate(err)
	}
	return s.dropPhotos(ctx, message.MediaIDs)
}

// HideGroupMessage hides a message; the first time stays.
func (s *Store) HideGroupMessage(ctx context.Context, id models.ID, now time.Time) error {
	return translate(s.write(ctx).Model(&groupMessageRow{}).Where("id = ? AND hidden_at = 0 AND deleted_at = 0", id).
		Update("hidden_at", millis(now)).Error)
}

// GroupMessageOfMedia finds the message that a photo is attached to; CodeNotFound when there is none.
func (s *Store) GroupMessageOfMedia(ctx context.Context, media models.ID) (models.GroupMessage, error) {
	rows := []groupMessageMediaRow{}
	if err := s.read(ctx).Where("media_id = ?", media).Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return models.GroupMessage{}, orNotFound(translate(err))
	}
	return s.GroupMessage(ctx, rows[0].MessageID)
}

// forgetGroupMessages is how many messages one call deletes, with everything of theirs.
const forgetGroupMessages = 100

// ForgetGroupMessages deletes a bounded number of a station's messages sent before a time with their photos and
// acknowledgements. It returns the names of the blobs that nothing points to any more, and how many messages it deleted; 0 when
// none is left.
func (s *Store) ForgetGroupMessages(
	ctx context.Context, station models.ID, before time.Time,
) (blobs []string, deleted int, err error) {
	aged := []models.ID{}
	err = s.read(ctx).Model(&groupMessageRow{}).Where("station_id = ? AND sent_at < ?", station, millis(before)).
		Order("sent_at").Limit(forgetGroupMessages).Pluck("id", &aged).Error
	if err != nil || len(aged) == 0 {
		return nil, 0, translate(err)
	}
	blobs, err = s.forgetShowing(ctx, aged, "SELECT media_id FROM group_message_media WHERE message_id IN ?",
		"DELETE FROM group_acknowledgements WHERE message_id IN ?", "DELETE FROM group_message_media WHERE message_id IN ?",
		"DELETE FROM group_messages WHERE id IN ?")
	return blobs, len(aged), err
}

// groupMessages turns rows into messages with their photos.
func (s *Store) groupMessages(ctx context.Context, rows []groupMessageRow) ([]models.GroupMessage, error) {
	ids := make([]models.ID, 0, len(rows))
	for _, row := range rows {
		ids = append(ids, row.ID)
	}
	shown, photos := []groupMessageMediaRow{}, map[models.ID][]models.ID{}
	if len(ids) > 0 {
		if err := s.read(ctx).Where("message_id IN ?", ids).Order("message_id, ordinal").Find(&shown).Error; err != nil {
			return nil, translate(err)
		}
	}
	for _, row := range shown {
		photos[row.MessageID] = append(photos[row.MessageID], row.MediaID)
	}
	messages := make([]models.GroupMessage, 0, len(rows))
	for _, row := range rows {
		text, err := s.openText(row.TextSealed, "group_messages.text", row.ID)
		if err != nil {
			return nil, err
		}
		messages = append(messages, models.GroupMessage{
			ID: row.ID, Place: models.Place{Station: row.StationID, Compound: row.CompoundID}, Ordinal: row.Ordinal,
			AuthorID: row.AuthorID, AuthorRole: row.AuthorRole, Text: text, MediaIDs: photos[row.ID], ReplyToID: row.ReplyToID,
			Notice: row.Notice, DueAt: instant(row.DueAt), AlertID: row.AlertID, SentAt: instant(row.SentAt),
			DeletedAt: instant(row.DeletedAt), HiddenAt: instant(row.HiddenAt),
		})
	}
	return messages, nil
}
