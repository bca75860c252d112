package handlers

import (
	"context"
	"time"

	"xunfang/api"
	"xunfang/models"
)

// occurrencesAhead is how far a question looks that does not say.
const occurrencesAhead = 7 * 24 * time.Hour

// ListShiftOccurrences answers GET /v1/shifts/{shift_id}/occurrences.
func (h *Server) ListShiftOccurrences(
	ctx context.Context, request api.ListShiftOccurrencesRequestObject,
) (api.ListShiftOccurrencesResponseObject, error) {
	from := request.Params.From.Or(api.From(ctx).Now)
	to := request.Params.To.Or(from.Add(occurrencesAhead))
	if !to.After(from) {
		return nil, badQuery("to", models.FieldTooSmall, "> from")
	}
	if to.Sub(from) > models.MaxOccurrences {
		return nil, badQuery("to", models.FieldTooLarge, "92 days after from")
	}
	what := &deed{operation: models.OpListOccurrences, kind: "shift", id: request.ShiftId}
	shift, err := h.seenShift(ctx, what, request.ShiftId)
	if err != nil {
		return nil, h.refused(ctx, what, err)
	}
	zone, err := h.Store.StationZone(ctx, shift.StationID)
	if err != nil {
		return nil, err
	}
	return api.ListShiftOccurrences200JSONResponse{Items: mapped(shift.Between(from, to, zone), wireOccurrence)}, nil
}

func wireOccurrence(one models.Occurrence) api.Occurrence {
	return api.Occurrence{Date: one.Date, StartsAt: api.At(one.Start), EndsAt: api.At(one.End)}
}

// badQuery is the problem of a query parameter that fits its form and not the others.
func badQuery(field string, code models.FieldCode, want string) error {
	return models.Fail(models.CodeInvalidRequest).WithFields(models.FieldError{Field: field, Code: code, Want: want})
}
