package handlers

import (
	"bytes"
	"context"
	"net/url"
	"time"

	"xunfang/api"
	"xunfang/models"
)

// ReportWriter writes reports and certificates as files.
type ReportWriter interface {
	ThanksWriter
	PDF(report models.MonthReport) ([]byte, error)
	XLSX(report models.MonthReport) ([]byte, error)
}

const (
	typePDF  = "application/pdf"
	typeXLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

// GetMonthReport answers GET /v1/coverage/report. Each reading is recorded.
func (h *Server) GetMonthReport(
	ctx context.Context, request api.GetMonthReportRequestObject,
) (api.GetMonthReportResponseObject, error) {
	asked, params := api.From(ctx), request.Params
	what := &deed{operation: models.OpGetMonthReport, kind: "report"}
	station, err := h.reportStation(ctx, what, params.StationId)
	if err != nil {
		return nil, h.refused(ctx, what, err)
	}
	report, month, err := newMonthReport(station, value(params.Month), asked.Now)
	if err != nil {
		return nil, err
	}
	if err := h.fillMonthReport(ctx, station.ID, &report); err != nil {
		return nil, err
	}
	what.facts = map[string]string{"month": month}
	if err := h.looked(ctx, what); err != nil {
		return nil, err
	}
	if api.Preferred(asked.Accept, typePDF, typeXLSX) == typeXLSX {
		data, err := h.Reports.XLSX(report)
		return api.GetMonthReport200ApplicationvndOpenxmlformatsOfficedocumentSpreadsheetmlSheetResponse{
			Body: bytes.NewReader(data), ContentLength: int64(len(data)), Headers: reportHeaders(report, month, "xlsx"),
		}, err
	}
	data, err := h.Reports.PDF(report)
	return api.GetMonthReport200ApplicationpdfResponse{
		Body: bytes.NewReader(data), ContentLength: int64(len(data)), Headers: reportHeaders(report, month, "pdf"),
	}, err
}

// reportStation finds the station a report is asked for: the caller's own when none is named.
func (h *Server) reportStation(ctx context.Context, what *deed, named *models.ID) (models.StationInfo, error) {
	who := api.From(ctx).Principal
	wanted := who.StationID
	if named != nil {
		wanted = *named
	}
	if err := models.May(what.operation, who, models.Object{Place: models.Place{Station: wanted}}); err != nil {
		return models.StationInfo{}, err
	}
	what.id, what.station = wanted, wanted
	stations, err := h.Store.Stations(ctx)
	if err != nil {
		return models.StationInfo{}, err
	}
	for _, station := range stations {
		if station.ID == wanted {
			return station, nil
		}
	}
	return models.StationInfo{}, models.Fail(models.CodeNotFound)
}

// newMonthReport is the report of a month without its figures; of the last one when none is named.
func newMonthReport(station models.StationInfo, month string, now time.Time) (models.MonthReport, string, error) {
	zone, err := time.LoadLocation(station.TimeZone)
	if err != nil {
		return models.MonthReport{}, "", err
	}
	if month == "" {
		month = models.LastMonth(now, zone)
	}
	from, to, is := models.MonthIn(month, zone)
	if !is || !from.Before(now) {
		return models.MonthReport{}, "", models.Fail(models.CodeInvalidRequest).WithFields(
			models.FieldError{Field: "month", Code: models.FieldInFuture, Want: "<= now"})
	}
	if now.Before(to) {
		to = now
	}
	return models.MonthReport{Station: station.Name, Zone: zone, From: from, To: to, MadeAt: now}, month, nil
}

// reportHeaders suggests a name for the file, in the form for any script (RFC 6266, RFC 8187).
func reportHeaders(report models.MonthReport, month, extension string) api.GetMonthReport200ResponseHeaders {
	plain := "report-" + month + "." + extension
	name := url.PathEscape(report.Title() + month + "." + extension)
	return api.GetMonthReport200ResponseHeaders{
		ContentDisposition: `attachment; filename="` + plain + `"; filename*=UTF-8''` + name,
	}
}
