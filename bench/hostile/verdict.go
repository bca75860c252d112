package hostile

import (
	"slices"
	"time"

	"xunfang/doors"
	"xunfang/models"
)

// What is right and wrong is said here in true time, and not in the words of doors.Judge.

// honest is how far two clocks may differ and still count as right, and how long before the expiry a command has to
// arrive to be sure of opening.
const honest = time.Second

// bound is how much longer than its life a command can open at most: the controller's clock may lie behind by
// MaxClockSkew when the session begins, and both clocks may be set by MaxClockStep unnoticed.
const bound = doors.MaxClockSkew + 2*doors.MaxClockStep

// life is how long a command may open after it was signed.
func (c *command) life() time.Duration { return min(c.ExpiresAt.Sub(c.RequestedAt), doors.MaxLifetime) }

// mustOpen says whether the delivery of this letter now has to open its door: as it was signed, in time, to the
// right controller in the right session, whose clock is right, and for the first time.
func (l letter) mustOpen(to *controller) bool {
	of, passed := l.of, to.world.passed
	return !l.forged && !l.Retained && to.id == of.DeviceID && of.moves == 0 &&
		slices.Contains(to.doors, of.DoorID) && of.sent.Action == doors.ActionOpen &&
		of.sent.Nonce == to.panel.Nonce() && to.set <= to.begun &&
		of.ExpiresAt.Sub(of.RequestedAt) <= doors.MaxLifetime &&
		(of.offset-to.offset).Abs() <= honest && passed < of.signed+of.life()-honest
}

// relay is the moment that counts: a door is released.
func (c *controller) relay(door, id models.ID) {
	w, one := c.world, c.brought
	c.moved = true
	w.note("relay "+string(c.id), id)
	of := w.server.commands[id]
	if one.forged || of == nil || one.of != of {
		w.result.Unsigned++
		return
	}
	if of.moves++; of.moves == 1 {
		w.result.Opened++
	} else {
		w.result.Twice++
	}
	if c.id != of.DeviceID || door != of.DoorID || !slices.Contains(c.doors, door) {
		w.result.WrongDoor++
	}
	if one.Retained {
		w.result.Kept++
	}
	if of.sent.Action != doors.ActionOpen {
		w.result.Other++
	}
	if behind := max(0, of.offset-c.offset); w.passed >= of.signed+of.life()+min(behind, bound) {
		w.result.Late++
	}
}
