package handlers

import (
	"context"
	"encoding/json"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// CreateConcernReport answers POST /v1/devices/{device_id}/concern-reports.
func (h *Server) CreateConcernReport(
	ctx context.Context, request api.CreateConcernReportRequestObject,
) (api.CreateConcernReportResponseObject, error) {
	asked, body := api.From(ctx), request.Body
	what := &deed{operation: models.OpCreateConcernReport, kind: "concern_report", id: body.Id}
	device, err := h.Store.Device(ctx, request.DeviceId)
	if err == nil {
		err = models.May(what.operation, asked.Principal, models.Object{Place: device.Place, Owner: device.ID})
	}
	if err != nil {
		return nil, h.refused(ctx, what, err)
	}
	content, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	report := models.ConcernReport{
		ID: body.Id, Kind: models.ConcernReportKind(body.Kind), Terminal: value(body.Terminal), OccurredAt: body.OccurredAt.Time,
		Confidence: confidenceOf(body.Confidence), Picture: models.Secret(value(body.PictureRef)), BodyHash: h.bodyHash(content),
	}
	taken, err := h.takeConcernReport(ctx, what, device, report)
	if models.CodeOf(err) == models.CodeAlreadyExists {
		return h.repeatedConcernReport(ctx, device.ID, report)
	}
	if err != nil {
		return nil, err
	}
	return api.CreateConcernReport201JSONResponse(wireConcernTaken(taken)), nil
}

// takeConcernReport takes a report of a device, however it came: one of an approved source is written and told to the duty desk,
// any other is counted and refused.
func (h *Server) takeConcernReport(
	ctx context.Context, what *deed, device models.Device, report models.ConcernReport,
) (models.ConcernReport, error) {
	now := api.From(ctx).Now
	report.OrderID, report.Place, report.DeviceID, report.ReceivedAt, report.State = h.NewID(), device.Place, device.ID, now, models.ReportOpen
	for _, check := range []func() error{report.CheckTime, report.CheckPicture} {
		if err := check(); err != nil {
			return report, err
		}
	}
	zone, err := h.Store.StationZone(ctx, device.Place.Station)
	if err != nil {
		return report, err
	}
	figures := models.ConcernFigures{DeviceID: device.ID, Month: models.MonthOf(now, zone), Reports: 1}
	if report.Late() {
		figures.Late = 1
	}
	what.facts = map[string]string{"kind": string(report.Kind)}
	var told models.Alert
	_, err = act(ctx, h, what, 201, func(tx *store.Store) (bool, error) {
		told = models.Alert{}
		source, err := tx.ApprovedConcernSource(ctx, device.ID, now)
		if models.CodeOf(err) == models.CodeNotFound {
			err = models.Fail(models.CodeSourceNotApproved)
		}
		if err != nil {
			return false, err
		}
		report.SourceID = source.ID
		if err := tx.AddConcernReport(ctx, report); err != nil {
			return false, err
		}
		if err := tx.CountConcern(ctx, device.Place.Station, figures); err != nil || report.Late() {
			return true, err
		}
		told, err = h.tellConcernDesk(ctx, tx, report, models.AlertConcernReport, concernIsNew)
		return true, err
	})
	if models.CodeOf(err) == models.CodeSourceNotApproved {
		return report, h.countRefusedConcern(ctx, device.Place.Station, figures, err)
	}
	h.toldOf(ctx, err, told)
	return report, err
}

// countRefusedConcern counts what is not taken: the station is to see that somebody reports without leave.
func (h *Server) countRefusedConcern(ctx context.Context, station models.ID, figures models.ConcernFigures, refusal error) error {
	figures.Reports, figures.Late, figures.Refused = 0, 0, 1
	if err := h.Store.Atomically(ctx, func(tx *store.Store) error { return tx.CountConcern(ctx, station, figures) }); err != nil {
		return err
	}
	return refusal
}

// repeatedConcernReport answers a report whose id is taken: the first answer when it is the same one by the same device.
func (h *Server) repeatedConcernReport(
	ctx context.Context, device models.ID, report models.ConcernReport,
) (api.CreateConcernReportResponseObject, error) {
	first, err := h.Store.ConcernReport(ctx, report.ID, api.From(ctx).Now)
	switch {
	case models.CodeOf(err) == models.CodeNotFound, err == nil && (first.DeviceID != device || !sameBody(first.BodyHash, report.BodyHash)):
		return nil, takenField("id")
	case err != nil:
		return nil, err
	default:
		return api.CreateConcernReport200JSONResponse(wireConcernTaken(first)), nil
	}
}

// wireConcernTaken is all that a terminal learns: not what became of its report.
func wireConcernTaken(report models.ConcernReport) api.ConcernReportTaken {
	return api.ConcernReportTaken{Id: report.ID, ReceivedAt: api.At(report.ReceivedAt), Late: report.Late()}
}

func confidenceOf(given *float32) *float64 {
	if given == nil {
		return nil
	}
	confidence := float64(*given)
	return &confidence
}
