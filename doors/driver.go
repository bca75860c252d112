package doors

import (
	"context"

	"xunfang/models"
)

// Driver is one piece of door hardware of another maker. Its doors are named by our ids; which relay each
// one is belongs to its settings. All methods can be called at once; each ends with its context.
//
// What Capabilities denies is answered with models.ErrDoorUnable. Embed Plain to begin with hardware that
// can do nothing but open.
type Driver interface {
	// Capabilities are what this hardware does as it is wired and set, not what its maker could do.
	Capabilities() models.DoorCapabilities
	// Open pulses the door's relay once, and never at or after the command's expiry. The outcome always
	// holds; the error is its cause, for the log. Open never acts twice on its own account unless the
	// hardware itself has shown that the first time had no effect.
	Open(ctx context.Context, command models.DoorCommand) (models.DoorOutcome, error)
	// Status is one door as the hardware describes it now.
	Status(ctx context.Context, door models.ID) (models.DoorStatus, error)
	// Health asks the hardware whether it is there.
	Health(ctx context.Context) (models.DoorHealth, error)
	// PutCard brings a card to the hardware, or changes it. nil: the hardware said that it has it.
	PutCard(ctx context.Context, card models.DoorCard) error
	// RemoveCard takes it away. A card that was not there is removed as well.
	RemoveCard(ctx context.Context, number uint32) error
	// SetTime sets the hardware's clock to ours.
	SetTime(ctx context.Context) error
	// Events delivers what happens, beginning after the mark, in order, until the context ends; an error
	// of the sink stops at that event, which comes again. What the hardware has forgotten in between comes
	// as one EventGap.
	Events(ctx context.Context, after models.DoorEventMark, sink EventSink) error
}

// OwnCapabilities are those of the controllers of our own protocol, which are reached over a Link and not by a Driver. The
// protocol has no word for a door's position, and codes are checked by the server.
func OwnCapabilities() models.DoorCapabilities {
	return models.DoorCapabilities{ConfirmsOpening: true, ExpiresCommands: true, Events: true}
}

// EventSink takes one event. nil: it is on disk, and the hardware is not asked for it again.
type EventSink func(ctx context.Context, event models.DoorEvent) error

// Plain is the part of a Driver that hardware without memory, clock and events has.
type Plain struct{}

// PutCard implements Driver.
func (Plain) PutCard(context.Context, models.DoorCard) error { return models.ErrDoorUnable }

// RemoveCard implements Driver.
func (Plain) RemoveCard(context.Context, uint32) error { return models.ErrDoorUnable }

// SetTime implements Driver.
func (Plain) SetTime(context.Context) error { return models.ErrDoorUnable }

// Events implements Driver.
func (Plain) Events(context.Context, models.DoorEventMark, EventSink) error {
	return models.ErrDoorUnable
}
