package hikvision

import (
	"context"

	"xunfang/models"
)

// The numbers of AcsWorkStatus.
const (
	missing       = -1
	lockLocked    = 0
	lockUnlocked  = 1
	modeStaysOpen = 2
	modeBlocked   = 3
	modeNormal    = 4
	contactClosed = 0
	contactOpen   = 1
)

// numbered is a door's number in a list that may be too short for it.
func numbered(list []int, number int) int {
	if number > len(list) {
		return missing
	}
	return list[number-1]
}

// Status implements doors.Driver.
func (d *Driver) Status(ctx context.Context, id models.ID) (models.DoorStatus, error) {
	status := models.UnknownDoorStatus(id, d.config.Now())
	door, err := d.door(id)
	if err != nil {
		return status, err
	}
	work, err := d.workStatus(ctx)
	if err != nil {
		return status, err
	}
	status.At, status.Fault = d.config.Now(), models.FaultNone
	switch lock := numbered(work.Lock, door.Number); {
	case lock == lockLocked:
		status.Lock = models.LockLocked
	case lock == lockUnlocked:
		status.Lock = models.LockUnlocked
	case lock > lockUnlocked:
		status.Lock, status.Fault = models.LockFault, models.FaultDetected
	}
	switch numbered(work.Mode, door.Number) {
	case modeStaysOpen:
		status.Mode = models.ModeUnlocked
	case modeBlocked:
		status.Mode = models.ModeBlocked
	case modeNormal:
		status.Mode = models.ModeLocked
		if status.Lock == models.LockUnlocked {
			status.Mode = models.ModeAccessed
		}
	}
	if !door.Contact {
		return status, nil
	}
	switch contact := numbered(work.Contact, door.Number); {
	case contact == contactClosed:
		status.Position, status.Alarm = models.PositionClosed, models.AlarmNormal
	case contact == contactOpen:
		status.Position = models.PositionOpen // whether that is an alarm, only the events say
	case contact > contactOpen:
		status.Position, status.Fault = models.PositionFault, models.FaultDetected
	}
	return status, nil
}

// Health implements doors.Driver.
func (d *Driver) Health(ctx context.Context) (models.DoorHealth, error) {
	health := models.DoorHealth{Fault: models.FaultUnknown, At: d.config.Now()}
	asked := d.config.Now()
	info, err := d.deviceInfo(ctx)
	if err != nil {
		return health, err
	}
	health.At = d.config.Now()
	health.Online, health.Model, health.Firmware = true, info.Model, info.Firmware
	health.RoundTrip = health.At.Sub(asked)
	if clock, told := d.clock(ctx); told {
		health.ClockDrift = clock.Sub(d.config.Now())
	}
	return health, nil
}

// PutCard implements doors.Driver: people and cards stay with the device's own administration.
func (*Driver) PutCard(context.Context, models.DoorCard) error { return models.ErrDoorUnable }

// RemoveCard implements doors.Driver.
func (*Driver) RemoveCard(context.Context, uint32) error { return models.ErrDoorUnable }

// SetTime implements doors.Driver: these devices take their time from an NTP server.
func (*Driver) SetTime(context.Context) error { return models.ErrDoorUnable }
