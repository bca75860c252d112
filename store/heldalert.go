package store

import (
	"bytes"
	"context"
	"encoding/gob"
	"fmt"
	"strings"
	"time"

	"xunfang/models"
)

type heldAlertRow struct {
	ID          models.ID `gorm:"primaryKey"`
	DueAt       int64
	AlertSealed []byte
}

func (heldAlertRow) TableName() string { return "held_alerts" }

const heldAlertColumn = "held_alerts.alert"

// HoldAlert keeps an alert under an id of its own until somebody takes it.
func (s *Store) HoldAlert(ctx context.Context, id models.ID, alert models.Alert, until time.Time) error {
	alert.ID = "" // it tells when it was made
	content := bytes.Buffer{}
	if err := gob.NewEncoder(&content).Encode(alert); err != nil { // JSON would mask the words
		return fmt.Errorf("store: holding an alert: %w", err)
	}
	row := heldAlertRow{ID: id, DueAt: millis(until), AlertSealed: s.sealText(models.Secret(content.String()), heldAlertColumn, id)}
	return translate(s.write(ctx).Create(&row).Error)
}

// DueHeldAlerts names the held alerts that may be written by now, the longest due first.
func (s *Store) DueHeldAlerts(ctx context.Context, now time.Time, limit int) ([]models.ID, error) {
	ids := []models.ID{}
	err := s.read(ctx).Model(&heldAlertRow{}).Where("due_at <= ?", millis(now)).Order("due_at, id").Limit(limit).
		Pluck("id", &ids).Error
	return ids, translate(err)
}

// TakeHeldAlert removes a held alert and gives it, without an id; CodeNotFound when somebody else took it. Of any number
// who take it at once one gets it.
func (s *Store) TakeHeldAlert(ctx context.Context, id models.ID) (models.Alert, error) {
	rows := []heldAlertRow{}
	if err := s.write(ctx).Where("id = ?", id).Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return models.Alert{}, orNotFound(translate(err))
	}
	done := s.write(ctx).Where("id = ?", id).Delete(&heldAlertRow{})
	if done.Error != nil || done.RowsAffected == 0 {
		return models.Alert{}, orNotFound(translate(done.Error))
	}
	content, err := s.openText(rows[0].AlertSealed, heldAlertColumn, id)
	if err != nil {
		return models.Alert{}, err
	}
	alert := models.Alert{}
	if err := gob.NewDecoder(strings.NewReader(content.Reveal())).Decode(&alert); err != nil {
		return models.Alert{}, fmt.Errorf("store: a held alert cannot be read: %w", err)
	}
	return alert, nil
}
