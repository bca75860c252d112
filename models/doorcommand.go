package models

import "time"

// DoorCommandLife is how long a controller may act on a command.
const DoorCommandLife = 4 * time.Second

// DoorCommandGrace is how long after the expiry the server waits for a late acknowledgement
// before it says that it does not know.
const DoorCommandGrace = 500 * time.Millisecond

// DoorCommandState is what the server knows of a command.
type DoorCommandState string

// requested → sent → opened | failed | unknown; requested → expired when its time was over before it
// could be sent; requested → unknown when the server stopped in between and cannot tell.
// unknown, expired → opened | failed is possible: the acknowledgement came late, the act did not.
const (
	CommandRequested DoorCommandState = "requested"
	CommandSent      DoorCommandState = "sent"
	CommandOpened    DoorCommandState = "opened"
	CommandFailed    DoorCommandState = "failed"
	CommandExpired   DoorCommandState = "expired"
	CommandUnknown   DoorCommandState = "unknown"
)

// Ended says whether nothing more is awaited.
func (s DoorCommandState) Ended() bool { return s != CommandRequested && s != CommandSent }

// DoorCommand is one remote opening.
type DoorCommand struct {
	ID          ID
	Place       Place // the door's
	DoorID      ID
	DeviceID    ID
	PersonID    ID
	State       DoorCommandState
	RequestedAt time.Time
	ExpiresAt   time.Time
	EndedAt     time.Time
	Confirmed   bool   // the controller itself said what happened
	Reason      string // why it is not opened: one of the Outcome reasons; "" where nobody said
}

// RemoteEventEarly and RemoteEventLate are how far the hardware's own record of a remote opening may stand before and after
// the moment at which its outcome was noted: the command's life, and what the two clocks differ.
const (
	RemoteEventEarly = DoorCommandLife + DoorCommandGrace + 4*time.Second
	RemoteEventLate  = 4 * time.Second
)

// CommandBefore lists the states from which a command may enter the state; the database
// applies a change only where one of them holds.
func CommandBefore(to DoorCommandState) []DoorCommandState {
	switch to {
	case CommandSent, CommandExpired:
		return []DoorCommandState{CommandRequested}
	case CommandOpened, CommandFailed:
		return []DoorCommandState{CommandRequested, CommandSent, CommandUnknown, CommandExpired}
	case CommandUnknown:
		return []DoorCommandState{CommandRequested, CommandSent}
	default:
		return nil
	}
}
