package doors

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"xunfang/models"
)

// silentAfter is how long a controller's last hello may lie back before it counts as away: it says hello every
// minute.
const silentAfter = 2 * time.Minute

// Controllers is a Sink in front of another one. It watches what the controllers of the MQTT protocol report,
// and so gives each of them a Driver; everything is passed on to the inner sink, first and unchanged.
type Controllers struct {
	inner Sink
	now   func() time.Time

	mutex    sync.Mutex
	sessions map[models.ID]presence
	waiting  map[models.ID]chan Ack // by command
	sinks    map[models.ID]EventSink
}

type presence struct {
	nonce, firmware string
	heard           time.Time
	drift           time.Duration // its clock minus ours, the way of the message included
}

// NewControllers stands in front of a sink.
func NewControllers(inner Sink, now func() time.Time) *Controllers {
	return &Controllers{
		inner: inner, now: now, sessions: map[models.ID]presence{}, waiting: map[models.ID]chan Ack{},
		sinks: map[models.ID]EventSink{},
	}
}

// Hello implements Sink.
func (c *Controllers) Hello(ctx context.Context, device models.ID, nonce, firmware string, at time.Time) error {
	now := c.now()
	c.mutex.Lock()
	c.sessions[device] = presence{nonce: nonce, firmware: firmware, heard: now, drift: at.Sub(now)}
	c.mutex.Unlock()
	return c.inner.Hello(ctx, device, nonce, firmware, at)
}

// Bye implements Sink.
func (c *Controllers) Bye(ctx context.Context, device models.ID, nonce string) error {
	c.mutex.Lock()
	if c.sessions[device].nonce == nonce {
		delete(c.sessions, device)
	}
	c.mutex.Unlock()
	return c.inner.Bye(ctx, device, nonce)
}

// Acknowledged implements Sink.
func (c *Controllers) Acknowledged(ctx context.Context, device models.ID, ack Ack) error {
	err := c.inner.Acknowledged(ctx, device, ack)
	c.mutex.Lock()
	defer c.mutex.Unlock()
	select {
	case c.waiting[ack.ID] <- ack: // nobody waits: a nil channel, never ready
	default:
	}
	return err
}

// Happened implements Sink.
func (c *Controllers) Happened(ctx context.Context, device models.ID, event Event) error {
	if err := c.inner.Happened(ctx, device, event); err != nil {
		return err
	}
	c.mutex.Lock()
	sink := c.sinks[device]
	c.mutex.Unlock()
	if sink == nil {
		return nil
	}
	return sink(ctx, told(event, c.now()))
}

// told gives an event of the protocol in the words of a Driver.
func told(event Event, now time.Time) models.DoorEvent {
	made := models.DoorEvent{
		DoorID: event.DoorID, Kind: models.EventAccessGranted, Way: string(event.Way),
		CredentialRef: event.CredentialRef, OccurredAt: event.At, ReceivedAt: now,
	}
	switch {
	case event.Way == WayForced:
		made.Kind = models.EventForcedOpen
	case event.Outcome == OutcomeDenied:
		made.Kind, made.Reason = models.EventAccessDenied, "denied"
	}
	made.Replayed = made.Replays(now)
	return made
}

// Remote is the Driver of one controller of the MQTT protocol.
type Remote struct {
	Plain
	controllers *Controllers
	link        *Link
	device      models.ID
	doors       []models.ID
}

// Driver gives the driver of one controller, over the link whose sink these Controllers are.
func (c *Controllers) Driver(link *Link, device models.ID, doors []models.ID) *Remote {
	return &Remote{controllers: c, link: link, device: device, doors: slices.Clone(doors)}
}

// Capabilities implements Driver. The protocol has no word for a door's position, and codes are checked here.
func (*Remote) Capabilities() models.DoorCapabilities {
	return models.DoorCapabilities{ConfirmsOpening: true, ExpiresCommands: true, Events: true}
}

// Open implements Driver: the command is signed and sent once, and what the controller answers until its expiry
// is the outcome. A later answer still reaches the inner sink.
func (r *Remote) Open(ctx context.Context, command models.DoorCommand) (models.DoorOutcome, error) {
	if !slices.Contains(r.doors, command.DoorID) {
		return r.outcome(models.CommandFailed, false, models.OutcomeOtherDoor), models.ErrDoorUnknown
	}
	left := command.ExpiresAt.Sub(r.controllers.now())
	if left <= 0 {
		return r.outcome(models.CommandExpired, false, models.OutcomeExpired), nil
	}
	known, online := r.presence()
	if !online {
		return r.outcome(models.CommandFailed, false, models.OutcomeUnreachable), models.ErrDoorUnreachable
	}
	answer := r.controllers.expect(command.ID)
	defer r.controllers.forget(command.ID)
	err := r.link.Send(ctx, r.device, Command{
		ID: command.ID, DoorID: command.DoorID, DeviceID: r.device, Action: ActionOpen,
		IssuedAt: command.RequestedAt, ExpiresAt: command.ExpiresAt, Nonce: known.nonce,
	})
	if err != nil && !errors.Is(err, ErrUncertain) {
		return r.outcome(models.CommandFailed, false, models.OutcomeUnreachable), err
	}
	timer := time.NewTimer(left + models.DoorCommandGrace)
	defer timer.Stop()
	select {
	case ack := <-answer:
		return r.judge(command, ack)
	case <-timer.C:
	case <-ctx.Done():
	}
	return r.outcome(models.CommandUnknown, false, models.OutcomeSilent), models.ErrDoorUnreachable
}

func (r *Remote) judge(command models.DoorCommand, ack Ack) (models.DoorOutcome, error) {
	if ack.Result == ResultOpened && ack.DoorID == command.DoorID {
		return r.outcome(models.CommandOpened, true, ""), nil
	}
	return r.outcome(models.CommandFailed, true, models.OutcomeRefused), models.ErrDoorRefused
}

// Status implements Driver: the protocol tells nothing of it.
func (r *Remote) Status(_ context.Context, door models.ID) (models.DoorStatus, error) {
	status := models.UnknownDoorStatus(door, r.controllers.now())
	if !slices.Contains(r.doors, door) {
		return status, models.ErrDoorUnknown
	}
	return status, models.ErrDoorUnable
}

// Health implements Driver by the controller's last hello; the round trip is that to the broker.
func (r *Remote) Health(ctx context.Context) (models.DoorHealth, error) {
	health := models.DoorHealth{Fault: models.FaultUnknown, At: r.controllers.now()}
	known, online := r.presence()
	if !online {
		return health, models.ErrDoorUnreachable
	}
	health.Online, health.Firmware, health.ClockDrift = true, known.firmware, known.drift
	var err error
	health.RoundTrip, err = r.link.RoundTrip(ctx)
	return health, err
}

// Events implements Driver. The protocol does not number events, so what was lost on the way is lost.
func (r *Remote) Events(ctx context.Context, _ models.DoorEventMark, sink EventSink) error {
	r.controllers.mutex.Lock()
	r.controllers.sinks[r.device] = sink
	r.controllers.mutex.Unlock()
	<-ctx.Done()
	r.controllers.mutex.Lock()
	delete(r.controllers.sinks, r.device)
	r.controllers.mutex.Unlock()
	return nil
}

func (r *Remote) presence() (presence, bool) {
	r.controllers.mutex.Lock()
	defer r.controllers.mutex.Unlock()
	known, there := r.controllers.sessions[r.device]
	return known, there && r.controllers.now().Sub(known.heard) <= silentAfter
}

func (r *Remote) outcome(state models.DoorCommandState, confirmed bool, reason string) models.DoorOutcome {
	return models.DoorOutcome{State: state, Confirmed: confirmed, Reason: reason, At: r.controllers.now()}
}

func (c *Controllers) expect(command models.ID) <-chan Ack {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.waiting[command] = make(chan Ack, 1)
	return c.waiting[command]
}

func (c *Controllers) forget(command models.ID) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	delete(c.waiting, command)
}
