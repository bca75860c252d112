package handlers

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// passNewsLife is how long the message about a visitor's pass is worth delivering.
const passNewsLife = 24 * time.Hour

// What a pass's host is told.
var (
	passUsed    = spoken{"您的访客到了", "Your visitor has come"}
	passFull    = spoken{"您的团体访客名额已满", "All places of your group of visitors are taken"}
	passOpenApp = spoken{"请打开应用查看。", "Open the app to see."}
)

// UpdateVisitorPass answers PATCH /v1/visitor-passes/{pass_id}. What changed is on its way to doors that hold codes themselves.
func (h *Server) UpdateVisitorPass(
	ctx context.Context, request api.UpdateVisitorPassRequestObject,
) (api.UpdateVisitorPassResponseObject, error) {
	asked := api.From(ctx)
	what := &deed{operation: models.OpUpdateVisitorPass, kind: "visitor_pass", id: request.PassId}
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.VisitorPass, error) {
		if err := tx.LockVisitorPass(ctx, request.PassId); err != nil {
			return api.VisitorPass{}, err
		}
		pass, err := tx.VisitorPass(ctx, request.PassId)
		if err == nil {
			err = models.May(what.operation, asked.Principal, models.Object{Place: pass.Place, Owner: pass.HostID})
		}
		if err == nil {
			pass, err = h.changedPass(ctx, tx, pass, request.Body)
		}
		if err == nil {
			err = h.moveDoors(ctx, tx, &pass, value(request.Body.DoorIds))
		}
		if err == nil && pass.Kind != models.PassGroup { // longer, or at other doors, its code is one more there
			err = h.makeRoom(ctx, tx, pass)
		}
		if err == nil {
			err = tx.ChangeVisitorPass(ctx, pass)
		}
		if err == nil && pass.Kind == models.PassGroup {
			err = h.makeRoomForGuests(ctx, tx, pass)
		}
		return h.wirePass(pass, asked.Now), err
	})
	if err != nil {
		return nil, err
	}
	return api.UpdateVisitorPass200JSONResponse(answer), nil
}

// changedPass is the pass after a change, which leaves it some hours at which it opens.
func (h *Server) changedPass(
	ctx context.Context, tx *store.Store, pass models.VisitorPass, body *api.VisitorPassUpdate,
) (models.VisitorPass, error) {
	changed, err := pass.Changed(passChange(body), api.From(ctx).Now)
	if err != nil {
		return changed, err
	}
	return changed, checkHours(ctx, tx, changed)
}

// checkHours asks for the station's clock only where there are set hours.
func checkHours(ctx context.Context, tx *store.Store, pass models.VisitorPass) error {
	if pass.Times.IsZero() {
		return nil
	}
	zone, err := tx.StationZone(ctx, pass.Place.Station)
	if err != nil {
		return err
	}
	return pass.CheckHours(zone)
}

func passChange(body *api.VisitorPassUpdate) models.PassChange {
	change := models.PassChange{
		StartsAt: instantOf(body.StartsAt), EndsAt: instantOf(body.EndsAt), MaxUses: value(body.MaxUses), MaxGuests: value(body.MaxGuests),
	}
	if body.Schedule != nil {
		times := passTimes(body.Schedule)
		change.Times = &times
	}
	return change
}

// moveDoors chooses the doors of a pass that changes, anew where others are asked for, and has each told.
func (h *Server) moveDoors(ctx context.Context, tx *store.Store, pass *models.VisitorPass, asked []models.ID) error {
	doors, err := tx.CompoundDoors(ctx, pass.Place.Compound)
	if err != nil {
		return err
	}
	if len(asked) > 0 {
		if pass.DoorIDs, err = models.PassDoors(asked, pass.Place, doors, api.From(ctx).Principal); err != nil {
			return err
		}
		if pass.Kind == models.PassDelivery {
			if pass.DoorIDs, err = models.DeliveryDoor(asked, pass.DoorIDs, doors); err != nil {
				return err
			}
		}
	}
	pass.Doors = models.MovedDoors(pass.Doors, pass.DoorIDs, doors, api.From(ctx).Now)
	return nil
}

// tellHost tells a pass's host that there is news of it: neither who came, nor where.
func (h *Server) tellHost(ctx context.Context, tx *store.Store, pass models.VisitorPass, title spoken) ([]models.Alert, error) {
	return h.tellHostAt(ctx, tx, pass, title, api.From(ctx).Now)
}

// tellHostAt is tellHost for what devices bring in beside requests.
func (h *Server) tellHostAt(
	ctx context.Context, tx *store.Store, pass models.VisitorPass, title spoken, now time.Time,
) ([]models.Alert, error) {
	about := pass.ID
	told := []models.Alert{worded(models.Alert{
		ID: h.NewID(), Kind: models.AlertVisitorPass, Severity: models.SeverityInfo, AboutID: about,
		Audience:  models.Audience{Place: models.Place{Station: pass.Place.Station}, People: []models.ID{pass.HostID}},
		CreatedAt: now, ExpiresAt: now.Add(passNewsLife),
	}, title, passOpenApp)}
	return told, addAlerts(ctx, tx, told)
}

func passTimes(schedule *api.PassSchedule) models.PassTimes {
	if schedule == nil {
		return models.PassTimes{}
	}
	times := models.PassTimes{StartMinute: minuteOf(schedule.StartTime), LengthMinutes: schedule.LengthMinutes}
	for _, day := range schedule.Weekdays {
		times.Weekdays = append(times.Weekdays, weekdays[day])
	}
	slices.Sort(times.Weekdays)
	return times
}

func wirePassTimes(times models.PassTimes) *api.PassSchedule {
	if times.IsZero() {
		return nil
	}
	wire := api.PassSchedule{
		StartTime: fmt.Sprintf("%02d:%02d", times.StartMinute/60, times.StartMinute%60), LengthMinutes: times.LengthMinutes,
	}
	for _, day := range times.Weekdays {
		wire.Weekdays = append(wire.Weekdays, api.Weekday(strings.ToLower(day.String())))
	}
	return &wire
}

func (h *Server) wirePassDoors(doors []models.PassDoor, now time.Time) []api.PassDoor {
	wire := make([]api.PassDoor, 0, len(doors))
	for _, door := range doors {
		door = door.ByList(h.ListLife, now)
		wire = append(wire, api.PassDoor{
			DoorId: door.DoorID, State: api.PassDoorState(door.State), Reason: textOrNil(door.Reason), Removed: door.Removed,
			ChangedAt: api.At(door.ChangedAt),
		})
	}
	return wire
}
