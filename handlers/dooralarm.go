package handlers

import (
	"context"
	"errors"
	"time"

	"xunfang/models"
	"xunfang/store"
)

const (
	doorAlarmsEvery = 5 * time.Second
	doorAlarmBatch  = 200 // of one look; the others have the next
	doorAlarmLife   = 12 * time.Hour
)

// Operations of the system itself, in the audit.
const (
	opBeginDoorAlarm models.Operation = "beginDoorAlarm"
	opTellDoorAlarm  models.Operation = "tellDoorAlarm"
)

// KeepDoorAlarms notices doors that stand open too long and tells again of alarms that nobody has acknowledged, until
// ctx ends.
func (h *Server) KeepDoorAlarms(ctx context.Context) error {
	return h.every(ctx, doorAlarmsEvery, func() error { return h.WatchDoors(ctx) })
}

// WatchDoors looks once. Any number of replicas may: each step is decided under a lock or by a conditional update.
func (h *Server) WatchDoors(ctx context.Context) error {
	now := h.Now()
	open, err := h.Store.DueDoors(ctx, now, doorAlarmBatch)
	held := eachOf(open, func(leaf models.AspectState) error { return h.holdDoor(ctx, leaf, now) })
	again, failed := h.Store.DueDoorAlarms(ctx, now, doorAlarmBatch)
	return errors.Join(err, held, failed, eachOf(again, func(alarm models.DoorAlarmEvent) error {
		return h.tellDoorAlarmAgain(ctx, alarm, now)
	}))
}

// holdDoor makes an open door one that is held open, if it still is. Where its controller is away nobody knows.
func (h *Server) holdDoor(ctx context.Context, leaf models.AspectState, now time.Time) error {
	return h.tellAfter(ctx, func(tx *store.Store) ([]models.Alert, error) {
		if err := tx.LockDevice(ctx, leaf.DeviceID); err != nil {
			return nil, err
		}
		door, err := tx.Door(ctx, leaf.SubjectID)
		if err != nil {
			return nil, err
		}
		device, err := tx.Device(ctx, leaf.DeviceID)
		if err != nil {
			return nil, err
		}
		states, err := tx.DoorAspects(ctx, []models.ID{door.ID})
		if err != nil {
			return nil, err
		}
		for _, state := range states {
			next, held := state.Held(now)
			if state.Aspect != models.AspectLeaf || !held {
				continue
			}
			if models.DescribeDoor(door, device, states, now).Position != models.PositionOpen {
				state.DueAt = time.Time{}
				return nil, tx.PutDoorAspects(ctx, []models.AspectState{state})
			}
			if err := tx.PutDoorAspects(ctx, []models.AspectState{next}); err != nil {
				return nil, err
			}
			return h.noticeHeld(ctx, tx, door, now)
		}
		return nil, nil
	})
}

// noticeHeld writes the event that the hardware does not tell, and begins its alarm.
func (h *Server) noticeHeld(ctx context.Context, tx *store.Store, door models.Door, now time.Time) ([]models.Alert, error) {
	id := h.NewID()
	event := models.DeviceEvent{
		ID: id, Place: door.Place, DeviceID: door.DeviceID, Epoch: models.EpochServer + string(id),
		DoorEvent: models.DoorEvent{DoorID: door.ID, Kind: models.EventHeldOpen, OccurredAt: now, ReceivedAt: now},
	}
	if err := tx.AddDeviceEvents(ctx, []models.DeviceEvent{event}); err != nil {
		return nil, err
	}
	return h.beginDoorAlarm(ctx, tx, event, models.AlarmStep{Begins: models.EventHeldOpen}, door, now)
}

// beginDoorAlarm writes an occurrence and tells it, unless one stands already or the same was told a moment ago.
func (h *Server) beginDoorAlarm(
	ctx context.Context, tx *store.Store, event models.DeviceEvent, step models.AlarmStep, door models.Door, now time.Time,
) ([]models.Alert, error) {
	told, err := tx.DoorAlarmTold(ctx, event.Subject(), step.Begins)
	if err != nil {
		return nil, err
	}
	alarm := models.NewDoorAlarm(event, step, told, now)
	if alarm.ID = h.NewID(); alarm.Told > 0 {
		alarm.AlertID = h.NewID()
	}
	if begun, err := tx.AddDoorAlarm(ctx, alarm); err != nil || !begun {
		return nil, err
	}
	alerts := []models.Alert{}
	if alarm.Told > 0 {
		if alerts, err = h.tellDoorAlarm(ctx, tx, alarm, door.Name, now); err != nil {
			return nil, err
		}
	}
	return alerts, h.recordDoorAlarm(ctx, tx, opBeginDoorAlarm, alarm, alerts, now)
}

// tellDoorAlarmAgain tells of an alarm that stands, until somebody has acknowledged it. Of any number of replicas one does.
func (h *Server) tellDoorAlarmAgain(ctx context.Context, alarm models.DoorAlarmEvent, now time.Time) error {
	return h.tellAfter(ctx, func(tx *store.Store) ([]models.Alert, error) {
		seen := false
		var err error
		if alarm.AlertID != "" {
			if seen, err = tx.Acknowledged(ctx, alarm.AlertID); err != nil {
				return nil, err
			}
		}
		next := alarm
		if next.AgainAt = (time.Time{}); !seen {
			next = alarm.Again(now)
			next.AlertID = h.NewID()
		}
		if mine, err := tx.RetellDoorAlarm(ctx, next, alarm.AgainAt); err != nil || !mine || seen {
			return nil, err
		}
		name := ""
		if alarm.DoorID != "" {
			door, err := tx.Door(ctx, alarm.DoorID)
			if err != nil {
				return nil, err
			}
			name = door.Name
		}
		alerts, err := h.tellDoorAlarm(ctx, tx, next, name, now)
		if err != nil {
			return nil, err
		}
		return alerts, h.recordDoorAlarm(ctx, tx, opTellDoorAlarm, next, alerts, now)
	})
}

// tellDoorAlarm tells those over the door; the duty desk where there is nobody else.
func (h *Server) tellDoorAlarm(
	ctx context.Context, tx *store.Store, alarm models.DoorAlarmEvent, name string, now time.Time,
) ([]models.Alert, error) {
	zone, err := tx.StationZone(ctx, alarm.Place.Station)
	if err != nil {
		return nil, err
	}
	people, err := tx.HoldersOver(ctx, alarm.Audience(now, zone), alarm.Place, now)
	if err == nil && len(people) == 0 {
		people, err = tx.HoldersOver(ctx, dutyCommander, alarm.Place, now)
	}
	if err != nil || len(people) == 0 { // nobody at all: the list shows it
		return nil, err
	}
	if name == "" {
		device, err := tx.Device(ctx, alarm.DeviceID)
		if err != nil {
			return nil, err
		}
		name = device.Name
	}
	alert := models.Alert{
		ID: alarm.AlertID, Kind: models.AlertDoorAlarm, Severity: alarm.Severity(), AboutID: alarm.SubjectID, RequiresAck: true,
		Audience:  models.Audience{Place: models.Place{Station: alarm.Place.Station}, People: people},
		CreatedAt: now, ExpiresAt: now.Add(doorAlarmLife),
	}
	if alarm.Kind == models.EventDuress {
		alert.Kind = models.AlertDuress
	}
	doorAlarmWords(&alert, alarm, name, zone)
	alert.Recipients, err = tx.AddAlert(ctx, alert)
	return []models.Alert{alert}, err
}

func (h *Server) recordDoorAlarm(
	ctx context.Context, tx *store.Store, operation models.Operation, alarm models.DoorAlarmEvent, alerts []models.Alert, now time.Time,
) error {
	facts := map[string]string{"kind": string(alarm.Kind), "subject_id": string(alarm.SubjectID)}
	if len(alerts) > 0 {
		facts["alert_id"] = string(alarm.AlertID)
	}
	return tx.Record(ctx, models.AuditEntry{
		ID: h.NewID(), StationID: alarm.Place.Station, At: now, ActorID: alarm.DeviceID, ActorRole: models.RoleDevice,
		Operation: operation, ObjectKind: "door_alarm", ObjectID: alarm.ID, Outcome: models.AuditAllowed, Facts: facts,
	}, "")
}

// doorAlarmWords says what is wrong and where, in both languages.
func doorAlarmWords(alert *models.Alert, alarm models.DoorAlarmEvent, name string, zone *time.Location) {
	said := map[models.DoorEventKind][4]string{
		models.EventForcedOpen: {"门被强行打开：", "未经放行而打开", "Door forced open: ", "opened without being released"},
		models.EventHeldOpen:   {"门未关：", "开着太久", "Door held open: ", "has stood open too long"},
		models.EventTamper:     {"门禁设备被破坏：", "有人在动控制器", "Door controller tampered with: ", "somebody is at the controller"},
		models.EventFault:      {"门禁设备故障：", "设备报告故障", "Door controller has a fault: ", "the device reports a fault"},
		models.EventSilent:     {"门禁设备失联：", "之后再没有收到它的消息", "Door controller is silent: ", "nothing has been heard from it since"},
		models.EventDuress: {
			"胁迫报警：", "可能有人正被胁迫开门；请勿致电或惊动门口，先核实",
			"Duress: ", "somebody may be forced to open it; do not call or alarm those at the door, verify first",
		},
	}[alarm.Kind]
	at := alarm.BeganAt.In(zone)
	alert.Title = models.Secret(said[0] + name)
	alert.Body = models.Secret(at.Format("1月2日 15:04") + "，" + said[1] + "。")
	alert.TitleEN = models.Secret(said[2] + name)
	alert.BodyEN = models.Secret(at.Format("2 Jan 15:04") + ": " + said[3] + ".")
}
