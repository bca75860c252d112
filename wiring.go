package main

import (
	"context"
	"errors"
	"time"

	"xunfang/doors"
	"xunfang/doors/viid"
	"xunfang/handlers"
	"xunfang/media"
	"xunfang/models"
)

// Small adapters between packages that do not know each other.

// doorLink is handlers.DoorLink over doors.Link.
type doorLink struct{ link *doors.Link }

// Send gives a command to the broker. Where nobody knows whether the broker got it, it counts as sent:
// the controller's answer, or its silence, will tell.
func (d doorLink) Send(ctx context.Context, command models.DoorCommand, nonce string) error {
	err := d.link.Send(ctx, command.DeviceID, doors.Command{
		ID: command.ID, DoorID: command.DoorID, DeviceID: command.DeviceID, Action: doors.ActionOpen,
		IssuedAt: command.RequestedAt, ExpiresAt: command.ExpiresAt, Nonce: nonce,
	})
	if errors.Is(err, doors.ErrUncertain) {
		return nil
	}
	return err
}

// Ready implements handlers.DoorLink.
func (d doorLink) Ready() error { return d.link.Ready() }

// doorSink is doors.Sink over the handlers.
type doorSink struct{ server *handlers.Server }

// Hello implements doors.Sink. A controller whose clock is too far behind counts as away, and has no session
// that anything could be signed for.
func (d doorSink) Hello(ctx context.Context, device models.ID, nonce, firmware string, at time.Time) error {
	hello := models.DeviceHello{Nonce: nonce, Firmware: firmware, At: at}
	if err := d.server.Arrived(ctx, device, hello); err != nil || nonce != "" {
		return err
	}
	return d.server.Left(ctx, device, nonce)
}

// Bye implements doors.Sink.
func (d doorSink) Bye(ctx context.Context, device models.ID, nonce string) error {
	return d.server.Left(ctx, device, nonce)
}

// Acknowledged implements doors.Sink. A refusal by the controller is a command that failed.
func (d doorSink) Acknowledged(ctx context.Context, device models.ID, ack doors.Ack) error {
	return d.server.Acknowledged(ctx, device, ack.DoorID, ack.ID, ack.Result == doors.ResultOpened, ack.Reason)
}

// Happened implements doors.Sink.
func (d doorSink) Happened(ctx context.Context, device models.ID, event doors.Event) error {
	pass := models.ID("")
	if event.Way == doors.WayCode { // opened by its list; of other ways the reference is the controller's own
		pass, _ = models.PassOfRef(event.CredentialRef)
	}
	return d.server.Happened(ctx, device, models.AccessEvent{
		DoorID: event.DoorID, OccurredAt: event.At, Way: string(event.Way), Outcome: string(event.Outcome),
		DeviceEventID: event.ID, PassID: pass,
	})
}

// photos is handlers.Photos over media.Cleaner.
type photos struct{ cleaner *media.Cleaner }

// Clean implements handlers.Photos.
func (p photos) Clean(ctx context.Context, data []byte) (models.Media, []byte, error) {
	return p.cleaner.Make(ctx, data)
}

// noSMS is the sender when codes are switched off: sign-in by phone then never succeeds.
type noSMS struct{}

var errNoSMS = errors.New("sms is off (--sms)")

// SendCode implements handlers.SMSSender.
func (noSMS) SendCode(context.Context, models.Secret, models.Secret, string) error { return errNoSMS }

// viidSink gives the handlers what cameras send in the manner of GA/T 1400.
type viidSink struct{ server *handlers.Server }

// Sighted implements viid.Sink.
func (v viidSink) Sighted(ctx context.Context, device models.ID, seen viid.Sighting) error {
	return v.server.ViidSighted(ctx, device, seen.Ref, seen.Camera, seen.At, seen.Picture)
}

// Zone implements viid.Sink.
func (v viidSink) Zone(ctx context.Context, device models.ID) (*time.Location, error) {
	return v.server.ViidZone(ctx, device)
}

// Passed implements viid.Sink.
func (v viidSink) Passed(ctx context.Context, device models.ID, passed viid.Passage) error {
	return v.server.ViidPassed(ctx, device, handlers.ViidPassage(passed))
}
