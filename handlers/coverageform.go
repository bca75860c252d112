package handlers

import (
	"encoding/csv"
	"strconv"
	"strings"
	"time"

	"xunfang/api"
	"xunfang/models"
)

// csv is the report with a row for each place and slot (RFC 4180).
func (r *coverReport) csv() (string, error) {
	text := &strings.Builder{}
	out := csv.NewWriter(text)
	out.UseCRLF = true
	rows := [][]string{{
		"kind", "id", "name", "slot_from", "slot_to", "visits", "patrol_minutes", "officer_minutes", "longest_gap_minutes",
	}}
	for _, place := range r.places {
		for at, slot := range r.slots {
			figures := place.slots[at]
			rows = append(rows, []string{
				string(r.kind), place.id, harmless(place.name), stamp(slot.Start()), stamp(slot.End()), strconv.Itoa(figures.Visits),
				strconv.Itoa(figures.PatrolMinutes), strconv.Itoa(figures.OfficerMinutes), strconv.Itoa(figures.LongestGap),
			})
		}
	}
	if err := out.WriteAll(rows); err != nil {
		return "", err
	}
	return text.String(), nil
}

// harmless keeps a name from being run as a formula by the spreadsheet that opens the file.
func harmless(name string) string {
	if strings.ContainsAny(name[:min(1, len(name))], "=+-@\t\r") {
		return "'" + name
	}
	return name
}

func stamp(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000Z") }

// featureCollection is the report as GeoJSON (RFC 7946): longitude first.
func (r *coverReport) featureCollection() api.CoverageMap {
	features := make([]api.CoverageFeature, 0, len(r.places))
	for _, place := range r.places {
		features = append(features, api.CoverageFeature{
			Type: api.CoverageFeatureTypeFeature, Id: place.id, Geometry: place.geometry(),
			Properties: api.CoverageProperties{
				Kind: api.CoverageKind(r.kind), Name: textOrNil(place.name), KeyPlace: place.key, Visits: place.total.Visits,
				PatrolMinutes: place.total.PatrolMinutes, OfficerMinutes: place.total.OfficerMinutes,
				LongestGapMinutes: place.total.LongestGap,
			},
		})
	}
	return api.CoverageMap{Type: api.CoverageMapTypeFeatureCollection, Features: features}
}

// geometry is a cell's polygon, a route's line, any other place's point; nil for a route of less than two checkpoints.
func (p *coveredPlace) geometry() *api.CoverageGeometry {
	pair := func(at models.Position) any { return []float64{at.Lng, at.Lat} }
	switch {
	case p.cell != nil:
		low, high := p.cell[0], p.cell[1]
		ring := []any{ // counter-clockwise
			pair(low), pair(models.Position{Lat: low.Lat, Lng: high.Lng}), pair(high),
			pair(models.Position{Lat: high.Lat, Lng: low.Lng}), pair(low),
		}
		return &api.CoverageGeometry{Type: api.CoverageGeometryTypePolygon, Coordinates: []any{ring}}
	case p.at != nil:
		return &api.CoverageGeometry{Type: api.CoverageGeometryTypePoint, Coordinates: []any{p.at.Lng, p.at.Lat}}
	case len(p.line) > 1:
		line := make([]any, 0, len(p.line))
		for _, at := range p.line {
			line = append(line, pair(at))
		}
		return &api.CoverageGeometry{Type: api.CoverageGeometryTypeLineString, Coordinates: line}
	default:
		return nil
	}
}
