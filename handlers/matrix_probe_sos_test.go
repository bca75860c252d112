package handlers_test

import (
	"context"
	"time"

	"xunfang/models"
	"xunfang/store"
)

// call is a new call for help of somebody in the column's place; in the caller's own column they were asked to help.
func (s *stage) call(who *caller, at column) models.ID {
	if at == missing {
		return s.missing
	}
	victim, now := s.rig.addPerson(models.RoleResident, s.home[at]), s.now()
	return s.made(func(ctx context.Context, tx *store.Store, id models.ID) error {
		sos := models.NewSOS(models.SOS{ID: id, OrderID: s.rig.ids.next(), CallerID: victim.ID, Kind: models.SOSPanic, RaisedAt: now}, now)
		sos.Place, sos.WidensAt = s.compound[at].Place, time.Time{}
		err := tx.AddSOS(ctx, sos)
		if err == nil && at == own && who != nil {
			err = tx.AddSOSHelpers(ctx, []models.SOSHelper{{SOSID: id, PersonID: who.ID, Role: who.Role, Step: 1, AskedAt: now}})
		}
		return err
	})
}

// ownCall is an open call for help of the owner's own.
func (s *stage) ownCall(who *caller, at column) models.ID {
	if at == missing || who == nil {
		return s.missing
	}
	open, err := s.rig.store.OpenSOS(context.Background(), s.owner(who, at).ID, false)
	if err == nil {
		return open.ID
	}
	return s.made(func(ctx context.Context, tx *store.Store, id models.ID) error {
		sos := models.NewSOS(models.SOS{ID: id, OrderID: s.rig.ids.next(), CallerID: s.owner(who, at).ID, Kind: models.SOSPanic}, s.now())
		sos.Place, sos.WidensAt = s.compound[at].Place, time.Time{}
		return tx.AddSOS(ctx, sos)
	})
}

// watched is a running welfare timer of the owner's.
func (s *stage) watched(who *caller, at column) models.ID {
	if at == missing || who == nil {
		return s.missing
	}
	owner := s.owner(who, at)
	s.endTimers(owner)
	return s.made(func(ctx context.Context, tx *store.Store, id models.ID) error {
		return tx.AddWelfareTimer(ctx, models.WelfareTimer{
			ID: id, OrderID: s.rig.ids.next(), StationID: owner.Station, PersonID: owner.ID, Interval: time.Hour, Grace: time.Hour,
			UntilAt: s.now().Add(8 * time.Hour),
		}.Started(s.now()))
	})
}

// endTimers makes place for another timer: nobody has two that run.
func (s *stage) endTimers(who *caller) {
	_, err := s.rig.sql.Exec("UPDATE welfare_timers SET running_of = NULL, ended_at = ?, state = 'ended' WHERE running_of = ?",
		s.now().UnixMilli(), string(who.ID))
	if err != nil {
		s.rig.t.Fatal(err)
	}
}

var sosProbes = map[string]probe{
	"createSos": plain(func(s *stage, _ *caller) asked {
		return post(map[string]any{"id": s.rig.ids.next(), "kind": "panic", "raised_at": instant(s.now())}, "/v1/sos")
	}),
	"listSos": lists("id", "/v1/sos", func(s *stage, who *caller, at column) models.ID {
		return s.once("sos", s.owner(who, at), at, func() models.ID { return s.call(who, at) })
	}),
	"getSos": about(func(s *stage, who *caller, at column) asked {
		return get("/v1/sos/%s", s.once("sos", s.owner(who, at), at, func() models.ID { return s.call(who, at) }))
	}),
	"createSosPositions": about(func(s *stage, who *caller, at column) asked {
		return post(map[string]any{"items": []any{map[string]any{"at": instant(s.now()), "position": somewhere}}},
			"/v1/sos/%s/positions", s.ownCall(who, at))
	}),
	"createSosResponse": about(func(s *stage, who *caller, at column) asked {
		return post(map[string]any{"state": "coming"}, "/v1/sos/%s/responses", s.call(who, at))
	}),
	"acknowledgeSos": about(func(s *stage, who *caller, at column) asked {
		return post(nil, "/v1/sos/%s/acknowledge", s.call(who, at))
	}),
	"resolveSos": about(func(s *stage, who *caller, at column) asked {
		return post(map[string]any{"outcome": "resolved"}, "/v1/sos/%s/resolve", s.call(who, at))
	}),
	"resolveSos (own)": about(func(s *stage, who *caller, at column) asked {
		return post(map[string]any{"outcome": "resolved"}, "/v1/sos/%s/resolve", s.ownCall(who, at))
	}),
	"createWelfareTimer": plain(func(s *stage, who *caller) asked {
		if who != nil {
			s.endTimers(who)
		}
		return post(map[string]any{
			"id": s.rig.ids.next(), "interval_minutes": 30, "grace_minutes": 5, "until": instant(s.now().Add(time.Hour)),
		}, "/v1/me/welfare-timers")
	}),
	"answerWelfareTimer": about(func(s *stage, who *caller, at column) asked {
		return post(map[string]any{"at": instant(s.now())}, "/v1/me/welfare-timers/%s/answers", s.watched(who, at))
	}),
	"endWelfareTimer": about(func(s *stage, who *caller, at column) asked {
		return remove("/v1/me/welfare-timers/%s", s.watched(who, at))
	}),
	"listWelfareTimers": lists("id", "/v1/welfare-timers", func(s *stage, who *caller, at column) models.ID { return s.watched(who, at) }),
}
