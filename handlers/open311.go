package handlers

import (
	"context"
	"slices"
	"strings"
	"time"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// open311Changed is when this face of the API changed last.
const open311Changed = "2026-11-28T00:00:00Z"

// DiscoverOpen311 answers GET /open311/v2/discovery.json.
func (h *Server) DiscoverOpen311(
	context.Context, api.DiscoverOpen311RequestObject,
) (api.DiscoverOpen311ResponseObject, error) {
	answer := api.DiscoverOpen311200JSONResponse{
		Changeset: open311Changed, Contact: "派出所值班室 / the station's duty desk",
		KeyService: "由值班所长发放 / given by the station's duty commander",
	}
	answer.Endpoints = append(answer.Endpoints, struct {
		Changeset     string   `json:"changeset"`
		Formats       []string `json:"formats"`
		Specification string   `json:"specification"`
		Type          string   `json:"type"`
		Url           string   `json:"url"` //nolint:revive // the generator's name
	}{
		Changeset: open311Changed, Formats: []string{"application/json"}, Type: "production",
		Specification: "http://wiki.open311.org/GeoReport_v2", Url: "/open311/v2",
	})
	return answer, nil
}

// ListOpen311Services answers GET /open311/v2/services.json.
func (h *Server) ListOpen311Services(
	ctx context.Context, request api.ListOpen311ServicesRequestObject,
) (api.ListOpen311ServicesResponseObject, error) {
	station, err := h.jurisdiction(ctx, request.Params.JurisdictionId)
	if err != nil {
		return nil, err
	}
	services, err := h.publicServices(ctx, station.ID)
	answer := api.ListOpen311Services200JSONResponse{}
	for _, service := range services {
		name := inBoth(service.NameZH, service.NameEN)
		answer = append(answer, api.Open311Service{
			ServiceCode: service.Code, ServiceName: name, Description: name, Type: "realtime", Metadata: len(service.Questions) > 0,
		})
	}
	return answer, err
}

// ListOpen311Requests answers GET /open311/v2/requests.json.
func (h *Server) ListOpen311Requests(
	ctx context.Context, request api.ListOpen311RequestsRequestObject,
) (api.ListOpen311RequestsResponseObject, error) {
	params := request.Params
	station, err := h.jurisdiction(ctx, params.JurisdictionId)
	if err != nil {
		return nil, err
	}
	services, err := h.publicServices(ctx, station.ID)
	if err != nil {
		return nil, err
	}
	filter, err := open311Filter(ctx, services, params)
	if err != nil {
		return nil, err
	}
	items, err := h.open311Requests(ctx, station, services, filter)
	return api.ListOpen311Requests200JSONResponse(items), err
}

// GetOpen311Request answers GET /open311/v2/requests/{service_request_id}.json.
func (h *Server) GetOpen311Request(
	ctx context.Context, request api.GetOpen311RequestRequestObject,
) (api.GetOpen311RequestResponseObject, error) {
	station, err := h.jurisdiction(ctx, request.Params.JurisdictionId)
	if err != nil {
		return nil, err
	}
	services, err := h.publicServices(ctx, station.ID)
	if err != nil {
		return nil, err
	}
	items, err := h.open311Requests(ctx, station, services, store.Open311Filter{
		IDs: []models.ID{request.ServiceRequestId}, Services: codesOf(services),
	})
	if err == nil && len(items) == 0 {
		err = models.Fail(models.CodeNotFound)
	}
	return api.GetOpen311Request200JSONResponse(items), err
}

// jurisdiction is the station that a request is about: the one named, or the only one there is.
func (h *Server) jurisdiction(ctx context.Context, id *string) (models.StationInfo, error) {
	stations, err := h.Store.Stations(ctx)
	if err != nil {
		return models.StationInfo{}, err
	}
	if value(id) == "" {
		if len(stations) == 1 {
			return stations[0], nil
		}
		return models.StationInfo{}, invalidField("jurisdiction_id", models.FieldRequired, "a station's id")
	}
	for _, station := range stations {
		if string(station.ID) == *id {
			return station, nil
		}
	}
	return models.StationInfo{}, models.Fail(models.CodeNotFound)
}

func invalidField(field string, code models.FieldCode, want string) error {
	return models.Fail(models.CodeInvalidRequest).WithFields(models.FieldError{Field: field, Code: code, Want: want})
}

func codesOf(services []models.TipCategory) []string {
	codes := make([]string, 0, len(services))
	for _, service := range services {
		codes = append(codes, service.Code)
	}
	return codes
}

// open311Filter reads a list's question; what is not public is never in it.
func open311Filter(
	ctx context.Context, services []models.TipCategory, params api.ListOpen311RequestsParams,
) (store.Open311Filter, error) {
	now := api.From(ctx).Now
	filter := store.Open311Filter{Services: codesOf(services), From: now.Add(-models.Open311Span)}
	if params.ServiceCode != nil {
		asked := commaSeparated(*params.ServiceCode)
		filter.Services = slices.DeleteFunc(filter.Services, func(code string) bool { return !slices.Contains(asked, code) })
	}
	for _, text := range commaSeparated(value(params.ServiceRequestId)) {
		if id, err := models.ParseID(text); err == nil { // what is no id is nobody's
			filter.IDs = append(filter.IDs, id)
		}
	}
	if len(filter.IDs) > models.MaxOpen311IDs {
		return filter, invalidField("service_request_id", models.FieldTooMany, "<= 100")
	}
	if params.ServiceRequestId != nil && len(filter.IDs) == 0 {
		filter.Services = nil // of none
	}
	for field, bound := range map[string]struct {
		text *string
		at   *time.Time
	}{"start_date": {params.StartDate, &filter.From}, "end_date": {params.EndDate, &filter.To}} {
		if bound.text == nil {
			continue
		}
		at, ok := models.ParseOpen311Time(*bound.text)
		if !ok {
			return filter, invalidField(field, models.FieldFormat, "W3C, 2026-11-24T10:00:00+08:00")
		}
		*bound.at = at
	}
	if params.StartDate == nil && params.EndDate != nil {
		filter.From = filter.To.Add(-models.Open311Span)
	}
	for _, word := range commaSeparated(value(params.Status)) {
		switch word {
		case "open":
			filter.Open = true
		case "closed":
			filter.Closed = true
		default:
			return filter, invalidField("status", models.FieldEnum, "open | closed")
		}
	}
	return filter, nil
}

func commaSeparated(text string) []string {
	words := []string{}
	for word := range strings.SplitSeq(text, ",") {
		if word = strings.TrimSpace(word); word != "" {
			words = append(words, word)
		}
	}
	return words
}

func (h *Server) open311Requests(
	ctx context.Context, station models.StationInfo, services []models.TipCategory, filter store.Open311Filter,
) ([]api.Open311Request, error) {
	requests, err := h.Store.Open311Requests(ctx, station.ID, filter)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, service := range services {
		names[service.Code] = inBoth(service.NameZH, service.NameEN)
	}
	items := make([]api.Open311Request, 0, len(requests))
	for _, one := range requests {
		items = append(items, wireOpen311(station, names, one))
	}
	return items, nil
}

// wireOpen311 writes a request as anybody may see it: who sent it is nowhere, and its words are there only
// when they were sent to be public.
func wireOpen311(station models.StationInfo, names map[string]string, request models.Open311Request) api.Open311Request {
	tip := request.Tip
	wire := api.Open311Request{
		ServiceRequestId: tip.ID, ServiceCode: tip.Category, ServiceName: names[tip.Category], AgencyResponsible: station.Name,
		Status:            api.Open311RequestStatus(models.Open311Status(tip.State)),
		RequestedDatetime: tip.ReceivedAt.UTC().Format(time.RFC3339), UpdatedDatetime: tip.ReceivedAt.UTC().Format(time.RFC3339),
	}
	if place := request.Open311Place(); place != nil {
		wire.Lat, wire.Long = &place.Lat, &place.Lng
	}
	if len(tip.Steps) > 0 {
		last := tip.Steps[len(tip.Steps)-1]
		wire.UpdatedDatetime = last.At.UTC().Format(time.RFC3339)
		if request.Open {
			wire.StatusNotes = textOrNil(last.Note.Reveal())
		}
	}
	if request.Open {
		wire.Description = textOrNil(tip.Description.Reveal())
	}
	return wire
}
