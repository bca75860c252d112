package demo

import (
	"fmt"
	"slices"
	"time"
	_ "time/tzdata" // nights are those of the station's time zone, on a machine that knows none too

	"xunfang/models"
)

// cast is who plays which part of the day, found in the description by what they are.
type cast struct {
	commander, admin, officer, auxiliary, host, stranger *actor

	volunteers []*actor // of one compound, at least three
	bystander  *actor   // one of the volunteers, of no squad
	seller     *actor   // who works at the sales office there: property staff
	committee  *actor   // of the owners there
	night, car patrol   // squads that drive by night and by day
	zone       *time.Location
	compound   models.Compound
	route      models.Route
	points     map[models.ID]models.Checkpoint
	gate       models.Door // on the way to the host
	unit       models.Door
	terminal   *actor    // the gate's controller
	home       models.ID // the host's
}

// patrol is a squad with those of it who play a part.
type patrol struct {
	squad        models.Squad
	plan         models.RoundPlan // the first of a shift of the squad
	shift        models.Shift
	leader, mate *actor
}

// newCast finds everybody, or says who is missing.
func newCast(station models.Description) (cast, error) {
	zone, err := time.LoadLocation(station.Station.TimeZone)
	if err != nil {
		return cast{}, err
	}
	made := cast{points: map[models.ID]models.Checkpoint{}, zone: zone}
	for _, point := range station.Checkpoints {
		made.points[point.ID] = point
	}
	if len(station.Routes) > 0 {
		made.route = station.Routes[0]
	}
	made.findVolunteers(station)
	made.commander = first(station, models.RoleCommander, nil)
	made.admin = first(station, models.RoleAdmin, nil)
	made.auxiliary = first(station, models.RoleAuxiliary, nil)
	made.officer = first(station, models.RoleOfficer, func(place models.Place) bool {
		return place.Contains(made.compound.Place())
	})
	made.seller = first(station, models.RoleProperty, func(place models.Place) bool { return place.Contains(made.compound.Place()) })
	made.committee = first(station, models.RoleCommittee, func(place models.Place) bool { return place.Contains(made.compound.Place()) })
	made.night, made.car = patrolOf(station, models.SquadNight), patrolOf(station, models.SquadVehicle)
	home := models.Place{}
	made.host = first(station, models.RoleResident, func(place models.Place) bool {
		home = place
		made.gate, made.unit = doorOnWay(station, place, models.DoorGate), doorOnWay(station, place, models.DoorUnit)
		return made.gate.DeviceID != "" && made.unit.DeviceID != ""
	})
	made.stranger = first(station, models.RoleResident, func(place models.Place) bool { return place.Compound != home.Compound })
	made.home = home.Home
	made.terminal = &actor{name: "terminal", id: made.gate.DeviceID}
	for part, who := range map[string]*actor{
		"commander": made.commander, "admin": made.admin, "auxiliary": made.auxiliary, "officer of the compound": made.officer,
		"resident behind a gate and a unit door": made.host, "resident of another compound": made.stranger,
		"volunteer of no squad": made.bystander, "staff of the compound's property company": made.seller,
		"owners' committee there":         made.committee,
		"squad by night with two members": made.night.mate, "squad with a car": made.car.leader,
	} {
		if who == nil {
			return made, fmt.Errorf("the demo station has no %s with an account", part)
		}
	}
	if len(made.night.plan.Stops) < 6 {
		return made, fmt.Errorf("the demo station needs a round by night with six stops")
	}
	if len(made.volunteers) < 3 || len(made.route.Checkpoints) == 0 {
		return made, fmt.Errorf("the demo station needs a route and a compound with three volunteers")
	}
	return made, nil
}

// first finds the first person with an account who holds the role where it suits.
func first(station models.Description, role models.Role, suits func(models.Place) bool) *actor {
	for _, person := range station.People {
		for _, grant := range person.Grants {
			if person.Account != "" && grant.Role == role && (suits == nil || suits(grant.Place)) {
				return &actor{name: person.Account, id: person.ID}
			}
		}
	}
	return nil
}

// patrolOf finds the first squad of a kind, with its leader and the last of its members.
func patrolOf(station models.Description, kind models.SquadKind) patrol {
	made := patrol{}
	of := func(squad models.Squad) bool { return squad.Kind == kind }
	at := slices.IndexFunc(station.Squads, of)
	if at < 0 {
		return made
	}
	made.squad = station.Squads[at]
	for _, person := range station.People {
		switch one := (&actor{name: person.Account, id: person.ID}); {
		case person.ID == made.squad.LeaderID:
			made.leader = one
		case person.ID == made.squad.Members[len(made.squad.Members)-1]:
			made.mate = one
		}
	}
	for _, plan := range station.RoundPlans {
		for _, shift := range station.Shifts {
			if shift.ID == plan.ShiftID && shift.SquadID == made.squad.ID && made.plan.ID == "" {
				made.plan, made.shift = plan, shift
			}
		}
	}
	return made
}

// findVolunteers chooses the compound with the most volunteers.
func (c *cast) findVolunteers(station models.Description) {
	by := map[models.ID][]*actor{}
	for _, person := range station.People {
		for _, grant := range person.Grants {
			if person.Account != "" && grant.Role == models.RoleVolunteer && grant.Place.Compound != "" {
				by[grant.Place.Compound] = append(by[grant.Place.Compound], &actor{name: person.Account, id: person.ID})
			}
		}
	}
	for _, compound := range station.Compounds {
		if len(by[compound.ID]) > len(c.volunteers) {
			c.volunteers, c.compound = by[compound.ID], compound
		}
	}
	for _, one := range c.volunteers {
		inSquad := func(squad models.Squad) bool { return squad.Has(one.id) }
		if !slices.ContainsFunc(station.Squads, inSquad) {
			c.bystander = one
			return
		}
	}
}

// doorOnWay is the door of a kind that leads to a home.
func doorOnWay(station models.Description, home models.Place, kind models.DoorKind) models.Door {
	for _, door := range station.Doors {
		if door.Kind == kind && door.Place.Contains(home) {
			return door
		}
	}
	return models.Door{}
}
