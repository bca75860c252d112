package store_test

import (
	"context"
	"maps"
	"slices"
	"time"

	"pgregory.net/rapid"

	"xunfang/models"
	"xunfang/store"
)

// write adds happenings in one transaction, as one batch.
func (w *coverWorld) write(ctx context.Context, t fatal, batch []happening) {
	err := w.store.Atomically(ctx, func(tx *store.Store) error {
		tx.AddCheckIns(w.checkIns(batch))
		return tx.AddTrackPoints(ctx, w.points(batch), w.now)
	})
	if err != nil {
		t.Fatalf("%v", err)
	}
	w.happened = append(w.happened, batch...)
}

func (w *coverWorld) checkIns(batch []happening) []models.CheckIn {
	checkIns := []models.CheckIn{}
	for _, one := range batch {
		if one.checkIn == "" {
			continue
		}
		made := models.CheckIn{
			ID: one.checkIn, OrderID: models.OrderID(one.at, one.checkIn), Place: models.Place{Station: w.station.ID}, PersonID: one.person,
			RoundID: one.round, Method: models.MethodGPS, CapturedAt: one.at.Add(one.off), ReceivedAt: w.now.Add(-time.Second),
			Verdict: models.Verdict{Status: models.StatusAccepted},
		}
		if one.off != 0 {
			made.OccurredAt = one.at
		}
		if one.sign != nil {
			made.CheckpointID, made.Place = one.sign.ID, one.sign.Place
		}
		if one.where != nil {
			made.Fix = &models.Fix{Position: *one.where, ReportedCRS: models.WGS84}
		}
		if !one.counts {
			made.Status = models.StatusRejected
		}
		checkIns = append(checkIns, made)
	}
	return checkIns
}

func (w *coverWorld) points(batch []happening) []models.TrackPoint {
	points := []models.TrackPoint{}
	for _, one := range batch {
		if one.checkIn == "" {
			points = append(points, w.point(one))
		}
	}
	return points
}

func (w *coverWorld) point(one happening) models.TrackPoint {
	return models.TrackPoint{
		Fix: models.Fix{Position: *one.where, ReportedCRS: models.WGS84}, PersonID: one.person, StationID: w.station.ID, RoundID: one.round,
		At: one.at, PhoneAt: one.at.Add(one.off), ReceivedAt: w.now.Add(-time.Second), Source: models.SourceApp,
		BootID: one.boot, MonotonicMS: one.monotonic,
	}
}

// correct proposes a correction of a check-in and has it approved, declined, or left as it is. Decisions come in no order:
// clocks of replicas differ.
func (w *coverWorld) correct(ctx context.Context, t *rapid.T, at int) {
	one := &w.happened[at]
	made := models.Correction{
		ID: w.id(), OrderID: w.id(), Place: models.Place{Station: w.station.ID}, CheckInID: one.checkIn, PersonID: one.person,
		Status: models.StatusRejected, Reason: "看了录像", ProposerID: w.people[0], ProposedAt: w.now, State: models.CorrectionProposed,
	}
	counts := rapid.Bool().Draw(t, "counts")
	if counts {
		made.Status = models.StatusAccepted
	}
	decided := made
	decided.DecidedAt = w.now.Add(-time.Duration(rapid.IntRange(1, 3).Draw(t, "decided")) * time.Minute)
	decided.State = rapid.SampledFrom([]models.CorrectionState{
		models.CorrectionApproved, models.CorrectionApproved, models.CorrectionDeclined, models.CorrectionProposed,
	}).Draw(t, "state")
	err := w.store.Atomically(ctx, func(tx *store.Store) error {
		if err := tx.AddCorrection(ctx, made); err != nil || decided.State == models.CorrectionProposed {
			return err
		}
		if decided.State == models.CorrectionApproved {
			tx.CheckInCountsAnew(w.checkIns([]happening{*one})[0], w.now.Add(-time.Second))
		}
		return tx.DecideCorrection(ctx, decided)
	})
	if err != nil {
		t.Fatalf("%v", err)
	}
	if decided.State == models.CorrectionApproved {
		one.decisions = append(one.decisions, decision{decided.DecidedAt, made.OrderID, counts})
	}
}

// modeOf is the mode under which something counts: a check-in under that of a round only of those who walk with it then.
func (w *coverWorld) modeOf(one happening) models.Mode {
	if one.checkIn != "" && !w.members[[2]models.ID{one.round, one.person}].Counts(one.at) {
		return models.ModeNone
	}
	return w.rounds[one.round]
}

// walk lets somebody join a round, be confirmed, or leave: before or after what they did there is known.
func (w *coverWorld) walk(ctx context.Context, t *rapid.T) {
	walked := slices.Sorted(maps.Keys(w.rounds))[1:] // the first is none
	key := [2]models.ID{rapid.SampledFrom(walked).Draw(t, "of"), rapid.SampledFrom(w.people).Draw(t, "walker")}
	ago := func(name string) time.Time {
		return w.now.Add(-time.Duration(rapid.IntRange(0, 2*1440).Draw(t, name)) * time.Minute)
	}
	before, after := w.members[key], w.members[key]
	switch {
	case before.PersonID == "":
		after = models.RoundMember{RoundID: key[0], PersonID: key[1], Kind: models.MemberGuest, JoinedAt: ago("joined")}
	case before.ConfirmedAt.IsZero():
		after.ConfirmedAt = w.now
	case rapid.Bool().Draw(t, "leaves"):
		after.LeftAt = ago("left")
	default:
		if joined := ago("joined"); joined.Before(after.JoinedAt) {
			after.JoinedAt = joined
		}
	}
	err := w.store.Atomically(ctx, func(tx *store.Store) error {
		return tx.KeepRoundMember(ctx, w.station.ID, before, after, w.now.Add(-time.Second))
	})
	if err != nil {
		t.Fatalf("%v", err)
	}
	w.members[key] = after
}

func (w *coverWorld) draw(t *rapid.T) happening {
	minute := rapid.OneOf(rapid.IntRange(-3*1440, 600), rapid.IntRange(-5, 5), rapid.IntRange(-725, -715)).Draw(t, "minute") // 00:00 too
	one := happening{
		person: rapid.SampledFrom(w.people).Draw(t, "who"), counts: true,
		at:    w.now.Add(time.Duration(minute)*time.Minute + time.Duration(rapid.IntRange(0, 59_999).Draw(t, "ms"))*time.Millisecond),
		round: rapid.SampledFrom(slices.Sorted(maps.Keys(w.rounds))).Draw(t, "round"),
	}
	where := nearCentre(float64(rapid.IntRange(-50, 500).Draw(t, "north")), float64(rapid.IntRange(-50, 150).Draw(t, "east")))
	switch rapid.IntRange(0, 3).Draw(t, "form") {
	case 0:
		one.where = &where
		if one.boot = rapid.SampledFrom([]string{"", "boot"}).Draw(t, "boot"); one.boot != "" {
			one.monotonic = int64(rapid.IntRange(0, 40_000).Draw(t, "monotonic"))
			one.off = time.Duration(rapid.SampledFrom([]int{0, 1, -26}).Draw(t, "off")) * time.Hour
		}
	case 1:
		one.checkIn, one.where = w.id(), &where
	default:
		one.checkIn, one.sign = w.id(), &w.checkpoints[rapid.IntRange(0, 2).Draw(t, "sign")]
		one.counts = rapid.IntRange(0, 4).Draw(t, "counts") > 0
		one.off = time.Duration(rapid.SampledFrom([]int{0, 1, -26}).Draw(t, "off")) * time.Hour
		if rapid.Bool().Draw(t, "fix") {
			one.where = &where
		}
	}
	return one
}
