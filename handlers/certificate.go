package handlers

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"time"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// ThanksWriter writes what belongs to commendations.
type ThanksWriter interface {
	// Certificate is the PDF of a granted commendation; the same bytes each time. checkURL stands on it as a square to be
	// scanned; "" leaves that out.
	Certificate(commendation models.Commendation, blankName bool, checkURL string) ([]byte, error)
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
	if err == nil {
		err = mayPrint(who, commendation)
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
	data, err := h.Reports.Certificate(commendation, blank, models.CertificateCheckURL(h.PublicURL, commendation.CheckCode))
	return api.GetCertificate200ApplicationpdfResponse{
		Body: bytes.NewReader(data), ContentLength: int64(len(data)),
		Headers: api.GetCertificate200ResponseHeaders{ContentDisposition: certificateName(commendation)},
	}, err
}

// mayPrint says whether a commendation has a certificate: one that stands, and of which it is still known whose it is.
func mayPrint(who models.Principal, commendation models.Commendation) error {
	switch {
	case commendation.PersonID == "", // forgotten
		commendation.PersonID == who.ID && !commendation.WasGranted(): // who is proposed does not hear of it
		return models.Fail(models.CodeNotFound)
	case commendation.State != models.CommendationGranted:
		return models.Fail(models.CodeWrongState)
	default:
		return nil
	}
}

// certificateName suggests a name for the file, in the form for any script (RFC 6266, RFC 8187).
func certificateName(commendation models.Commendation) string {
	plain := fmt.Sprintf("certificate-%d-%03d.pdf", commendation.GrantedOn.Year, commendation.Number)
	name := url.PathEscape(commendation.Title() + commendation.FullNumber() + ".pdf")
	return `attachment; filename="` + plain + `"; filename*=UTF-8''` + name
}
