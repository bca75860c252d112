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

// CreateTracks answers POST /v1/tracks: what lies within a round of the caller's is kept; the rest
// waits, seen by nobody, for the record of a round that claims it.
func (h *Server) CreateTracks(ctx context.Context, request api.CreateTracksRequestObject) (api.CreateTracksResponseObject, error) {
	asked := api.From(ctx)
	points, clock := make([]models.TrackPoint, 0, len(request.Body.Items)), models.PhoneClock{}
	if read := clockOf(request.Body.Clock); read != nil {
		clock = *read
	}
	boots := map[string]bool{}
	for _, item := range request.Body.Items {
		point := models.TrackPoint{
			Fix: *fixOf(&item.Position), PhoneAt: item.At.Time, ReceivedAt: asked.Now, SpeedMps: item.SpeedMps, Source: models.SourceApp,
		}
		if item.BootId != nil && item.MonotonicMs != nil {
			point.BootID, point.MonotonicMS = *item.BootId, *item.MonotonicMs
			boots[point.BootID] = true
		}
		points = append(points, models.CorrectTrack(point, clock))
	}
	if len(boots) > models.MaxTrackBoots { // each is looked up by itself
		return nil, models.Unfit("items", models.FieldTooMany, "<= "+strconv.Itoa(models.MaxTrackBoots)+" boot_id")
	}
	counts, err := h.keepTrack(ctx, points, true)
	if err != nil {
		return nil, err
	}
	return api.CreateTracks200JSONResponse(wireTrackReceipt(counts)), nil
}

// keepTrack writes those of the caller's positions that are worth keeping, and says what became of all of them: those of a
// round are kept, the others wait for the record of one.
func (h *Server) keepTrack(ctx context.Context, points []models.TrackPoint, record bool) (models.TrackCounts, error) {
	asked := api.From(ctx)
	who := asked.Principal
	for at := range points {
		points[at].PersonID, points[at].StationID = who.ID, who.StationID
	}
	kept, filtered := models.FilterTrack(points, models.TrackDefaults)
	if len(kept) == 0 && !record {
		return filtered, nil
	}
	var counts models.TrackCounts
	var placed []models.TrackPoint
	err := h.Store.Atomically(ctx, func(tx *store.Store) error {
		if err := tx.LockPerson(ctx, who.ID); err != nil {
			return err
		}
		var fresh []models.TrackPoint
		var err error
		if fresh, counts, err = freshTrack(ctx, tx, kept, filtered); err != nil {
			return err
		}
		if placed, err = placeInRounds(ctx, tx, who.ID, fresh); err != nil {
			return err
		}
		counts.Waiting, counts.Kept = len(fresh)-len(placed), len(placed)
		if err := tx.AddTrackPoints(ctx, fresh, asked.Now); err != nil || !record {
			return err
		}
		what := &deed{operation: models.OpCreateTracks, kind: "track", facts: trackFacts(counts, fresh)}
		return tx.Record(ctx, h.entry(ctx, what, nil), "")
	})
	if err == nil && len(placed) > 0 {
		newest := slices.MaxFunc(placed, func(left, right models.TrackPoint) int { return left.At.Compare(right.At) })
		h.moved(who.ID, newest.Position, newest.At)
	}
	return counts, err
}

// freshTrack gives those of a person's filtered positions that are new, and counts the others.
func freshTrack(
	ctx context.Context, tx *store.Store, kept []models.TrackPoint, counts models.TrackCounts,
) ([]models.TrackPoint, models.TrackCounts, error) {
	ranks, err := tx.TrackRanks(ctx, kept)
	fresh := make([]models.TrackPoint, 0, len(kept))
	for _, point := range kept {
		before, taken := ranks[point.Key()]
		switch rank := point.Rank(); {
		case taken && before == rank:
			counts.Duplicates++
		case taken && before < rank:
			counts.Thinned++
		default:
			fresh = append(fresh, point)
		}
	}
	return fresh, counts, err
}

// placeInRounds gives a person's positions the rounds to which they belong, and those apart that have one.
func placeInRounds(ctx context.Context, tx *store.Store, person models.ID, points []models.TrackPoint) ([]models.TrackPoint, error) {
	if len(points) == 0 {
		return nil, nil
	}
	byTime := func(left, right models.TrackPoint) int { return left.At.Compare(right.At) }
	walked, err := tx.Memberships(
		ctx, person, slices.MinFunc(points, byTime).At, slices.MaxFunc(points, byTime).At.Add(time.Millisecond))
	placed := []models.TrackPoint{}
	for at := range points {
		if points[at].RoundID = models.RoundAt(points[at].At, walked); points[at].RoundID != "" {
			placed = append(placed, points[at])
		}
	}
	return placed, err
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
		Received: counts.Received, Kept: counts.Kept, Waiting: counts.Waiting, Duplicates: counts.Duplicates,
		Dropped: api.TrackDropped{
			Inaccurate: counts.Inaccurate, Zero: counts.Zero, Future: counts.Future,
			TooOld: counts.TooOld, TooFast: counts.TooFast, Thinned: counts.Thinned,
		},
	}
}
