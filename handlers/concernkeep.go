package handlers

import (
	"context"
	"errors"
	"strconv"
	"time"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// opForgetConcern is, in the audit, that reports were deleted: how many, and nothing of any.
const opForgetConcern models.Operation = "forgetConcernReports"

const (
	concernSweep       = 200   // reports and references of one tidying; what is left waits for the next
	maxConcernsFigured = 1_000 // devices of a station
)

// ForgetConcernReports deletes reports whose time is over, and the references of pictures before them.
func (h *Server) ForgetConcernReports(ctx context.Context) error {
	now := h.Now()
	due, err := h.Store.DueConcernReports(ctx, now, concernSweep)
	errs := []error{err}
	by := map[models.ID][]models.ConcernReport{}
	for _, report := range due {
		by[report.Place.Station] = append(by[report.Place.Station], report)
	}
	for station, reports := range by {
		errs = append(errs, h.forgetConcernsOf(ctx, station, reports, now))
	}
	return errors.Join(append(errs, h.forgetConcernPictures(ctx, now))...)
}

func (h *Server) forgetConcernsOf(ctx context.Context, station models.ID, due []models.ConcernReport, now time.Time) error {
	zone, err := h.Store.StationZone(ctx, station)
	if err != nil {
		return err
	}
	return h.Store.Atomically(ctx, func(tx *store.Store) error {
		counts := map[models.ConcernReportState]int{}
		for _, report := range due {
			gone, err := tx.ForgetConcernReport(ctx, report.ID, now)
			if err != nil {
				return err
			}
			if !gone {
				continue
			}
			counts[report.State]++
			if report.State == models.ReportOpen {
				err = tx.CountConcern(ctx, station, models.ConcernFigures{
					DeviceID: report.DeviceID, Month: models.MonthOf(report.ReceivedAt, zone), Expired: 1,
				})
			}
			if err != nil {
				return err
			}
		}
		facts := map[string]string{}
		for state, count := range counts {
			facts[string(state)] = strconv.Itoa(count)
		}
		return h.recordForgotten(ctx, tx, station, facts, now)
	})
}

func (h *Server) forgetConcernPictures(ctx context.Context, now time.Time) error {
	return h.Store.Atomically(ctx, func(tx *store.Store) error {
		counts, err := tx.ForgetConcernPictures(ctx, now, concernSweep)
		if err != nil {
			return err
		}
		for station, count := range counts {
			if err := h.recordForgotten(ctx, tx, station, map[string]string{"pictures": strconv.Itoa(count)}, now); err != nil {
				return err
			}
		}
		return nil
	})
}

func (h *Server) recordForgotten(ctx context.Context, tx *store.Store, station models.ID, facts map[string]string, now time.Time) error {
	if len(facts) == 0 {
		return nil
	}
	return tx.Record(ctx, models.AuditEntry{
		ID: h.NewID(), StationID: station, At: now, Operation: opForgetConcern, ObjectKind: "concern_report",
		Outcome: models.AuditAllowed, Facts: facts,
	}, "")
}

// GetConcernStatistics answers GET /v1/concern-statistics, to all who serve at the station: how many reports there were, and how
// many of them were wrong.
func (h *Server) GetConcernStatistics(
	ctx context.Context, request api.GetConcernStatisticsRequestObject,
) (api.GetConcernStatisticsResponseObject, error) {
	asked := api.From(ctx)
	station := asked.Principal.StationID
	zone, err := h.Store.StationZone(ctx, station)
	if err != nil {
		return nil, err
	}
	month := or(request.Params.Month, models.MonthOf(asked.Now, zone))
	if from, _, is := models.MonthIn(month, zone); !is || from.After(asked.Now) {
		return nil, invalidField("month", models.FieldInFuture, "<= now")
	}
	found, err := h.Store.ConcernFigures(ctx, station, month, maxConcernsFigured)
	if err != nil {
		return nil, err
	}
	answer, all := api.ConcernStatistics{Month: month, Items: []api.ConcernFigures{}}, models.ConcernFigures{}
	for _, one := range found {
		answer.Items = append(answer.Items, wireConcernFigures(one))
		all.Reports, all.Late, all.Refused = all.Reports+one.Reports, all.Late+one.Late, all.Refused+one.Refused
		all.Confirmed, all.Dismissed, all.Expired = all.Confirmed+one.Confirmed, all.Dismissed+one.Dismissed, all.Expired+one.Expired
	}
	answer.Total = wireConcernFigures(all)
	return api.GetConcernStatistics200JSONResponse(answer), nil
}

func wireConcernFigures(figures models.ConcernFigures) api.ConcernFigures {
	wire := api.ConcernFigures{
		DeviceId: idOrNil(figures.DeviceID), Reports: figures.Reports, Late: figures.Late, Refused: figures.Refused,
		Confirmed: figures.Confirmed, Dismissed: figures.Dismissed, Expired: figures.Expired,
	}
	if share := figures.ShareWrong(); share != nil {
		rounded := float32(*share)
		wire.ShareWrong = &rounded
	}
	return wire
}
