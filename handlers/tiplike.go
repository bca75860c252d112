package handlers

import (
	"context"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// ListTipsNearby answers GET /v1/tips/nearby.
func (h *Server) ListTipsNearby(
	ctx context.Context, request api.ListTipsNearbyRequestObject,
) (api.ListTipsNearbyResponseObject, error) {
	asked, params := api.From(ctx), request.Params
	crs := models.CRS(value(params.Crs))
	if crs == "" {
		crs = models.WGS84
	}
	area := models.TipAreaOf(crs.ToWGS84(models.Position{Lat: params.Lat, Lng: params.Lng}))
	received, err := h.Store.TipsLike(
		ctx, asked.Principal.StationID, params.Category, area, asked.Now.Add(-models.TipLikeWithin))
	if err != nil {
		return nil, err
	}
	answer := api.TipsNearby{Category: params.Category, Count: api.TipsNearbyCount(models.TipCountOf(len(received)))}
	if len(received) > 0 {
		hours := models.HoursSince(received[0], asked.Now)
		answer.NewestHours = &hours
	}
	return api.ListTipsNearby200JSONResponse(answer), nil
}

// ListTipMerges answers GET /v1/tips/{tip_id}/merges. It shows who reported, and so is recorded for each.
func (h *Server) ListTipMerges(
	ctx context.Context, request api.ListTipMergesRequestObject,
) (api.ListTipMergesResponseObject, error) {
	who := api.From(ctx).Principal
	what := &deed{operation: models.OpListTipMerges, kind: "tip", id: request.TipId}
	tip, err := h.Store.Tip(ctx, request.TipId)
	if err == nil {
		err = models.May(what.operation, who, models.Object{Place: tip.Place})
	}
	if err != nil {
		return nil, h.refused(ctx, what, err)
	}
	tips, into, err := mergedTips(ctx, h.Store, who, tip)
	if err != nil {
		return nil, err
	}
	seen := foreignIn(tips, func(tip models.Tip) (models.ID, bool) { return tip.ID, true })
	if err := h.lookedAtList(ctx, models.OpListTipMerges, "tip", seen); err != nil {
		return nil, err
	}
	return api.ListTipMerges200JSONResponse(wireMerges(api.From(ctx), tips, into)), nil
}

// MergeTip answers POST /v1/tips/{tip_id}/merges: one tip is closed as a duplicate of another, and its reporter is told.
func (h *Server) MergeTip(ctx context.Context, request api.MergeTipRequestObject) (api.MergeTipResponseObject, error) {
	asked, into := api.From(ctx), request.Body.IntoId
	what := &deed{
		operation: models.OpMergeTip, kind: "tip", id: request.TipId, facts: map[string]string{"into": string(into)},
	}
	var told []models.Alert
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.TipMerges, error) {
		tip, main, err := h.toMerge(ctx, tx, request.TipId, into)
		if err != nil {
			return api.TipMerges{}, err
		}
		told, err = h.moveTip(ctx, tx, &tip, tipStep{
			TipStep: models.TipStep{State: models.TipClosed, At: asked.Now, ByID: asked.Principal.ID, Note: tipMerged.zh},
			reason:  models.TipDuplicate,
		})
		if err == nil {
			told, err = h.tellOwner(ctx, tx, tip, tipIsMoved, told)
		}
		if err != nil {
			return api.TipMerges{}, err
		}
		if err := tx.AddTipMerge(ctx, tip.ID, main.ID, asked.Principal.ID, asked.Now); err != nil {
			return api.TipMerges{}, err
		}
		tips, _, err := mergedTips(ctx, tx, asked.Principal, main)
		return wireMerges(asked, tips, ""), err
	})
	if err != nil {
		return nil, err
	}
	h.alertedAll(ctx, told)
	return api.MergeTip200JSONResponse(answer), nil
}

// toMerge reads both tips under their locks, and asks whether the caller may merge them.
func (h *Server) toMerge(ctx context.Context, tx *store.Store, from, into models.ID) (tip, main models.Tip, err error) {
	if err = tx.LockTips(ctx, from, into); err != nil {
		return tip, main, err
	}
	who := api.From(ctx).Principal
	if tip, err = tx.Tip(ctx, from); err == nil {
		err = models.May(models.OpMergeTip, who, models.Object{Place: tip.Place})
	}
	if err != nil {
		return tip, main, err
	}
	if main, err = tx.Tip(ctx, into); err == nil {
		err = models.May(models.OpMergeTip, who, models.Object{Place: main.Place})
	}
	if err != nil {
		return tip, main, noSuch(err, "into_id")
	}
	return tip, main, tip.CheckMerge(main)
}

// mergedTips are a tip and those merged into it that the caller may see, in the order in which they arrived.
func mergedTips(ctx context.Context, s *store.Store, who models.Principal, tip models.Tip) ([]models.Tip, models.ID, error) {
	ids, into, err := s.TipMerges(ctx, tip.ID)
	if err != nil {
		return nil, "", err
	}
	all, err := s.TipsByID(ctx, append(ids, tip.ID))
	tips := make([]models.Tip, 0, len(all))
	for _, one := range all {
		if models.May(models.OpListTipMerges, who, models.Object{Place: one.Place}) == nil {
			tips = append(tips, one)
		}
	}
	return tips, into, err
}

func wireMerges(asked api.Request, tips []models.Tip, into models.ID) api.TipMerges {
	answer := api.TipMerges{IntoId: idOrNil(into), Items: make([]api.Tip, 0, len(tips))}
	for _, tip := range tips {
		answer.Items = append(answer.Items, wireTip(asked)(tip))
	}
	return answer
}
