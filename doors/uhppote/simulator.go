package uhppote

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"
)

// SimulatorConfig is what a simulated board needs. What is marked optional may be left out.
type SimulatorConfig struct {
	Serial   uint32
	Address  string // host:port to listen on; port 0 takes a free one
	Zone     *time.Location
	Now      func() time.Time
	Capacity int // optional: how many events it keeps; 0: 256
	Top      int // optional: the number after which it counts from 1 again; 0: never
}

// Simulator is a board without hardware, for tests and the demo. It answers as the published packets say, and
// its exit buttons work whether or not anybody is there to ask it.
type Simulator struct {
	config SimulatorConfig
	socket *net.UDPConn

	mutex    sync.Mutex
	skew     time.Duration // of its clock
	special  bool
	listener netip.AddrPort
	mark     uint32
	events   []Event // oldest first
	last     uint32
	cards    []Card
	profiles map[uint8]Profile
	doors    [doorCount]simulatedDoor
	firmware [2]byte
	code     byte // what its events begin with
	lose     func(function Function, reply bool) bool
}

type simulatedDoor struct {
	control Control
	open    bool // the leaf
	until   time.Time
	pulses  int
}

// NewSimulator opens the board's socket; it answers once Run runs.
func NewSimulator(ctx context.Context, config SimulatorConfig) (*Simulator, error) {
	if config.Serial == 0 || config.Zone == nil || config.Now == nil {
		return nil, errors.New("uhppote: a simulator needs a serial number, a zone and a clock")
	}
	if config.Capacity <= 0 {
		config.Capacity = 256
	}
	opened, err := (&net.ListenConfig{}).ListenPacket(ctx, "udp4", config.Address)
	if err != nil {
		return nil, fmt.Errorf("uhppote: simulator: %w", err)
	}
	socket, ok := opened.(*net.UDPConn)
	if !ok {
		_ = opened.Close()
		return nil, errors.New("uhppote: simulator: not UDP")
	}
	made := &Simulator{
		config: config, socket: socket, profiles: map[uint8]Profile{}, firmware: [2]byte{0x08, 0x92}, code: start,
	}
	for door := range made.doors {
		made.doors[door].control = Control{Mode: controlled, Delay: 5}
	}
	return made, nil
}

// Address is where the board listens.
func (s *Simulator) Address() netip.AddrPort {
	if local, ok := s.socket.LocalAddr().(*net.UDPAddr); ok {
		return local.AddrPort()
	}
	return netip.AddrPort{}
}

// Run answers until the context ends, then closes the socket.
func (s *Simulator) Run(ctx context.Context) error {
	defer func() { _ = s.socket.Close() }()
	defer context.AfterFunc(ctx, func() { _ = s.socket.SetReadDeadline(time.Unix(1, 0)) })()
	for buffer := make([]byte, size+1); ctx.Err() == nil; {
		count, from, err := s.socket.ReadFromUDPAddrPort(buffer)
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			continue // an answer to somebody who has gone
		}
		if request, err := parse(buffer[:count]); err == nil && request[0] == start {
			s.receive(request, from)
		}
	}
	return nil
}

func (s *Simulator) receive(request packet, from netip.AddrPort) {
	if request.serial() != s.config.Serial && (request.function() != getController || request.serial() != 0) {
		return
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	function := request.function()
	if s.lose != nil && s.lose(function, false) {
		return
	}
	reply := newPacket(function, s.config.Serial)
	if !s.answer(request, &reply) || s.lose != nil && s.lose(function, true) {
		return
	}
	_, _ = s.socket.WriteToUDPAddrPort(reply[:], from)
}

// answer fills the reply; false: the board stays silent.
func (s *Simulator) answer(request packet, reply *packet) bool {
	switch request.function() {
	case getController:
		s.answerController(reply)
	case getStatus:
		s.putStatus(reply)
	case getTime, setTime:
		return s.answerTime(request, reply)
	case getDoor, setDoor, openDoor:
		return s.answerDoor(request, reply)
	case putCard, deleteCard, deleteAllCards, countCards, getCard, getCardAt:
		return s.answerCard(request, reply)
	case recordSpecial:
		s.special = request.yes(8)
		reply.putBool(8, true)
	case setListener:
		s.listener = netip.AddrPortFrom(netip.AddrFrom4([4]byte(request[8:12])), request.uint16(12))
		reply.putBool(8, true)
	case getListener:
		if s.listener.IsValid() {
			four := s.listener.Addr().As4()
			copy(reply[8:12], four[:])
			reply.putUint16(12, s.listener.Port())
		}
	case getEvent, setEventIndex, getEventIndex:
		return s.answerEvent(request, reply)
	case setProfile, getProfile:
		return s.answerProfile(request, reply)
	default:
		return false
	}
	return true
}

func (s *Simulator) answerDoor(request packet, reply *packet) bool {
	door := request[8]
	if door < 1 || door > doorCount {
		return false
	}
	if request.function() == openDoor {
		reply.putBool(8, s.open(door))
		return true
	}
	control := &s.doors[door-1].control
	if request.function() == setDoor {
		control.Mode, control.Delay = request[9], request[10]
	}
	reply[8], reply[9], reply[10] = door, control.Mode, control.Delay
	return true
}

func (s *Simulator) answerController(reply *packet) {
	four := s.Address().Addr().As4()
	copy(reply[8:12], four[:])
	copy(reply[12:16], []byte{255, 255, 255, 0})
	copy(reply[20:26], []byte{0x00, 0x66, 0x19, 0x39, 0x55, 0x2d})
	copy(reply[26:28], s.firmware[:])
	reply.putDecimals(28, 20, 18, 8, 16)
}

func (s *Simulator) answerTime(request packet, reply *packet) bool {
	if request.function() == setTime {
		at, err := request.datetime(8, s.config.Zone)
		if err != nil || at.IsZero() {
			return false
		}
		s.skew = at.Sub(s.config.Now())
	}
	reply.putDatetime(8, s.clock())
	return true
}

func (s *Simulator) answerEvent(request packet, reply *packet) bool {
	index := request.uint32(8)
	switch request.function() {
	case getEvent:
		putEvent(reply, s.event(index))
	case getEventIndex:
		reply.putUint32(8, s.mark)
	default:
		if request.uint32(12) != magic {
			return false
		}
		changed := index != s.mark
		if s.mark = index; changed {
			reply.putBool(8, true)
		}
	}
	return true
}

func (s *Simulator) answerProfile(request packet, reply *packet) bool {
	profile, err := decodeProfile(request, s.config.Zone)
	if request.function() == setProfile {
		if err != nil || profile.ID < 2 || profile.ID > 254 {
			return false
		}
		s.profiles[profile.ID] = profile
		reply.putBool(8, true)
		return true
	}
	if profile, known := s.profiles[request[8]]; known {
		reply.putProfile(profile)
	}
	return true
}
