package handlers

import (
	"context"
	"strconv"
	"strings"
	"time"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// viidTime is how GA/T 1400 writes a time: by the wall clock.
const viidTime = "20060102150405"

// ViidPassage is a vehicle that passed a camera, in the camera's words. Reliability is in percent.
type ViidPassage struct{ Ref, Plate, Reliability, At, Lane, Direction string }

// ViidSighted takes a face that a GA/T 1400 device marks, as a report of kind other: which list it stands on, and who it is, is not
// asked. The same face sent again is the same report.
func (h *Server) ViidSighted(ctx context.Context, id models.ID, ref, camera, at, picture string) error {
	ctx, device, seenAt, err := h.asViidDevice(ctx, id, at)
	if err != nil {
		return err
	}
	report := models.ConcernReport{
		ID: models.OrderID(seenAt, models.ID("viid face "+string(id)+" "+ref)), Kind: models.ReportedOther, Terminal: plainName(camera),
		OccurredAt: seenAt, Picture: models.Secret(reference(picture)), BodyHash: h.bodyHash([]byte(ref)),
	}
	what := &deed{operation: models.OpCreateConcernReport, kind: "concern_report", id: report.ID}
	_, err = h.takeConcernReport(ctx, what, device, report)
	if models.CodeOf(err) == models.CodeAlreadyExists {
		return nil
	}
	return err
}

// ViidPassed takes a vehicle that has passed a GA/T 1400 camera, as a reading by a barrier that has already opened: nothing is
// decided by it, nobody waits for an answer, and who keeps a locked vehicle that went out is told.
func (h *Server) ViidPassed(ctx context.Context, id models.ID, passed ViidPassage) error {
	ctx, device, readAt, err := h.asViidDevice(ctx, id, passed.At)
	if err != nil {
		return err
	}
	asked := api.From(ctx)
	percent, _ := strconv.ParseFloat(passed.Reliability, 64) // what is not said is not certain
	read := models.PlateRead{
		ArrivalID: models.OrderID(readAt, models.ID("viid vehicle "+string(id)+" "+passed.Ref)), Sequence: 1, Decision: models.DecisionOpen,
		Confidence: min(max(percent/100, 0), 1), ReadAt: readAt, ReceivedAt: asked.Now, Replayed: true,
	}
	what := &deed{operation: models.OpCreateOffline, kind: "arrival", id: read.ArrivalID}
	switch {
	case device.Kind != models.BarrierKind:
		return h.refused(ctx, what, models.Fail(models.CodeForbidden))
	case readAt.After(asked.Now.Add(models.MaxReadAhead)) || readAt.Before(asked.Now.Add(-models.ArrivalKept)):
		return models.Unfit("PassTime", models.FieldFormat, "within 30 d")
	}
	if err := markOf(&read, "", passed.Plate, ""); err != nil {
		return err
	}
	coming := models.Arrival{ID: read.ArrivalID, Direction: passed.Direction, Lane: plainName(passed.Lane)}
	var told []models.Alert
	_, err = act(ctx, h, what, 200, func(tx *store.Store) (bool, error) {
		_, told, err = h.takeOffline(ctx, tx, device, coming, read)
		return true, err
	})
	if err == nil {
		h.alertedAll(ctx, told)
	}
	return err
}

// ViidZone gives the zone of the clocks at a GA/T 1400 device.
func (h *Server) ViidZone(ctx context.Context, id models.ID) (*time.Location, error) {
	device, err := h.Store.Device(ctx, id)
	if err != nil {
		return nil, err
	}
	return h.Store.StationZone(ctx, device.Place.Station)
}

// asViidDevice goes on in the name of a device that is still in use, with the time that it wrote by its station's clock.
func (h *Server) asViidDevice(ctx context.Context, id models.ID, at string) (context.Context, models.Device, time.Time, error) {
	device, err := h.Store.Device(ctx, id)
	if err == nil && device.Disabled() {
		err = models.Fail(models.CodeNotFound)
	}
	if err != nil {
		return ctx, device, time.Time{}, err
	}
	zone, err := h.Store.StationZone(ctx, device.Place.Station)
	if err != nil {
		return ctx, device, time.Time{}, err
	}
	when, err := time.ParseInLocation(viidTime, at, zone)
	if err != nil {
		return ctx, device, when, models.Unfit("ShotTime", models.FieldFormat, viidTime)
	}
	return api.With(ctx, api.Request{Now: h.Now(), Principal: models.Principal{
		ID: device.ID, StationID: device.Place.Station, Device: true, Grants: []models.Grant{device.Grant()},
	}}), device, when.UTC(), nil
}

// plainName keeps of a camera's or a lane's name what the contract takes of one.
func plainName(name string) string {
	plain := strings.Map(func(c rune) rune {
		if c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c == '.' || c == '_' || c == '-' {
			return c
		}
		return -1
	}, name)
	return plain[:min(len(plain), 64)]
}

// reference is where a picture is kept, where that can be said in printable ASCII; not the picture itself.
func reference(text string) string {
	if len(text) > 500 || strings.HasPrefix(strings.ToLower(text), "data:") {
		return ""
	}
	for _, c := range []byte(text) {
		if c < '!' || c > '~' {
			return ""
		}
	}
	return text
}
