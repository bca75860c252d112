package doors

import (
	"encoding/json"
	"fmt"
	"time"

	"xunfang/models"
)

// maxMessage bounds every payload, in bytes; a signed command is well under one KiB.
const maxMessage = 4 << 10

// wireTime is RFC 3339 in UTC with exactly three digits of milliseconds.
const wireTime = "2006-01-02T15:04:05.000Z"

// ActionOpen pulses the door's relay once. It is the only action of this version.
const ActionOpen = "open"

// Command is the wish that one door be opened once, before it is signed.
type Command struct {
	ID        models.ID
	DoorID    models.ID
	DeviceID  models.ID
	Action    string
	IssuedAt  time.Time // milliseconds; finer digits are cut off on the wire
	ExpiresAt time.Time // from this moment on nobody acts; at most MaxLifetime after IssuedAt
	Nonce     string    // the session nonce of the device's latest hello
}

// Result is what became of a command at the controller.
type Result string

// What a controller can answer. Whoever waits for an answer that never comes knows nothing.
const (
	ResultOpened  Result = "opened"  // the relay was pulsed
	ResultFailed  Result = "failed"  // it should have been, and the hardware did not
	ResultRefused Result = "refused" // a check did not hold; Reason says which
)

// Ack is a controller's answer to one command.
type Ack struct {
	ID     models.ID // of the command
	DoorID models.ID
	Result Result
	Reason string    // "" with opened; else one of the reasons of docs/door-protocol.md, or the maker's own
	At     time.Time // on the controller's clock
}

// Way is how somebody came through a door, or tried to.
type Way string

// The ways of the contract.
const (
	WayCode   Way = "code"
	WayRemote Way = "remote"
	WayFace   Way = "face"
	WayCard   Way = "card"
	WayButton Way = "button"
	WayForced Way = "forced"
)

// Outcome is what the door did.
type Outcome string

// The outcomes of an event.
const (
	OutcomeGranted Outcome = "granted"
	OutcomeDenied  Outcome = "denied"
)

// Event is something that happened at a door.
type Event struct {
	ID            models.ID // made by the device; a repeat carries the same one
	DoorID        models.ID
	At            time.Time // on the controller's clock
	Way           Way
	Outcome       Outcome
	CredentialRef string // opaque, "" when there is none; never a code, a face or a name
}

// hello is the first message of a connection, bye the last; the broker sends bye as the will.
type hello struct {
	DeviceID models.ID
	Nonce    string
	Firmware string
	At       time.Time
}

type bye struct {
	DeviceID models.ID
	Nonce    string
}

func (c Command) encode() ([]byte, error) {
	return encode(struct {
		ID        models.ID `json:"id"`
		DoorID    models.ID `json:"door_id"`
		DeviceID  models.ID `json:"device_id"`
		Action    string    `json:"action"`
		IssuedAt  string    `json:"issued_at"`
		ExpiresAt string    `json:"expires_at"`
		Nonce     string    `json:"nonce"`
	}{c.ID, c.DoorID, c.DeviceID, c.Action, onWire(c.IssuedAt), onWire(c.ExpiresAt), c.Nonce})
}

func (a Ack) encode() ([]byte, error) {
	return encode(struct {
		ID     models.ID `json:"id"`
		DoorID models.ID `json:"door_id"`
		Result Result    `json:"result"`
		Reason string    `json:"reason,omitempty"`
		At     string    `json:"at"`
	}{a.ID, a.DoorID, a.Result, a.Reason, onWire(a.At)})
}

func (e Event) encode() ([]byte, error) {
	return encode(struct {
		ID            models.ID `json:"id"`
		DoorID        models.ID `json:"door_id"`
		At            string    `json:"at"`
		Way           Way       `json:"way"`
		Outcome       Outcome   `json:"outcome"`
		CredentialRef string    `json:"credential_ref,omitempty"`
	}{e.ID, e.DoorID, onWire(e.At), e.Way, e.Outcome, e.CredentialRef})
}

func (h hello) encode() ([]byte, error) {
	return encode(struct {
		DeviceID models.ID `json:"device_id"`
		Nonce    string    `json:"session_nonce"`
		Firmware string    `json:"firmware"`
		At       string    `json:"at"`
	}{h.DeviceID, h.Nonce, h.Firmware, onWire(h.At)})
}

func (b bye) encode() ([]byte, error) {
	return encode(struct {
		DeviceID models.ID `json:"device_id"`
		Nonce    string    `json:"session_nonce"`
	}{b.DeviceID, b.Nonce})
}

func encode(message any) ([]byte, error) {
	payload, err := json.Marshal(message)
	if err != nil {
		return nil, fmt.Errorf("doors: encode: %w", err)
	}
	if len(payload) > maxMessage {
		return nil, fmt.Errorf("doors: message of %d bytes, at most %d", len(payload), maxMessage)
	}
	return payload, nil
}

func onWire(at time.Time) string { return at.UTC().Format(wireTime) }
