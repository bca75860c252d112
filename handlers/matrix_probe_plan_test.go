package handlers_test

import (
	"context"
	"time"

	"xunfang/models"
	"xunfang/store"
)

// planProbes ask about the plan of patrol. What is the caller's own is of a squad they belong to.
var planProbes = map[string]probe{
	"listSquads": lists("id", "/v1/squads", (*stage).keptSquad),
	"createSquad": about(func(s *stage, _ *caller, at column) asked {
		return post(s.squadBody(at), "/v1/squads").naming("member_ids[1]")
	}),
	"getSquad": about(func(s *stage, who *caller, at column) asked { return get("/v1/squads/%s", s.keptSquad(who, at)) }),
	"updateSquad": about(func(s *stage, who *caller, at column) asked {
		return patch(map[string]any{"name": s.name()}, "/v1/squads/%s", s.squad(who, at))
	}),
	"updateSquad (members)": about(func(s *stage, who *caller, at column) asked {
		return patch(s.squadBody(at), "/v1/squads/%s", s.squad(who, own)).naming("member_ids[1]")
	}),
	"endSquad": about(func(s *stage, who *caller, at column) asked { return post(nil, "/v1/squads/%s/end", s.squad(who, at)) }),

	"getSync":    plain(func(*stage, *caller) asked { return get("/v1/sync") }),
	"listShifts": lists("id", "/v1/shifts", (*stage).keptShift),
	"createShift": about(func(s *stage, who *caller, at column) asked {
		return post(s.shiftBody(map[string]any{"squad_id": s.keptSquad(who, at)}), "/v1/shifts").naming("squad_id")
	}),
	"createShift (post)": about(func(s *stage, who *caller, at column) asked {
		body := s.shiftBody(map[string]any{"squad_id": s.keptSquad(who, own), "post_id": s.post(at)})
		return post(body, "/v1/shifts").naming("post_id")
	}),
	"getShift": about(func(s *stage, who *caller, at column) asked { return get("/v1/shifts/%s", s.keptShift(who, at)) }),
	"updateShift": about(func(s *stage, who *caller, at column) asked {
		return patch(map[string]any{"name": s.name()}, "/v1/shifts/%s", s.shift(who, at))
	}),
	"updateShift (squad)": about(func(s *stage, who *caller, at column) asked {
		return patch(map[string]any{"squad_id": s.keptSquad(who, at)}, "/v1/shifts/%s", s.shift(who, own)).naming("squad_id")
	}),
	"updateShift (post)": about(func(s *stage, who *caller, at column) asked {
		return patch(map[string]any{"post_id": s.post(at)}, "/v1/shifts/%s", s.shift(who, own)).naming("post_id")
	}),
	"endShift": about(func(s *stage, who *caller, at column) asked { return post(nil, "/v1/shifts/%s/end", s.shift(who, at)) }),
	"listShiftOccurrences": about(func(s *stage, who *caller, at column) asked {
		return get("/v1/shifts/%s/occurrences?from=%s&to=%s", s.keptShift(who, at), instant(s.now()), instant(s.now().Add(time.Hour)))
	}),

	"listStreetPosts": lists("id", "/v1/street-posts", func(s *stage, who *caller, at column) models.ID {
		return s.once("street post", s.owner(who, at), at, func() models.ID { return s.post(at) })
	}),
	"createStreetPost": about(func(s *stage, _ *caller, at column) asked {
		return post(map[string]any{"name": s.name(), "position": somewhere, "compound_id": s.compoundID(at)}, "/v1/street-posts").
			naming("compound_id")
	}),
	"updateStreetPost": about(func(s *stage, _ *caller, at column) asked {
		return patch(map[string]any{"radius_m": 80}, "/v1/street-posts/%s", s.post(at))
	}),
	"updateStreetPost (compound)": about(func(s *stage, _ *caller, at column) asked {
		return patch(map[string]any{"compound_id": s.compoundID(at)}, "/v1/street-posts/%s", s.post(own)).naming("compound_id")
	}),
	"endStreetPost": about(func(s *stage, _ *caller, at column) asked { return post(nil, "/v1/street-posts/%s/end", s.post(at)) }),

	"listRoundPlans": lists("id", "/v1/round-plans", func(s *stage, who *caller, at column) models.ID {
		return s.once("round plan", s.owner(who, at), at, func() models.ID { return s.plan(who, at) })
	}),
	"createRoundPlan": about(func(s *stage, who *caller, at column) asked {
		return post(map[string]any{"name": s.name(), "shift_id": s.keptShift(who, at), "route_id": s.rig.Route}, "/v1/round-plans").
			naming("shift_id")
	}),
	"createRoundPlan (route)": about(func(s *stage, who *caller, at column) asked {
		route := map[column]models.ID{own: s.rig.Route, otherStation: s.rig.RouteB, missing: s.missing}[at]
		return post(map[string]any{"name": s.name(), "shift_id": s.keptShift(who, own), "route_id": route}, "/v1/round-plans").
			naming("route_id")
	}),
	"createRoundPlan (stops)": about(func(s *stage, who *caller, at column) asked {
		return post(map[string]any{
			"name": s.name(), "shift_id": s.keptShift(who, own), "stops": []any{map[string]any{"checkpoint_id": s.checkpointID(at)}},
		}, "/v1/round-plans").naming("stops[0].checkpoint_id")
	}),
	"getRoundPlan": about(func(s *stage, who *caller, at column) asked {
		plan := s.once("round plan", s.owner(who, at), at, func() models.ID { return s.plan(who, at) })
		return get("/v1/round-plans/%s", plan)
	}),
	"endRoundPlan": about(func(s *stage, who *caller, at column) asked {
		return post(nil, "/v1/round-plans/%s/end", s.plan(who, at))
	}),
}

// walker is who walks in the squad of a column: the caller, or somebody who patrols there.
func (s *stage) walker(who *caller, at column) *caller {
	if at == own {
		return s.owner(who, own)
	}
	return s.patroller[at]
}

// squadBody is a squad of the officer and of somebody in the column's place.
func (s *stage) squadBody(at column) map[string]any {
	second := s.missing
	switch {
	case at == own:
		second = s.rig.Auxiliary.ID
	case at != missing:
		second = s.patroller[at].ID
	}
	return map[string]any{
		"name": s.name(), "kind": "foot", "leader_id": s.rig.Officer.ID, "member_ids": []models.ID{s.rig.Officer.ID, second},
	}
}

func (s *stage) squad(who *caller, at column) models.ID {
	if at == missing {
		return s.missing
	}
	walker := s.walker(who, at)
	return s.made(func(ctx context.Context, tx *store.Store, id models.ID) error {
		return tx.AddSquad(ctx, models.Squad{
			ID: id, StationID: walker.Station, Name: s.name(), Kind: models.SquadFoot, LeaderID: walker.ID,
			Members: []models.ID{walker.ID}, CreatedAt: s.now(),
		})
	})
}

func (s *stage) keptSquad(who *caller, at column) models.ID {
	return s.once("squad", s.owner(who, at), at, func() models.ID { return s.squad(who, at) })
}

func (s *stage) shiftBody(more map[string]any) map[string]any {
	return change(map[string]any{"name": s.name(), "start_time": "22:00", "length_minutes": 480, "recurrence": "daily"}, more)
}

func (s *stage) shift(who *caller, at column) models.ID {
	if at == missing {
		return s.missing
	}
	squad := s.squad(who, at)
	return s.made(func(ctx context.Context, tx *store.Store, id models.ID) error {
		return tx.AddShift(ctx, models.Shift{
			ID: id, StationID: s.walker(who, at).Station, SquadID: squad, Name: s.name(), StartMinute: 1320, LengthMinutes: 480,
			Recurrence: models.RecursDaily, FromDate: models.DateIn(s.now(), time.UTC), CreatedAt: s.now(),
		})
	})
}

func (s *stage) keptShift(who *caller, at column) models.ID {
	return s.once("shift", s.owner(who, at), at, func() models.ID { return s.shift(who, at) })
}

func (s *stage) post(at column) models.ID {
	if at == missing {
		return s.missing
	}
	return s.made(func(ctx context.Context, tx *store.Store, id models.ID) error {
		return tx.AddStreetPost(ctx, models.StreetPost{
			ID: id, Place: s.compound[at].Place, Name: s.name(), At: s.compound[at].At, RadiusM: 100, MaxGap: time.Hour, CreatedAt: s.now(),
		})
	})
}

func (s *stage) plan(who *caller, at column) models.ID {
	if at == missing {
		return s.missing
	}
	shift := s.shift(who, at)
	return s.made(func(ctx context.Context, tx *store.Store, id models.ID) error {
		return tx.AddRoundPlan(ctx, models.RoundPlan{
			ID: id, StationID: s.walker(who, at).Station, ShiftID: shift, Name: s.name(), CreatedAt: s.now(),
			Stops: []models.PlannedStop{{CheckpointID: s.compound[at].Checkpoint, UntilMinute: 480, Priority: models.PriorityHigh}},
		})
	})
}
