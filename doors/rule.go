package doors

import (
	"slices"
	"time"

	"xunfang/models"
)

// The two windows of a command. Both edges are part of the protocol.
const (
	MaxLifetime  = 60 * time.Second // ExpiresAt - IssuedAt, inclusive
	MaxClockSkew = 30 * time.Second // how far IssuedAt may lie ahead of the controller's clock, inclusive
)

// The reasons of a refusal, in the order in which they are looked for, and of a failure.
const (
	ReasonOtherDevice   = "other_device"
	ReasonOtherDoor     = "other_door"
	ReasonOldNonce      = "old_nonce"
	ReasonUnknownAction = "unknown_action"
	ReasonBadLifetime   = "bad_lifetime"
	ReasonNotYet        = "not_yet"
	ReasonExpired       = "expired"
	ReasonMemoryFull    = "memory_full"
	ReasonRelay         = "relay" // with ResultFailed: the relay did not answer

	Repeated = "repeated" // never sent: a repeat is answered with the first answer
)

// State is what a controller knows when a command arrives.
type State struct {
	DeviceID models.ID
	DoorIDs  []models.ID
	Nonce    string            // of the connection it has now
	Acted    map[models.ID]Ack // commands it has acted upon, with the answer it gave
	Full     bool              // no room to remember one more
}

// Verdict is what a controller does with a command whose signature holds.
type Verdict struct {
	Act    bool // pulse the relay, then answer for yourself
	Answer Ack  // when not Act: what to answer
}

// Judge decides about a command whose signature holds: the checks of docs/door-protocol.md, in
// their order, on the controller's own clock. It has no effect; whoever acts on it must have
// remembered the id before the relay moves.
func Judge(command Command, state State, now time.Time) Verdict {
	return JudgeBy(Checks(), command, state, now)
}

// Check is one reason not to act.
type Check struct {
	Reason string
	holds  func(command Command, state State, now time.Time) bool // true: the reason is there
}

// JudgeBy decides by some of the checks only. It is there to show what each of them is for: see bench/hostile.
func JudgeBy(list []Check, command Command, state State, now time.Time) Verdict {
	for _, one := range list {
		if !one.holds(command, state, now) {
			continue
		}
		if one.Reason == Repeated {
			return Verdict{Answer: state.Acted[command.ID]}
		}
		return Verdict{Answer: Ack{
			ID: command.ID, DoorID: command.DoorID, Result: ResultRefused, Reason: one.Reason, At: now,
		}}
	}
	return Verdict{Act: true}
}

// Checks is a list so that a test can leave out each one and see a door open that must not.
func Checks() []Check {
	return []Check{
		{ReasonOtherDevice, func(command Command, state State, _ time.Time) bool {
			return command.DeviceID != state.DeviceID
		}},
		// Before the nonce and the times: whoever asks again, however late, gets the first answer.
		{Repeated, func(command Command, state State, _ time.Time) bool {
			_, acted := state.Acted[command.ID]
			return acted
		}},
		{ReasonOtherDoor, func(command Command, state State, _ time.Time) bool {
			return !slices.Contains(state.DoorIDs, command.DoorID)
		}},
		// A controller without a nonce has no session, and an empty nonce is nobody's.
		{ReasonOldNonce, func(command Command, state State, _ time.Time) bool {
			return state.Nonce == "" || command.Nonce != state.Nonce
		}},
		{ReasonUnknownAction, func(command Command, _ State, _ time.Time) bool {
			return command.Action != ActionOpen
		}},
		{ReasonBadLifetime, func(command Command, _ State, _ time.Time) bool {
			lifetime := command.ExpiresAt.Sub(command.IssuedAt)
			return lifetime <= 0 || lifetime > MaxLifetime
		}},
		{ReasonNotYet, func(command Command, _ State, now time.Time) bool {
			return command.IssuedAt.Sub(now) > MaxClockSkew
		}},
		{ReasonExpired, func(command Command, _ State, now time.Time) bool {
			return !now.Before(command.ExpiresAt)
		}},
		{ReasonMemoryFull, func(_ Command, state State, _ time.Time) bool { return state.Full }},
	}
}
