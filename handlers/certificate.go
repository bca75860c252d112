package handlers

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// ThanksWriter writes what belongs to commendations.
type ThanksWriter interface {
	// Certificate is the PDF of a granted commendation; the same bytes each time.
	Certificate(commendation models.Commendation, blankName bool) ([]byte, error)
	// Commendations is the XLSX of a year's list.
	Commendations(list models.CommendationList) ([]byte, error)
	// Unprintable gives the characters of a text that cannot be printed, each once.
	Unprintable(text string) (string, error)
}

// thanksLife is how long the message about a commendation or a reward is worth delivering.
const thanksLife = 7 * 24 * time.Hour

// stationIn reads one station and its time zone.
func stationIn(ctx context.Context, db *store.Store, id models.ID) (models.StationInfo, *time.Location, error) {
	stations, err := db.Stations(ctx)
	if err != nil {
		return models.StationInfo{}, nil, err
	}
	for _, station := range stations {
		if station.ID == id {
			zone, err := time.LoadLocation(station.TimeZone)
			return station, zone, err
		}
	}
	return models.StationInfo{}, nil, models.Fail(models.CodeNotFound)
}

// GetCertificate answers GET /v1/commendations/{commendation_id}/certificate. Looking at somebody else's is recorded.
func (h *Server) GetCertificate(ctx context.Context, request api.GetCertificateRequestObject) (api.GetCertificateResponseObject, error) {
	who := api.From(ctx).Principal
	what := &deed{operation: models.OpGetCertificate, kind: "commendation", id: request.CommendationId}
	commendation, err := h.Store.Commendation(ctx, request.CommendationId)
	if err == nil {
		err = models.May(what.operation, who, models.Object{
			Place: models.Place{Station: commendation.StationID}, Owner: commendation.PersonID,
		})
	}
	if err == nil && commendation.State != models.CommendationGranted {
		err = models.Fail(models.CodeWrongState)
		if commendation.PersonID == who.ID { // who is proposed does not hear of it
			err = models.Fail(models.CodeNotFound)
		}
	}
	if err != nil {
		return nil, h.refused(ctx, what, err)
	}
	blank := value(request.Params.BlankName)
	printed := map[string]models.Secret{"name": commendation.PersonName, "station": models.Secret(commendation.StationName)}
	if blank {
		delete(printed, "name")
	}
	for field, text := range printed {
		if err := h.printable(field, text); err != nil {
			return nil, err
		}
	}
	if commendation.PersonID != who.ID {
		if err := h.looked(ctx, what); err != nil {
			return nil, err
		}
	}
	data, err := h.Reports.Certificate(commendation, blank)
	return api.GetCertificate200ApplicationpdfResponse{
		Body: bytes.NewReader(data), ContentLength: int64(len(data)),
		Headers: api.GetCertificate200ResponseHeaders{ContentDisposition: certificateName(commendation)},
	}, err
}

// certificateName suggests a name for the file, in the form for any script (RFC 6266, RFC 8187).
func certificateName(commendation models.Commendation) string {
	plain := fmt.Sprintf("certificate-%d-%03d.pdf", commendation.GrantedOn.Year, commendation.Number)
	name := url.PathEscape(commendation.Title() + commendation.FullNumber() + ".pdf")
	return `attachment; filename="` + plain + `"; filename*=UTF-8''` + name
}

// CheckCertificate answers GET /v1/certificate-checks/{code}, for anybody who holds the paper.
func (h *Server) CheckCertificate(
	ctx context.Context, request api.CheckCertificateRequestObject,
) (api.CheckCertificateResponseObject, error) {
	commendation, err := h.Store.CommendationByCode(ctx, models.Secret(models.NormalCheckCode(request.Code)))
	if models.CodeOf(err) == models.CodeNotFound {
		return api.CheckCertificate200JSONResponse{}, nil
	}
	if err != nil {
		return nil, err
	}
	return api.CheckCertificate200JSONResponse{Valid: true, MaskedName: textOrNil(models.MaskName(commendation.PersonName))}, nil
}

// GetYearlyCommendations answers GET /v1/commendations/yearly. Each reading is recorded.
func (h *Server) GetYearlyCommendations(
	ctx context.Context, request api.GetYearlyCommendationsRequestObject,
) (api.GetYearlyCommendationsResponseObject, error) {
	asked := api.From(ctx)
	station, zone, err := stationIn(ctx, h.Store, asked.Principal.StationID)
	if err == nil {
		err = models.May(models.OpYearlyCommended, asked.Principal, models.Object{Place: models.Place{Station: station.ID}})
	}
	if err != nil {
		return nil, err
	}
	year := models.DateIn(asked.Now, zone).Year
	if request.Params.Year != nil {
		year = *request.Params.Year
	}
	granted, err := h.Store.YearlyCommendations(ctx, station.ID, year)
	if err != nil {
		return nil, err
	}
	list := models.CommendationList{
		Station: station.Name, Year: year, Granted: granted, MadeOn: models.DateIn(asked.Now, zone), MadeAt: asked.Now,
	}
	what := &deed{
		operation: models.OpYearlyCommended, kind: "commendation",
		facts: map[string]string{"year": strconv.Itoa(list.Year), "rows": strconv.Itoa(len(granted))},
	}
	if err := h.looked(ctx, what); err != nil {
		return nil, err
	}
	if api.Preferred(asked.Accept, "application/json", typeXLSX) == typeXLSX {
		data, err := h.Reports.Commendations(list)
		return api.GetYearlyCommendations200ApplicationvndOpenxmlformatsOfficedocumentSpreadsheetmlSheetResponse{
			Body: bytes.NewReader(data), ContentLength: int64(len(data)),
		}, err
	}
	wire := api.GetYearlyCommendations200JSONResponse{Station: list.Station, Year: list.Year, Items: []api.YearlyCommendation{}}
	for _, one := range granted {
		wire.Items = append(wire.Items, api.YearlyCommendation{
			Number: one.FullNumber(), PersonId: one.PersonID, PersonName: one.PersonName.Reveal(), Reason: one.Reason.Reveal(),
			GrantedOn: one.GrantedOn,
		})
	}
	return wire, nil
}
