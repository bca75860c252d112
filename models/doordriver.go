package models

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// What a driver of door hardware can answer besides success. The words are for logs; a pass that could not
// be brought to a door carries one of the Reason constants.
var (
	ErrDoorUnable      = errors.New("the hardware cannot do this")            // by its capabilities, and never will
	ErrDoorUnreachable = errors.New("the hardware did not answer")            // it may tomorrow
	ErrDoorRefused     = errors.New("the hardware said no")                   // it answered
	ErrDoorUnknown     = errors.New("the door is not one of this hardware")   // the driver's doors are its setting
	ErrDoorWholeDays   = errors.New("the hardware only knows whole days")     // of a card's validity
	ErrDoorCredential  = errors.New("not a credential the hardware can hold") // out of range for it
)

// DoorCapabilities are what one piece of hardware can do, as its driver declares it. Nothing is promised to
// an app that is not here, and a driver answers ErrDoorUnable to what it denies.
type DoorCapabilities struct {
	ConfirmsOpening bool // says by itself that the relay was pulsed
	ExpiresCommands bool // refuses by itself what reaches it after its expiry
	KnowsPosition   bool // every door has a contact
	KnowsLock       bool // says whether the relay is drawn
	ReportsAlarms   bool // forced, held open too long
	ReportsTamper   bool
	HoldsCards      bool // decides on card numbers by itself
	HoldsCodes      bool // decides on codes typed at its keypad by itself
	WholeDaysOnly   bool // what it holds is valid from a day to a day, not to the minute
	Events          bool // tells what happens
	EventIndex      bool // numbers its events, and gives them again when asked
	DecidesOffline  bool // goes on letting its cards in while the server is away
	ClockCanBeSet   bool
	TriedOnHardware bool // by us, on a real device; false: from public documents and a stand-in
}

// Words lists what is so, in the words of the API. What is not among them is not promised.
func (c DoorCapabilities) Words() []string {
	words := []string{}
	for _, one := range []struct {
		word  string
		holds bool
	}{
		{"confirms_opening", c.ConfirmsOpening},
		{"expires_commands", c.ExpiresCommands},
		{"knows_position", c.KnowsPosition},
		{"knows_lock", c.KnowsLock},
		{"reports_alarms", c.ReportsAlarms},
		{"reports_tamper", c.ReportsTamper},
		{"holds_cards", c.HoldsCards},
		{"holds_codes", c.HoldsCodes},
		{"whole_days_only", c.WholeDaysOnly},
		{"events", c.Events},
		{"event_index", c.EventIndex},
		{"decides_offline", c.DecidesOffline},
		{"clock_can_be_set", c.ClockCanBeSet},
		{"tried_on_hardware", c.TriedOnHardware},
	} {
		if one.holds {
			words = append(words, one.word)
		}
	}
	return words
}

// DoorOutcome is what became of one opening.
type DoorOutcome struct {
	State     DoorCommandState // opened, failed, expired or unknown
	Confirmed bool             // the hardware itself said so
	Reason    string           // one of the Outcome reasons; "" with opened
	At        time.Time        // on the server's clock
}

// The reasons of an outcome that is not opened.
const (
	OutcomeExpired     = "expired"     // its time was over before it could be sent; nothing was sent
	OutcomeUnreachable = "unreachable" // nothing was sent: the hardware did not answer before
	OutcomeSilent      = "silent"      // it was sent, and nobody said what came of it
	OutcomeRefused     = "refused"     // the hardware said no
	OutcomeUnconfirmed = "unconfirmed" // taken, by hardware that does not say what it does
	OutcomeOtherDoor   = "other_door"  // the door is not this hardware's
	OutcomeNoDriver    = "no_driver"   // the settings of the device make no driver; nothing was sent
)

// DoorCard is a number that hardware holds, with its days and doors. A code typed at a keypad that sends it
// as a card number is one too. The number opens doors: it is never logged.
type DoorCard struct {
	Number uint32
	From   time.Time // the first moment of its first day
	Until  time.Time // the first moment after its last day
	Doors  []ID
}

// LogValue keeps the number out of logs.
func (c DoorCard) LogValue() slog.Value {
	return slog.GroupValue(slog.Time("from", c.From), slog.Time("until", c.Until), slog.Int("doors", len(c.Doors)))
}

// String keeps the number out of whatever else prints it.
func (DoorCard) String() string { return "card [hidden]" }

// DoorEventKind is what happened, in the words of the ONVIF Access Control and Door Control services.
type DoorEventKind string

// The kinds of events.
const (
	EventAccessGranted  DoorEventKind = "access_granted"
	EventAccessTaken    DoorEventKind = "access_taken"     // granted, and the door was opened
	EventAccessNotTaken DoorEventKind = "access_not_taken" // granted, and nobody went through
	EventAccessDenied   DoorEventKind = "access_denied"
	EventDuress         DoorEventKind = "duress"
	EventDoorOpened     DoorEventKind = "door_opened"
	EventDoorClosed     DoorEventKind = "door_closed"
	EventForcedOpen     DoorEventKind = "door_forced_open"
	EventHeldOpen       DoorEventKind = "door_open_too_long"
	EventTamper         DoorEventKind = "tamper"
	EventTamperEnded    DoorEventKind = "tamper_ended"
	EventFire           DoorEventKind = "fire" // the hardware's own fire input; doors are free by hardware
	EventFault          DoorEventKind = "fault"
	EventFaultEnded     DoorEventKind = "fault_ended"
	EventStarted        DoorEventKind = "started" // power came back, or a reset
	EventGap            DoorEventKind = "gap"     // events that nobody will ever see; Missing says how many
	EventOther          DoorEventKind = "other"   // a word of the maker's, in Reason
)

// DoorReplayAge is how far an event's time may lie from its arrival, either way, before it counts as
// replayed: nothing automatic ever acts on a replayed event.
const DoorReplayAge = 15 * time.Second

// DoorEvent is one thing that happened at hardware.
type DoorEvent struct {
	Index         uint32 // the hardware's own number; 0 where it does not number
	DoorID        ID     // "" when it is about the hardware as a whole, or about a door nobody named
	Kind          DoorEventKind
	Way           string // one of the Way constants, "" when it is none of them
	Reason        string // why it was denied, or the maker's word
	CredentialRef string // opaque; never the number
	Missing       uint32 // with EventGap: how many are lost; 0 when nobody can say
	OccurredAt    time.Time
	ReceivedAt    time.Time
	Replayed      bool
}

// Replays says whether an event of that time, received now, is too old (or too far ahead) to act on.
func (e DoorEvent) Replays(now time.Time) bool {
	age := now.Sub(e.OccurredAt)
	return age > DoorReplayAge || age < -DoorReplayAge
}

// EventID names an event of a device that numbers its events, always the same one for the same event, so that a repeat is
// dropped. The time is in it because a board that was reset counts from 1 again. "" where hardware does not number.
func (e DoorEvent) EventID(device ID) ID {
	if e.Index == 0 {
		return ""
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "door event %s %d %d", device, e.Index, e.OccurredAt.UnixMilli()))
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80 // a UUID of version 8
	text := hex.EncodeToString(sum[:16])
	return ID(text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:])
}

// Access gives what goes into the access events: a passage or a refusal, by a way that has a name. false: nobody went through
// or was turned away, as far as anybody said. Duress is none: a line in the list would tell whoever stands beside. That a
// passage was taken is none either: it was granted before.
func (e DoorEvent) Access() (AccessEvent, bool) {
	event := AccessEvent{DoorID: e.DoorID, OccurredAt: e.OccurredAt, Way: e.Way, Outcome: AccessGranted}
	switch e.Kind {
	case EventAccessGranted:
	case EventAccessDenied:
		event.Outcome = AccessDenied
	case EventForcedOpen:
		event.Way = WayForced
	default:
		return AccessEvent{}, false
	}
	return event, event.Way != ""
}

// DoorEventMark is the last event that was taken: from here hardware is asked on. Its time tells a board that
// has begun to count anew from one that goes on.
type DoorEventMark struct {
	Index      uint32
	OccurredAt time.Time
}

// DoorHealth is what a look at the hardware shows.
type DoorHealth struct {
	Online     bool
	Firmware   string
	Model      string
	RoundTrip  time.Duration
	ClockDrift time.Duration // its clock minus ours; 0 where it tells no time
	Fault      FaultState
	At         time.Time
}
