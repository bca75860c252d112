package handlers

import (
	"context"
	"fmt"
	"slices"
	"time"

	"xunfang/api"
	"xunfang/models"
)

const defaultMinGap = 60 // minutes

// coverGap is a stretch in which nobody was at a place.
type coverGap struct {
	models.Stretch
	kind models.CoverKind
	id   models.ID
	name string
	key  bool
}

// ListCoverageGaps answers GET /v1/coverage/gaps.
func (h *Server) ListCoverageGaps(
	ctx context.Context, request api.ListCoverageGapsRequestObject,
) (api.ListCoverageGapsResponseObject, error) {
	now := api.From(ctx).Now
	ground, err := h.coverGround(ctx, models.OpListCoverageGaps)
	if err != nil {
		return nil, err
	}
	date := models.DateIn(now, ground.zone)
	if request.Params.Date != nil {
		if date, err = models.ParseDate(*request.Params.Date); err != nil {
			return nil, unprocessable("date", models.FieldFormat, "YYYY-MM-DD")
		}
	}
	from, to := date.At(0, ground.zone), date.At(models.DayMinutes, ground.zone)
	switch {
	case !from.Before(now):
		return nil, unprocessable("date", models.FieldInFuture, "<= today")
	case from.Before(now.Add(-models.CoverageKept)):
		return nil, unprocessable("date", models.FieldTooOld, fmt.Sprintf(">= today - %d d", models.CoverageKept/(24*time.Hour)))
	case to.After(now):
		to = now
	}
	least := or(request.Params.MinMinutes, defaultMinGap)
	if ground.coarse && least < models.LeastShownGap {
		return nil, unprocessable("min_minutes", models.FieldTooSmall, fmt.Sprintf(">= %d", models.LeastShownGap))
	}
	gaps, err := h.gaps(ctx, ground, from, to)
	if err != nil {
		return nil, err
	}
	gaps, next, err := paged(ctx, ground.told(gaps, date, least), request.Params.Limit, request.Params.Cursor, coverGap.sortKey)
	if err != nil {
		return nil, err
	}
	items := make([]api.CoverageGap, 0, len(gaps))
	for _, gap := range gaps {
		items = append(items, wireGap(gap, ground.zone))
	}
	return api.ListCoverageGaps200JSONResponse{
		Date: date.String(), TimeZone: ground.zone.String(), CountedUntil: api.At(ground.countedUntil), Items: items, NextCursor: next,
	}, nil
}

// told are the gaps as the caller is told of them, of so many minutes and more.
func (g *coverGround) told(gaps []coverGap, date models.Date, least int) []coverGap {
	if g.coarse {
		pieces := models.Slots(date.At(0, g.zone), date.At(models.DayMinutes, g.zone), models.ShownGapStep, g.zone)
		for at := range gaps {
			gaps[at].Stretch = gaps[at].Whole(pieces)
		}
	}
	return slices.DeleteFunc(gaps, func(gap coverGap) bool { return gap.Minutes() < least })
}

// gaps are those of checkpoints all day long and of street posts during their shifts, since the place has existed.
func (h *Server) gaps(ctx context.Context, ground *coverGround, from, to time.Time) ([]coverGap, error) {
	whole := models.StretchOf(from, to)
	seen, err := h.Store.Covers(ctx, ground.station.ID, models.CoverCheckpoint, models.ModeAll, whole)
	if err != nil {
		return nil, err
	}
	gaps := []coverGap{}
	for id, one := range ground.Checkpoints {
		for _, gap := range seen[string(id)].Gaps(whole.Clip(models.StretchOf(one.CreatedAt, to))) {
			gaps = append(gaps, coverGap{gap, models.CoverCheckpoint, id, one.Name, one.KeyPlace})
		}
	}
	if seen, err = h.Store.Covers(ctx, ground.station.ID, models.CoverStreetPost, models.ModeAll, whole); err != nil {
		return nil, err
	}
	shifts, err := h.Store.PostShifts(ctx, ground.station.ID)
	if err != nil {
		return nil, err
	}
	for _, post := range ground.Posts {
		exists := whole.Clip(models.StretchOf(post.CreatedAt, to))
		if !post.EndedAt.IsZero() {
			exists.Until = min(exists.Until, models.StretchOf(from, post.EndedAt).Until)
		}
		for _, shift := range shifts[post.ID] {
			for _, stands := range shift.Between(from, to, ground.zone) {
				for _, gap := range seen[string(post.ID)].Gaps(exists.Clip(models.StretchOf(stands.Start, stands.End))) {
					gaps = append(gaps, coverGap{gap, models.CoverStreetPost, post.ID, post.Name, false})
				}
			}
		}
	}
	return gaps, nil
}

// sortKey puts the longest first, of two as long the earlier. Two squads can stand at one post at the same time; their
// gap is one.
func (g coverGap) sortKey() string {
	return fmt.Sprintf("%06d%011d%s", 999_999-g.Minutes(), g.From, g.id)
}

func wireGap(gap coverGap, zone *time.Location) api.CoverageGap {
	from, to := wallClock(gap.Start(), zone), wallClock(gap.End(), zone)
	if to == "00:00" {
		to = "24:00"
	}
	return api.CoverageGap{
		Kind: api.CoverageGapKind(gap.kind), Id: gap.id, Name: gap.name, KeyPlace: gap.key,
		From: api.At(gap.Start()), To: api.At(gap.End()), Minutes: gap.Minutes(),
		Sentence: api.CoverageSentence{
			Zh: fmt.Sprintf("%s %s–%s 无人", gap.name, from, to), En: fmt.Sprintf("Nobody at %s from %s to %s", gap.name, from, to),
		},
	}
}

func wallClock(at time.Time, zone *time.Location) string { return at.In(zone).Format("15:04") }

func (r *coverReport) local(at time.Time) string { return at.In(r.zone).Format("2006-01-02 15:04") }
