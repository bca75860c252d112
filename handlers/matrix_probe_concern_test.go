package handlers_test

import (
	"context"
	"time"

	"xunfang/models"
	"xunfang/store"
)

// columnDevice is a device of the column's compound: the caller itself where a device asks about its own.
func (s *stage) columnDevice(at column) models.ID {
	if at == missing {
		return s.missing
	}
	return map[column]models.ID{
		own: s.rig.Device.ID, sameCompound: s.rig.One.OtherUnitDevice.ID, otherCompound: s.rig.Two.UnitDevice.ID,
		otherStation: s.rig.Three.UnitDevice.ID,
	}[at]
}

// concernSource is a source that a commander who is nobody of the rig has proposed.
func (s *stage) concernSource(at column) models.ID {
	if at == missing {
		return s.missing
	}
	return s.made(func(ctx context.Context, tx *store.Store, id models.ID) error {
		return tx.AddConcernSource(ctx, models.ConcernSource{
			ID: id, Place: s.compound[at].Place, DeviceID: s.columnDevice(at), Name: "终端", Reason: "布控平台下发",
			ProposedBy: s.missing, ProposerRole: models.RoleCommander, ProposedAt: s.now(), ValidUntil: s.now().Add(time.Hour),
		})
	})
}

func (s *stage) concernReport(at column, state models.ConcernReportState) models.ID {
	s.once("concern desk", s.rig.Officer, own, func() models.ID { // whoever is not on duty has no business with reports
		s.rig.onDuty(s.rig.A, models.SquadFoot, s.rig.Officer)
		return s.missing
	})
	if at == missing {
		return s.missing
	}
	return s.made(func(ctx context.Context, tx *store.Store, id models.ID) error {
		report := models.ConcernReport{
			ID: id, OrderID: s.rig.ids.next(), Place: s.compound[at].Place, DeviceID: s.columnDevice(at), SourceID: s.missing,
			Kind: models.ReportedWanted, OccurredAt: s.now(), ReceivedAt: s.now(), State: models.ReportOpen, BodyHash: []byte{1},
		}
		if err := tx.AddConcernReport(ctx, report); err != nil || state == models.ReportOpen {
			return err
		}
		report.State, report.DecidedBy, report.DecidedAt = state, s.missing, s.now()
		_, err := tx.DecideConcernReport(ctx, report)
		return err
	})
}

const lookedWhy = "?reason=checking"

var concernProbes = map[string]probe{
	"createConcernSource": about(func(s *stage, _ *caller, at column) asked {
		return post(map[string]any{
			"device_id": s.columnDevice(at), "name": "终端", "reason": "布控平台下发", "valid_until": instant(s.now().Add(time.Hour)),
		}, "/v1/concern-sources").naming("device_id")
	}),
	"listConcernSources": lists("id", "/v1/concern-sources", func(s *stage, _ *caller, at column) models.ID { return s.concernSource(at) }),
	"approveConcernSource": about(func(s *stage, _ *caller, at column) asked {
		return post(nil, "/v1/concern-sources/%s/approval", s.concernSource(at))
	}),
	"revokeConcernSource": about(func(s *stage, _ *caller, at column) asked {
		return post(map[string]any{"reason": "误报太多"}, "/v1/concern-sources/%s/revocation", s.concernSource(at))
	}),
	"createConcernReport": about(func(s *stage, _ *caller, at column) asked {
		source := s.concernSource(own)
		s.rig.write(func(ctx context.Context, tx *store.Store) error {
			_, err := tx.ApproveConcernSource(ctx, source, s.rig.Commander.ID, s.now())
			return err
		})
		return post(map[string]any{"id": s.rig.ids.next(), "kind": "wanted", "occurred_at": instant(s.now())},
			"/v1/devices/%s/concern-reports", s.columnDevice(at))
	}),
	"listConcernReports": lists("id", "/v1/concern-reports"+lookedWhy, func(s *stage, _ *caller, at column) models.ID {
		return s.concernReport(at, models.ReportOpen)
	}),
	"getConcernReport": about(func(s *stage, _ *caller, at column) asked {
		return get("/v1/concern-reports/%s?reason=checking", s.concernReport(at, models.ReportOpen))
	}),
	"decideConcernReport": about(func(s *stage, _ *caller, at column) asked {
		return post(map[string]any{"state": "dismissed", "reason": "不是同一人"}, "/v1/concern-reports/%s/decision",
			s.concernReport(at, models.ReportOpen))
	}),
	"dispatchConcernReport": about(func(s *stage, _ *caller, at column) asked {
		return post(map[string]any{"person_ids": []any{s.rig.Commander.ID}}, "/v1/concern-reports/%s/dispatch",
			s.concernReport(at, models.ReportConfirmed))
	}),
	"getConcernStatistics": plain(func(_ *stage, _ *caller) asked { return get("/v1/concern-statistics") }),
}
