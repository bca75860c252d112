package hostile

import (
	"sort"
	"time"

	"xunfang/doors"
	"xunfang/models"
)

// letter is a message to a controller, with what is true about it.
type letter struct {
	doors.Message
	of     *command    // that it was made from
	to     *controller // that it was meant for
	forged bool        // not as the server signed it
}

// broker keeps, repeats, reorders, changes and misdirects. It reads everything, and knows how every clock is off.
type broker struct {
	world   *world
	archive map[models.ID][]letter // of the last day, by device, in the order of signing
}

const (
	archived = 24 * time.Hour
	replayed = 3 // letters that are brought again to a controller which has just connected
)

// command takes a command from the server: one to five copies, each with a fate of its own.
func (b *broker) command(one letter) {
	w := b.world
	b.keep(one)
	if life := one.of.ExpiresAt.Sub(one.of.RequestedAt); life > doors.MaxLifetime { // that the server should not give
		b.carry(w.anything(doors.MaxLifetime+bound, life), one)
		return
	}
	// Some are never brought; most are brought soon as well.
	for copies := 1 + w.lot.IntN(5); copies > 0; copies-- {
		wait := w.anything(time.Millisecond, 500*time.Millisecond)
		switch lot := w.lot.Float64(); {
		case lot < 0.02:
			continue
		case lot < 0.35:
			wait = w.anything(time.Millisecond, longestHeld)
		case lot < 0.45: // into the last moments
			wait = one.of.ExpiresAt.Sub(one.of.RequestedAt) + w.eitherWay(w.anything(time.Millisecond, 2*time.Second))
		}
		b.carry(wait, b.spoiled(one))
	}
	// One more where it can do most harm: when it looks fresh to a clock that is behind.
	if behind := one.of.offset - one.to.offset; behind > bound {
		b.carry(behind+w.anything(time.Millisecond, models.DoorCommandLife), one)
	}
	if w.chance(0.02) { // the power fails as soon as the door has opened, and the command comes again
		w.after(600*time.Millisecond, func() { one.to.restart(w.anything(200*time.Millisecond, 2*time.Second)) })
	}
}

func (b *broker) carry(wait time.Duration, one letter) {
	b.world.after(wait, func() { b.deliver(one.to, one) })
}

// spoiled is the letter, or what a stranger makes of it.
func (b *broker) spoiled(one letter) letter {
	w := b.world
	switch lot := w.lot.Float64(); {
	case lot < 0.03:
		one.Retained = true
	case lot < 0.06:
		one.to = w.controllers[w.lot.IntN(len(w.controllers))]
	case lot < 0.08 && one.to.twin != nil:
		one.to = one.to.twin
	case lot < 0.12:
		return b.forge(one)
	}
	return one
}

// keep remembers a letter for later.
func (b *broker) keep(one letter) {
	kept := append(b.archive[one.to.id], one)
	for b.world.passed-kept[0].of.signed > archived {
		kept = kept[1:]
	}
	b.archive[one.to.id] = kept
}

// connected brings a controller what it had before.
func (b *broker) connected(to *controller) {
	kept := b.archive[to.id]
	for _, one := range kept[max(0, len(kept)-replayed):] {
		b.carry(b.world.anything(time.Millisecond, time.Second), one)
	}
}

// wrongTime is how far off a controller's clock is set: often to the moment of a command of the present session that
// was held back, by whoever has the time server in hand as well.
func (b *broker) wrongTime(to *controller) time.Duration {
	w, kept := b.world, b.archive[to.id]
	if to.panel == nil || w.chance(0.5) {
		return w.wrongTime()
	}
	for at := len(kept) - 1; at >= 0 && kept[at].of.signed > to.begun; at-- {
		one := kept[at].of
		if one.moves == 0 && w.passed-one.signed > time.Minute {
			return one.RequestedAt.Add(time.Second).Sub(w.begun.Add(w.passed))
		}
	}
	return w.wrongTime()
}

// stepped brings a controller whose clock was just set whatever looks fresh to that clock, at once.
func (b *broker) stepped(to *controller) {
	kept, now := b.archive[to.id], to.now()
	from := sort.Search(len(kept), func(at int) bool { return kept[at].of.signed >= to.offset+b.world.passed-2*time.Minute })
	for _, one := range kept[from:] {
		if len(kept) > from+200 && one.of.moves > 0 {
			continue
		}
		if one.of.RequestedAt.Sub(now) > doors.MaxClockSkew {
			break
		}
		if now.Before(one.of.ExpiresAt) {
			b.carry(0, one)
		}
	}
}

// report takes what a controller says.
func (b *broker) report(message doors.Message) {
	w := b.world
	copies := 1
	if w.chance(0.2) {
		copies += w.lot.IntN(4)
	}
	for range copies {
		wait := w.anything(time.Millisecond, 200*time.Millisecond)
		switch lot := w.lot.Float64(); {
		case lot < 0.02:
			continue
		case lot < 0.1:
			wait = w.anything(time.Millisecond, longestHeld)
		}
		w.after(wait, func() { w.server.receive(message) })
	}
}

// deliver brings a letter to a controller and judges what it does.
func (b *broker) deliver(to *controller, one letter) {
	if to.panel == nil {
		return // no power: nobody keeps it
	}
	must := one.mustOpen(to)
	to.brought, to.moved = one, false
	message := one.Message
	if b.world.is(FaultRetained) {
		message.Retained = false
	}
	b.world.result.Delivered++
	answer, answered := to.panel.Receive(message)
	if must && !one.of.valid {
		one.of.valid = true
		b.world.result.Valid++
		if to.moved {
			b.world.result.Worked++
		} else {
			b.world.note("did not open", one.of.ID)
		}
	}
	if answered {
		b.report(answer)
	}
	to.lapse()
}
