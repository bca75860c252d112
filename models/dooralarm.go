package models

import "time"

const (
	// HeldOpenDefault is how long a door may stand open where nobody has set it.
	HeldOpenDefault = 30 * time.Second
	// DoorAlarmAgain is the least time between two tellings of the same alarm at the same door.
	DoorAlarmAgain = 15 * time.Minute
	// DoorAlarmTold is how often one occurrence is told at most.
	DoorAlarmTold = 4
	// DuressAgain is the same of duress, which is told anew sooner.
	DuressAgain = time.Minute
	// DoorAlarmKept is how long occurrences and events of doors are kept.
	DoorAlarmKept = AccessEventKept
)

// What alerts say about doors. Duress has a kind of its own, so that no list of the others shows it.
const (
	AlertDoorAlarm = "door_alarm"
	AlertDuress    = "door_duress"
)

// DoorAlarmEvent is one occurrence of an alarm, at a door or at a whole device.
type DoorAlarmEvent struct {
	ID        ID
	Place     Place
	SubjectID ID // the door, or the device
	DoorID    ID // "" when it is about the device
	DeviceID  ID
	Kind      DoorEventKind
	BeganAt   time.Time
	EndedAt   time.Time
	AlertID   ID // the last
	ToldAt    time.Time
	Told      int
	AgainAt   time.Time // when it is told again; zero: never
}

// NewDoorAlarm is the occurrence that an event begins. toldBefore is when one of this kind was last told here. It is for
// the caller to tell it when Told is 1.
func NewDoorAlarm(e DeviceEvent, step AlarmStep, toldBefore, now time.Time) DoorAlarmEvent {
	made := DoorAlarmEvent{
		Place: e.Place, SubjectID: e.Subject(), DoorID: e.DoorID, DeviceID: e.DeviceID, Kind: step.Begins, BeganAt: e.OccurredAt,
		ToldAt: toldBefore,
	}
	again := DoorAlarmAgain
	if made.Kind == EventDuress {
		again = DuressAgain
	}
	if toldBefore.IsZero() || now.Sub(toldBefore) >= again {
		made.Told, made.ToldAt = 1, now
	}
	if made.AgainAt = made.ToldAt.Add(again); made.Told >= made.most() {
		made.AgainAt = time.Time{}
	}
	if step.Over {
		made.EndedAt, made.AgainAt = e.OccurredAt, time.Time{}
	}
	return made
}

// Again is the occurrence after it was told once more.
func (a DoorAlarmEvent) Again(now time.Time) DoorAlarmEvent {
	a.Told, a.ToldAt, a.AgainAt = a.Told+1, now, now.Add(DoorAlarmAgain)
	if a.Told >= a.most() {
		a.AgainAt = time.Time{}
	}
	return a
}

// most is how often the occurrence is told: a silence once, for nobody is at the door.
func (a DoorAlarmEvent) most() int {
	if a.Kind == EventSilent {
		return 1
	}
	return DoorAlarmTold
}

// Audience says which roles over the door are told: who is at hand, at night the duty desk as well. Duress is for the
// duty desk alone, for whoever forces somebody may stand at the guard's window. A silent device is for who has it mended.
func (a DoorAlarmEvent) Audience(now time.Time, zone *time.Location) []Role {
	if a.Kind == EventDuress {
		return []Role{RoleCommander}
	}
	if a.Kind == EventSilent {
		return []Role{RoleProperty, RoleCommander}
	}
	roles := []Role{RoleGuard, RoleProperty}
	if Night(now, zone) {
		roles = append(roles, RoleCommander)
	}
	return roles
}

// Night says whether it is night by a station's wall clock.
func Night(now time.Time, zone *time.Location) bool {
	local := now.In(zone)
	minute := local.Hour()*60 + local.Minute()
	return minute >= NightFromMinute || minute < NightUntilMinute
}

// Severity is how urgent the alarm is.
func (a DoorAlarmEvent) Severity() string {
	switch a.Kind {
	case EventDuress:
		return SeverityEmergency
	case EventForcedOpen, EventTamper:
		return SeverityHigh
	default:
		return SeverityNormal
	}
}

// DoorAlarmSettings are what an installer sets of a door.
type DoorAlarmSettings struct {
	DoorID   ID
	HeldOpen time.Duration // how long it may stand open
}

// SeesDuress says whether all that a caller sees of door events is theirs to command: who forces somebody may stand
// beside whoever else reads the list.
func SeesDuress(who Principal, sights []Sight) bool {
	for _, sight := range sights {
		commands := false
		for _, grant := range who.Grants {
			commands = commands || grant.Role == RoleCommander && grant.Place.Contains(sight.Within)
		}
		if !commands {
			return false
		}
	}
	return true
}
