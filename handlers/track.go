package handlers

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"time"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// CreateTracks answers POST /v1/tracks: what lies within a round of the caller's is kept, the rest is only counted.
func (h *Server) CreateTracks(ctx context.Context, request api.CreateTracksRequestObject) (api.CreateTracksResponseObject, error) {
	asked := api.From(ctx)
	points, clock := make([]models.TrackPoint, 0, len(request.Body.Items)), models.PhoneClock{}
	if read := clockOf(request.Body.Clock); read != nil {
		clock = *read
	}
	for _, item := range request.Body.Items {
		point := models.TrackPoint{
			Fix: *fixOf(&item.Position), PhoneAt: item.At.Time, ReceivedAt: asked.Now, SpeedMps: item.SpeedMps, Source: models.SourceApp,
		}
		if item.BootId != nil && item.MonotonicMs != nil {
			point.BootID, point.MonotonicMS = *item.BootId, *item.MonotonicMs
		}
		points = append(points, models.CorrectTrack(point, clock))
	}
	counts, err := h.keepTrack(ctx, points, true)
	if err != nil {
		return nil, err
	}
	return api.CreateTracks200JSONResponse(wireTrackReceipt(counts)), nil
}

// keepTrack writes those of the caller's positions that lie within a round, and says what became of all of them. What
// the counts call new may be a repeat where two requests bring the same at the same moment; what is kept is the same.
func (h *Server) keepTrack(ctx context.Context, points []models.TrackPoint, record bool) (models.TrackCounts, error) {
	who := api.From(ctx).Principal
	if err := h.placeInRounds(ctx, points); err != nil {
		return models.TrackCounts{}, err
	}
	kept, counts := models.FilterTrack(points, models.TrackDefaults)
	ranks, err := h.Store.TrackRanks(ctx, who.ID, kept)
	if err != nil {
		return counts, err
	}
	fresh := make([]models.TrackPoint, 0, len(kept))
	for _, point := range kept {
		before, taken := ranks[point.Key()]
		switch rank := point.Rank(); {
		case taken && before == rank:
			counts.Kept, counts.Duplicates = counts.Kept-1, counts.Duplicates+1
		case taken && before < rank:
			counts.Kept, counts.Thinned = counts.Kept-1, counts.Thinned+1
		default:
			fresh = append(fresh, point)
		}
	}
	if len(fresh) == 0 && !record {
		return counts, nil
	}
	what := &deed{operation: models.OpCreateTracks, kind: "track", facts: trackFacts(counts, fresh)}
	err = h.Store.Atomically(ctx, func(tx *store.Store) error {
		if err := tx.LockPerson(ctx, who.ID); err != nil {
			return err
		}
		if err := tx.AddTrackPoints(ctx, fresh); err != nil || !record {
			return err
		}
		return tx.Record(ctx, h.entry(ctx, what, nil), "")
	})
	if err == nil && len(fresh) > 0 {
		newest := slices.MaxFunc(fresh, func(left, right models.TrackPoint) int { return left.At.Compare(right.At) })
		h.moved(who.ID, newest.Position, newest.At)
	}
	return counts, err
}

// placeInRounds gives each position whose it is, and the round it belongs to: the one that was joined first of those
// that the person walked with then.
func (h *Server) placeInRounds(ctx context.Context, points []models.TrackPoint) error {
	asked := api.From(ctx)
	who := asked.Principal
	oldest, newest := asked.Now.Add(-models.TrackDefaults.MaxAge), asked.Now.Add(models.TrackDefaults.MaxFuture)
	from, to := newest, oldest // of what can be kept at all: one wild time must not make the rounds of years be read
	for _, point := range points {
		if !point.At.Before(oldest) && point.At.Before(from) {
			from = point.At
		}
		if !point.At.After(newest) && point.At.After(to) {
			to = point.At
		}
	}
	memberships, err := h.Store.Memberships(ctx, who.ID, from, to.Add(time.Millisecond))
	if err != nil {
		return err
	}
	for at := range points {
		points[at].PersonID, points[at].StationID = who.ID, who.StationID
		for _, member := range memberships {
			if member.Counts(points[at].At) && (member.EndedAt.IsZero() || !points[at].At.After(member.EndedAt)) {
				points[at].RoundID = member.RoundID
				break
			}
		}
	}
	return nil
}

// trackFacts counts positions for the audit, with a digest of what was written; no position stands there.
func trackFacts(counts models.TrackCounts, fresh []models.TrackPoint) map[string]string {
	digest := sha256.New()
	for _, point := range fresh {
		digest.Write([]byte(point.Rank()))
	}
	return map[string]string{
		"items": strconv.Itoa(counts.Received), "new": strconv.Itoa(counts.Kept), "digest": hex.EncodeToString(digest.Sum(nil)),
	}
}

func wireTrackReceipt(counts models.TrackCounts) api.TrackReceipt {
	return api.TrackReceipt{
		Received: counts.Received, Kept: counts.Kept, Duplicates: counts.Duplicates,
		Dropped: api.TrackDropped{
			OutsideRound: counts.OutsideRound, Inaccurate: counts.Inaccurate, Zero: counts.Zero, Future: counts.Future,
			TooOld: counts.TooOld, TooFast: counts.TooFast, Thinned: counts.Thinned,
		},
	}
}
