package uhppote

import (
	"encoding/binary"
	"errors"
	"time"
)

// Port is where every board listens, for requests and for broadcasts.
const Port = 60000

const (
	size        = 64
	start       = 0x17       // of requests, replies and most events
	startV662   = 0x19       // of the events of firmware 6.62, and of nothing else
	magic       = 0x55aaaa55 // asked for by what cannot be undone
	overwritten = 0xff       // the type of an event that is no longer there
)

// Function is what a request asks for; the reply carries it again.
type Function byte

// The functions that are spoken here.
const (
	getStatus      Function = 0x20 // also the code of an event nobody asked for
	setTime        Function = 0x30
	getTime        Function = 0x32
	openDoor       Function = 0x40
	putCard        Function = 0x50
	deleteCard     Function = 0x52
	deleteAllCards Function = 0x54
	countCards     Function = 0x58
	getCard        Function = 0x5a
	getCardAt      Function = 0x5c
	setDoor        Function = 0x80
	getDoor        Function = 0x82
	setProfile     Function = 0x88
	recordSpecial  Function = 0x8e
	setListener    Function = 0x90
	getListener    Function = 0x92
	getController  Function = 0x94
	getProfile     Function = 0x98
	getEvent       Function = 0xb0
	setEventIndex  Function = 0xb2
	getEventIndex  Function = 0xb4
)

// packet is one datagram. Numbers are little endian, times are binary coded decimals.
type packet [size]byte

var errJunk = errors.New("uhppote: not a packet of this protocol")

// newPacket is a request, or in the simulator a reply.
func newPacket(function Function, serial uint32) packet {
	made := packet{start, byte(function)}
	made.putUint32(4, serial)
	return made
}

// parse takes a datagram as it came. Of its content nothing is believed yet.
func parse(datagram []byte) (packet, error) {
	if len(datagram) != size {
		return packet{}, errJunk
	}
	parsed := packet(datagram)
	if parsed[0] != start && (parsed[0] != startV662 || parsed.function() != getStatus) {
		return packet{}, errJunk
	}
	return parsed, nil
}

func (p *packet) function() Function { return Function(p[1]) }

func (p *packet) serial() uint32 { return p.uint32(4) }

func (p *packet) uint32(offset int) uint32 { return binary.LittleEndian.Uint32(p[offset:]) }

func (p *packet) putUint32(offset int, value uint32) {
	binary.LittleEndian.PutUint32(p[offset:], value)
}

func (p *packet) uint16(offset int) uint16 { return binary.LittleEndian.Uint16(p[offset:]) }

func (p *packet) putUint16(offset int, value uint16) {
	binary.LittleEndian.PutUint16(p[offset:], value)
}

// yes is true for exactly 1: nothing else is a success, or an open door.
func (p *packet) yes(offset int) bool { return p[offset] == 1 }

func (p *packet) putBool(offset int, value bool) {
	p[offset] = 0
	if value {
		p[offset] = 1
	}
}

// decimals reads count bytes as pairs of decimal digits.
func (p *packet) decimals(offset, count int) (digits [8]int, err error) {
	for at := range count {
		high, low := int(p[offset+at]>>4), int(p[offset+at]&0x0f)
		if high > 9 || low > 9 {
			return digits, errJunk
		}
		digits[at] = high*10 + low
	}
	return digits, nil
}

func (p *packet) putDecimals(offset int, values ...int) {
	for at, value := range values {
		p[offset+at] = byte(value/10%10<<4 | value%10) //nolint:gosec // two decimal digits
	}
}

// moment makes a time of its parts and refuses what time.Date would push on to another day.
func moment(year, month, day, hour, minute, second int, zone *time.Location) (time.Time, error) {
	made := time.Date(year, time.Month(month), day, hour, minute, second, 0, zone)
	if made.Year() != year || int(made.Month()) != month || made.Day() != day || hour > 23 || minute > 59 || second > 59 {
		return time.Time{}, errJunk
	}
	return made, nil
}

// date reads YYYYMMDD; zero bytes are no date.
func (p *packet) date(offset int, zone *time.Location) (time.Time, error) {
	if p.uint32(offset) == 0 {
		return time.Time{}, nil
	}
	digits, err := p.decimals(offset, 4)
	if err != nil {
		return time.Time{}, err
	}
	return moment(digits[0]*100+digits[1], digits[2], digits[3], 0, 0, 0, zone)
}

func (p *packet) putDate(offset int, at time.Time) {
	p.putDecimals(offset, at.Year()/100, at.Year()%100, int(at.Month()), at.Day())
}

// datetime reads YYYYMMDDhhmmss; zero bytes are no time.
func (p *packet) datetime(offset int, zone *time.Location) (time.Time, error) {
	digits, err := p.decimals(offset, 7)
	if err != nil || digits == [8]int{} {
		return time.Time{}, err
	}
	return moment(digits[0]*100+digits[1], digits[2], digits[3], digits[4], digits[5], digits[6], zone)
}

func (p *packet) putDatetime(offset int, at time.Time) {
	p.putDate(offset, at)
	p.putDecimals(offset+4, at.Hour(), at.Minute(), at.Second())
}
