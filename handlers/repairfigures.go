package handlers

import (
	"context"
	"time"

	"xunfang/api"
	"xunfang/models"
)

// maxRepairFacts bounds the repairs of one compound and month: with 10,000 residents more than five each.
const maxRepairFacts = 50_000

// GetRepairFigures answers GET /v1/repair-figures.
func (h *Server) GetRepairFigures(
	ctx context.Context, request api.GetRepairFiguresRequestObject,
) (api.GetRepairFiguresResponseObject, error) {
	asked := api.From(ctx)
	compound, err := h.Store.Compound(ctx, request.Params.CompoundId)
	if err == nil {
		err = models.May(models.OpGetRepairFigures, asked.Principal, models.Object{Place: compound.Place()})
	}
	if err != nil {
		return nil, h.refused(ctx, &deed{operation: models.OpGetRepairFigures, kind: "compound", id: request.Params.CompoundId}, err)
	}
	zone, err := h.Store.StationZone(ctx, compound.StationID)
	if err != nil {
		return nil, err
	}
	month := value(request.Params.Month)
	if month == "" {
		month = asked.Now.In(zone).Format("2006-01")
	}
	from, to, is := models.MonthIn(month, zone)
	if !is || from.After(asked.Now) {
		return nil, models.Fail(models.CodeInvalidRequest).
			WithFields(models.FieldError{Field: "month", Code: models.FieldInFuture, Want: "<= now"})
	}
	facts, err := h.Store.RepairFacts(ctx, compound.ID, from, to, maxRepairFacts)
	if err != nil {
		return nil, err
	}
	answer := api.RepairFigures{CompoundId: compound.ID, Month: month, Items: []api.RepairCategoryFigures{}}
	for _, figures := range models.FiguresOfRepairs(facts) {
		answer.Items = append(answer.Items, wireRepairFigures(figures))
	}
	return api.GetRepairFigures200JSONResponse(answer), nil
}

func wireRepairFigures(figures models.RepairFigures) api.RepairCategoryFigures {
	wire := api.RepairCategoryFigures{
		Category: api.RepairCategory(figures.Category), Requested: figures.Requested, Open: figures.Open, Done: figures.Done,
		Cancelled: figures.Cancelled, Late: figures.Late, Reopened: figures.Reopened, Rated: figures.Rated,
		MedianAcceptanceS: wholeSeconds(figures.MedianAcceptance), MedianDoneS: wholeSeconds(figures.MedianDone),
	}
	if figures.Rated > 0 {
		mean := float32(figures.MeanRating)
		wire.MeanRating = &mean
	}
	return wire
}

func wholeSeconds(period time.Duration) *int {
	if period == 0 {
		return nil
	}
	seconds := int(period / time.Second)
	return &seconds
}
