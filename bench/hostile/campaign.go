package hostile

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"xunfang/auth"
	"xunfang/doors"
)

// Campaign says what is tried.
type Campaign struct {
	Seed     uint64
	Commands int
	Fault    Fault // "" for none
}

// Fault is one check that is left out.
type Fault string

// Those that are no check of doors.Checks; each of those is a fault by its reason too.
const (
	FaultSignature  Fault = "signature"    // the controller takes any payload
	FaultRetained   Fault = "retained"     // the controller takes what a broker has kept
	FaultStep       Fault = "clock_step"   // the controller does not notice that its clock was set
	FaultBehind     Fault = "clock_behind" // the server signs for a clock that is too far behind
	FaultServerStep Fault = "server_step"  // the server does not notice that its clock was set
)

// Faults are all that the campaign can show.
func Faults() []Fault {
	all := []Fault{FaultSignature, FaultRetained, FaultStep, FaultBehind, FaultServerStep}
	for _, check := range doors.Checks() {
		switch check.Reason {
		case doors.ReasonMemoryFull: // 1024 commands within a minute and a half: no such door
		case doors.ReasonNotYet: // the sessions of clocks that are too far behind are refused before it comes to this
		default:
			all = append(all, Fault(check.Reason))
		}
	}
	return all
}

// Result is what a campaign came to. Everything in the first group must be 0.
type Result struct { //nolint:recvcheck // Add alone changes it
	Late      int // opened after its expiry by more than the controller's clock may lie behind
	Twice     int // one command moved two relays, or one twice
	WrongDoor int // a relay moved that is not the command's door
	Unsigned  int // a relay moved for something that the server never signed
	Kept      int // a relay moved for a message with the retain flag
	Other     int // a relay moved for another action than open
	Untrue    int // the server says that a door opened, and it never did

	Commands  int // asked for
	Signed    int // and sent
	Delivered int // messages that reached a controller, all kinds
	Valid     int // commands of which at least one delivery had to open
	Worked    int // and opened at that moment
	Opened    int // commands that opened at all
	Said      int // commands that the server knows to have opened
	Denied    int // that it was told had failed, though they opened: the controller had forgotten

	Restarts, Steps, ServerSteps int
	Digest                       string // of all that happened, in order: the same for the same seed
}

// Violations counts what must not have happened.
func (r Result) Violations() int {
	return r.Late + r.Twice + r.WrongDoor + r.Unsigned + r.Kept + r.Other + r.Untrue
}

// Share is how many of the valid commands worked.
func (r Result) Share() float64 { return float64(r.Worked) / float64(max(1, r.Valid)) }

// ErrViolated is a campaign in which a door opened that must not, or did not open though it must.
var ErrViolated = errors.New("hostile: violated")

// wantedShare of the valid commands has to work.
const wantedShare = 0.9999

// Err says what was wrong.
func (r Result) Err() error {
	if r.Violations() > 0 || r.Valid == 0 || r.Share() < wantedShare {
		return fmt.Errorf("%w: %+v", ErrViolated, r)
	}
	return nil
}

// Add adds another campaign's result.
func (r *Result) Add(other Result) {
	for _, pair := range [][2]*int{
		{&r.Late, &other.Late},
		{&r.Twice, &other.Twice},
		{&r.WrongDoor, &other.WrongDoor},
		{&r.Unsigned, &other.Unsigned},
		{&r.Kept, &other.Kept},
		{&r.Other, &other.Other},
		{&r.Untrue, &other.Untrue},
		{&r.Commands, &other.Commands},
		{&r.Signed, &other.Signed},
		{&r.Delivered, &other.Delivered},
		{&r.Valid, &other.Valid},
		{&r.Worked, &other.Worked},
		{&r.Opened, &other.Opened},
		{&r.Said, &other.Said},
		{&r.Restarts, &other.Restarts},
		{&r.Steps, &other.Steps},
		{&r.ServerSteps, &other.ServerSteps},
		{&r.Denied, &other.Denied},
	} {
		*pair[0] += *pair[1]
	}
	sum := sha256.Sum256([]byte(r.Digest + other.Digest))
	r.Digest = hex.EncodeToString(sum[:8])
}

// Run carries the campaign out. keys sign and check; those of a stranger are made from the seed. With a fault it
// ends at the first violation.
func Run(campaign Campaign, keys, stranger *auth.Keys) Result {
	made := newWorld(campaign, keys, stranger)
	for made.next() {
		if campaign.Fault != "" && made.result.Violations() > 0 {
			break
		}
	}
	return made.end()
}

// What the world is like.
const (
	meanGap     = 5 * time.Second // between two commands
	longestHeld = 7 * 24 * time.Hour
	helloEvery  = time.Minute
	ordinary    = 4                // controllers, two doors each; one more shares the first one's doors and its nonces
	untilKnown  = 30 * time.Second // that an installer has moved a door
)
