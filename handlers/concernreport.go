package handlers

import (
	"context"
	"time"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// ListConcernReports answers GET /v1/concern-reports, to the duty desk. The look is recorded with its reason, also when nothing
// is found.
func (h *Server) ListConcernReports(
	ctx context.Context, request api.ListConcernReportsRequestObject,
) (api.ListConcernReportsResponseObject, error) {
	asked, params := api.From(ctx), request.Params
	page, err := pageOf(ctx, params.Limit, params.Cursor)
	if err != nil {
		return nil, err
	}
	what := &deed{operation: models.OpListConcernReports, kind: "concern_report", reason: models.Secret(params.Reason)}
	if err := h.atConcernDesk(ctx); err != nil {
		return nil, h.refused(ctx, what, err)
	}
	state := models.ConcernReportState(value(params.State))
	reports, err := h.Store.ConcernReports(ctx, models.Sights(what.operation, asked.Principal), state, asked.Now, page)
	if err != nil {
		return nil, err
	}
	for _, report := range reports {
		what.subjects = append(what.subjects, string(report.ID))
	}
	if err := h.looked(ctx, what); err != nil {
		return nil, err
	}
	items, next := listed(ctx, reports, page, wireConcernReport(ctx), func(report models.ConcernReport) models.ID { return report.OrderID })
	return api.ListConcernReports200JSONResponse{Items: items, NextCursor: next}, nil
}

// GetConcernReport answers GET /v1/concern-reports/{report_id}: with where the terminal keeps its picture, for a day.
func (h *Server) GetConcernReport(
	ctx context.Context, request api.GetConcernReportRequestObject,
) (api.GetConcernReportResponseObject, error) {
	asked := api.From(ctx)
	what := &deed{
		operation: models.OpGetConcernReport, kind: "concern_report", id: request.ReportId, reason: models.Secret(request.Params.Reason),
	}
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.ConcernReportDetail, error) {
		report, err := h.deskReport(ctx, tx, what)
		if err == nil {
			err = tx.SeeConcernReport(ctx, report.ID, asked.Now)
		}
		return api.ConcernReportDetail{
			Report: wireConcernReport(ctx)(report), PictureRef: textOrNil(report.PictureAt(asked.Now).Reveal()),
			Reason: textOrNil(report.Reason.Reveal()),
		}, err
	})
	if err != nil {
		return nil, err
	}
	return api.GetConcernReport200JSONResponse(answer), nil
}

// DecideConcernReport answers POST /v1/concern-reports/{report_id}/decision: one outcome, which everybody at the desk is told.
func (h *Server) DecideConcernReport(
	ctx context.Context, request api.DecideConcernReportRequestObject,
) (api.DecideConcernReportResponseObject, error) {
	asked, body := api.From(ctx), request.Body
	to := models.ConcernReportState(body.State)
	what := &deed{
		operation: models.OpDecideConcernReport, kind: "concern_report", id: request.ReportId, reason: models.Secret(body.Reason),
		facts: map[string]string{"state": string(to)},
	}
	var told models.Alert
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.ConcernReport, error) {
		told = models.Alert{}
		report, err := h.deskReport(ctx, tx, what)
		if err != nil {
			return api.ConcernReport{}, err
		}
		repeated, err := report.CheckDecision(to)
		if err != nil || repeated {
			return wireConcernReport(ctx)(report), err
		}
		report.State, report.DecidedBy, report.DecidedAt, report.Reason = to, asked.Principal.ID, asked.Now, what.reason
		if told, err = h.writeConcernDecision(ctx, tx, report); models.CodeOf(err) != models.CodeWrongState {
			return wireConcernReport(ctx)(report), err
		}
		if report, err = tx.ConcernReport(ctx, report.ID, asked.Now); err == nil { // somebody was first: their outcome is everybody's
			_, err = report.CheckDecision(to)
		}
		return wireConcernReport(ctx)(report), err
	})
	if err != nil {
		return nil, err
	}
	h.toldOf(ctx, nil, told)
	return api.DecideConcernReport200JSONResponse(answer), nil
}

func (h *Server) writeConcernDecision(ctx context.Context, tx *store.Store, report models.ConcernReport) (models.Alert, error) {
	mine, err := tx.DecideConcernReport(ctx, report)
	if err == nil && !mine {
		err = models.Fail(models.CodeWrongState)
	}
	if err != nil {
		return models.Alert{}, err
	}
	zone, err := tx.StationZone(ctx, report.Place.Station)
	if err != nil {
		return models.Alert{}, err
	}
	// It counts in the month in which the report came, so that a month's decisions are about its reports.
	figures := models.ConcernFigures{DeviceID: report.DeviceID, Month: models.MonthOf(report.ReceivedAt, zone), Confirmed: 1}
	words := concernIsConfirmed
	if report.State == models.ReportDismissed {
		figures.Confirmed, figures.Dismissed, words = 0, 1, concernIsDismissed
	}
	if err := tx.CountConcern(ctx, report.Place.Station, figures); err != nil {
		return models.Alert{}, err
	}
	return h.tellConcernDesk(ctx, tx, report, models.AlertConcernDecided, words)
}

// deskReport reads a report for somebody at the duty desk.
func (h *Server) deskReport(ctx context.Context, tx *store.Store, what *deed) (models.ConcernReport, error) {
	asked := api.From(ctx)
	if err := h.atConcernDesk(ctx); err != nil {
		return models.ConcernReport{}, err
	}
	report, err := tx.ConcernReport(ctx, what.id, asked.Now)
	if err == nil {
		err = models.May(what.operation, asked.Principal, models.Object{Place: report.Place})
	}
	return report, err
}

// atConcernDesk lets through who sits at the duty desk: whoever is not on duty has no business with reports.
func (h *Server) atConcernDesk(ctx context.Context) error {
	asked := api.From(ctx)
	onDuty := []models.OnDuty{}
	if !models.AtConcernDesk(asked.Principal, nil) {
		var err error
		if onDuty, err = h.Store.OnDuty(ctx, asked.Principal.StationID, asked.Now); err != nil {
			return err
		}
	}
	if !models.AtConcernDesk(asked.Principal, onDuty) {
		return models.Fail(models.CodeForbidden)
	}
	return nil
}

// wireConcernReport is a report as a list shows it, without where its picture is.
func wireConcernReport(ctx context.Context) func(models.ConcernReport) api.ConcernReport {
	now := api.From(ctx).Now
	return func(report models.ConcernReport) api.ConcernReport { return wireConcernAt(report, now) }
}

func wireConcernAt(report models.ConcernReport, now time.Time) api.ConcernReport {
	wire := api.ConcernReport{
		Id: report.ID, Kind: api.ConcernReportKind(report.Kind), State: api.ConcernReportState(report.State),
		DeviceId: report.DeviceID, CompoundId: report.Place.Compound, SourceId: report.SourceID, Terminal: textOrNil(report.Terminal),
		OccurredAt: api.At(report.OccurredAt), ReceivedAt: api.At(report.ReceivedAt), Late: report.Late(),
		HasPicture: report.PictureAt(now) != "", DecidedBy: idOrNil(report.DecidedBy), DecidedAt: api.AtOrNil(report.DecidedAt),
		DeletedAt: api.At(report.ForgetAt()),
	}
	if report.Confidence != nil {
		confidence := float32(*report.Confidence)
		wire.Confidence = &confidence
	}
	return wire
}
