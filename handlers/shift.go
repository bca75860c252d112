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

// ListShifts answers GET /v1/shifts.
func (h *Server) ListShifts(ctx context.Context, request api.ListShiftsRequestObject) (api.ListShiftsResponseObject, error) {
	page, err := pageOf(ctx, request.Params.Limit, request.Params.Cursor)
	if err != nil {
		return nil, err
	}
	filter := store.PlanFilter{SquadID: value(request.Params.SquadId), Ended: value(request.Params.Ended)}
	shifts, err := h.Store.Shifts(ctx, models.Sights(models.OpListShifts, api.From(ctx).Principal), filter, page)
	if err != nil {
		return nil, err
	}
	items, next := listed(ctx, shifts, page, wireShift, func(shift models.Shift) models.ID { return shift.ID })
	return api.ListShifts200JSONResponse{Items: items, NextCursor: next}, nil
}

// CreateShift answers POST /v1/shifts.
func (h *Server) CreateShift(ctx context.Context, request api.CreateShiftRequestObject) (api.CreateShiftResponseObject, error) {
	asked, body := api.From(ctx), request.Body
	shift := newShift(body)
	shift.ID, shift.StationID, shift.CreatedAt = h.NewID(), asked.Principal.StationID, asked.Now
	what := &deed{operation: models.OpCreateShift, kind: "shift", id: shift.ID}
	answer, err := act(ctx, h, what, 201, func(tx *store.Store) (api.Shift, error) {
		if err := checkStanding(ctx, tx, what, shift, body.PostId); err != nil {
			return api.Shift{}, err
		}
		if body.FromDate == nil && len(shift.Dates) == 0 {
			zone, err := tx.StationZone(ctx, shift.StationID)
			if err != nil {
				return api.Shift{}, err
			}
			shift.FromDate = models.DateIn(asked.Now, zone)
		}
		if wrong := shift.Check(); len(wrong) > 0 {
			return api.Shift{}, models.Fail(models.CodeUnprocessable).WithFields(wrong...)
		}
		slices.SortFunc(shift.Dates, models.Date.Compare)
		return wireShift(shift), tx.AddShift(ctx, shift)
	})
	if err != nil {
		return nil, err
	}
	return api.CreateShift201JSONResponse(answer), nil
}

// newShift reads a shift from the wire, its dates in the order in which they came; the first of them is its first day
// unless another is given.
func newShift(body *api.CreateShiftJSONRequestBody) models.Shift {
	shift := models.Shift{
		SquadID: body.SquadId, PostID: value(body.PostId), Name: strings.TrimSpace(body.Name), StartMinute: minuteOf(body.StartTime),
		LengthMinutes: body.LengthMinutes, Recurrence: models.Recurrence(body.Recurrence), Dates: slices.Clone(value(body.Dates)),
		FromDate: value(body.FromDate), UntilDate: value(body.UntilDate),
	}
	for _, day := range value(body.Weekdays) {
		shift.Weekdays = append(shift.Weekdays, weekdays[day])
	}
	slices.Sort(shift.Weekdays)
	if body.FromDate == nil && len(shift.Dates) > 0 {
		shift.FromDate = slices.MinFunc(shift.Dates, models.Date.Compare)
	}
	return shift
}

// checkStanding refuses a squad or a street post that is not the station's, or that has ended. Both are locked, so
// that they do not end meanwhile. Field names are those of a request to make or change a shift.
func checkStanding(ctx context.Context, tx *store.Store, what *deed, shift models.Shift, post *models.ID) error {
	squad, err := squadToChange(ctx, tx, what, shift.SquadID)
	if err != nil {
		return noSuch(err, "squad_id")
	}
	if !squad.EndedAt.IsZero() {
		return models.Unfit("squad_id", models.FieldNotAllowed, "a squad that has not ended")
	}
	if post == nil {
		return nil
	}
	found, err := streetPostToChange(ctx, tx, what, *post)
	if err != nil {
		return noSuch(err, "post_id")
	}
	if !found.EndedAt.IsZero() {
		return models.Unfit("post_id", models.FieldNotAllowed, "a street post that has not ended")
	}
	return nil
}

// GetShift answers GET /v1/shifts/{shift_id}.
func (h *Server) GetShift(ctx context.Context, request api.GetShiftRequestObject) (api.GetShiftResponseObject, error) {
	what := &deed{operation: models.OpGetShift, kind: "shift", id: request.ShiftId}
	shift, err := h.seenShift(ctx, what, request.ShiftId)
	if err != nil {
		return nil, h.refused(ctx, what, err)
	}
	return api.GetShift200JSONResponse(wireShift(shift)), nil
}

// seenShift reads a shift that the caller may see.
func (h *Server) seenShift(ctx context.Context, what *deed, id models.ID) (models.Shift, error) {
	shift, err := h.Store.Shift(ctx, id)
	if err != nil {
		return shift, err
	}
	squad, err := h.Store.Squad(ctx, shift.SquadID)
	if err != nil {
		return shift, err
	}
	return shift, maySee(ctx, what.operation, squad)
}

// UpdateShift answers PATCH /v1/shifts/{shift_id}. Hours and days stay: what was walked by them is read by them.
func (h *Server) UpdateShift(ctx context.Context, request api.UpdateShiftRequestObject) (api.UpdateShiftResponseObject, error) {
	body := request.Body
	what := &deed{operation: models.OpUpdateShift, kind: "shift", id: request.ShiftId}
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.Shift, error) {
		squad, err := lockSquadOf(ctx, tx, request.ShiftId, body.SquadId)
		if err != nil {
			return api.Shift{}, err
		}
		shift, err := shiftToChange(ctx, tx, what, request.ShiftId)
		if err != nil {
			return api.Shift{}, err
		}
		switch {
		case !shift.EndedAt.IsZero():
			return api.Shift{}, models.Fail(models.CodeWrongState)
		case body.SquadId == nil && shift.SquadID != squad: // moved to another one meanwhile, which is not locked
			return api.Shift{}, models.Fail(models.CodeConflict)
		}
		shift.Name, shift.PostID = strings.TrimSpace(or(body.Name, shift.Name)), or(body.PostId, shift.PostID)
		shift.SquadID = squad
		if err := checkStanding(ctx, tx, what, shift, body.PostId); err != nil {
			return api.Shift{}, err
		}
		if body.UntilDate != nil {
			shift.UntilDate = *body.UntilDate
			if err := checkUntil(ctx, tx, shift); err != nil {
				return api.Shift{}, err
			}
		}
		return wireShift(shift), tx.UpdateShift(ctx, shift)
	})
	if err != nil {
		return nil, err
	}
	return api.UpdateShift200JSONResponse(answer), nil
}

// lockSquadOf locks the squad that a shift is to be of, before the shift: who ends a squad has its row when they come to
// its shifts, and one would wait for the other. A squad that there is not is left for checkStanding to refuse.
func lockSquadOf(ctx context.Context, tx *store.Store, shift models.ID, wanted *models.ID) (models.ID, error) {
	found, err := tx.Shift(ctx, shift)
	if err != nil {
		return "", err
	}
	squad := or(wanted, found.SquadID)
	if err := tx.LockSquad(ctx, squad); err != nil && models.CodeOf(err) != models.CodeNotFound {
		return "", err
	}
	return squad, nil
}

// checkUntil refuses a last day before the first, or in the past, where the shift was stood.
func checkUntil(ctx context.Context, tx *store.Store, shift models.Shift) error {
	zone, err := tx.StationZone(ctx, shift.StationID)
	if err != nil {
		return err
	}
	if shift.UntilDate.Before(models.DateIn(api.From(ctx).Now, zone)) {
		return models.Unfit("until_date", models.FieldTooOld, "today or later")
	}
	if shift.UntilDate.Before(shift.FromDate) {
		return models.Unfit("until_date", models.FieldTooSmall, ">= from_date")
	}
	return nil
}

// EndShift answers POST /v1/shifts/{shift_id}/end; ending twice is no mistake.
func (h *Server) EndShift(ctx context.Context, request api.EndShiftRequestObject) (api.EndShiftResponseObject, error) {
	what := &deed{operation: models.OpEndShift, kind: "shift", id: request.ShiftId}
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.Shift, error) {
		shift, err := shiftToChange(ctx, tx, what, request.ShiftId)
		if err != nil {
			return api.Shift{}, err
		}
		if err := tx.EndShift(ctx, shift.ID, api.From(ctx).Now); err != nil {
			return api.Shift{}, err
		}
		shift, err = tx.Shift(ctx, shift.ID)
		return wireShift(shift), err
	})
	if err != nil {
		return nil, err
	}
	return api.EndShift200JSONResponse(answer), nil
}

// shiftToChange locks and reads a shift that the caller may change.
func shiftToChange(ctx context.Context, tx *store.Store, what *deed, id models.ID) (models.Shift, error) {
	if err := tx.LockShift(ctx, id); err != nil {
		return models.Shift{}, err
	}
	shift, err := tx.Shift(ctx, id)
	if err == nil {
		err = models.May(what.operation, api.From(ctx).Principal, planned(shift.StationID))
	}
	return shift, err
}

var weekdays = map[api.Weekday]time.Weekday{
	api.Sunday: time.Sunday, api.Monday: time.Monday, api.Tuesday: time.Tuesday, api.Wednesday: time.Wednesday,
	api.Thursday: time.Thursday, api.Friday: time.Friday, api.Saturday: time.Saturday,
}

// minuteOf reads HH:MM, which the contract has checked.
func minuteOf(clock string) int {
	digit := func(at int) int { return int(clock[at] - '0') }
	return (digit(0)*10+digit(1))*60 + digit(3)*10 + digit(4)
}

func wireShift(shift models.Shift) api.Shift {
	wire := api.Shift{
		Id: shift.ID, Name: shift.Name, SquadId: shift.SquadID, PostId: idOrNil(shift.PostID),
		StartTime: fmt.Sprintf("%02d:%02d", shift.StartMinute/60, shift.StartMinute%60), LengthMinutes: shift.LengthMinutes,
		Recurrence: api.Recurrence(shift.Recurrence), Weekdays: []api.Weekday{}, Dates: listOf(shift.Dates), FromDate: shift.FromDate,
		CreatedAt: api.At(shift.CreatedAt), EndedAt: api.AtOrNil(shift.EndedAt),
	}
	for _, day := range shift.Weekdays {
		wire.Weekdays = append(wire.Weekdays, api.Weekday(strings.ToLower(day.String())))
	}
	if shift.UntilDate != (models.Date{}) {
		wire.UntilDate = &shift.UntilDate
	}
	return wire
}
