package store

import (
	"context"
	"time"

	"xunfang/models"
)

type idempotencyRow struct {
	PrincipalID  models.ID        `gorm:"primaryKey"`
	Operation    models.Operation `gorm:"primaryKey"`
	KeyHash      []byte           `gorm:"primaryKey"`
	BodyHash     []byte
	Status       int
	AnswerSealed []byte
	CreatedAt    int64 `gorm:"autoCreateTime:false"`
}

func (idempotencyRow) TableName() string { return "idempotency_keys" }

const answerColumn = "idempotency_keys.answer"

// Answered finds the first answer given to a key of somebody, or of their alias ("" for none); CodeNotFound when there is none.
func (s *Store) Answered(
	ctx context.Context, who, alias models.ID, operation models.Operation, keyHash []byte,
) (models.Answered, error) {
	names, rows := []models.ID{who}, []idempotencyRow{}
	if alias != "" {
		names = append(names, alias)
	}
	err := s.read(ctx).Where("principal_id IN ? AND operation = ? AND key_hash = ?", names, operation, keyHash).
		Limit(1).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return models.Answered{}, orNotFound(translate(err))
	}
	row := rows[0]
	answer, err := s.openText(row.AnswerSealed, answerColumn, row.PrincipalID)
	return models.Answered{
		PrincipalID: row.PrincipalID, Operation: row.Operation, KeyHash: row.KeyHash, BodyHash: row.BodyHash,
		Status: row.Status, Answer: []byte(answer.Reveal()), CreatedAt: instant(row.CreatedAt),
	}, err
}

// KeepAnswer writes the first answer to a key, in the transaction of its effect;
// CodeAlreadyExists when the key was used before.
func (s *Store) KeepAnswer(ctx context.Context, answered models.Answered) error {
	row := idempotencyRow{
		PrincipalID: answered.PrincipalID, Operation: answered.Operation, KeyHash: answered.KeyHash,
		BodyHash: answered.BodyHash, Status: answered.Status,
		AnswerSealed: s.sealText(models.Secret(answered.Answer), answerColumn, answered.PrincipalID),
		CreatedAt:    millis(answered.CreatedAt),
	}
	return translate(s.write(ctx).Create(&row).Error)
}

// UpdateAnswer replaces a kept answer by the one that was really given, when it came later
// than the transaction (a door that was waited for).
func (s *Store) UpdateAnswer(ctx context.Context, answered models.Answered) error {
	return translate(s.write(ctx).Model(&idempotencyRow{}).
		Where("principal_id = ? AND operation = ? AND key_hash = ?", answered.PrincipalID, answered.Operation, answered.KeyHash).
		Updates(map[string]any{
			"status":        answered.Status,
			"answer_sealed": s.sealText(models.Secret(answered.Answer), answerColumn, answered.PrincipalID),
		}).Error)
}

// ForgetAnswers deletes answers older than a time.
func (s *Store) ForgetAnswers(ctx context.Context, before time.Time) (int64, error) {
	done := s.write(ctx).Where("created_at < ?", millis(before)).Delete(&idempotencyRow{})
	return done.RowsAffected, translate(done.Error)
}
