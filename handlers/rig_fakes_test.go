package handlers_test

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"xunfang/handlers"
	"xunfang/models"
)

// clock stands still until it is advanced.
type clock struct {
	mutex sync.Mutex
	now   time.Time
}

// firstInstant is when every world begins.
var firstInstant = time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)

func newClock() *clock { return &clock{now: firstInstant} }

func (c *clock) Now() time.Time {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.now
}

func (c *clock) advance(by time.Duration) {
	c.mutex.Lock()
	c.now = c.now.Add(by)
	c.mutex.Unlock()
}

// idMaker makes version 7 UUIDs in strict order at the clock's instant.
type idMaker struct {
	clock *clock
	mutex sync.Mutex
	count uint64
}

func (m *idMaker) next() models.ID {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.count++
	var tail [6]byte
	_, _ = rand.Read(tail[:])
	millis := uint64(m.clock.Now().UnixMilli()) //nolint:gosec // the clock is after 1970
	return models.ID(fmt.Sprintf("%08x-%04x-7%03x-8%03x-%s",
		millis>>16, millis&0xffff, m.count>>12&0xfff, m.count&0xfff, hex.EncodeToString(tail[:])))
}

// counter counts calls.
type counter struct {
	mutex sync.Mutex
	count int
}

func (c *counter) add() {
	c.mutex.Lock()
	c.count++
	c.mutex.Unlock()
}

func (c *counter) value() int {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.count
}

// sentCommand is one command as it left for a controller.
type sentCommand struct {
	models.DoorCommand
	Nonce string
}

// fakeDoors records commands. What the controllers make of them is set by answer; by
// default they keep silent.
type fakeDoors struct {
	server  *handlers.Server
	mutex   sync.Mutex
	sent    []sentCommand
	answer  func(sentCommand) (acknowledge, opened bool)
	failure error
	down    error
	pending sync.WaitGroup
}

func newFakeDoors() *fakeDoors { return &fakeDoors{} }

var errBrokerGone = errors.New("the broker is gone")

// Send implements handlers.DoorLink.
func (f *fakeDoors) Send(_ context.Context, command models.DoorCommand, nonce string) error {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.failure != nil {
		return f.failure
	}
	sent := sentCommand{DoorCommand: command, Nonce: nonce}
	f.sent = append(f.sent, sent)
	if f.answer == nil {
		return nil
	}
	if acknowledge, opened := f.answer(sent); acknowledge {
		f.pending.Add(1)
		go func() {
			defer f.pending.Done()
			_ = f.server.Acknowledged(context.Background(), command.DeviceID, command.DoorID, command.ID, opened, "")
		}()
	}
	return nil
}

// Ready implements handlers.DoorLink.
func (f *fakeDoors) Ready() error {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.down
}

// set says what controllers make of commands from now on: open at once, refuse, or (nil) keep silent.
func (f *fakeDoors) set(answer func(sentCommand) (acknowledge, opened bool)) {
	f.mutex.Lock()
	f.answer = answer
	f.mutex.Unlock()
}

func opensAtOnce(sentCommand) (acknowledge, opened bool) { return true, true }

func refusesAtOnce(sentCommand) (acknowledge, opened bool) { return true, false }

// fail makes the broker take nothing (nil: take everything again).
func (f *fakeDoors) fail(failure error) {
	f.mutex.Lock()
	f.failure, f.down = failure, failure
	f.mutex.Unlock()
}

// commands is everything sent so far.
func (f *fakeDoors) commands() []sentCommand {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return append([]sentCommand{}, f.sent...)
}

// sentSMS is one message as it left for a phone.
type sentSMS struct{ Phone, Code, Locale string }

// fakeSMS records messages.
type fakeSMS struct {
	mutex sync.Mutex
	sent  []sentSMS
}

// SendCode implements handlers.SMSSender.
func (f *fakeSMS) SendCode(_ context.Context, phone, code models.Secret, locale string) error {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.sent = append(f.sent, sentSMS{Phone: phone.Reveal(), Code: code.Reveal(), Locale: locale})
	return nil
}

func (f *fakeSMS) messages() []sentSMS {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return append([]sentSMS{}, f.sent...)
}

// last waits for the newest message to a phone: messages leave beside the request.
func (f *fakeSMS) last(t *testing.T, phone string) sentSMS {
	t.Helper()
	var found sentSMS
	until(t, "a message to "+phone, func() bool {
		for _, message := range f.messages() {
			if message.Phone == phone {
				found = message
			}
		}
		return found.Phone != ""
	})
	return found
}

// until waits, at most 10 s, for a condition.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for !holds() {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
		time.Sleep(2 * time.Millisecond)
	}
}
