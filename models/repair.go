package models

import (
	"slices"
	"time"
)

// RepairCategory is what needs mending.
type RepairCategory string

// The categories.
const (
	RepairLamp        RepairCategory = "lamp"
	RepairDoor        RepairCategory = "door" // doors and locks
	RepairGate        RepairCategory = "gate"
	RepairLift        RepairCategory = "lift"
	RepairWater       RepairCategory = "water"
	RepairElectricity RepairCategory = "electricity"
	RepairFire        RepairCategory = "fire_equipment"
	RepairOther       RepairCategory = "other"
)

// RepairCategories lists the categories as people choose from them.
var RepairCategories = []RepairCategory{
	RepairLamp, RepairDoor, RepairGate, RepairLift, RepairWater, RepairElectricity, RepairFire, RepairOther,
}

// RepairState is where a repair stands.
type RepairState string

// The states, in order.
const (
	RepairRequested  RepairState = "requested" // nobody has it yet, or whoever had it declined
	RepairAssigned   RepairState = "assigned"
	RepairAccepted   RepairState = "accepted"
	RepairInProgress RepairState = "in_progress"
	RepairDone       RepairState = "done"
	RepairRated      RepairState = "rated"
	RepairReopened   RepairState = "reopened" // done, and not well: whoever had it has it again, and accepts it anew
	RepairCancelled  RepairState = "cancelled"
)

// EndedRepairs are the states in which nobody waits for anything.
var EndedRepairs = []RepairState{RepairDone, RepairRated, RepairCancelled}

// RepairReopenWithin is how long after it was done a repair may be rated or reopened.
const RepairReopenWithin = 7 * 24 * time.Hour

// MaxRepairReopened bounds how often one repair is reopened; after that a new one is asked for.
const MaxRepairReopened = 5

// Repair is something that somebody in a compound wants mended.
type Repair struct {
	ID          ID // made by the phone
	OrderID     ID // made by the server, sortable
	Place       Place
	RequesterID ID
	Category    RepairCategory
	Note        Secret
	Spot        Secret // where exactly, in words
	Contact     Secret // whom to call; what the requester chose to give
	MediaIDs    []ID   // before
	DoneIDs     []ID   // photos of what was done
	WishFrom    time.Time
	WishUntil   time.Time // zero: whenever
	State       RepairState
	AssignedTo  ID
	DueAt       time.Time // until when the next step is wanted; zero when nobody waits
	ClimbsAt    time.Time
	Climb       RepairClimb
	RequestedAt time.Time
	AcceptedAt  time.Time // for the first time
	DoneAt      time.Time // for the last time
	Late        bool      // a clock has passed
	Reopened    int
	Rating      int // 1 to 5; 0 for none
	Version     int // one more with every change
	BodyHash    []byte
	Steps       []RepairStep
}

// RepairStep is one change of a repair.
type RepairStep struct {
	State RepairState
	At    time.Time
	ByID  ID // "" for the service
	ToID  ID // of an assignment
	Note  Secret
}

// repairNext is what the one who has a repair may do with it: from → to.
var repairNext = map[RepairState][]RepairState{
	RepairAssigned:   {RepairAccepted, RepairRequested},
	RepairAccepted:   {RepairInProgress, RepairDone, RepairRequested},
	RepairInProgress: {RepairDone, RepairRequested},
	RepairReopened:   {RepairAccepted, RepairRequested},
}

// Ended says whether nobody waits for anything.
func (r Repair) Ended() bool { return slices.Contains(EndedRepairs, r.State) }

// wrongState refuses a step and tells the state that stands in its way.
func (r Repair) wrongState() error {
	return Fail(CodeWrongState).WithFields(FieldError{Field: "state", Code: FieldNotAllowed, Want: string(r.State)})
}

// CheckStep says whether a person may take the repair to a state: only who has it accepts, declines (back to
// requested, with a note), begins and finishes.
func (r Repair) CheckStep(by ID, to RepairState, note Secret) error {
	if !slices.Contains(repairNext[r.State], to) || r.AssignedTo != by {
		return r.wrongState()
	}
	if to == RepairRequested && note == "" {
		return Unfit("note", FieldRequired, "why not")
	}
	return nil
}

// CheckAssignment says whether the repair may be given to somebody, or handed over.
func (r Repair) CheckAssignment(to ID) error {
	if r.Ended() {
		return r.wrongState()
	}
	if r.AssignedTo == to && r.State != RepairRequested {
		return Unfit("person_id", FieldNotUnique, "somebody who does not have it yet")
	}
	return nil
}

// CheckCancellation says whether the repair may be given up: by its requester until it has begun, by those who mend at
// any time before it is done, who say why.
func (r Repair) CheckCancellation(byRequester bool, note Secret) error {
	if r.Ended() || byRequester && r.State == RepairInProgress {
		return r.wrongState()
	}
	if !byRequester && note == "" {
		return Unfit("note", FieldRequired, "why not")
	}
	return nil
}

// CheckRating says whether the requester may rate what was done.
func (r Repair) CheckRating(now time.Time) error {
	if r.State != RepairDone || now.After(r.DoneAt.Add(RepairReopenWithin)) {
		return r.wrongState()
	}
	return nil
}

// CheckReopening says whether the requester may have it done again.
func (r Repair) CheckReopening(now time.Time) error {
	done := r.State == RepairDone || r.State == RepairRated
	if !done || now.After(r.DoneAt.Add(RepairReopenWithin)) || r.Reopened >= MaxRepairReopened {
		return r.wrongState()
	}
	return nil
}

// Stepped is the repair after a step, with its next clock.
func (r Repair) Stepped(step RepairStep, zone *time.Location) Repair {
	r.State, r.Steps = step.State, append(slices.Clone(r.Steps), step)
	switch step.State {
	case RepairRequested:
		r.AssignedTo = ""
	case RepairAssigned:
		r.AssignedTo = step.ToID
	case RepairAccepted:
		if r.AcceptedAt.IsZero() {
			r.AcceptedAt = step.At
		}
	case RepairDone:
		r.DoneAt = step.At
		if r.AcceptedAt.IsZero() {
			r.AcceptedAt = step.At
		}
	case RepairInProgress, RepairRated, RepairReopened, RepairCancelled: // who reopens asks whoever had it
	}
	r.Late = r.Late || !r.DueAt.IsZero() && step.At.After(r.DueAt)
	r.DueAt = r.due(step.At, zone)
	r.ClimbsAt, r.Climb = r.DueAt, RepairOnTime
	return r
}

// CheckWish refuses a wished time that makes no sense, naming the field.
func (r Repair) CheckWish(now time.Time) error {
	switch {
	case r.WishFrom.IsZero() != r.WishUntil.IsZero():
		return Unfit("wish", FieldRequired, "from and until")
	case r.WishUntil.IsZero():
		return nil
	case !r.WishUntil.After(r.WishFrom):
		return Unfit("wish.until", FieldTooSmall, "> from")
	case !r.WishUntil.After(now):
		return Unfit("wish.until", FieldTooSmall, "> now")
	case r.WishUntil.After(now.Add(MaxRepairWish)):
		return Unfit("wish.until", FieldTooLarge, "<= now + 30 d")
	default:
		return nil
	}
}

// RepairPlace finds where a repair is wanted: at one's own home, or in a compound that one's roles lie in or reach; the only
// one where none is named.
func RepairPlace(who Principal, home ID, homePlace Place, compound Place) (Place, error) {
	places := []Place{}
	for _, grant := range who.Grants {
		switch {
		case home != "" && grant.Role == RoleResident && grant.Place.Home == home:
			return homePlace, nil
		case home == "" && compound.Compound != "" && grant.Place.Station == compound.Station &&
			(grant.Place.Compound == compound.Compound || grant.Place.Contains(compound)):
			return compound, nil
		}
		if one := (Place{Station: grant.Place.Station, Compound: grant.Place.Compound}); one.Compound != "" && !slices.Contains(places, one) {
			places = append(places, one)
		}
	}
	switch {
	case home != "":
		return Place{}, Unfit("home_id", FieldNoSuch, "")
	case compound.Compound != "":
		return Place{}, Unfit("compound_id", FieldNoSuch, "")
	case len(places) != 1:
		return Place{}, Unfit("compound_id", FieldRequired, "one of your compounds")
	default:
		return places[0], nil
	}
}
