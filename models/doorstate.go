package models

import "time"

// What a door is, in the words of the ONVIF Door Control Service. Each list begins with "unknown": a
// driver says it wherever its hardware has no such sensor, and never guesses.

// DoorMode is how the door behaves towards those who want through (ONVIF DoorMode).
type DoorMode string

// The modes. Blocked is a door that stays locked whoever presents what.
const (
	ModeUnknown      DoorMode = "unknown"
	ModeLocked       DoorMode = "locked"
	ModeUnlocked     DoorMode = "unlocked"
	ModeAccessed     DoorMode = "accessed" // unlocked for a moment, after somebody was let in
	ModeBlocked      DoorMode = "blocked"
	ModeLockedDown   DoorMode = "locked_down"
	ModeLockedOpen   DoorMode = "locked_open"
	ModeDoubleLocked DoorMode = "double_locked"
)

// DoorPosition is where the leaf is (ONVIF DoorPhysicalState). Only a door contact knows it.
type DoorPosition string

// The positions.
const (
	PositionUnknown DoorPosition = "unknown"
	PositionOpen    DoorPosition = "open"
	PositionClosed  DoorPosition = "closed"
	PositionFault   DoorPosition = "fault"
)

// LockState is what holds the leaf (ONVIF LockPhysicalState).
type LockState string

// The states of a lock. A relay that is drawn counts as unlocked.
const (
	LockUnknown  LockState = "unknown"
	LockLocked   LockState = "locked"
	LockUnlocked LockState = "unlocked"
	LockFault    LockState = "fault"
)

// DoorAlarm is what is wrong with the way the door stands (ONVIF DoorAlarmState).
type DoorAlarm string

// The alarms.
const (
	AlarmUnknown  DoorAlarm = "unknown"
	AlarmNormal   DoorAlarm = "normal"
	AlarmForced   DoorAlarm = "door_forced_open"
	AlarmHeldOpen DoorAlarm = "door_open_too_long"
)

// TamperState says whether somebody is at the controller (ONVIF DoorTamperState).
type TamperState string

// The states of tampering.
const (
	TamperUnknown  TamperState = "unknown"
	TamperNone     TamperState = "not_in_tamper"
	TamperDetected TamperState = "tamper_detected"
)

// FaultState says whether the hardware reports a defect (ONVIF DoorFaultState).
type FaultState string

// The states of faults.
const (
	FaultUnknown  FaultState = "unknown"
	FaultNone     FaultState = "not_in_fault"
	FaultDetected FaultState = "fault_detected"
)

// DoorStatus is one door as its hardware describes it at one moment.
type DoorStatus struct {
	DoorID   ID
	Mode     DoorMode
	Position DoorPosition
	Lock     LockState
	Alarm    DoorAlarm
	Tamper   TamperState
	Fault    FaultState
	At       time.Time // when the answer came, on the server's clock
}

// UnknownDoorStatus is what is known of a door whose hardware tells nothing.
func UnknownDoorStatus(door ID, at time.Time) DoorStatus {
	return DoorStatus{
		DoorID: door, At: at, Mode: ModeUnknown, Position: PositionUnknown, Lock: LockUnknown,
		Alarm: AlarmUnknown, Tamper: TamperUnknown, Fault: FaultUnknown,
	}
}

// DoorSilence is how long after a controller was last heard its doors still count as it described them.
const DoorSilence = 5 * time.Minute

// DescribeDoor puts together what is known of a door now: what its own events said, and those about its controller. A
// controller that is away knows nothing: its door may have moved, so everything is unknown.
func DescribeDoor(door Door, controller Device, aspects []AspectState, now time.Time) DoorStatus {
	status := UnknownDoorStatus(door.ID, now)
	if controller.Disabled() || !controller.Online && now.Sub(controller.LastSeenAt) > DoorSilence {
		return status
	}
	for _, state := range aspects {
		if state.Value == "" || state.DeviceID != door.DeviceID || state.SubjectID != door.ID && state.SubjectID != door.DeviceID {
			continue
		}
		switch state.Aspect {
		case AspectLeaf:
			status.Position = DoorPosition(state.Value)
			if state.Alarm != "" {
				status.Alarm = state.Alarm
			}
		case AspectTamper:
			if status.Tamper != TamperDetected {
				status.Tamper = TamperState(state.Value)
			}
		case AspectFault:
			if status.Fault != FaultDetected {
				status.Fault = FaultState(state.Value)
			}
		}
	}
	return status
}
