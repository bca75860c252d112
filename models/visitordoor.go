package models

import "time"

// PassDoorState says whether a door knows of a pass.
type PassDoorState string

// The states. A door that asks the server about each code knows at once: it is issued.
const (
	PassIssued  PassDoorState = "issued"
	PassPending PassDoorState = "pending" // its controller holds codes itself and has not confirmed this one as it is now
	PassFailed  PassDoorState = "failed"  // its controller refused it
)

// MaxPassDoorReason bounds what a controller says of a refusal, in characters.
const MaxPassDoorReason = 64

// PassDoor is one door of a pass.
type PassDoor struct {
	DoorID    ID
	State     PassDoorState
	Reason    string // of a failure: a word of the controller's, nothing about people
	Revision  int    // of the pass at this door: a confirmation of an older one counts for nothing
	Removed   bool   // no longer a door of the pass, and not yet gone from its controller
	ChangedAt time.Time
	List      ListTimes // of its controller, where that decides by lists
}

// PassDoorAt is how a door of a pass begins, and begins again after each change.
func PassDoorAt(door Door, revision int, now time.Time) PassDoor {
	if door.HoldsCodes {
		return PassDoor{DoorID: door.ID, State: PassPending, Revision: revision, ChangedAt: now}
	}
	return PassDoor{DoorID: door.ID, State: PassIssued, Revision: revision, ChangedAt: now}.With(door.Driver.Kind)
}

// DoorsLeft names the doors that are still the pass's.
func DoorsLeft(doors []PassDoor) []ID {
	left := []ID{}
	for _, door := range doors {
		if !door.Removed {
			left = append(left, door.DoorID)
		}
	}
	return left
}

// MovedDoors is what becomes of a pass's doors when it, or the choice of them, changes: those it has now begin again, those
// it had are kept, as removed, until the controller that holds the code has let go of it.
func MovedDoors(old []PassDoor, chosen []ID, doors []Door, now time.Time) []PassDoor {
	facts, before, moved := map[ID]Door{}, map[ID]PassDoor{}, []PassDoor{}
	for _, door := range doors {
		facts[door.ID] = door
	}
	for _, door := range old {
		before[door.DoorID] = door
	}
	for _, id := range chosen {
		door := facts[id]
		door.ID = id
		moved = append(moved, PassDoorAt(door, before[id].Revision+1, now))
		delete(before, id)
	}
	for _, door := range old {
		if _, gone := before[door.DoorID]; gone && facts[door.DoorID].HoldsCodes {
			moved = append(moved, PassDoor{
				DoorID: door.DoorID, State: PassPending, Revision: door.Revision + 1, Removed: true, ChangedAt: now,
			})
		}
	}
	return moved
}

// DeliveryDoor chooses the one door of a delivery: the one asked for, else the only gate on the way.
func DeliveryDoor(asked []ID, chosen []ID, doors []Door) ([]ID, error) {
	if len(asked) == 1 {
		return asked, nil
	}
	gates := []ID{}
	for _, door := range doors {
		for _, id := range chosen {
			if door.ID == id && door.Kind == DoorGate {
				gates = append(gates, id)
			}
		}
	}
	if len(asked) > 1 {
		return nil, Unfit("door_ids", FieldTooLarge, "one door")
	}
	if len(gates) != 1 {
		return nil, Unfit("door_ids", FieldRequired, "one door")
	}
	return gates, nil
}
