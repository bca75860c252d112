package handlers_test

import (
	"context"
	"time"

	"xunfang/models"
	"xunfang/store"
)

// concern is about a squad of the column's, which the owner leads in the caller's own.
func (s *stage) concern(who *caller, at column) models.ID {
	if at == missing {
		return s.missing
	}
	walker := s.walker(who, at)
	return s.made(func(ctx context.Context, tx *store.Store, id models.ID) error {
		_, err := tx.AddConcern(ctx, models.Concern{
			ID: id, StationID: walker.Station, Subject: string(id), Kind: models.ConcernNotStarted, Severity: models.SeverityNormal,
			SquadID: s.keptSquad(who, at), RoundID: s.rig.ids.next(), Name: "夜巡", RoundName: "夜巡", From: s.now(), Since: s.now(),
		}, time.Time{})
		return err
	})
}

var watchProbes = map[string]probe{
	"listWatchConcerns": lists("id", "/v1/watch-concerns", func(s *stage, who *caller, at column) models.ID {
		return s.once("concern", s.owner(who, at), at, func() models.ID {
			s.keptSquad(who, at)
			return s.concern(who, at)
		})
	}),
}
