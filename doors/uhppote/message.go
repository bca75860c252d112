package uhppote

import (
	"fmt"
	"net"
	"net/netip"
	"time"
)

// doorCount is how many doors the largest board has; smaller ones send the same packets.
const doorCount = 4

// Controller is what a board says of itself.
type Controller struct {
	Serial   uint32
	Address  netip.Addr
	Mask     netip.Addr
	Gateway  netip.Addr
	MAC      net.HardwareAddr
	Firmware string    // "8.92"
	Built    time.Time // the day of the firmware
}

// Status is a board at one moment, with its newest event.
type Status struct {
	Event  Event // Index 0: it has none
	Doors  [doorCount]bool
	Button [doorCount]bool
	Relays byte // bit 0: door 1
	Inputs byte
	Error  byte
	Clock  time.Time // zero: it tells no time
}

func (s Status) relay(door uint8) bool { return s.Relays>>(door-1)&1 == 1 }

// Event is one record of a board, as it numbers them.
type Event struct {
	Index   uint32 // 0: there is no such event
	Type    byte   // 1 card, 2 door, 3 alarm
	Granted bool
	Door    uint8
	Leaving bool
	Card    uint32
	At      time.Time // zero: no time that can be read
	Reason  byte
	Lost    bool // it was there, and was overwritten
}

// Card is a card as a board holds it. Doors hold 0 for no, 1 for always, 2 to 254 for a time profile.
type Card struct {
	Number uint32
	From   time.Time // first day
	Until  time.Time // last day, inclusive
	Doors  [doorCount]uint8
	PIN    uint32 // to be typed after the card; 0: none
}

// Control is how a board runs one door.
type Control struct {
	Mode  byte  // 1 normally open, 2 normally closed, 3 controlled
	Delay uint8 // seconds for which the relay is drawn
}

// The modes of a Control.
const (
	normallyOpen   = 1
	normallyClosed = 2
	controlled     = 3
)

// Profile is when cards with its number are let in: some weekdays, up to three spans of the day.
type Profile struct {
	ID    uint8 // 2 to 254
	From  time.Time
	Until time.Time // last day, inclusive
	Days  [7]bool   // Monday first
	Spans [3][2]time.Duration
	Next  uint8 // also valid: another profile; 0: none
}

// readable is a time that a board gives beside other things, or none where it is nonsense: a board whose battery is empty
// still opens its doors, and its clock can be set only by whoever reads the rest.
func readable(at time.Time, err error) time.Time {
	if err != nil {
		return time.Time{}
	}
	return at
}

func decodeController(reply packet, zone *time.Location) Controller {
	return Controller{
		Serial:  reply.serial(),
		Address: netip.AddrFrom4([4]byte(reply[8:12])),
		Mask:    netip.AddrFrom4([4]byte(reply[12:16])), Gateway: netip.AddrFrom4([4]byte(reply[16:20])),
		MAC:      net.HardwareAddr(append([]byte(nil), reply[20:26]...)),
		Firmware: fmt.Sprintf("%x.%02x", reply[26], reply[27]), Built: readable(reply.date(28, zone)),
	}
}

// decodeEvent reads the eight fields that a get-event reply, a status and an event have at the same place.
func decodeEvent(reply packet, zone *time.Location) Event {
	event := Event{Index: reply.uint32(8), Type: reply[12]}
	if event.Type == overwritten {
		return Event{Lost: true}
	}
	if event.Index == 0 {
		return Event{}
	}
	event.Granted, event.Door, event.Leaving = reply.yes(13), reply[14], reply[15] == 2
	event.Card, event.At, event.Reason = reply.uint32(16), readable(reply.datetime(20, zone)), reply[27]
	return event
}

func decodeStatus(reply packet, zone *time.Location) Status {
	status := Status{Event: decodeEvent(reply, zone), Relays: reply[49], Inputs: reply[50], Error: reply[36]}
	for door := range doorCount {
		status.Doors[door], status.Button[door] = reply.yes(28+door), reply.yes(32+door)
	}
	clock, err := reply.decimals(37, 3)
	day, wrong := reply.decimals(51, 3)
	if err == nil && wrong == nil && day != [8]int{} {
		status.Clock = readable(moment(2000+day[0], day[1], day[2], clock[0], clock[1], clock[2], zone))
	}
	return status
}

func decodeCard(reply packet, zone *time.Location) (Card, error) {
	card := Card{Number: reply.uint32(8), Doors: [doorCount]uint8(reply[20:24])}
	card.PIN = reply.uint32(24) & 0xffffff
	var err error
	if card.From, err = reply.date(12, zone); err != nil {
		return Card{}, err
	}
	card.Until, err = reply.date(16, zone)
	return card, err
}

func (p *packet) putCard(card Card) {
	p.putUint32(8, card.Number)
	p.putDate(12, card.From)
	p.putDate(16, card.Until)
	copy(p[20:24], card.Doors[:])
	p.putUint32(24, card.PIN&0xffffff)
}

func (p *packet) putProfile(profile Profile) {
	p[8] = profile.ID
	p.putDate(9, profile.From)
	p.putDate(13, profile.Until)
	for day, on := range profile.Days {
		p.putBool(17+day, on)
	}
	for at, span := range profile.Spans {
		for end, edge := range span {
			p.putDecimals(24+4*at+2*end, int(edge.Hours()), int(edge.Minutes())%60)
		}
	}
	p[36] = profile.Next
}

func decodeProfile(reply packet, zone *time.Location) (Profile, error) {
	profile := Profile{ID: reply[8], Next: reply[36]}
	var err error
	if profile.From, err = reply.date(9, zone); err != nil {
		return Profile{}, err
	}
	if profile.Until, err = reply.date(13, zone); err != nil {
		return Profile{}, err
	}
	for day := range profile.Days {
		profile.Days[day] = reply.yes(17 + day)
	}
	for at := range profile.Spans {
		for end := range profile.Spans[at] {
			digits, err := reply.decimals(24+4*at+2*end, 2)
			if err != nil {
				return Profile{}, err
			}
			profile.Spans[at][end] = time.Duration(digits[0])*time.Hour + time.Duration(digits[1])*time.Minute
		}
	}
	return profile, nil
}
