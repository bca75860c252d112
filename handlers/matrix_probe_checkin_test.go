package handlers_test

import (
	"context"

	"xunfang/models"
	"xunfang/store"
)

// doubted is a check-in in the column's compound, by somebody who is no caller of the matrix, that is to be reviewed.
func (s *stage) doubted(at column) models.ID {
	if at == missing {
		return s.missing
	}
	return s.made(func(_ context.Context, tx *store.Store, id models.ID) error {
		tx.AddCheckIns([]models.CheckIn{{
			ID: id, OrderID: models.OrderID(s.now(), id), Place: s.compound[at].Place, PersonID: s.patroller[sameCompound].ID,
			Method: models.MethodGPS, CapturedAt: s.now(), ReceivedAt: s.now(), Verdict: models.Verdict{Status: models.StatusReview},
		}})
		return nil
	})
}

// proposed is a correction of such a check-in, proposed by another who is no caller of the matrix.
func (s *stage) proposed(at column) models.ID {
	if at == missing {
		return s.missing
	}
	checkIn := s.doubted(at)
	return s.made(func(ctx context.Context, tx *store.Store, id models.ID) error {
		return tx.AddCorrection(ctx, models.Correction{
			ID: id, OrderID: s.rig.ids.next(), Place: s.compound[at].Place, CheckInID: checkIn, PersonID: s.patroller[sameCompound].ID,
			Status: models.StatusAccepted, Reason: "看得清", ProposerID: s.rig.OfficerTwo.ID, ProposedAt: s.now(),
			State: models.CorrectionProposed,
		})
	})
}

var checkInProbes = map[string]probe{
	"getRotatingSecret": about(func(s *stage, _ *caller, at column) asked {
		return get("/v1/checkpoints/%s/rotating-secret", s.checkpointID(at))
	}),
	"renewRotatingSecret": about(func(s *stage, _ *caller, at column) asked {
		return post(nil, "/v1/checkpoints/%s/rotating-secret", s.checkpointID(at))
	}),
	"listCheckInReviews": lists("check_in.id", "/v1/check-in-reviews", func(s *stage, _ *caller, at column) models.ID {
		return s.once("doubted", s.rig.Officer, at, func() models.ID { return s.doubted(at) })
	}),
	"createCheckInCorrection": about(func(s *stage, _ *caller, at column) asked {
		return post(map[string]any{"id": s.rig.ids.next(), "status": "accepted", "reason": "看得清"},
			"/v1/check-ins/%s/corrections", s.doubted(at))
	}),
	"listCheckInCorrections": lists("id", "/v1/check-in-corrections?state=proposed", func(s *stage, _ *caller, at column) models.ID {
		return s.once("proposed", s.rig.Officer, at, func() models.ID { return s.proposed(at) })
	}),
	"decideCheckInCorrection": about(func(s *stage, _ *caller, at column) asked {
		return post(map[string]any{"decision": "approve", "reason": "属实"}, "/v1/check-in-corrections/%s/decision", s.proposed(at))
	}),
}
