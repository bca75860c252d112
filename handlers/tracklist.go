package handlers

import (
	"bytes"
	"context"
	"encoding/xml"
	"strconv"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// The forms of a track beside a page of JSON.
const (
	typeJSON    = "application/json"
	typeGeoJSON = "application/geo+json"
	typeGPX     = "application/gpx+xml"
)

// ListTracks answers GET /v1/tracks. Looking at somebody else's is recorded, with whose it is.
func (h *Server) ListTracks(ctx context.Context, request api.ListTracksRequestObject) (api.ListTracksResponseObject, error) {
	asked, params := api.From(ctx), request.Params
	page, err := pageOf(ctx, params.Limit, params.Cursor)
	if err != nil {
		return nil, err
	}
	form := api.Preferred(asked.Accept, typeJSON, typeGeoJSON, typeGPX)
	if form != typeJSON {
		page = store.Page{Limit: models.MaxTrackFile + 1}
	}
	filter := store.TrackFilter{
		PersonID: value(params.PersonId), RoundID: value(params.RoundId), From: instantOf(params.From), To: instantOf(params.To),
	}
	if filter.PersonID == "" && filter.RoundID == "" {
		filter.PersonID = asked.Principal.ID
	}
	points, err := h.Store.Tracks(ctx, models.Sights(models.OpListTracks, asked.Principal), filter, page)
	if err != nil {
		return nil, err
	}
	if form != typeJSON && len(points) > models.MaxTrackFile {
		return nil, models.Unfit("to", models.FieldTooLarge, "<= "+strconv.Itoa(models.MaxTrackFile)+" positions")
	}
	foreign := foreignIn(points, func(point models.TrackPoint) (models.ID, bool) {
		return point.PersonID, point.PersonID != asked.Principal.ID
	})
	if err := h.lookedAtList(ctx, models.OpListTracks, "track", foreign); err != nil {
		return nil, err
	}
	switch form {
	case typeGeoJSON:
		return api.TrackFeaturesAsGeoJSON(wireTrackFeatures(points)), nil
	case typeGPX:
		return gpxOf(points)
	}
	items, next := listed(ctx, points, page, wireTrackPoint, models.TrackPoint.OrderID)
	return api.ListTracks200JSONResponse{Items: items, NextCursor: next}, nil
}

func wireTrackPoint(point models.TrackPoint) api.TrackPoint {
	return api.TrackPoint{
		PersonId: point.PersonID, RoundId: point.RoundID, At: api.At(point.At), PhoneAt: api.At(point.PhoneAt),
		ReceivedAt: api.At(point.ReceivedAt), Position: *wireFix(&point.Fix), SpeedMps: point.SpeedMps,
		Source: api.TrackPointSource(point.Source),
	}
}

// wireTrackFeatures writes a track as GeoJSON (RFC 7946): one LineString for each of models.TrackLines. A line needs two
// positions; one that stands alone is written twice.
func wireTrackFeatures(points []models.TrackPoint) api.TrackFeatures {
	collection := api.TrackFeatures{Type: api.TrackFeaturesTypeFeatureCollection, Features: []api.TrackFeature{}}
	for _, line := range models.TrackLines(models.ByPerson(points)) {
		if len(line) == 1 {
			line = append(line, line[0])
		}
		feature := api.TrackFeature{
			Type: api.TrackFeatureTypeFeature, Geometry: api.TrackGeometry{Type: api.TrackGeometryTypeLineString},
			Properties: api.TrackProperties{PersonId: line[0].PersonID, RoundId: line[0].RoundID},
		}
		for _, point := range line {
			feature.Geometry.Coordinates = append(feature.Geometry.Coordinates, []float64{point.Lng, point.Lat})
			feature.Properties.Times = append(feature.Properties.Times, api.At(point.At))
		}
		collection.Features = append(collection.Features, feature)
	}
	return collection
}

// gpxFile is GPX 1.1 (topografix.com/GPX/1/1), as far as a track needs it.
type gpxFile struct {
	XMLName  xml.Name     `xml:"http://www.topografix.com/GPX/1/1 gpx"`
	Version  string       `xml:"version,attr"`
	Creator  string       `xml:"creator,attr"`
	Name     string       `xml:"trk>name,omitempty"`
	Segments []gpxSegment `xml:"trk>trkseg"`
}

type gpxSegment struct {
	Points []gpxPoint `xml:"trkpt"`
}

type gpxPoint struct {
	Lat  float64 `xml:"lat,attr"`
	Lng  float64 `xml:"lon,attr"`
	Time string  `xml:"time"`
}

func gpxOf(points []models.TrackPoint) (api.ListTracksResponseObject, error) {
	file := gpxFile{Version: "1.1", Creator: "Xunfang"}
	for _, line := range models.TrackLines(models.ByPerson(points)) {
		segment := gpxSegment{}
		for _, point := range line {
			segment.Points = append(segment.Points, gpxPoint{Lat: point.Lat, Lng: point.Lng, Time: api.At(point.At).String()})
		}
		file.Segments = append(file.Segments, segment)
	}
	text, err := xml.Marshal(file)
	text = append([]byte(xml.Header), text...)
	return api.ListTracks200ApplicationgpxXmlResponse{Body: bytes.NewReader(text), ContentLength: int64(len(text))}, err
}
