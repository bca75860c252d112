package handlers

import (
	"context"
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // days and slots are those of the station's time zone, on a machine that knows none too

	"xunfang/api"
	"xunfang/models"
)

// The forms in which cover is told; the first is the one for who asks for none.
const (
	formJSON    = "application/json"
	formGeoJSON = "application/geo+json"
	formCSV     = "text/csv"
	formSVG     = "image/svg+xml"
)

const (
	defaultCellM = 150
	defaultSlot  = "2h"
)

var slotMinutes = map[string]int{
	"30m": 30, "1h": 60, "2h": 120, "3h": 180, "4h": 240, "6h": 360, "8h": 480, "12h": 720, "24h": 1440,
}

// coverQuestion is what is asked about cover.
type coverQuestion struct {
	from, to time.Time
	kind     models.CoverKind
	cellM    int
	slot     string
	mode     models.Mode
}

// coverReport is the answer, before it takes a form.
type coverReport struct {
	coverQuestion
	zone         *time.Location
	countedUntil time.Time
	slots        []models.Stretch
	places       []coveredPlace
	ground       *coverGround
}

// GetCoverage answers GET /v1/coverage.
func (h *Server) GetCoverage(ctx context.Context, request api.GetCoverageRequestObject) (api.GetCoverageResponseObject, error) {
	params := request.Params
	from, to := span(ctx, params.From, params.To)
	question := coverQuestion{
		from: from, to: to, kind: models.CoverCell, cellM: defaultCellM, slot: defaultSlot, mode: models.ModeAll,
	}
	if params.Kind != nil {
		question.kind = models.CoverKind(*params.Kind)
	}
	if params.Cell != nil {
		question.cellM = *params.Cell
	}
	if params.Slot != nil {
		question.slot = string(*params.Slot)
	}
	if params.Mode != nil {
		question.mode = models.Mode(*params.Mode)
	}
	report, err := h.cover(ctx, question)
	if err != nil {
		return nil, err
	}
	switch api.Preferred(api.From(ctx).Accept, formJSON, formGeoJSON, formCSV, formSVG) {
	case formGeoJSON:
		return api.GeoJSON(report.featureCollection()), nil
	case formCSV:
		text, err := report.csv()
		return api.GetCoverage200TextcsvResponse{Body: strings.NewReader(text), ContentLength: int64(len(text))}, err
	case formSVG:
		text, err := h.coverMap(ctx, report)
		return api.GetCoverage200ImagesvgXmlResponse{Body: strings.NewReader(text), ContentLength: int64(len(text))}, err
	default:
		return api.GetCoverage200JSONResponse(report.wire()), nil
	}
}

// span is the time that is asked about: where nothing is said, the 24 hours until now.
func span(ctx context.Context, from, to *api.Time) (first, last time.Time) {
	first, last = instantOf(from), instantOf(to)
	if to == nil {
		last = api.From(ctx).Now
	}
	if from == nil {
		first = last.Add(-24 * time.Hour)
	}
	return first, last
}

// cover works the answer out. What is counted so far is asked before the counts are read.
func (h *Server) cover(ctx context.Context, question coverQuestion) (*coverReport, error) {
	ground, err := h.coverGround(ctx, api.From(ctx).Operation)
	if err != nil {
		return nil, err
	}
	if err := question.check(ground.zone); err != nil {
		return nil, err
	}
	if ground.coarse {
		if err := question.coarsen(api.From(ctx).Now, ground.zone); err != nil {
			return nil, err
		}
	}
	report := &coverReport{coverQuestion: question, zone: ground.zone, countedUntil: ground.countedUntil, ground: ground}
	kind := question.kind
	switch kind {
	case models.CoverCell:
		kind = models.CellKind(question.cellM)
	case models.CoverKeyPlace:
		kind = models.CoverCheckpoint
	default:
	}
	whole := models.StretchOf(question.from, question.to)
	covers, err := h.Store.Covers(ctx, ground.station.ID, kind, question.mode, whole)
	if err != nil {
		return nil, err
	}
	var places []coveredPlace
	if question.kind == models.CoverCell {
		places = cellPlaces(ground.Ground, covers, whole, question.cellM)
	} else if places, err = h.namedPlaces(ctx, ground, question.kind); err != nil {
		return nil, err
	}
	report.slots = models.Slots(question.from, question.to, slotMinutes[question.slot], ground.zone)
	if len(places)*len(report.slots) > models.MaxCoverFigures {
		return nil, unprocessable("slot", models.FieldTooSmall,
			fmt.Sprintf("places × slots <= %d, here %d × %d", models.MaxCoverFigures, len(places), len(report.slots)))
	}
	for at := range places {
		cover := covers[places[at].place]
		places[at].slots = cover.Figures(report.slots)
		places[at].total = cover.Figures([]models.Stretch{whole})[0]
		if ground.coarse {
			places[at].coarsen()
		}
	}
	report.places = places
	return report, nil
}

// check refuses what would be too much, or nothing.
func (q *coverQuestion) check(zone *time.Location) error {
	switch {
	case !q.to.After(q.from):
		return unprocessable("to", models.FieldTooSmall, "after from")
	case q.to.After(q.from.In(zone).AddDate(0, 0, models.MaxCoverDays)):
		return unprocessable("to", models.FieldTooLarge, fmt.Sprintf("<= from + %d d", models.MaxCoverDays))
	case q.cellM%models.FineCellM != 0:
		return unprocessable("cell", models.FieldEnum, fmt.Sprintf("a multiple of %d", models.FineCellM))
	default:
		return nil
	}
}

// coarsen leaves of a question what may be told to those who may not see tracks.
func (q *coverQuestion) coarsen(now time.Time, zone *time.Location) error {
	if q.kind == models.CoverCell && !models.ShownCell(q.cellM) {
		return unprocessable("cell", models.FieldEnum, strings.Trim(strings.ReplaceAll(fmt.Sprint(models.ShownCellsM), " ", " | "), "[]"))
	}
	q.from, q.to = models.FinishedSlots(q.from, q.to, now, slotMinutes[q.slot], zone)
	return nil
}

func unprocessable(field string, code models.FieldCode, want string) error {
	return models.Fail(models.CodeUnprocessable).WithFields(models.FieldError{Field: field, Code: code, Want: want})
}

func (r *coverReport) wire() api.Coverage {
	answer := api.Coverage{
		From: api.At(r.from), To: api.At(r.to), Kind: api.CoverageKind(r.kind), Slot: api.CoverageSlot(r.slot),
		TimeZone: r.zone.String(), CountedUntil: api.At(r.countedUntil), Slots: []api.CoverageStretch{}, Items: []api.CoveragePlace{},
	}
	if r.kind == models.CoverCell {
		answer.Cell = &r.cellM
	}
	if r.mode != models.ModeAll {
		mode := string(r.mode)
		answer.Mode = &mode
	}
	for _, slot := range r.slots {
		answer.Slots = append(answer.Slots, api.CoverageStretch{From: api.At(slot.Start()), To: api.At(slot.End())})
	}
	for _, place := range r.places {
		item := api.CoveragePlace{
			Id: place.id, Name: textOrNil(place.name), KeyPlace: place.key, Total: wireFigures(place.total),
			Slots: make([]api.CoverageFigures, 0, len(place.slots)),
		}
		if place.at != nil {
			position := wirePosition(*place.at)
			item.Position = &position
		}
		if place.cell != nil {
			low, high := place.cell[0], place.cell[1]
			item.Bounds = &api.CoverageBounds{South: low.Lat, West: low.Lng, North: high.Lat, East: high.Lng}
		}
		for _, slot := range place.slots {
			item.Slots = append(item.Slots, wireFigures(slot))
		}
		answer.Items = append(answer.Items, item)
	}
	return answer
}

func wireFigures(figures models.Figures) api.CoverageFigures {
	return api.CoverageFigures{
		Visits: figures.Visits, PatrolMinutes: figures.PatrolMinutes, OfficerMinutes: figures.OfficerMinutes,
		LongestGapMinutes: figures.LongestGap,
	}
}
