package handlers

import (
	"context"
	"math"
	"strconv"
	"strings"
	"time"

	"xunfang/api"
	"xunfang/auth"
	"xunfang/models"
)

// opReportTrack is, in the audit, what an app is refused; what it is not is createTracks there.
const opReportTrack models.Operation = "reportTrack"

// ReportOwnTracks answers POST /v1/trackers/owntracks (OwnTracks booklet, "HTTP" and "JSON"). Apps send what was not
// answered with 2xx again and again: what is of no use here is answered as well.
func (h *Server) ReportOwnTracks(
	ctx context.Context, request api.ReportOwnTracksRequestObject,
) (api.ReportOwnTracksResponseObject, error) {
	asked := api.From(ctx)
	ctx, err := h.asTracker(ctx, asked.Basic.User, asked.Basic.Password, models.TrackerOwnTracks)
	if err != nil {
		return nil, err
	}
	body := request.Body
	if body != nil && body.Type == "location" && body.Lat != nil && body.Lon != nil && body.Tst != nil {
		err = h.keepReport(ctx, models.TrackPoint{
			Fix:     trackerFix(*body.Lat, *body.Lon, body.Acc),
			PhoneAt: time.UnixMilli(int64(*body.Tst * 1000)), SpeedMps: models.TrackerSpeed(models.TrackerOwnTracks, body.Vel),
			Source: models.SourceOwnTracks,
		})
	}
	if err != nil {
		return nil, err
	}
	return api.ReportOwnTracks200JSONResponse{}, nil
}

// ReportOsmAnd answers GET /v1/trackers/osmand.
func (h *Server) ReportOsmAnd(ctx context.Context, request api.ReportOsmAndRequestObject) (api.ReportOsmAndResponseObject, error) {
	if err := h.reportQuery(ctx, request.Params); err != nil {
		return nil, err
	}
	return api.ReportOsmAnd200JSONResponse{}, nil
}

// PostOsmAnd answers POST /v1/trackers/osmand: JSON as Traccar Client sends it from version 9 on, or the query.
func (h *Server) PostOsmAnd(ctx context.Context, request api.PostOsmAndRequestObject) (api.PostOsmAndResponseObject, error) {
	var err error
	if request.Body == nil {
		err = h.reportQuery(ctx, api.ReportOsmAndParams(request.Params))
	} else {
		err = h.reportMessage(ctx, *request.Body)
	}
	if err != nil {
		return nil, err
	}
	return api.PostOsmAnd200JSONResponse{}, nil
}

// reportQuery takes a position from a query (traccar.org/osmand). One without a place is answered and not kept.
func (h *Server) reportQuery(ctx context.Context, params api.ReportOsmAndParams) error {
	identifier := value(params.Id)
	if params.Id == nil {
		identifier = value(params.Deviceid)
	}
	ctx, err := h.asIdentified(ctx, identifier)
	if err != nil {
		return err
	}
	lat, lng, there := placeOf(params)
	if valid := value(params.Valid); !there || valid == "0" || strings.EqualFold(valid, "false") {
		return nil
	}
	at := api.From(ctx).Now
	if params.Timestamp != nil {
		var readable bool
		if at, readable = models.ParseTrackerTime(*params.Timestamp); !readable {
			return models.Fail(models.CodeInvalidRequest).WithFields(models.FieldError{
				Field: "timestamp", Code: models.FieldFormat, Want: "Unix s | Unix ms | ISO 8601",
			})
		}
	}
	fix := trackerFix(lat, lng, params.Accuracy)
	fix.IsMock = value(params.Mock) == "1" || strings.EqualFold(value(params.Mock), "true")
	return h.keepReport(ctx, models.TrackPoint{
		Fix: fix, PhoneAt: at, SpeedMps: models.TrackerSpeed(models.TrackerOsmAnd, params.Speed), Source: models.SourceOsmAnd,
	})
}

// placeOf reads lat and lon, or location=lat,lon.
func placeOf(params api.ReportOsmAndParams) (lat, lng float64, there bool) {
	if params.Lat != nil && params.Lon != nil {
		return *params.Lat, *params.Lon, true
	}
	first, second, _ := strings.Cut(value(params.Location), ",")
	lat, err := strconv.ParseFloat(strings.TrimSpace(first), 64)
	lng, other := strconv.ParseFloat(strings.TrimSpace(second), 64)
	return lat, lng, err == nil && other == nil && math.Abs(lat) <= 90 && math.Abs(lng) <= 180
}

// reportMessage takes a position from JSON, whose speed is in metres per second.
func (h *Server) reportMessage(ctx context.Context, body api.OsmAndMessage) error {
	ctx, err := h.asIdentified(ctx, body.DeviceId)
	if err != nil {
		return err
	}
	at, readable := models.ParseTrackerTime(body.Location.Timestamp)
	if !readable {
		return models.Fail(models.CodeInvalidRequest).WithFields(models.FieldError{
			Field: "location.timestamp", Code: models.FieldFormat, Want: "ISO 8601",
		})
	}
	coords := body.Location.Coords
	fix := trackerFix(coords.Latitude, coords.Longitude, coords.Accuracy)
	fix.IsMock = value(body.Location.Mock)
	speed := coords.Speed
	if speed != nil && *speed < 0 {
		speed = nil
	}
	return h.keepReport(ctx, models.TrackPoint{Fix: fix, PhoneAt: at, SpeedMps: speed, Source: models.SourceOsmAnd})
}

// trackerFix is a position of another app: always WGS-84, the accuracy negative where it does not know.
func trackerFix(lat, lng float64, accuracy *float64) models.Fix {
	return models.Fix{
		Position: models.Position{Lat: lat, Lng: lng}, ReportedCRS: models.WGS84, AccuracyM: max(0, value(accuracy)),
	}
}

// keepReport keeps one position. They come every few seconds: the audit has one entry a minute.
func (h *Server) keepReport(ctx context.Context, point models.TrackPoint) error {
	asked := api.From(ctx)
	point.ReceivedAt = asked.Now
	point.PhoneAt = point.PhoneAt.UTC().Truncate(time.Millisecond)
	point.At = point.PhoneAt
	record := h.tracking.first(string(asked.Principal.ID), asked.Now)
	_, err := h.keepTrack(ctx, []models.TrackPoint{point}, record)
	return err
}

// asIdentified is asTracker for the one text of the OsmAnd form.
func (h *Server) asIdentified(ctx context.Context, identifier string) (context.Context, error) {
	id, secret, _ := strings.Cut(identifier, identifierJoint)
	return h.asTracker(ctx, id, models.Secret(secret), models.TrackerOsmAnd)
}

// asTracker finds whose position a tracker reports, and goes on in their name. Wrong secrets slow down as wrong passwords
// do, the tracker being the account; a tracker that was revoked and one that never was get the same answer. Who patrols
// no more is told so.
func (h *Server) asTracker(ctx context.Context, name string, secret models.Secret, kind models.TrackerKind) (context.Context, error) {
	asked := api.From(ctx)
	id, _ := models.ParseID(name) // what is no id is nobody's
	tracker, err := h.Store.Tracker(ctx, id)
	if err != nil && models.CodeOf(err) != models.CodeNotFound {
		return ctx, err
	}
	what := &deed{operation: opReportTrack, kind: "tracker", id: id, subjects: []string{h.Keys.AuditHash("tracker", string(id))}}
	if err := h.settleStation(ctx, what, tracker.StationID); err != nil {
		return ctx, err
	}
	account, network := string(id), models.NetworkOf(asked.RemoteAddr) // "" is the account of all that is no id
	if wait := h.trackers.reserve(account, network, asked.Now); wait > 0 {
		return ctx, h.slowed(ctx, what, models.Fail(models.CodeTooManySignIns).After(wait))
	}
	holds := auth.SameBytes(tracker.SecretMAC, h.trackerMAC(secret)) && tracker.RevokedAt.IsZero() && tracker.Kind == kind
	if !holds {
		return ctx, h.slowed(ctx, what, models.Fail(models.CodeBadCredentials))
	}
	h.trackers.succeeded(account, network, asked.Now)
	person, err := h.Store.Person(ctx, tracker.PersonID)
	if err != nil {
		return ctx, err
	}
	asked.Principal = models.Principal{ID: person.ID, StationID: person.StationID}
	grants, err := h.Store.Grants(ctx, person.ID)
	if err != nil {
		return ctx, err
	}
	asked.Principal.Grants = models.InForce(grants, asked.Now)
	if person.Disabled() {
		err = models.Fail(models.CodeBadCredentials)
	} else {
		err = models.MayTry(models.OpCreateTracks, asked.Principal)
	}
	if err != nil {
		return ctx, h.slowed(ctx, what, err)
	}
	return api.With(ctx, asked), nil
}
