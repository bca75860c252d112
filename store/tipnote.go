package store

import (
	"context"

	"xunfang/models"
)

type tipNoteRow struct {
	ID         models.ID `gorm:"primaryKey"`
	OrderID    models.ID
	TipID      models.ID
	AuthorID   models.ID
	TextSealed []byte
	At         int64
}

func (tipNoteRow) TableName() string { return "tip_notes" }

// AddTipNote writes a note of police about a tip; CodeAlreadyExists when the id is taken.
func (s *Store) AddTipNote(ctx context.Context, note models.TipNote) error {
	return translate(s.write(ctx).Create(&tipNoteRow{
		ID: note.ID, OrderID: note.OrderID, TipID: note.TipID, AuthorID: note.AuthorID,
		TextSealed: s.sealText(note.Text, "tip_notes.text", note.ID), At: millis(note.At),
	}).Error)
}

// TipNote reads one note; CodeNotFound when there is none.
func (s *Store) TipNote(ctx context.Context, id models.ID) (models.TipNote, error) {
	rows := []tipNoteRow{}
	if err := s.read(ctx).Where("id = ?", id).Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return models.TipNote{}, orNotFound(translate(err))
	}
	return s.tipNote(rows[0])
}

// TipNotes lists the notes about a tip, oldest first.
func (s *Store) TipNotes(ctx context.Context, tip models.ID, page Page) ([]models.TipNote, error) {
	rows := []tipNoteRow{}
	query := s.read(ctx).Where("tip_id = ?", tip)
	if err := (columns{order: "order_id"}).page(query, page).Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	notes := make([]models.TipNote, 0, len(rows))
	for _, row := range rows {
		note, err := s.tipNote(row)
		if err != nil {
			return nil, err
		}
		notes = append(notes, note)
	}
	return notes, nil
}

func (s *Store) tipNote(row tipNoteRow) (models.TipNote, error) {
	text, err := s.openText(row.TextSealed, "tip_notes.text", row.ID)
	return models.TipNote{
		ID: row.ID, OrderID: row.OrderID, TipID: row.TipID, AuthorID: row.AuthorID, Text: text, At: instant(row.At),
	}, err
}
