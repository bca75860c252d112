package hikvision

import (
	"context"
	"errors"

	"xunfang/models"
)

// Open implements doors.Driver. The device knows no expiry: the time is looked at as the request leaves, and the
// request is given up when it is over.
func (d *Driver) Open(ctx context.Context, command models.DoorCommand) (models.DoorOutcome, error) {
	door, err := d.door(command.DoorID)
	if err != nil {
		return d.outcome(models.CommandFailed, false, models.OutcomeOtherDoor), err
	}
	left := command.ExpiresAt.Sub(d.config.Now())
	if left <= 0 {
		return d.outcome(models.CommandExpired, false, models.OutcomeExpired), nil
	}
	ctx, cancel := context.WithTimeout(ctx, left)
	defer cancel()
	passage := &passage{expires: command.ExpiresAt}
	err = d.command(context.WithValue(ctx, passageKey{}, passage), door.Number)
	switch {
	case err == nil:
		return d.confirm(ctx, door.Number)
	case errors.Is(err, models.ErrDoorRefused):
		return d.outcome(models.CommandFailed, true, models.OutcomeRefused), err
	case passage.signed.Load():
		return d.outcome(models.CommandUnknown, false, models.OutcomeSilent), err
	case errors.Is(err, errExpired):
		return d.outcome(models.CommandExpired, false, models.OutcomeExpired), nil
	default:
		return d.outcome(models.CommandFailed, false, models.OutcomeUnreachable), err
	}
}

// confirm looks at the lock, unless the device's OK is to be enough.
func (d *Driver) confirm(ctx context.Context, number int) (models.DoorOutcome, error) {
	if d.config.TrustReply {
		return d.outcome(models.CommandOpened, true, ""), nil
	}
	status, err := d.workStatus(ctx)
	if err == nil && numbered(status.Lock, number) == lockUnlocked {
		return d.outcome(models.CommandOpened, true, ""), nil
	}
	return d.outcome(models.CommandUnknown, false, models.OutcomeUnconfirmed), err
}

func (d *Driver) outcome(state models.DoorCommandState, confirmed bool, reason string) models.DoorOutcome {
	return models.DoorOutcome{State: state, Confirmed: confirmed, Reason: reason, At: d.config.Now()}
}
