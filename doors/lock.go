package doors

import (
	"sync/atomic"
	"time"
)

// Lock is the simulated lock of one door with its wiring: a lock that is held shut by current (fail-safe, as
// ways of escape need it), and the contacts in its supply. The exit button and the fire alarm's contact stand in
// that supply themselves. No program sits between them and the bolt: a lock knows no controller, no clock, no
// broker and no server, and there is nothing in it that any of them could refuse, delay or forget.
type Lock struct {
	dead    atomic.Bool  // the supply is off
	fire    atomic.Bool  // the fire alarm's contact is open
	exit    atomic.Bool  // somebody presses the exit button
	relay   atomic.Int32 // how many pulses of the controller's relay are on
	presses atomic.Int64
}

// Released says whether the door can be pushed open.
func (l *Lock) Released() bool {
	return l.dead.Load() || l.fire.Load() || l.exit.Load() || l.relay.Load() > 0
}

// PressExit presses the exit button until it is let go.
func (l *Lock) PressExit() (letGo func()) {
	l.exit.Store(true)
	l.presses.Add(1)
	return func() { l.exit.Store(false) }
}

// Presses counts how often the exit button was pressed.
func (l *Lock) Presses() int64 { return l.presses.Load() }

// Fire is the fire alarm: the lock stays released until the alarm is over.
func (l *Lock) Fire(alarm bool) { l.fire.Store(alarm) }

// Supply switches the lock's current. Without it the door is open.
func (l *Lock) Supply(on bool) { l.dead.Store(!on) }

// Pulse is the controller's relay: it adds one more contact to the supply, for as long as the installer has set.
// It can release the lock and cannot hold it shut.
func (l *Lock) Pulse(length time.Duration) {
	l.relay.Add(1)
	time.AfterFunc(length, func() { l.relay.Add(-1) })
}
