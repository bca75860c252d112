package models_test

import (
	"time"

	"xunfang/models"
)

// The places of the tables: two stations, two compounds of the first, and one household down to its door.
var (
	noon     = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	station  = models.Place{Station: "station-1"}
	garden   = models.Place{Station: "station-1", Compound: "garden"}
	tower    = models.Place{Station: "station-1", Compound: "garden", Building: "tower"}
	stairs   = models.Place{Station: "station-1", Compound: "garden", Building: "tower", Unit: "stairs"}
	home     = models.Place{Station: "station-1", Compound: "garden", Building: "tower", Unit: "stairs", Home: "302"}
	nextDoor = models.Place{Station: "station-1", Compound: "garden", Building: "tower", Unit: "stairs", Home: "303"}
	annex    = models.Place{Station: "station-1", Compound: "garden", Building: "annex"}
	lake     = models.Place{Station: "station-1", Compound: "lake"}
	abroad   = models.Place{Station: "station-2", Compound: "harbour"}
)

// with is somebody who holds roles, each in a place, for ever.
func with(id models.ID, held ...models.Grant) models.Principal {
	who := models.Principal{ID: id, StationID: "station-1"}
	for _, grant := range held {
		grant.PersonID, grant.StartsAt = id, noon.Add(-time.Hour)
		who.Grants = append(who.Grants, grant)
	}
	return who
}

func role(role models.Role, place models.Place) models.Grant {
	return models.Grant{Role: role, Place: place}
}
