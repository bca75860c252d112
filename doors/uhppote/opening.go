package uhppote

import (
	"context"
	"errors"
	"fmt"

	"xunfang/models"
)

// A board knows nothing of an expiry: an open request that reaches it is carried out, whenever that is. So the
// time is looked at last thing before the datagram leaves, and a datagram is not left waiting on its way: the
// board has just answered, which means that its address is resolved and nothing queues it here. What the
// network itself holds back, nobody can call back; boards belong on a network that holds nothing back.

const (
	openTries     = 2  // one, and one more when the board has shown that the first had no effect
	effectEvents  = 16 // how many events are looked through for the effect of a request
	reasonRemote  = 44 // of an event: opened remotely
	settleRequest = 2  // times the time-out that must be left for a second request
)

// Open implements doors.Driver.
func (d *Driver) Open(ctx context.Context, command models.DoorCommand) (models.DoorOutcome, error) {
	door, err := d.door(command.DoorID)
	if err != nil {
		return d.outcome(models.CommandFailed, false, models.OutcomeOtherDoor), err
	}
	left := command.ExpiresAt.Sub(d.config.Now())
	if left <= 0 {
		return d.expired(), nil
	}
	ctx, cancel := context.WithTimeout(ctx, left)
	defer cancel()
	release, err := d.board.wire.take(ctx)
	if err != nil {
		return d.unsent(command), err
	}
	defer release()
	// A look first: whether the board is there, and what its newest event is before ours.
	before, err := d.board.status(ctx)
	if err != nil {
		return d.unsent(command), err
	}
	return d.pulse(ctx, command, door.Number, before)
}

// pulse sends the request. A second time only when the board shows that the first had no effect, and when its
// reply, too, can come before the expiry.
func (d *Driver) pulse(
	ctx context.Context, command models.DoorCommand, door uint8, before Status,
) (models.DoorOutcome, error) {
	request := d.board.request(openDoor)
	request[8] = door
	var silence error
	for try := range openTries {
		left := command.ExpiresAt.Sub(d.config.Now())
		if try == 0 && left <= 0 {
			return d.expired(), nil
		}
		if try > 0 && left < settleRequest*d.board.wire.timeout {
			break
		}
		reply, err := d.board.wire.once(ctx, request, nil)
		if err == nil {
			return d.answered(ctx, reply, door, before)
		}
		silence = err
		opened, known := d.effect(ctx, door, before)
		if opened {
			return d.outcome(models.CommandOpened, true, ""), nil
		}
		if !known {
			break
		}
	}
	return d.outcome(models.CommandUnknown, false, models.OutcomeSilent),
		fmt.Errorf("%w: %w", models.ErrDoorUnreachable, silence)
}

// answered judges the board's reply, and looks at the relay where that is wanted.
func (d *Driver) answered(ctx context.Context, reply packet, door uint8, before Status) (models.DoorOutcome, error) {
	if !reply.yes(8) {
		return d.outcome(models.CommandFailed, true, models.OutcomeRefused), models.ErrDoorRefused
	}
	if !d.config.VerifyRelay {
		return d.outcome(models.CommandOpened, true, ""), nil
	}
	if after, err := d.board.status(ctx); err == nil && after.relay(door) {
		return d.outcome(models.CommandOpened, true, ""), nil
	}
	if opened, _ := d.effect(ctx, door, before); opened {
		return d.outcome(models.CommandOpened, true, ""), nil
	}
	return d.outcome(models.CommandUnknown, false, models.OutcomeUnconfirmed), errors.New("uhppote: the relay was not seen drawn")
}

// effect asks the board whether a request that got no reply was carried out. known is false when even that
// cannot be said: then nothing may be sent again.
func (d *Driver) effect(ctx context.Context, door uint8, before Status) (opened, known bool) {
	after, err := d.board.status(ctx)
	if err != nil {
		return false, false
	}
	if after.Event.Index == before.Event.Index {
		return false, !after.relay(door) // drawn without an event is nothing that we understand
	}
	index := before.Event.Index
	for range effectEvents {
		index = following(index)
		event, err := d.board.event(ctx, index)
		if err != nil || event.Index != index {
			return false, false
		}
		if event.Reason == reasonRemote && event.Door == door && event.Granted {
			return true, true
		}
		if index == after.Event.Index {
			return false, !after.relay(door)
		}
	}
	return false, false
}

// status is Board.Status for whoever has the turn.
func (b *Board) status(ctx context.Context) (Status, error) {
	reply, err := b.wire.ask(ctx, b.request(getStatus), nil)
	if err != nil {
		return Status{}, err
	}
	return decodeStatus(reply, b.zone), nil
}

func (d *Driver) outcome(state models.DoorCommandState, confirmed bool, reason string) models.DoorOutcome {
	return models.DoorOutcome{State: state, Confirmed: confirmed, Reason: reason, At: d.config.Now()}
}

func (d *Driver) expired() models.DoorOutcome {
	return d.outcome(models.CommandExpired, false, models.OutcomeExpired)
}

// unsent is the outcome of a command that nothing was sent for.
func (d *Driver) unsent(command models.DoorCommand) models.DoorOutcome {
	if !d.config.Now().Before(command.ExpiresAt) {
		return d.expired()
	}
	return d.outcome(models.CommandFailed, false, models.OutcomeUnreachable)
}

// following is the number after a number. 0 and 0xffffffff are no numbers of events.
func following(index uint32) uint32 {
	if index >= newestEvent-1 {
		return 1
	}
	return index + 1
}
