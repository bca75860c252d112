package handlers

import (
	"time"

	"xunfang/models"
)

// soonestThere chooses, of people on duty, those who can be at a place first, by where they were seen last and how they move: of those
// who call for help and of tips alike. Who was seen longer ago than models.WhereaboutsKept before now may be anywhere.
func (h *Server) soonestThere(
	at models.Position, onDuty []models.OnDuty, wanted int, radius models.Radius, now time.Time,
) []models.Neighbour {
	byCar, onFoot := map[models.ID]bool{}, map[models.ID]bool{}
	for _, one := range onDuty {
		if one.Mode == models.SquadVehicle {
			byCar[one.PersonID] = true
		} else {
			onFoot[one.PersonID] = true
		}
	}
	oldest := now.Add(-models.WhereaboutsKept)
	among := func(people map[models.ID]bool, withinM float64) []models.Neighbour {
		return h.positions.grid.Nearest(at, wanted, withinM, func(seen models.Whereabouts) bool {
			return people[seen.ID] && !seen.At.Before(oldest)
		})
	}
	return models.Soonest(wanted, among(onFoot, radius.OnFootM), among(byCar, radius.ByCarM))
}
