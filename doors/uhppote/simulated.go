package uhppote

import (
	"slices"
	"time"
)

// What happens at a simulated board. The functions with the lock taken have small letters.

// Lose lets datagrams disappear: requests before the board sees them, replies after it has acted.
func (s *Simulator) Lose(lose func(function Function, reply bool) bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.lose = lose
}

// OldFirmware makes its events begin with 0x19, as those of firmware 6.62 do.
func (s *Simulator) OldFirmware() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.firmware, s.code = [2]byte{0x06, 0x62}, startV662
}

// Swipe presents a card at a door and says whether it was let in. Nobody is asked.
func (s *Simulator) Swipe(number uint32, door uint8) bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	now := s.clock()
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, s.config.Zone)
	at := s.find(number)
	let := at >= 0 && s.cards[at].Doors[door-1] == always && s.doors[door-1].control.Mode != normallyClosed &&
		!today.Before(s.cards[at].From) && !today.After(s.cards[at].Until)
	event := Event{Type: 1, Granted: let, Door: door, Card: number, Reason: 1}
	if !let {
		event.Reason = 6
	} else {
		s.draw(door)
	}
	s.record(event)
	return let
}

// PressButton is the exit button: it opens, whatever the server does and whether or not it is there.
func (s *Simulator) PressButton(door uint8) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.draw(door)
	if s.special {
		s.record(Event{Type: 2, Granted: true, Door: door, Reason: 20})
	}
}

// Move opens or closes the leaf, as its contact tells the board.
func (s *Simulator) Move(door uint8, open bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.doors[door-1].open = open; !s.special {
		return
	}
	event := Event{Type: 2, Granted: true, Door: door, Reason: 24}
	if open {
		event.Reason = 23
	}
	s.record(event)
	if open && !s.drawn(door) {
		s.record(Event{Type: 3, Door: door, Reason: 38})
	}
}

// Skew puts the board's clock off.
func (s *Simulator) Skew(by time.Duration) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.skew = by
}

// Clock is what the board's clock shows.
func (s *Simulator) Clock() time.Time {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.clock()
}

// Pulses counts how often a relay was drawn, whoever did it.
func (s *Simulator) Pulses(door uint8) int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.doors[door-1].pulses
}

// Cards counts the cards that the board holds.
func (s *Simulator) Cards() int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return len(s.cards)
}

func (s *Simulator) clock() time.Time { return s.config.Now().Add(s.skew).In(s.config.Zone) }

func (s *Simulator) drawn(door uint8) bool { return s.config.Now().Before(s.doors[door-1].until) }

func (s *Simulator) draw(door uint8) {
	one := &s.doors[door-1]
	one.pulses++
	one.until = s.config.Now().Add(time.Duration(one.control.Delay) * time.Second)
}

// open is a remote opening; the card number of its event is none of anybody's.
func (s *Simulator) open(door uint8) bool {
	granted := s.doors[door-1].control.Mode != normallyClosed
	if granted {
		s.draw(door)
	}
	s.record(Event{Type: 2, Granted: granted, Door: door, Card: 1, Reason: reasonRemote})
	return granted
}

// record numbers an event, keeps it, and tells the listener.
func (s *Simulator) record(event Event) {
	if s.last++; s.config.Top > 0 && int(s.last) > s.config.Top {
		s.last = 1
	}
	event.Index, event.At = s.last, s.clock()
	s.events = append(s.events, event)
	if len(s.events) > s.config.Capacity {
		s.events = s.events[1:]
	}
	if !s.listener.IsValid() || s.listener.Port() == 0 {
		return
	}
	told := newPacket(getStatus, s.config.Serial)
	told[0] = s.code
	s.putStatus(&told)
	if s.lose == nil || !s.lose(0, true) { // function 0: an event that nobody asked for
		_, _ = s.socket.WriteToUDPAddrPort(told[:], s.listener)
	}
}

func (s *Simulator) event(index uint32) Event {
	if len(s.events) == 0 {
		return Event{}
	}
	switch index {
	case oldestEvent:
		return s.events[0]
	case newestEvent:
		return s.events[len(s.events)-1]
	}
	at := slices.IndexFunc(s.events, func(one Event) bool { return one.Index == index })
	switch {
	case at >= 0:
		return s.events[at]
	case index < s.events[0].Index:
		return Event{Lost: true}
	default:
		return Event{}
	}
}

func putEvent(reply *packet, event Event) {
	if event.Lost {
		reply[12] = overwritten
		return
	}
	if event.Index == 0 {
		return
	}
	reply.putUint32(8, event.Index)
	reply[12], reply[14], reply[15], reply[27] = event.Type, event.Door, 1, event.Reason
	reply.putBool(13, event.Granted)
	reply.putUint32(16, event.Card)
	reply.putDatetime(20, event.At)
}

func (s *Simulator) putStatus(reply *packet) {
	if len(s.events) > 0 {
		putEvent(reply, s.events[len(s.events)-1])
	}
	for door := range doorCount {
		reply.putBool(28+door, s.doors[door].open)
		if s.drawn(uint8(door + 1)) {
			reply[49] |= 1 << door
		}
	}
	now := s.clock()
	reply.putDecimals(37, now.Hour(), now.Minute(), now.Second())
	reply.putDecimals(51, now.Year()%100, int(now.Month()), now.Day())
}

func (s *Simulator) find(number uint32) int {
	return slices.IndexFunc(s.cards, func(card Card) bool { return card.Number == number })
}

func (s *Simulator) answerCard(request packet, reply *packet) bool {
	number := request.uint32(8)
	at := s.find(number)
	switch request.function() {
	case putCard:
		card, err := decodeCard(request, s.config.Zone)
		if err != nil || !validCard(number) {
			return true // no
		}
		if at >= 0 {
			s.cards[at] = card
		} else {
			s.cards = append(s.cards, card)
		}
		reply.putBool(8, true)
	case deleteCard:
		if at >= 0 {
			s.cards = slices.Delete(s.cards, at, at+1)
			reply.putBool(8, true)
		}
	case deleteAllCards:
		if number == magic {
			s.cards = nil
			reply.putBool(8, true)
		}
	case countCards:
		reply.putUint32(8, uint32(len(s.cards))) //nolint:gosec // a few
	case getCard:
		if at >= 0 {
			reply.putCard(s.cards[at])
		}
	default: // getCardAt
		if number >= 1 && int(number) <= len(s.cards) {
			reply.putCard(s.cards[number-1])
		}
	}
	return true
}
