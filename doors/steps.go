package doors

import (
	"sync"
	"time"

	"xunfang/models"
)

// MaxClockStep is how far a clock may be set within a session without ending it. Time servers slew a
// clock and do not move this; they set it only when it was wrong.
const MaxClockStep = 2 * time.Second

// Behind says whether a clock that shows at lies too far behind ours. For such a controller an old command
// looks fresh, so nothing is signed for it. What the message took on its way counts as lying behind.
func Behind(at, now time.Time) bool { return now.Sub(at) > MaxClockSkew }

// steps notices that a clock was set: time on the wall and time that went by must go together. It is not safe
// for use by several goroutines.
type steps struct {
	now     func() time.Time
	elapsed func() time.Duration // since any moment, and never set
	wall    time.Time
	gone    time.Duration
}

// newSteps begins to watch. Without elapsed it takes what time.Now keeps for this beside the time of day; of a
// clock that has none it sees no steps.
func newSteps(now func() time.Time, elapsed func() time.Duration) *steps {
	if elapsed == nil {
		begun := now()
		elapsed = func() time.Duration { return now().Sub(begun) }
	}
	made := &steps{now: now, elapsed: elapsed}
	made.begin()
	return made
}

// begin measures from now on.
func (s *steps) begin() { s.wall, s.gone = s.now().Round(0), s.elapsed() }

// set says whether the clock was set since begin.
func (s *steps) set() bool {
	off := s.now().Round(0).Sub(s.wall) - (s.elapsed() - s.gone)
	return off.Abs() > MaxClockStep
}

// ownClock is the server's. While it shows the right time nothing is remembered here; once it was set, every
// session was judged by the wrong time, and counts only from the device's next hello on.
type ownClock struct {
	mutex sync.Mutex
	steps *steps
	heard map[models.ID]bool // since the clock was set; nil: it never was
}

// looked notes that the clock was set. The mutex is held.
func (c *ownClock) looked() {
	if c.steps.set() {
		c.steps.begin()
		c.heard = map[models.ID]bool{}
	}
}

// trusts says whether the device's clock was compared with ours as it is now.
func (c *ownClock) trusts(device models.ID) bool {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.looked()
	return c.heard == nil || c.heard[device]
}

// compared carries out what follows from comparing the device's clock with ours, and notes that it did, unless
// ours was set meanwhile.
func (c *ownClock) compared(device models.ID, follow func() error) error {
	c.mutex.Lock()
	c.looked()
	heard := c.heard
	c.mutex.Unlock()
	err := follow()
	if heard == nil || err != nil {
		return err
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.looked(); c.heard != nil {
		heard[device] = true // of the same map, or of one that nobody reads any more
	}
	return nil
}
