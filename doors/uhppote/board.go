package uhppote

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"xunfang/models"
)

// BoardConfig says where a board is. Timeout and Tries may be left out.
type BoardConfig struct {
	Serial    uint32         // printed on the board
	Address   string         // IPv4, with or without a port (60000); the network's broadcast address with Broadcast
	Broadcast bool           // ask everybody; the serial number says who is meant
	Bind      netip.Addr     // the address of ours to send from; none: the system chooses
	Zone      *time.Location // in which the board's clock runs. Best one without summer time
	Timeout   time.Duration  // for one reply; 0: 1 s
	Tries     int            // of a request that may be repeated; 0: 3
}

// Board asks one board. Its methods can be called at once and wait for each other; each repeats its request
// when no reply comes, except Open.
type Board struct {
	wire wire
	zone *time.Location
}

// NewBoard checks the configuration; nothing is sent.
func NewBoard(config BoardConfig) (*Board, error) {
	address, err := parseAddress(config.Address)
	if err != nil {
		return nil, err
	}
	if config.Serial == 0 || config.Zone == nil {
		return nil, fmt.Errorf("uhppote: a board needs a serial number and a time zone")
	}
	if config.Bind.IsValid() && !config.Bind.Is4() {
		return nil, fmt.Errorf("uhppote: boards speak IPv4 only")
	}
	if config.Timeout <= 0 {
		config.Timeout = time.Second
	}
	if config.Tries <= 0 {
		config.Tries = 3
	}
	return &Board{zone: config.Zone, wire: wire{
		serial: config.Serial, address: address, broadcast: config.Broadcast, bind: config.Bind,
		timeout: config.Timeout, tries: config.Tries, turn: make(chan struct{}, 1),
	}}, nil
}

func (b *Board) request(function Function) packet { return newPacket(function, b.wire.serial) }

// ask takes the turn for one request.
func (b *Board) ask(ctx context.Context, request packet, accept func(packet) bool) (packet, error) {
	release, err := b.wire.take(ctx)
	if err != nil {
		return packet{}, err
	}
	defer release()
	return b.wire.ask(ctx, request, accept)
}

// succeed asks for something whose reply is yes or no.
func (b *Board) succeed(ctx context.Context, request packet) error {
	reply, err := b.ask(ctx, request, nil)
	if err == nil && !reply.yes(8) {
		return models.ErrDoorRefused
	}
	return err
}

// Controller asks who the board is.
func (b *Board) Controller(ctx context.Context) (Controller, error) {
	reply, err := b.ask(ctx, b.request(getController), nil)
	if err != nil {
		return Controller{}, err
	}
	return decodeController(reply, b.zone), nil
}

// Status asks how the board and its doors are.
func (b *Board) Status(ctx context.Context) (Status, error) {
	reply, err := b.ask(ctx, b.request(getStatus), nil)
	if err != nil {
		return Status{}, err
	}
	return decodeStatus(reply, b.zone), nil
}

// Time asks for the board's clock.
func (b *Board) Time(ctx context.Context) (time.Time, error) {
	reply, err := b.ask(ctx, b.request(getTime), nil)
	if err != nil {
		return time.Time{}, err
	}
	return reply.datetime(8, b.zone)
}

// SetTime sets the board's clock, to the second, and gives what it shows then.
func (b *Board) SetTime(ctx context.Context, at time.Time) (time.Time, error) {
	request := b.request(setTime)
	request.putDatetime(8, at.In(b.zone))
	reply, err := b.ask(ctx, request, nil)
	if err != nil {
		return time.Time{}, err
	}
	return reply.datetime(8, b.zone)
}

// Control asks how a door is run.
func (b *Board) Control(ctx context.Context, door uint8) (Control, error) {
	request := b.request(getDoor)
	request[8] = door
	reply, err := b.ask(ctx, request, func(reply packet) bool { return reply[8] == door })
	return Control{Mode: reply[9], Delay: reply[10]}, err
}

// SetControl sets how a door is run.
func (b *Board) SetControl(ctx context.Context, door uint8, control Control) error {
	request := b.request(setDoor)
	request[8], request[9], request[10] = door, control.Mode, control.Delay
	reply, err := b.ask(ctx, request, func(reply packet) bool { return reply[8] == door })
	if err == nil && (reply[9] != control.Mode || reply[10] != control.Delay) {
		return models.ErrDoorRefused
	}
	return err
}

// Cards counts the cards that the board holds.
func (b *Board) Cards(ctx context.Context) (uint32, error) {
	reply, err := b.ask(ctx, b.request(countCards), nil)
	return reply.uint32(8), err
}

// Card finds a card by its number; found is false when the board does not hold it.
func (b *Board) Card(ctx context.Context, number uint32) (card Card, found bool, err error) {
	request := b.request(getCard)
	request.putUint32(8, number)
	reply, err := b.ask(ctx, request, func(reply packet) bool {
		return reply.uint32(8) == number || reply.uint32(8) == 0
	})
	if err != nil || reply.uint32(8) == 0 {
		return Card{}, false, err
	}
	card, err = decodeCard(reply, b.zone)
	return card, err == nil, err
}

// CardAt gives the card in one of the board's places, from 1; found is false for an empty one.
func (b *Board) CardAt(ctx context.Context, place uint32) (card Card, found bool, err error) {
	request := b.request(getCardAt)
	request.putUint32(8, place)
	reply, err := b.ask(ctx, request, nil)
	if number := reply.uint32(8); err != nil || number == 0 || number == deletedCard {
		return Card{}, false, err
	}
	card, err = decodeCard(reply, b.zone)
	return card, err == nil, err
}

// PutCard adds a card, or changes the one with its number.
func (b *Board) PutCard(ctx context.Context, card Card) error {
	request := b.request(putCard)
	request.putCard(card)
	return b.succeed(ctx, request)
}

// DeleteCard takes a card away. ErrDoorRefused is also the answer when it is not there.
func (b *Board) DeleteCard(ctx context.Context, number uint32) error {
	request := b.request(deleteCard)
	request.putUint32(8, number)
	return b.succeed(ctx, request)
}

// DeleteAllCards empties the board.
func (b *Board) DeleteAllCards(ctx context.Context) error {
	request := b.request(deleteAllCards)
	request.putUint32(8, magic)
	return b.succeed(ctx, request)
}
