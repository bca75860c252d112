package push

import (
	"time"

	"xunfang/models"
)

// When a channel's circuit opens, and when its provider is tried again.
const (
	CircuitWindow   = 2 * time.Minute // failures count for one to two halves of it
	CircuitFailures = 5               // so many open it, if they are at least half of the attempts
	MinCircuitPause = 5 * time.Second
	MaxCircuitPause = time.Minute     // doubled up to this after each probe that failed
	MaxAskedPause   = 5 * time.Minute // no longer, whatever a provider that refuses everything asks for
)

// CircuitState is whether a channel is used.
type CircuitState string

// The states of a circuit.
const (
	CircuitClosed   CircuitState = "closed"
	CircuitOpen     CircuitState = "open"      // its provider takes nothing: what is due waits
	CircuitHalfOpen CircuitState = "half_open" // one attempt is under way, to see
)

// Circuit is what is known of one channel's provider. It is a value: each step gives the next one. The zero value is closed.
type Circuit struct {
	open    bool
	probe   models.ID // the delivery that is tried; "" when none is
	until   time.Time // while open: when to try
	probes  int       // that failed since it opened
	since   time.Time // when the newer half of the window began
	halves  [2]tally  // the newer one first
	tookAny time.Time // when the provider last took something
}

type tally struct{ attempts, failures int }

// verdict is what an attempt says about the provider as a whole.
type verdict int

const (
	saysNothing verdict = iota // it was never asked, or not heard
	saysWell
	saysAway
)

func (o Outcome) verdict() verdict {
	switch o.State {
	case StateSent, StateGone:
		return saysWell
	case StateRetry:
		if o.Reason == ReasonCancelled {
			return saysNothing
		}
		return saysAway
	default: // an answer about this one message is an answer
		switch o.Reason {
		case ReasonRefused, ReasonSenderMismatch, ReasonInvalidArgument, ReasonInvalidToken, ReasonUnregistered:
			return saysWell
		}
		return saysNothing
	}
}

// State is the circuit's state.
func (c Circuit) State() CircuitState {
	switch {
	case !c.open:
		return CircuitClosed
	case c.probe != "":
		return CircuitHalfOpen
	default:
		return CircuitOpen
	}
}

// Room is how many attempts may begin at now, of free ones.
func (c Circuit) Room(free int, now time.Time) int {
	switch {
	case !c.open:
		return free
	case c.probe == "" && !now.Before(c.until):
		return min(free, 1)
	default:
		return 0
	}
}

// Begin says that an attempt at a delivery begins: with an open circuit it is the probe.
func (c Circuit) Begin(delivery models.ID) Circuit {
	if c.open && c.probe == "" {
		c.probe = delivery
	}
	return c
}

// Ended takes in how an attempt ended, and says whether it counts as one of those that a delivery has: it does not while the
// provider takes nothing from anybody, so that a night without the provider does not use a delivery up.
func (c Circuit) Ended(delivery models.ID, outcome Outcome, now time.Time) (Circuit, bool) {
	if c.open {
		return c.endedOpen(delivery, outcome, now), false
	}
	c = c.turned(now)
	says := outcome.verdict()
	if says == saysNothing {
		return c, true
	}
	c.halves[0].attempts++
	if says == saysWell {
		c.tookAny = now
		return c, true
	}
	c.halves[0].failures++
	attempts, failures := c.halves[0].attempts+c.halves[1].attempts, c.halves[0].failures+c.halves[1].failures
	if failures >= CircuitFailures && 2*failures >= attempts {
		return Circuit{open: true, until: now.Add(circuitPause(0, outcome.RetryAfter))}, false
	}
	return c, !c.tookAny.IsZero() && now.Sub(c.tookAny) < CircuitWindow
}

// endedOpen: only the probe tells; others began before the circuit opened.
func (c Circuit) endedOpen(delivery models.ID, outcome Outcome, now time.Time) Circuit {
	if c.probe == "" || c.probe != delivery {
		return c
	}
	c.probe = ""
	switch outcome.verdict() {
	case saysWell:
		return Circuit{since: now, tookAny: now}
	case saysAway:
		c.probes++
		c.until = now.Add(circuitPause(c.probes, outcome.RetryAfter))
	default: // the next one may tell more
		c.until = now
	}
	return c
}

// turned begins a new half of the window when the old one is over.
func (c Circuit) turned(now time.Time) Circuit {
	half := CircuitWindow / 2
	switch age := now.Sub(c.since); {
	case age >= 2*half || age < 0: // a clock that was set back begins anew
		c.since, c.halves = now, [2]tally{}
	case age >= half:
		c.since, c.halves = c.since.Add(half), [2]tally{{}, c.halves[0]}
	}
	return c
}

func circuitPause(probes int, asked time.Duration) time.Duration {
	pause := MinCircuitPause
	for ; probes > 0 && pause < MaxCircuitPause; probes-- {
		pause *= 2
	}
	return max(min(pause, MaxCircuitPause), min(asked, MaxAskedPause))
}
