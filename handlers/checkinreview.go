package handlers

import (
	"context"
	"maps"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// A page of reviews looks at so many check-ins at a time, and at so many times that before it ends short.
const (
	reviewChunk  = 250
	reviewChunks = 8
)

// ListCheckInReviews answers GET /v1/check-in-reviews. It walks the check-ins within sight, newest first, and keeps
// those that somebody should look at. Looking at other people's is recorded.
func (h *Server) ListCheckInReviews(
	ctx context.Context, request api.ListCheckInReviewsRequestObject,
) (api.ListCheckInReviewsResponseObject, error) {
	who, params := api.From(ctx).Principal, request.Params
	page, err := pageOf(ctx, params.Limit, params.Cursor)
	if err != nil {
		return nil, err
	}
	filter := store.CheckInFilter{From: instantOf(params.From), To: instantOf(params.To)}
	items, next, err := h.reviewPage(ctx, filter, page)
	if err != nil {
		return nil, err
	}
	foreign := foreignIn(items, func(item api.CheckInReview) (models.ID, bool) {
		return item.CheckIn.PersonId, item.CheckIn.PersonId != who.ID
	})
	if err := h.lookedAtList(ctx, models.OpListCheckInReviews, "check_in", foreign); err != nil {
		return nil, err
	}
	answer := api.ListCheckInReviews200JSONResponse{Items: items}
	if next != "" {
		cursor := cursorAfter(ctx, string(next))
		answer.NextCursor = &cursor
	}
	return answer, nil
}

// reviewPage gives a page and the order id of the check-in that it looked at last, "" at the end of the list.
func (h *Server) reviewPage(
	ctx context.Context, filter store.CheckInFilter, page store.Page,
) ([]api.CheckInReview, models.ID, error) {
	who, items, after := api.From(ctx).Principal, []api.CheckInReview{}, page.After
	for range reviewChunks {
		part := store.Page{After: after, Limit: reviewChunk}
		checkIns, err := h.Store.CheckIns(ctx, models.Sights(models.OpListCheckInReviews, who), filter, part)
		if err != nil {
			return nil, "", err
		}
		standings, err := h.standings(ctx, checkIns)
		if err != nil {
			return nil, "", err
		}
		findings, err := h.checkInFindings(ctx, checkIns)
		if err != nil {
			return nil, "", err
		}
		for _, checkIn := range checkIns {
			after = checkIn.OrderID
			found, standing := findings[checkIn.ID], standings[checkIn.ID]
			if standing.Status == "" && (checkIn.Status == models.StatusReview || len(found) > 0) {
				items = append(items, wireReview(standings, checkIn, found))
			}
			if len(items) == page.Limit {
				return items, after, nil
			}
		}
		if len(checkIns) < reviewChunk {
			return items, "", nil
		}
	}
	return items, after, nil
}

// checkInFindings computes, for a chunk of check-ins, what the other check-ins of the same people say about them: a few
// queries for those around each, however far the chunk reaches, and one for how the rounds move if any belongs to a round.
func (h *Server) checkInFindings(ctx context.Context, chunk []models.CheckIn) (map[models.ID][]api.CheckInFinding, error) {
	who, findings := api.From(ctx).Principal, map[models.ID][]api.CheckInFinding{}
	if len(chunk) == 0 {
		return findings, nil
	}
	others, err := h.Store.CheckInsOf(ctx, models.FindingSpans(chunk))
	if err != nil {
		return nil, err
	}
	kinds, err := h.Store.SquadKinds(ctx, distinct(others, func(one models.CheckIn) models.ID { return one.RoundID }))
	if err != nil {
		return nil, err
	}
	checkpoints, err := h.checkpointsAround(ctx, others)
	if err != nil {
		return nil, err
	}
	traces, byID := map[models.ID][]models.Traced{}, make(map[models.ID]models.CheckIn, len(others))
	for _, one := range others {
		traces[one.PersonID] = append(traces[one.PersonID], one.Trace(checkpoints[one.CheckpointID], kinds[one.RoundID]))
		byID[one.ID] = one
	}
	for _, mine := range traces {
		for id, found := range models.FindAmong(mine) {
			for _, finding := range found {
				findings[id] = append(findings[id], wireCheckInFinding(who, finding, byID))
			}
		}
	}
	return findings, nil
}

// checkpointsAround are the checkpoints of every station where one of the check-ins was.
func (h *Server) checkpointsAround(ctx context.Context, checkIns []models.CheckIn) (map[models.ID]*models.Checkpoint, error) {
	around := map[models.ID]*models.Checkpoint{}
	for _, station := range distinct(checkIns, stationOf) {
		facts, err := h.patrolFacts(ctx, station)
		if err != nil {
			return nil, err
		}
		maps.Copy(around, facts.byID)
	}
	return around, nil
}

// distinct gives each id once, without the empty one.
func distinct[T any](values []T, id func(T) models.ID) []models.ID {
	seen, ids := map[models.ID]bool{"": true}, []models.ID{}
	for _, value := range values {
		if one := id(value); !seen[one] {
			seen[one] = true
			ids = append(ids, one)
		}
	}
	return ids
}

// wireCheckInFinding writes a finding; which of the person's check-ins lie elsewhere is nobody's business there.
func wireCheckInFinding(who models.Principal, finding models.CheckInFinding, byID map[models.ID]models.CheckIn) api.CheckInFinding {
	wire := api.CheckInFinding{Reason: api.CheckInFindingReason(finding.Reason), With: []models.ID{}}
	for _, id := range finding.With {
		if models.May(models.OpListCheckInReviews, who, models.Object{Place: byID[id].Place}) == nil {
			wire.With = append(wire.With, id)
		}
	}
	return wire
}

func wireReview(standings map[models.ID]store.Standing, checkIn models.CheckIn, found []api.CheckInFinding) api.CheckInReview {
	if found == nil {
		found = []api.CheckInFinding{}
	}
	return api.CheckInReview{
		CheckIn: wireCheckIn(standings)(checkIn), Findings: found, CorrectionId: idOrNil(standings[checkIn.ID].Proposed),
	}
}
