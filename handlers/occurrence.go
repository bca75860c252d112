package handlers

import (
	"context"

	"xunfang/api"
	"xunfang/models"
)

// ListShiftOccurrences answers GET /v1/shifts/{shift_id}/occurrences.
func (h *Server) ListShiftOccurrences(
	ctx context.Context, request api.ListShiftOccurrencesRequestObject,
) (api.ListShiftOccurrencesResponseObject, error) {
	from, to := request.Params.From.UTC(), request.Params.To.UTC()
	wrong := models.FieldError{Field: "to", Code: models.FieldTooSmall, Want: "> from"}
	if to.Sub(from) > models.MaxOccurrences {
		wrong.Code, wrong.Want = models.FieldTooLarge, "92 days after from"
	}
	if !to.After(from) || to.Sub(from) > models.MaxOccurrences {
		return nil, models.Fail(models.CodeInvalidRequest).WithFields(wrong)
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
	answer := api.ListShiftOccurrences200JSONResponse{Items: []api.Occurrence{}}
	for _, one := range shift.Between(from, to, zone) {
		answer.Items = append(answer.Items, api.Occurrence{Date: one.Date, StartsAt: api.At(one.Start), EndsAt: api.At(one.End)})
	}
	return answer, nil
}
