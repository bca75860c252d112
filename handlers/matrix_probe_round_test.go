package handlers_test

import (
	"context"
	"net/http"
	"time"

	"xunfang/models"
	"xunfang/store"
)

// roundProbes ask about rounds. What is the caller's own is led by them, unless the probe says otherwise.
var roundProbes = map[string]probe{
	"listRounds": lists("id", "/v1/rounds", (*stage).keptRound),
	"getRound":   about(func(s *stage, who *caller, at column) asked { return get("/v1/rounds/%s", s.keptRound(who, at)) }),
	"createRound": about(func(s *stage, _ *caller, at column) asked {
		return post(s.roundBody(map[string]any{"checkpoint_ids": []models.ID{s.checkpointID(at)}}), "/v1/rounds").naming("checkpoint_ids[0]")
	}),
	"createRound (route)": about(func(s *stage, _ *caller, at column) asked {
		route := map[column]models.ID{own: s.rig.Route, otherStation: s.rig.RouteB, missing: s.missing}[at]
		return post(s.roundBody(map[string]any{"route_id": route}), "/v1/rounds").naming("route_id")
	}),
	"createRound (squad)": about(func(s *stage, who *caller, at column) asked {
		return post(s.roundBody(map[string]any{"squad_id": s.keptSquad(who, at)}), "/v1/rounds").naming("squad_id")
	}),
	"createRound (plan)": about(func(s *stage, who *caller, at column) asked {
		plan := s.planOfThisMorning(who, at)
		return post(s.roundBody(map[string]any{"plan_id": plan, "date": "2026-11-24"}), "/v1/rounds").naming("plan_id")
	}),
	"startRound": about(func(s *stage, who *caller, at column) asked {
		return post(map[string]any{"started_at": instant(s.now())}, "/v1/rounds/%s/start", s.scheduledRound(who, at))
	}),
	"finishRound": about(func(s *stage, who *caller, at column) asked {
		return post(map[string]any{"state": "completed", "ended_at": instant(s.now())}, "/v1/rounds/%s/finish", s.round(who, at))
	}),
	"createRoundSkip": about(func(s *stage, who *caller, at column) asked {
		return post(map[string]any{"checkpoint_id": s.rig.Street, "reason": "封路", "at": instant(s.now())}, "/v1/rounds/%s/skips", s.round(who, at))
	}),
	"createRoundSkip (stop)": about(func(s *stage, who *caller, at column) asked {
		checkpoint := s.rig.Street
		if at != own {
			checkpoint = s.checkpointID(at)
		}
		return post(map[string]any{"checkpoint_id": checkpoint, "reason": "封路", "at": instant(s.now())}, "/v1/rounds/%s/skips", s.round(who, own)).
			naming("checkpoint_id")
	}),
	"joinRound": about(func(s *stage, who *caller, at column) asked {
		round := s.round(who, at)
		return post(map[string]any{"join_code": s.joinCode(round, who, at), "joined_at": instant(s.now())}, "/v1/rounds/%s/join", round)
	}),
	"leaveRound": about(func(s *stage, who *caller, at column) asked { // walked with, not led
		round := s.round(s.rig.Flatmate, at)
		if at == own && who != nil {
			s.joined(round, who)
		}
		return post(map[string]any{"left_at": instant(s.now())}, "/v1/rounds/%s/leave", round)
	}),
	"confirmRoundMember": about(func(s *stage, who *caller, at column) asked {
		round := s.round(who, at)
		if at != missing {
			s.joined(round, s.rig.GuardTwo)
		}
		return post(nil, "/v1/rounds/%s/members/%s/confirm", round, s.rig.GuardTwo.ID)
	}),
	"confirmRoundMember (person)": about(func(s *stage, who *caller, at column) asked {
		round := s.round(who, own)
		person := s.personID(at)
		if at == own {
			s.joined(round, s.rig.Flatmate)
		}
		return post(nil, "/v1/rounds/%s/members/%s/confirm", round, person)
	}),
	"createRoundGuest": about(func(s *stage, who *caller, at column) asked {
		return post(map[string]any{"id": s.rig.ids.next(), "name": "赵大爷", "phone": "13900000007"}, "/v1/rounds/%s/guests", s.round(who, at))
	}),
}

func (s *stage) roundBody(more map[string]any) map[string]any {
	return change(map[string]any{"id": s.rig.ids.next(), "started_at": instant(s.now())}, more)
}

// round is a new one, led by the caller or by somebody who patrols in the column's place.
func (s *stage) round(who *caller, at column) models.ID {
	if at == missing {
		return s.missing
	}
	leader := s.walker(who, at)
	return s.made(func(ctx context.Context, tx *store.Store, id models.ID) error {
		round := models.UnplannedRoundOf(id, leader.Station, "", []models.ID{s.rig.Street}, s.now(), s.now(), time.UTC)
		round, member, err := round.Begin(leader.ID, s.now(), s.now())
		if err != nil {
			return err
		}
		round.State = models.RoundInProgress
		if err := tx.AddRound(ctx, round); err != nil {
			return err
		}
		return tx.AddRoundMember(ctx, member)
	})
}

// joinCode is what the round's leader is shown.
func (s *stage) joinCode(round models.ID, who *caller, at column) string {
	if at != missing {
		if code := s.rig.call(s.walker(who, at), http.MethodGet, "/v1/rounds/"+string(round), nil).text("join.code"); code != "" {
			return code
		}
	}
	return "00000000"
}

func (s *stage) keptRound(who *caller, at column) models.ID {
	return s.once("round", s.owner(who, at), at, func() models.ID { return s.round(who, at) })
}

// scheduledRound is a new one that is planned for a squad of the caller's, or of somebody else's.
func (s *stage) scheduledRound(who *caller, at column) models.ID {
	if at == missing {
		return s.missing
	}
	squad, station := s.keptSquad(who, at), s.walker(who, at).Station
	return s.made(func(ctx context.Context, tx *store.Store, id models.ID) error {
		return tx.AddRound(ctx, models.Round{
			ID: id, StationID: station, PlanID: id, SquadID: squad, State: models.RoundScheduled,
			StartsAt: s.now(), EndsAt: s.now().Add(time.Hour), CreatedAt: s.now(),
		})
	})
}

// joined lets somebody wait for the leader's word.
func (s *stage) joined(round models.ID, who *caller) {
	s.rig.write(func(ctx context.Context, tx *store.Store) error {
		return tx.AddRoundMember(ctx, models.RoundMember{
			RoundID: round, PersonID: who.ID, Kind: models.MemberGuest, JoinedAt: s.now(),
		})
	})
}

// planOfThisMorning is a new plan of a squad of the caller's, or of somebody else's, whose shift begins now.
func (s *stage) planOfThisMorning(who *caller, at column) models.ID {
	if at == missing {
		return s.missing
	}
	squad, station := s.keptSquad(who, at), s.walker(who, at).Station
	shift := s.made(func(ctx context.Context, tx *store.Store, id models.ID) error {
		return tx.AddShift(ctx, models.Shift{
			ID: id, StationID: station, SquadID: squad, Name: s.name(), StartMinute: 600, LengthMinutes: 240,
			Recurrence: models.RecursDaily, FromDate: models.DateIn(s.now(), time.UTC), CreatedAt: s.now(),
		})
	})
	return s.made(func(ctx context.Context, tx *store.Store, id models.ID) error {
		return tx.AddRoundPlan(ctx, models.RoundPlan{ID: id, StationID: station, ShiftID: shift, Name: s.name(), CreatedAt: s.now()})
	})
}
