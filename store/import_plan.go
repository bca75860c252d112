package store

import (
	"time"

	"xunfang/models"
)

// What was ended through the API stays ended, whatever the file says of it.

func importStreetPosts(description models.Description, now time.Time) importTable {
	return &described[streetPostRow]{
		kind: "street_posts", keys: description.Keys, scope: "station_id", station: description.Station.ID,
		id:      func(row *streetPostRow) models.ID { return row.ID },
		columns: []string{"compound_id", "name", "lat", "lng", "radius_m", "max_gap_minutes"},
		wanted: rowsOf(description.StreetPosts, func(post models.StreetPost) streetPostRow {
			post.CreatedAt = now
			return newStreetPostRow(post)
		}),
		merge: func(want, have *streetPostRow) (bool, error) {
			want.CreatedAt, want.EndedAt = have.CreatedAt, have.EndedAt
			return differs(want, have)
		},
		name: func(row *streetPostRow) string { return standingName(row.Name, row.EndedAt, row.ID) }, column: "name",
	}
}

func importSquads(description models.Description, now time.Time) importTable {
	members := parts[squadRow, squadMemberRow]{
		owner: "squad_id", of: func(member squadMemberRow) models.ID { return member.SquadID }, wanted: map[models.ID][]squadMemberRow{},
	}
	return &described[squadRow]{
		kind: "squads", keys: description.Keys, scope: "station_id", station: description.Station.ID,
		id:      func(row *squadRow) models.ID { return row.ID },
		columns: []string{"name", "kind", "leader_id"},
		wanted: rowsOf(description.Squads, func(squad models.Squad) squadRow {
			squad.CreatedAt = now
			members.wanted[squad.ID] = newSquadMemberRows(squad)
			return newSquadRow(squad)
		}),
		merge: func(want, have *squadRow) (bool, error) {
			want.CreatedAt, want.EndedAt = have.CreatedAt, have.EndedAt
			return differs(want, have)
		},
		name: func(row *squadRow) string { return standingName(row.Name, row.EndedAt, row.ID) }, column: "name",
		prepare: members.compare, finish: members.write,
	}
}

// standingName is a name that no other may have; what has ended stands in nobody's way.
func standingName(name string, endedAt int64, id models.ID) string {
	if endedAt != 0 {
		return name + "\x00" + string(id)
	}
	return name
}

func importShifts(description models.Description, now time.Time) importTable {
	return &described[shiftRow]{
		kind: "shifts", keys: description.Keys, scope: "station_id", station: description.Station.ID,
		id: func(row *shiftRow) models.ID { return row.ID },
		columns: []string{
			"squad_id", "post_id", "name", "start_minute", "length_minutes", "recurrence", "weekdays", "dates", "from_date", "until_date",
		},
		wanted: rowsOf(description.Shifts, func(shift models.Shift) shiftRow {
			shift.CreatedAt = now
			return newShiftRow(shift)
		}),
		merge: func(want, have *shiftRow) (bool, error) {
			want.CreatedAt, want.EndedAt = have.CreatedAt, have.EndedAt
			return differs(want, have)
		},
	}
}

func importRoundPlans(description models.Description, now time.Time) importTable {
	stops := parts[roundPlanRow, roundPlanStopRow]{
		owner: "plan_id", of: func(stop roundPlanStopRow) models.ID { return stop.PlanID }, wanted: map[models.ID][]roundPlanStopRow{},
	}
	return &described[roundPlanRow]{
		kind: "round_plans", keys: description.Keys, scope: "station_id", station: description.Station.ID,
		id:      func(row *roundPlanRow) models.ID { return row.ID },
		columns: []string{"shift_id", "route_id", "name", "ordered", "team"},
		wanted: rowsOf(description.RoundPlans, func(plan models.RoundPlan) roundPlanRow {
			plan.CreatedAt = now
			stops.wanted[plan.ID] = newRoundPlanStopRows(plan)
			return newRoundPlanRow(plan)
		}),
		merge: func(want, have *roundPlanRow) (bool, error) {
			want.CreatedAt, want.EndedAt = have.CreatedAt, have.EndedAt
			return differs(want, have)
		},
		prepare: stops.compare, finish: stops.write,
	}
}
