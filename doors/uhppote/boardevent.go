package uhppote

import (
	"context"
	"net/netip"

	"xunfang/models"
)

// The places of a board's event list that are not numbers of events.
const (
	oldestEvent = 0
	newestEvent = 0xffffffff
)

// Event asks for one event, or for oldestEvent or newestEvent. A reply about another event than the one asked
// for is not taken.
func (b *Board) Event(ctx context.Context, index uint32) (Event, error) {
	release, err := b.wire.take(ctx)
	if err != nil {
		return Event{}, err
	}
	defer release()
	return b.event(ctx, index)
}

// event is Event for whoever has the turn.
func (b *Board) event(ctx context.Context, index uint32) (Event, error) {
	request := b.request(getEvent)
	request.putUint32(8, index)
	reply, err := b.wire.ask(ctx, request, func(reply packet) bool {
		got := reply.uint32(8)
		return index == oldestEvent || index == newestEvent || got == index || got == 0 || reply[12] == overwritten
	})
	if err != nil {
		return Event{}, err
	}
	return decodeEvent(reply, b.zone), nil
}

// EventIndex asks for the mark that somebody left on the board.
func (b *Board) EventIndex(ctx context.Context) (uint32, error) {
	reply, err := b.ask(ctx, b.request(getEventIndex), nil)
	return reply.uint32(8), err
}

// SetEventIndex leaves a mark. The board also says no when it has that mark already.
func (b *Board) SetEventIndex(ctx context.Context, index uint32) error {
	request := b.request(setEventIndex)
	request.putUint32(8, index)
	request.putUint32(12, magic)
	_, err := b.ask(ctx, request, nil)
	return err
}

// RecordSpecialEvents makes the board record doors and buttons too, not only cards.
func (b *Board) RecordSpecialEvents(ctx context.Context, on bool) error {
	request := b.request(recordSpecial)
	request.putBool(8, on)
	return b.succeed(ctx, request)
}

// Listener asks where the board sends its events.
func (b *Board) Listener(ctx context.Context) (netip.AddrPort, error) {
	reply, err := b.ask(ctx, b.request(getListener), nil)
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte(reply[8:12])), reply.uint16(12)), err
}

// SetListener says where the board is to send its events, as they happen only.
func (b *Board) SetListener(ctx context.Context, address netip.AddrPort) error {
	if !address.Addr().Is4() {
		return models.ErrDoorUnable
	}
	request := b.request(setListener)
	four := address.Addr().As4()
	copy(request[8:12], four[:])
	request.putUint16(12, address.Port())
	return b.succeed(ctx, request)
}

// Profile asks for a time profile; found is false where there is none with that number.
func (b *Board) Profile(ctx context.Context, id uint8) (profile Profile, found bool, err error) {
	request := b.request(getProfile)
	request[8] = id
	reply, err := b.ask(ctx, request, func(reply packet) bool { return reply[8] == id || reply[8] == 0 })
	if err != nil || reply[8] == 0 {
		return Profile{}, false, err
	}
	profile, err = decodeProfile(reply, b.zone)
	return profile, err == nil, err
}

// SetProfile writes a time profile.
func (b *Board) SetProfile(ctx context.Context, profile Profile) error {
	request := b.request(setProfile)
	request.putProfile(profile)
	return b.succeed(ctx, request)
}
