package handlers

import (
	"bytes"
	"context"
	"strconv"

	"xunfang/api"
	"xunfang/models"
)

// GetYearlyCommendations answers GET /v1/commendations/yearly: JSON in pages, the XLSX whole. Each reading is recorded.
func (h *Server) GetYearlyCommendations(
	ctx context.Context, request api.GetYearlyCommendationsRequestObject,
) (api.GetYearlyCommendationsResponseObject, error) {
	asked, params := api.From(ctx), request.Params
	station, zone, err := stationIn(ctx, h.Store, asked.Principal.StationID)
	if err == nil {
		err = models.May(models.OpYearlyCommended, asked.Principal, models.Object{Place: models.Place{Station: station.ID}})
	}
	if err != nil {
		return nil, err
	}
	after, err := ordinalAfter(ctx, params.Cursor)
	if err != nil {
		return nil, err
	}
	limit, year := limitOf(params.Limit), or(params.Year, models.DateIn(asked.Now, zone).Year)
	whole := api.Preferred(asked.Accept, "application/json", typeXLSX) == typeXLSX
	if whole {
		after, limit = 0, models.MaxCommendationsAYear
	}
	granted, err := h.Store.YearlyCommendations(ctx, station.ID, year, after, limit)
	if err != nil {
		return nil, err
	}
	what := &deed{
		operation: models.OpYearlyCommended, kind: "commendation",
		facts: map[string]string{"year": strconv.Itoa(year), "rows": strconv.Itoa(len(granted))},
	}
	if err := h.looked(ctx, what); err != nil {
		return nil, err
	}
	if whole {
		data, err := h.Reports.Commendations(models.CommendationList{
			Station: station.Name, Year: year, Granted: granted, MadeOn: models.DateIn(asked.Now, zone), MadeAt: asked.Now,
		})
		return api.GetYearlyCommendations200ApplicationvndOpenxmlformatsOfficedocumentSpreadsheetmlSheetResponse{
			Body: bytes.NewReader(data), ContentLength: int64(len(data)),
		}, err
	}
	wire := api.GetYearlyCommendations200JSONResponse{Station: station.Name, Year: year, Items: []api.YearlyCommendation{}}
	for _, one := range granted {
		wire.Items = append(wire.Items, wireYearly(one))
	}
	if len(granted) == limit { // a full page has a next one, which may turn out to be empty
		next := cursorAfter(ctx, strconv.Itoa(granted[limit-1].Number))
		wire.NextCursor = &next
	}
	return wire, nil
}

func wireYearly(one models.Commendation) api.YearlyCommendation {
	return api.YearlyCommendation{
		Number: one.FullNumber(), PersonId: one.PersonID, PersonName: one.PersonName.Reveal(), Reason: one.Reason.Reveal(),
		GrantedOn: one.GrantedOn, Revoked: one.State == models.CommendationRevoked,
	}
}
