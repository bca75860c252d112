package handlers

import (
	"context"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// ListCheckIns answers GET /v1/check-ins. Looking at other people's is recorded.
func (h *Server) ListCheckIns(
	ctx context.Context, request api.ListCheckInsRequestObject,
) (api.ListCheckInsResponseObject, error) {
	who, params := api.From(ctx).Principal, request.Params
	page, err := pageOf(ctx, params.Limit, params.Cursor)
	if err != nil {
		return nil, err
	}
	filter := store.CheckInFilter{
		RouteID: value(params.RouteId), CheckpointID: value(params.CheckpointId), PersonID: value(params.PersonId),
		Status: models.CheckInStatus(value(params.Status)), From: instantOf(params.From), To: instantOf(params.To),
	}
	checkIns, err := h.Store.CheckIns(ctx, models.Sights(models.OpListCheckIns, who), filter, page)
	if err != nil {
		return nil, err
	}
	foreign := foreignIn(checkIns, func(checkIn models.CheckIn) (models.ID, bool) {
		return checkIn.PersonID, checkIn.PersonID != who.ID
	})
	if err := h.lookedAtList(ctx, models.OpListCheckIns, "check_in", foreign); err != nil {
		return nil, err
	}
	standings, err := h.standings(ctx, checkIns)
	if err != nil {
		return nil, err
	}
	items, next := listed(ctx, checkIns, page, wireCheckIn(standings), func(checkIn models.CheckIn) models.ID { return checkIn.OrderID })
	return api.ListCheckIns200JSONResponse{Items: items, NextCursor: next}, nil
}

// standings is what corrections make of check-ins, which go by where each of them was, not by where the caller is at home.
// Of a station where nobody ever corrected one, which is remembered for cacheLife, nothing is asked.
func (h *Server) standings(ctx context.Context, checkIns []models.CheckIn) (map[models.ID]store.Standing, error) {
	corrected := map[models.ID]bool{}
	for _, station := range distinct(checkIns, stationOf) {
		some, err := h.corrections.get(station, api.From(ctx).Now, func() (bool, error) { return h.Store.HasCorrections(ctx, station) })
		if err != nil {
			return nil, err
		}
		corrected[station] = some
	}
	ids := make([]models.ID, 0, len(checkIns))
	for _, checkIn := range checkIns {
		if corrected[stationOf(checkIn)] {
			ids = append(ids, checkIn.ID)
		}
	}
	return h.Store.Standings(ctx, ids)
}

// stationOf is the station where a check-in was.
func stationOf(checkIn models.CheckIn) models.ID { return checkIn.Place.Station }

func wireCheckIn(standings map[models.ID]store.Standing) func(models.CheckIn) api.CheckIn {
	return func(checkIn models.CheckIn) api.CheckIn {
		effective := checkIn.Status
		if standing := standings[checkIn.ID]; standing.Status != "" {
			effective = standing.Status
		}
		return api.CheckIn{
			Id: checkIn.ID, PersonId: checkIn.PersonID, CheckpointId: idOrNil(checkIn.CheckpointID),
			RoundId: idOrNil(checkIn.RoundID), Method: api.CheckInMethod(checkIn.Method), Position: wireFix(checkIn.Fix),
			CapturedAt: api.At(checkIn.CapturedAt), OccurredAt: api.At(checkIn.OccurredAt), ReceivedAt: api.At(checkIn.ReceivedAt),
			Status: api.CheckInStatus(checkIn.Status), EffectiveStatus: api.CheckInStatus(effective),
			Reasons: wireReasons(checkIn.Reasons), DistanceM: checkIn.DistanceM,
			ClockSkewMs: checkIn.ClockSkew().Milliseconds(), Note: textOrNil(checkIn.Note.Reveal()),
		}
	}
}
