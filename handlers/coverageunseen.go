package handlers

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"xunfang/api"
	"xunfang/models"
)

const (
	defaultUnseenDays = 7
	seenLookBack      = 90 * 24 * time.Hour // how far back is looked for when a checkpoint was seen last
)

// unseen is a checkpoint at which nobody was for long.
type unseen struct {
	models.Checkpoint
	last time.Time // zero when nobody was there within seenLookBack
}

// ListUnseenCheckpoints answers GET /v1/coverage/unseen.
func (h *Server) ListUnseenCheckpoints(
	ctx context.Context, request api.ListUnseenCheckpointsRequestObject,
) (api.ListUnseenCheckpointsResponseObject, error) {
	now, days := api.From(ctx).Now, defaultUnseenDays
	if request.Params.Days != nil {
		days = *request.Params.Days
	}
	ground, err := h.coverGround(ctx, models.OpListUnseen)
	if err != nil {
		return nil, err
	}
	looked := models.StretchOf(now.Add(-seenLookBack), now.Add(time.Minute)) // the minute that is not over, too
	covers, err := h.Store.Covers(ctx, ground.station.ID, models.CoverCheckpoint, models.ModeAll, looked)
	if err != nil {
		return nil, err
	}
	since, found := now.Add(-time.Duration(days)*24*time.Hour), []unseen{}
	for id, checkpoint := range ground.Checkpoints {
		last, seen := covers[string(id)].LastPresent(looked)
		if checkpoint.CreatedAt.Before(since) && (!seen || last.Before(since)) {
			found = append(found, unseen{checkpoint, last})
		}
	}
	slices.SortFunc(found, func(left, right unseen) int {
		return cmp.Or(left.last.Compare(right.last), strings.Compare(left.Name, right.Name))
	})
	items := make([]api.UnseenCheckpoint, 0, len(found))
	for _, one := range found {
		item := api.UnseenCheckpoint{CheckpointId: one.ID, Name: one.Name, KeyPlace: one.KeyPlace}
		if !one.last.IsZero() {
			last := api.At(one.last)
			item.LastSeenAt = &last
		}
		items = append(items, item)
	}
	return api.ListUnseenCheckpoints200JSONResponse{Days: days, CountedUntil: api.At(ground.countedUntil), Items: items}, nil
}
