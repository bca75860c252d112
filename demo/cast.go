package demo

import (
	"fmt"

	"xunfang/models"
)

// cast is who plays which part of the day, found in the description by what they are.
type cast struct {
	commander, admin, officer, auxiliary, host, stranger *actor

	volunteers []*actor // of one compound, at least three
	compound   models.Compound
	route      models.Route
	points     map[models.ID]models.Checkpoint
	gate       models.Door // on the way to the host
	unit       models.Door
	terminal   *actor // the gate's controller
}

// newCast finds everybody, or says who is missing.
func newCast(station models.Description) (cast, error) {
	made := cast{points: map[models.ID]models.Checkpoint{}}
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
	home := models.Place{}
	made.host = first(station, models.RoleResident, func(place models.Place) bool {
		home = place
		made.gate, made.unit = doorOnWay(station, place, models.DoorGate), doorOnWay(station, place, models.DoorUnit)
		return made.gate.DeviceID != "" && made.unit.DeviceID != ""
	})
	made.stranger = first(station, models.RoleResident, func(place models.Place) bool { return place.Compound != home.Compound })
	made.terminal = &actor{name: "terminal", id: made.gate.DeviceID}
	for part, who := range map[string]*actor{
		"commander": made.commander, "admin": made.admin, "auxiliary": made.auxiliary, "officer of the compound": made.officer,
		"resident behind a gate and a unit door": made.host, "resident of another compound": made.stranger,
	} {
		if who == nil {
			return made, fmt.Errorf("the demo station has no %s with an account", part)
		}
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
