package store

import (
	"context"
	"time"

	"xunfang/models"
)

type sessionRow struct {
	ID         models.ID `gorm:"primaryKey"`
	SubjectID  models.ID
	StationID  models.ID
	Device     bool
	Client     string
	CreatedAt  int64 `gorm:"autoCreateTime:false"`
	LastUsedAt int64
	RevokedAt  int64
	ExpiresAt  int64
}

func (sessionRow) TableName() string { return "sessions" }

type refreshRow struct {
	TokenHash    []byte `gorm:"primaryKey"`
	SessionID    models.ID
	IssuedAt     int64
	ExpiresAt    int64
	UsedAt       int64
	RetryHash    []byte
	AnswerSealed []byte
	AnswerUntil  int64 // when the sealed answer must go; 0 when there is none
}

func (refreshRow) TableName() string { return "refresh_tokens" }

// AddSession writes a new sign-in with its first refresh token.
func (s *Store) AddSession(ctx context.Context, session models.Session, token models.RefreshToken) error {
	row := sessionRow{
		ID: session.ID, SubjectID: session.SubjectID, StationID: session.StationID, Device: session.Device,
		Client: session.Client, CreatedAt: millis(session.CreatedAt), LastUsedAt: millis(session.LastUsedAt),
		ExpiresAt: millis(session.ExpiresAt),
	}
	if err := s.write(ctx).Create(&row).Error; err != nil {
		return translate(err)
	}
	return s.AddRefreshToken(ctx, token)
}

// Session reads one session; CodeNotFound when there is none.
func (s *Store) Session(ctx context.Context, id models.ID) (models.Session, error) {
	rows := []sessionRow{}
	if err := s.read(ctx).Where("id = ?", id).Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return models.Session{}, orNotFound(translate(err))
	}
	return rows[0].session(), nil
}

// Sessions lists the live sessions of a person or device, newest first.
func (s *Store) Sessions(ctx context.Context, subject models.ID, now time.Time, page Page) ([]models.Session, error) {
	rows := []sessionRow{}
	query := s.read(ctx).Where("subject_id = ? AND revoked_at = 0 AND expires_at > ?", subject, millis(now))
	err := columns{order: "id", newest: true}.page(query, page).Find(&rows).Error
	sessions := make([]models.Session, 0, len(rows))
	for _, row := range rows {
		sessions = append(sessions, row.session())
	}
	return sessions, translate(err)
}

// RevokeSession ends one session; false when it had ended before.
func (s *Store) RevokeSession(ctx context.Context, id models.ID, now time.Time) (bool, error) {
	done := s.write(ctx).Model(&sessionRow{}).Where("id = ? AND revoked_at = 0", id).Update("revoked_at", millis(now))
	return done.RowsAffected == 1, translate(done.Error)
}

// RevokeSessions ends all sessions of a person or device and returns their ids.
func (s *Store) RevokeSessions(ctx context.Context, subject models.ID, now time.Time) ([]models.ID, error) {
	ids := []models.ID{}
	err := s.write(ctx).Model(&sessionRow{}).Where("subject_id = ? AND revoked_at = 0", subject).Pluck("id", &ids).Error
	if err != nil || len(ids) == 0 {
		return ids, translate(err)
	}
	return ids, translate(s.write(ctx).Model(&sessionRow{}).
		Where("subject_id = ? AND revoked_at = 0", subject).Update("revoked_at", millis(now)).Error)
}

// AddRefreshToken writes the next token of a session's chain.
func (s *Store) AddRefreshToken(ctx context.Context, token models.RefreshToken) error {
	row := refreshRow{
		TokenHash: token.Hash, SessionID: token.SessionID, IssuedAt: millis(token.IssuedAt), ExpiresAt: millis(token.ExpiresAt),
	}
	return translate(s.write(ctx).Create(&row).Error)
}

// RefreshToken reads a token by its hash; CodeNotFound when there is none.
func (s *Store) RefreshToken(ctx context.Context, hash []byte) (models.RefreshToken, error) {
	rows := []refreshRow{}
	if err := s.read(ctx).Where("token_hash = ?", hash).Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return models.RefreshToken{}, orNotFound(translate(err))
	}
	row := rows[0]
	answer, err := s.openText(row.AnswerSealed, "refresh_tokens.answer", row.SessionID)
	return models.RefreshToken{
		Hash: row.TokenHash, SessionID: row.SessionID, IssuedAt: instant(row.IssuedAt), ExpiresAt: instant(row.ExpiresAt),
		UsedAt: instant(row.UsedAt), RetryHash: row.RetryHash, Answer: []byte(answer.Reveal()),
	}, err
}

// UseRefreshToken marks a token used, once: false when somebody was first.
func (s *Store) UseRefreshToken(ctx context.Context, token models.RefreshToken, now time.Time) (bool, error) {
	used := map[string]any{"used_at": millis(now)}
	if len(token.Answer) > 0 {
		used["retry_hash"], used["answer_until"] = token.RetryHash, millis(now.Add(models.RefreshGrace))
		used["answer_sealed"] = s.sealText(models.Secret(token.Answer), "refresh_tokens.answer", token.SessionID)
	}
	done := s.write(ctx).Model(&refreshRow{}).Where("token_hash = ? AND used_at = 0", token.Hash).Updates(used)
	if done.Error != nil || done.RowsAffected == 0 {
		return false, translate(done.Error)
	}
	return true, translate(s.write(ctx).Model(&sessionRow{}).Where("id = ?", token.SessionID).
		Updates(map[string]any{"last_used_at": millis(now), "expires_at": millis(now.Add(models.RefreshTokenLife))}).Error)
}

// ForgetRefreshAnswer deletes the answer kept with a used token: it holds the token that came after it.
func (s *Store) ForgetRefreshAnswer(ctx context.Context, hash []byte) error {
	return translate(s.write(ctx).Model(&refreshRow{}).Where("token_hash = ?", hash).Updates(noAnswer()).Error)
}

// ForgetRefreshAnswers deletes the kept answers whose time is over.
func (s *Store) ForgetRefreshAnswers(ctx context.Context, now time.Time) error {
	return translate(s.write(ctx).Model(&refreshRow{}).Where("answer_until > 0 AND answer_until <= ?", millis(now)).
		Updates(noAnswer()).Error)
}

func noAnswer() map[string]any {
	return map[string]any{"answer_sealed": nil, "retry_hash": nil, "answer_until": 0}
}

// ForgetSessions deletes refresh tokens that have expired by now, and the sessions that ended before a time,
// by running out or by being revoked.
func (s *Store) ForgetSessions(ctx context.Context, now, before time.Time) error {
	if err := s.write(ctx).Where("expires_at <= ?", millis(now)).Delete(&refreshRow{}).Error; err != nil {
		return translate(err)
	}
	if err := s.write(ctx).Where("expires_at < ?", millis(before)).Delete(&sessionRow{}).Error; err != nil {
		return translate(err)
	}
	return translate(s.write(ctx).Where("revoked_at > 0 AND revoked_at < ?", millis(before)).Delete(&sessionRow{}).Error)
}

func (row sessionRow) session() models.Session {
	return models.Session{
		ID: row.ID, SubjectID: row.SubjectID, StationID: row.StationID, Device: row.Device, Client: row.Client,
		CreatedAt: instant(row.CreatedAt), LastUsedAt: instant(row.LastUsedAt),
		RevokedAt: instant(row.RevokedAt), ExpiresAt: instant(row.ExpiresAt),
	}
}
