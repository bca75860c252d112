package handlers

import (
	"context"
	"fmt"
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
	found, err := h.unseenSince(ctx, ground, now, days)
	if err != nil {
		return nil, err
	}
	found, next, err := paged(ctx, found, request.Params.Limit, request.Params.Cursor, unseen.sortKey)
	if err != nil {
		return nil, err
	}
	items := make([]api.UnseenCheckpoint, 0, len(found))
	for _, one := range found {
		item := api.UnseenCheckpoint{CheckpointId: one.ID, Name: one.Name, KeyPlace: one.KeyPlace}
		if !one.last.IsZero() {
			last := api.At(one.last)
			item.LastSeenAt = &last
		}
		items = append(items, item)
	}
	return api.ListUnseenCheckpoints200JSONResponse{
		Days: days, CountedUntil: api.At(ground.countedUntil), Items: items, NextCursor: next,
	}, nil
}

// unseenSince are the checkpoints at which nobody was for so many days. Who may not see tracks is told of whole
// days: the minute in which a checkpoint comes onto the list tells in which it was seen last.
func (h *Server) unseenSince(ctx context.Context, ground *coverGround, now time.Time, days int) ([]unseen, error) {
	looked := models.StretchOf(now.Add(-seenLookBack), now.Add(time.Minute)) // the minute that is not over, too
	since := now.Add(-time.Duration(days) * 24 * time.Hour)
	if ground.coarse {
		_, over := models.FinishedSlots(now.Add(-time.Minute), now, now, models.ShownGapStep, ground.zone)
		looked = models.StretchOf(models.DayShown(looked.Start(), ground.zone), over) // nor in which it leaves the list
		since = models.DayShown(now, ground.zone).In(ground.zone).AddDate(0, 0, -days)
	}
	covers, err := h.Store.Covers(ctx, ground.station.ID, models.CoverCheckpoint, models.ModeAll, looked)
	if err != nil {
		return nil, err
	}
	found := []unseen{}
	for id, checkpoint := range ground.Checkpoints {
		last, _ := covers[string(id)].LastPresent(looked)
		if !checkpoint.CreatedAt.Before(since) || !last.Before(since) {
			continue
		}
		if ground.coarse {
			last = models.DayShown(last, ground.zone)
		}
		found = append(found, unseen{checkpoint, last})
	}
	return found, nil
}

// sortKey puts those first at which nobody was for longest.
func (u unseen) sortKey() string {
	return fmt.Sprintf("%011d%s", max(0, u.last.Unix()), u.ID)
}
