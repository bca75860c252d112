package hostile

import (
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"xunfang/auth"
	"xunfang/doors"
	"xunfang/models"
)

// controller is one box at a door: a panel, its power and its clock.
type controller struct {
	world *world
	id    models.ID
	doors []models.ID  // as they are wired
	known []models.ID  // as the server has them
	panel *doors.Panel // nil: no power, or not connected yet
	twin  *controller  // the one with the same firmware image, and so with the same nonces

	offset  time.Duration // of its clock
	set     time.Duration // true time at which the clock was last set
	begun   time.Duration // and at which the session began
	boots   int
	brought letter // by the delivery that is under way
	moved   bool   // and whether that moved a relay
}

func newController(world *world, number int) *controller {
	made := &controller{world: world, id: world.id()}
	if number < ordinary {
		made.doors = []models.ID{world.id(), world.id()}
		made.known = made.doors
	}
	made.offset = made.world.eitherWay(world.anything(time.Millisecond, 400*time.Millisecond))
	return made
}

func (c *controller) now() time.Time { return c.world.begun.Add(c.world.passed + c.offset) }

// restart takes the power away for a while. What was remembered is gone, and a new nonce is drawn. The twin hangs
// on the same fuse.
func (c *controller) restart(off time.Duration) {
	for _, one := range []*controller{c, c.twin} {
		if one == nil {
			continue
		}
		one.panel = nil
		one.boots++
		boot := one.boots
		c.world.after(off, func() {
			if one.boots == boot {
				one.powerUp()
			}
		})
	}
	c.world.result.Restarts++
}

// powerUp begins with an empty memory.
func (c *controller) powerUp() {
	config := doors.PanelConfig{
		DeviceID: c.id, DoorIDs: slices.Clone(c.doors), Verify: c.verify, Judge: c.judge, Now: c.now,
		Elapsed: func() time.Duration { return c.world.passed }, Relay: c.relay, Logger: c.world.logger,
	}
	if c.world.is(FaultStep) {
		config.Elapsed = nil
	}
	c.panel = doors.NewPanel(config)
	c.connect()
}

// connect begins a session. Twins draw the same nonce where they have booted as often.
func (c *controller) connect() {
	if c.panel == nil {
		return
	}
	nonce := make([]byte, 16)
	if c.twin != nil && c.twin.panel != nil && c.twin.begun == c.world.passed && c.twin.panel.Nonce() != "" {
		nonce, _ = base64.RawURLEncoding.DecodeString(c.twin.panel.Nonce())
	} else {
		for at := range nonce {
			nonce[at] = byte(c.world.lot.UintN(256)) //nolint:gosec // a byte
		}
	}
	c.begun = c.world.passed
	c.panel.Begin(base64.RawURLEncoding.EncodeToString(nonce))
	c.hello()
	c.world.broker.connected(c)
}

// reconnect is a connection that broke: a new session, and nothing forgotten.
func (c *controller) reconnect() {
	c.connect()
	if c.twin != nil {
		c.twin.connect()
	}
}

func (c *controller) hello() {
	if c.panel == nil || c.panel.Nonce() == "" {
		return
	}
	if message, err := c.panel.Hello(); err == nil {
		c.world.broker.report(message)
	}
}

// lapse connects again once the panel has noticed that its clock was set. Until then it takes nothing.
func (c *controller) lapse() {
	if c.panel == nil || !c.panel.Lapsed() {
		return
	}
	panel := c.panel
	c.world.after(time.Second, func() {
		if c.panel == panel && panel.Nonce() == "" {
			c.connect()
		}
	})
}

// greet says hello every minute.
func (c *controller) greet() {
	c.world.after(helloEvery, func() {
		c.lapse()
		c.hello()
		if c.world.asking() {
			c.greet()
		}
	})
}

// trouble is what befalls a controller: no power, a broken connection, a clock that is set wrong and right again.
func (c *controller) trouble() {
	c.again(10*time.Minute, func() { c.restart(c.world.anything(200*time.Millisecond, 10*time.Second)) })
	c.again(10*time.Minute, c.reconnect)
	c.again(time.Hour, func() { c.rewire() })
	right := c.offset
	c.again(time.Hour, func() {
		c.step(c.world.broker.wrongTime(c))
		c.world.after(c.world.exponential(20*time.Minute), func() { c.step(right) })
	})
}

func (c *controller) again(mean time.Duration, what func()) {
	c.world.after(c.world.exponential(mean), func() {
		if !c.world.asking() {
			return
		}
		what()
		c.again(mean, what)
	})
}

// step sets the clock. Whoever did it may have had a reason: see broker.stepped.
func (c *controller) step(offset time.Duration) {
	c.offset, c.set = offset, c.world.passed
	c.world.result.Steps++
	c.world.broker.stepped(c)
}

// rewire swaps a door for another while the power is off; the server goes on sending for the old one for a while,
// to the session that began afterwards.
func (c *controller) rewire() {
	if c.twin != nil || c.doors[1] != c.known[1] {
		return
	}
	had := c.doors
	c.wire([]models.ID{had[0], c.world.id()})
	c.world.after(c.world.exponential(5*time.Minute)+time.Minute, func() { c.wire(had) })
}

func (c *controller) wire(doors []models.ID) {
	c.doors = doors
	c.restart(time.Second)
	c.world.after(untilKnown, func() { c.known = doors })
}

func (c *controller) verify(jws string) ([]byte, error) {
	if c.world.is(FaultSignature) {
		if parts := strings.Split(jws, "."); len(parts) == 3 {
			return base64.RawURLEncoding.DecodeString(parts[1])
		}
	}
	return auth.VerifyDoorCommand(jws, c.world.public)
}

func (c *controller) judge(command doors.Command, state doors.State, now time.Time) doors.Verdict {
	left := slices.DeleteFunc(doors.Checks(), func(one doors.Check) bool { return c.world.is(Fault(one.Reason)) })
	return doors.JudgeBy(left, command, state, now)
}
