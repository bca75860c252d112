package uhppote

import (
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"xunfang/models"
)

// badNetwork stands between a driver and its board: it loses, repeats, keeps and reorders datagrams. How late one is shows
// on the clock that both look at.
type badNetwork struct {
	rig          *rig
	front, board *net.UDPConn

	mutex  sync.Mutex
	lot    *rand.Rand
	driver netip.AddrPort
	kept   [][]byte    // opening requests that are brought later
	sent   []time.Time // when opening requests left the driver
	copies int         // of opening requests that the network made
	passed int         // opening requests that went on to the board
}

func newBadNetwork(t *testing.T, r *rig, seed uint64) *badNetwork {
	t.Helper()
	front, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	board, err := net.DialUDP("udp4", nil, net.UDPAddrFromAddrPort(r.simulator.Address()))
	if err != nil {
		t.Fatal(err)
	}
	made := &badNetwork{rig: r, front: front, board: board, lot: rand.New(rand.NewPCG(seed, 3))}
	var group sync.WaitGroup
	group.Go(made.requests)
	group.Go(made.replies)
	t.Cleanup(func() {
		_ = front.Close()
		_ = board.Close()
		group.Wait()
	})
	return made
}

func (n *badNetwork) requests() {
	for buffer := make([]byte, size); ; {
		count, from, err := n.front.ReadFromUDPAddrPort(buffer)
		if err != nil {
			return
		}
		n.request(append([]byte(nil), buffer[:count]...), from)
	}
}

func (n *badNetwork) request(datagram []byte, from netip.AddrPort) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	n.driver = from
	opening := Function(datagram[1]) == openDoor
	if opening {
		n.sent = append(n.sent, n.rig.clock.now())
	}
	switch lot := n.lot.Float64(); {
	case lot < 0.08:
		return
	case lot < 0.16 && opening:
		n.kept = append(n.kept, datagram)
		return
	case lot < 0.26:
		_, _ = n.board.Write(datagram)
		if opening {
			n.copies++
			n.passed++
		}
	case lot < 0.5:
		n.rig.clock.advance(time.Duration(n.lot.IntN(2500)) * time.Millisecond)
	}
	if opening {
		n.passed++
	}
	_, _ = n.board.Write(datagram)
}

func (n *badNetwork) replies() {
	for buffer := make([]byte, size); ; {
		count, err := n.board.Read(buffer)
		if err != nil {
			return
		}
		n.mutex.Lock()
		copies := 1
		switch lot := n.lot.Float64(); {
		case lot < 0.1:
			copies = 0
		case lot < 0.2:
			copies = 2
		}
		for range copies {
			_, _ = n.front.WriteToUDPAddrPort(buffer[:count], n.driver)
		}
		n.mutex.Unlock()
	}
}

// bring delivers what was kept, and says how much that was.
func (n *badNetwork) bring() int {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	for _, datagram := range n.kept {
		_, _ = n.board.Write(datagram)
	}
	count := len(n.kept)
	n.passed += count
	n.kept = nil
	return count
}

// arrived says whether the board has everything.
func (n *badNetwork) arrived() bool {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	return n.rig.heard.count(openDoor) == n.passed
}

func (n *badNetwork) take() (sent []time.Time, copies int) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	sent, copies = n.sent, n.copies
	n.sent, n.copies = nil, 0
	return sent, copies
}

// What the driver holds: no opening leaves it at or after the expiry, no command leaves it twice unless the board has shown that
// the first had no effect, and what it says is true. What nobody can hold, because a board knows no expiry and no repeats:
// a datagram that the network keeps or copies after it left. That many doors open late or twice, and no more; they are counted
// so that the guide does not promise otherwise.
func TestOpenOverAHostileNetwork(t *testing.T) {
	r := newRig(t, func(config *Config, _ *SimulatorConfig) { config.Timeout, config.Tries = 60*time.Millisecond, 2 })
	network := newBadNetwork(t, r, 1)
	r.driver = r.through(network.front.LocalAddr().String())
	states, late, twice, unsent := map[models.DoorCommandState]int{}, 0, 0, 0
	for range 100 {
		command, before := r.command(frontDoor, 4*time.Second), r.simulator.Pulses(1)
		outcome, _ := r.driver.Open(t.Context(), command)
		sent, copies := network.take()
		for _, at := range sent {
			if !at.Before(command.ExpiresAt) {
				t.Errorf("an opening left at %s, and was over at %s", at, command.ExpiresAt)
			}
		}
		r.clock.advance(time.Minute)
		brought := network.bring()
		eventually(t, "what was kept and copied arrives", network.arrived)
		pulses := r.simulator.Pulses(1) - before
		states[outcome.State]++
		late += brought
		twice += copies
		switch {
		case len(sent) > openTries || pulses > len(sent)+copies:
			t.Errorf("%+v: sent %d, copied %d, pulsed %d", outcome, len(sent), copies, pulses)
		case outcome.State == models.CommandOpened && pulses == 0,
			(outcome.State == models.CommandFailed || outcome.State == models.CommandExpired) && pulses > 0:
			t.Errorf("%+v is not true: pulsed %d", outcome, pulses)
		}
		if len(sent) == 0 {
			unsent++
		}
		r.clock.advance(time.Minute) // the relay falls
	}
	t.Logf("%v; never sent %d; kept by the network and so late %d, copied by it %d", states, unsent, late, twice)
	if states[models.CommandOpened] < 50 || states[models.CommandUnknown] == 0 || late == 0 || twice == 0 || unsent == 0 {
		t.Error("a test of nothing")
	}
}

// through is the rig's driver by another address.
func (r *rig) through(address string) *Driver {
	r.t.Helper()
	config := r.driver.config
	config.Address = address
	made, err := NewDriver(config)
	if err != nil {
		r.t.Fatal(err)
	}
	return made
}
