package handlers

import (
	"context"
	"errors"
	"time"

	"xunfang/models"
	"xunfang/store"
)

const (
	silencesEvery = 15 * time.Second
	silenceBatch  = 200 // of one look; the others have the next

	opEndSilence models.Operation = "endDeviceSilence"
)

func (h *Server) silence() time.Duration {
	if h.Silence == 0 {
		return models.DeviceSilenceDefault
	}
	return h.Silence
}

// KeepDevices notices devices that fall silent, and those that are heard again, until ctx ends.
func (h *Server) KeepDevices(ctx context.Context) error {
	return h.every(ctx, silencesEvery, func() error { return h.WatchDevices(ctx) })
}

// WatchDevices looks once, one look after the other. Any number of replicas may: one silence stands at a time, and who
// writes it tells it. A server that itself could not hear blames nobody.
func (h *Server) WatchDevices(ctx context.Context) error {
	now := h.Now()
	broken, err := h.Store.BrokenSilences(ctx, silenceBatch)
	h.hearing = h.hearing.Look(now, err == nil && h.Doors.Ready() == nil)
	ended := eachOf(broken, func(alarm models.DoorAlarmEvent) error { return h.endSilence(ctx, alarm, now) })
	if !h.hearing.Through(now, h.silence()) {
		return errors.Join(err, ended)
	}
	silent, failed := h.Store.SilentDevices(ctx, now.Add(-h.silence()), silenceBatch)
	return errors.Join(err, ended, failed, eachOf(silent, func(id models.ID) error { return h.noticeSilence(ctx, id, now) }))
}

// noticeSilence begins the alarm of one device, if it is silent still. One that keeps falling silent is told as seldom as
// any alarm that comes back (models.DoorAlarmAgain).
func (h *Server) noticeSilence(ctx context.Context, id models.ID, now time.Time) error {
	return h.tellAfter(ctx, func(tx *store.Store) ([]models.Alert, error) {
		if err := tx.LockDevice(ctx, id); err != nil {
			return nil, err
		}
		device, err := tx.Device(ctx, id)
		if err != nil || !device.Silent(now, h.silence()) {
			return nil, err
		}
		if err := tx.DeviceLost(ctx, id); err != nil {
			return nil, err
		}
		event := models.DeviceEvent{
			Place: device.Place, DeviceID: id,
			DoorEvent: models.DoorEvent{Kind: models.EventSilent, OccurredAt: device.LastSeenAt, ReceivedAt: now},
		}
		return h.beginDoorAlarm(ctx, tx, event, models.AlarmStep{Begins: models.EventSilent}, models.Door{}, now)
	})
}

// endSilence ends the alarm of a device that is heard again, and says so to whom it was told. Of any number of replicas one
// does.
func (h *Server) endSilence(ctx context.Context, alarm models.DoorAlarmEvent, now time.Time) error {
	return h.tellAfter(ctx, func(tx *store.Store) ([]models.Alert, error) {
		if mine, err := tx.EndDoorAlarm(ctx, alarm.ID, now); err != nil || !mine {
			return nil, err
		}
		device, err := tx.Device(ctx, alarm.DeviceID)
		if err != nil {
			return nil, err
		}
		alerts := []models.Alert{}
		if alarm.Told > 0 && !device.Disabled() {
			if alerts, err = h.tellBack(ctx, tx, alarm, device, now); err != nil {
				return nil, err
			}
		}
		return alerts, h.recordDoorAlarm(ctx, tx, opEndSilence, alarm, nil, now)
	})
}

func (h *Server) tellBack(
	ctx context.Context, tx *store.Store, alarm models.DoorAlarmEvent, device models.Device, now time.Time,
) ([]models.Alert, error) {
	zone, err := tx.StationZone(ctx, alarm.Place.Station)
	if err != nil {
		return nil, err
	}
	people, err := tx.HoldersOver(ctx, alarm.Audience(now, zone), alarm.Place, now)
	if err != nil || len(people) == 0 {
		return nil, err
	}
	at := device.LastSeenAt.In(zone)
	alert := models.Alert{
		ID: h.NewID(), Kind: models.AlertDeviceBack, Severity: models.SeverityInfo, AboutID: device.ID,
		Audience:  models.Audience{Place: models.Place{Station: alarm.Place.Station}, People: people},
		CreatedAt: now, ExpiresAt: now.Add(doorAlarmLife),
		Title: models.Secret("门禁设备恢复：" + device.Name), TitleEN: models.Secret("Door controller is back: " + device.Name),
		Body:   models.Secret(at.Format("1月2日 15:04") + "，又收到了它的消息。"),
		BodyEN: models.Secret(at.Format("2 Jan 15:04") + ": it is heard again."),
	}
	alert.Recipients, err = tx.AddAlert(ctx, alert)
	return []models.Alert{alert}, err
}
