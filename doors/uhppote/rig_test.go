package uhppote

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"xunfang/models"
)

const (
	frontDoor = models.ID("0198c000-0000-7000-8000-0000000000a1")
	gate      = models.ID("0198c000-0000-7000-8000-0000000000a2")
	elsewhere = models.ID("0198c000-0000-7000-8000-0000000000ff")
	patience  = 10 * time.Second
)

// clock is the one that server and board look at; a test moves it.
type clock struct {
	mutex sync.Mutex
	at    time.Time
}

func (c *clock) now() time.Time {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.at
}

func (c *clock) advance(by time.Duration) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.at = c.at.Add(by)
}

var shanghai = time.FixedZone("Asia/Shanghai", 8*3600)

// rig is a simulated board and its driver.
type rig struct {
	t         *testing.T
	clock     *clock
	simulator *Simulator
	driver    *Driver
	heard     heard
}

// heard counts the requests that reached the board.
type heard struct {
	mutex  sync.Mutex
	counts map[Function]int
}

func (h *heard) count(function Function) int {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return h.counts[function]
}

func newRig(t *testing.T, changes ...func(*Config, *SimulatorConfig)) *rig {
	t.Helper()
	r := &rig{t: t, clock: &clock{at: time.Date(2026, 11, 24, 4, 0, 0, 0, time.UTC)}, heard: heard{counts: map[Function]int{}}}
	board := SimulatorConfig{Serial: python, Address: "127.0.0.1:0", Zone: shanghai, Now: r.clock.now}
	config := Config{
		BoardConfig: BoardConfig{Serial: python, Zone: shanghai, Timeout: 80 * time.Millisecond},
		Doors:       []Door{{ID: frontDoor, Number: 1, Contact: true}, {ID: gate, Number: 3, Contact: true}},
		Now:         r.clock.now, Logger: slog.New(slog.DiscardHandler),
		Poll: 20 * time.Millisecond,
	}
	for _, change := range changes {
		change(&config, &board)
	}
	var err error
	if r.simulator, err = NewSimulator(t.Context(), board); err != nil {
		t.Fatal(err)
	}
	r.lose(func(Function, bool) bool { return false })
	run(t, r.simulator.Run)
	if config.Address == "" {
		config.Address = r.simulator.Address().String()
	}
	if r.driver, err = NewDriver(config); err != nil {
		t.Fatal(err)
	}
	return r
}

// lose makes the board lose datagrams, and goes on counting what reached it.
func (r *rig) lose(lose func(function Function, reply bool) bool) {
	r.simulator.Lose(func(function Function, reply bool) bool {
		if !reply {
			r.heard.mutex.Lock()
			r.heard.counts[function]++
			r.heard.mutex.Unlock()
		}
		return lose(function, reply)
	})
}

// loseFirst loses the first count datagrams of one kind.
func (r *rig) loseFirst(wanted Function, reply bool, count int) {
	r.lose(func(function Function, isReply bool) bool {
		if function != wanted || isReply != reply || count == 0 {
			return false
		}
		count--
		return true
	})
}

func (r *rig) command(door models.ID, life time.Duration) models.DoorCommand {
	now := r.clock.now()
	return models.DoorCommand{ID: "c", DoorID: door, RequestedAt: now, ExpiresAt: now.Add(life)}
}

// run runs something until the test ends.
func run(t *testing.T, what func(context.Context) error) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- what(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("ended with %v", err)
		}
	})
	t.Cleanup(stop)
	return stop
}

// eventually waits for what must become true.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !holds(); {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// taken is a sink that keeps everything, and refuses while told to.
type taken struct {
	mutex  sync.Mutex
	events []models.DoorEvent
	refuse error
}

func (k *taken) take(_ context.Context, event models.DoorEvent) error {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	if k.refuse != nil {
		return k.refuse
	}
	k.events = append(k.events, event)
	return nil
}

func (k *taken) all() []models.DoorEvent {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	return append([]models.DoorEvent(nil), k.events...)
}

func (k *taken) setRefuse(err error) {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	k.refuse = err
}
