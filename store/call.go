package store

import (
	"context"
	"encoding/json"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"xunfang/models"
)

type callRow struct {
	ID            models.ID `gorm:"primaryKey"`
	OrderID       models.ID
	StationID     models.ID
	CompoundID    models.ID
	BuildingID    models.ID
	UnitID        models.ID
	HomeID        models.ID
	DoorID        models.ID
	DeviceID      models.ID
	State         models.CallState
	Legs          string
	Leg           int
	GuardAt       int64
	NextAt        int64
	RungAt        int64
	ExpiresAt     int64
	AnsweredAt    int64
	AnsweredBy    models.ID
	EndedAt       int64
	CommandID     models.ID
	PhotoID       models.ID
	SessionSealed []byte
	Version       int64
	ChangedAt     int64
	BodyHash      []byte
}

func (callRow) TableName() string { return "calls" }

// AddCall writes a new call, and the alert that carries its pushes: it has the call's id, no words, and stands in no inbox.
// CodeAlreadyExists when the id is taken.
func (s *Store) AddCall(ctx context.Context, call models.Call) error {
	legs, err := json.Marshal(call.Legs)
	if err != nil {
		return err
	}
	row := callRow{
		ID: call.ID, OrderID: call.OrderID, StationID: call.Place.Station, CompoundID: call.Place.Compound,
		BuildingID: call.Place.Building, UnitID: call.Place.Unit, HomeID: call.Place.Home, DoorID: call.DoorID,
		DeviceID: call.DeviceID, State: call.State, Legs: string(legs), Leg: call.Leg, GuardAt: millis(call.GuardAt()),
		NextAt: millis(call.NextAt()), RungAt: millis(call.RungAt), ExpiresAt: millis(call.ExpiresAt),
		SessionSealed: s.sealText(call.Session, "calls.session", call.ID), Version: 1, ChangedAt: millis(call.RungAt),
		BodyHash: call.BodyHash,
	}
	if err := s.write(ctx).Create(&row).Error; err != nil {
		return translate(err)
	}
	carrier := s.alertRow(models.Alert{
		ID: call.ID, Kind: models.AlertCall, Severity: models.SeverityHigh, AboutID: call.ID,
		Audience: models.Audience{Place: models.Place{Station: call.Place.Station}}, CreatedAt: call.RungAt, ExpiresAt: call.ExpiresAt,
	})
	return translate(s.write(ctx).Create(&carrier).Error)
}

// MoveCall writes a call's next state. CodeWrongState with the state that it has now when somebody else was first. Nobody's
// phone is rung any more by what still waits to be sent.
func (s *Store) MoveCall(ctx context.Context, before, after models.Call, now time.Time) error {
	changes := map[string]any{
		"state": after.State, "answered_at": millis(after.AnsweredAt), "answered_by": after.AnsweredBy,
		"ended_at": millis(after.EndedAt), "command_id": after.CommandID, "next_at": millis(after.NextAt()),
		"version": gorm.Expr("version + 1"), "changed_at": millis(now),
	}
	if !after.State.Live() {
		changes["session_sealed"] = nil
	}
	done := s.write(ctx).Model(&callRow{}).Where("id = ? AND state = ?", before.ID, before.State).Updates(changes)
	if done.Error != nil {
		return translate(done.Error)
	}
	if done.RowsAffected == 0 {
		return s.callElsewhere(ctx, before.ID)
	}
	return s.stopDeliveries(ctx, now, models.ReasonCallOver, "alert_id = ?", before.ID)
}

// callElsewhere says to which state somebody else took a call meanwhile: the newest, not that of this transaction's beginning.
func (s *Store) callElsewhere(ctx context.Context, id models.ID) error {
	states, query := []models.CallState{}, s.write(ctx).Model(&callRow{}).Where("id = ?", id).Limit(1)
	if s.engine.kind == kindMySQL {
		query = query.Clauses(clause.Locking{Strength: "UPDATE"})
	}
	if err := query.Pluck("state", &states).Error; err != nil || len(states) == 0 {
		return orNotFound(translate(err))
	}
	return models.CallInState(states[0])
}

// AdvanceCall writes that a call's legs were rung up to one; false when another replica did, or it rings no more.
func (s *Store) AdvanceCall(ctx context.Context, before, after models.Call, now time.Time) (bool, error) {
	done := s.write(ctx).Model(&callRow{}).
		Where("id = ? AND state = ? AND leg = ?", before.ID, models.CallRinging, before.Leg).
		Updates(map[string]any{
			"leg": after.Leg, "next_at": millis(after.NextAt()), "version": gorm.Expr("version + 1"), "changed_at": millis(now),
		})
	return done.RowsAffected == 1, translate(done.Error)
}

// SetCallPhoto attaches the panel's photo, once; false when the call has one.
func (s *Store) SetCallPhoto(ctx context.Context, id, photo models.ID, now time.Time) (bool, error) {
	done := s.write(ctx).Model(&callRow{}).Where("id = ? AND photo_id = ''", id).
		Updates(map[string]any{"photo_id": photo, "version": gorm.Expr("version + 1"), "changed_at": millis(now)})
	return done.RowsAffected == 1, translate(done.Error)
}

// Call reads one call; CodeNotFound when there is none.
func (s *Store) Call(ctx context.Context, id models.ID) (models.Call, error) {
	return s.oneCall(s.read(ctx).Where("id = ?", id))
}

// CallOfPhoto finds the call that a panel's photo is of; CodeNotFound when there is none.
func (s *Store) CallOfPhoto(ctx context.Context, photo models.ID) (models.Call, error) {
	return s.oneCall(s.read(ctx).Where("photo_id = ?", photo))
}

func (s *Store) oneCall(query *gorm.DB) (models.Call, error) {
	rows := []callRow{}
	if err := query.Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return models.Call{}, orNotFound(translate(err))
	}
	return s.call(rows[0])
}

func (s *Store) calls(rows []callRow) ([]models.Call, error) {
	calls := make([]models.Call, 0, len(rows))
	for _, row := range rows {
		call, err := s.call(row)
		if err != nil {
			return nil, err
		}
		calls = append(calls, call)
	}
	return calls, nil
}

func (s *Store) call(row callRow) (models.Call, error) {
	call := models.Call{
		ID: row.ID, OrderID: row.OrderID, DoorID: row.DoorID, DeviceID: row.DeviceID, State: row.State, Leg: row.Leg,
		Place: models.Place{
			Station: row.StationID, Compound: row.CompoundID, Building: row.BuildingID, Unit: row.UnitID, Home: row.HomeID,
		},
		RungAt: instant(row.RungAt), ExpiresAt: instant(row.ExpiresAt), AnsweredAt: instant(row.AnsweredAt),
		AnsweredBy: row.AnsweredBy, EndedAt: instant(row.EndedAt), CommandID: row.CommandID, PhotoID: row.PhotoID,
		Version: row.Version, BodyHash: row.BodyHash,
	}
	err := json.Unmarshal([]byte(row.Legs), &call.Legs)
	if err != nil {
		return call, err
	}
	call.Session, err = s.openText(row.SessionSealed, "calls.session", row.ID)
	return call, err
}
