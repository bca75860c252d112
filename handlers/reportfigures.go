package handlers

import (
	"cmp"
	"context"
	"slices"
	"time"

	"xunfang/models"
)

// fillMonthReport reads the figures of a report. What no table tells stays nil, and is printed as a dash.
func (h *Server) fillMonthReport(ctx context.Context, station models.ID, report *models.MonthReport) (err error) {
	if report.Stops, err = h.Store.ReportStops(ctx, station, report.From, report.To, report.To); err != nil {
		return err
	}
	if report.Rounds, err = h.Store.ReportRounds(ctx, station, report.From, report.To); err != nil {
		return err
	}
	if report.CheckIns, err = h.Store.ReportCheckIns(ctx, station, report.From, report.To); err != nil {
		return err
	}
	corrections, err := h.Store.ReportCorrections(ctx, station, report.From, report.To)
	if err != nil {
		return err
	}
	report.Corrections = &corrections
	if report.Findings, err = h.Store.ReportFindings(ctx, station, report.From, report.To); err != nil {
		return err
	}
	calls, err := h.Store.ReportSOS(ctx, station, report.From, report.To)
	if err != nil {
		return err
	}
	report.SOS = models.TallySOS(calls)
	if report.From.Before(report.MadeAt.Add(-models.CoverageKept)) {
		return nil // who was where is not known any more
	}
	return h.fillPlaces(ctx, station, report)
}

// fillPlaces tells of checkpoints from the cover: how key places were covered, with their longest gaps, and what was
// not seen. Each counts from when it was set up.
func (h *Server) fillPlaces(ctx context.Context, station models.ID, report *models.MonthReport) error {
	checkpoints, err := h.Store.StationCheckpoints(ctx, station)
	if err != nil {
		return err
	}
	month := models.StretchOf(report.From, report.To)
	covers, err := h.Store.Covers(ctx, station, models.CoverCheckpoint, models.ModeAll, month)
	if err != nil {
		return err
	}
	gaps, notSeen := []models.CoverGap{}, []models.Checkpoint{}
	report.KeyPlaces, report.Unseen = []models.PlaceCover{}, []models.UnseenPlace{}
	for _, checkpoint := range checkpoints {
		there := month.Clip(models.StretchOf(checkpoint.CreatedAt, report.To))
		if there.Minutes() <= 0 {
			continue // it was not there yet
		}
		cover := covers[string(checkpoint.ID)]
		if checkpoint.KeyPlace {
			figures := cover.Figures([]models.Stretch{there})[0]
			report.KeyPlaces = append(report.KeyPlaces, models.PlaceCover{
				Name: checkpoint.Name, Visits: figures.Visits, PatrolMinutes: &figures.PatrolMinutes,
				LongestGap: time.Duration(figures.LongestGap) * time.Minute,
			})
			for _, gap := range cover.Gaps(there) {
				gaps = append(gaps, models.CoverGap{Place: checkpoint.Name, From: gap.Start(), To: gap.End()})
			}
		}
		if _, seen := cover.LastPresent(there); !seen {
			notSeen = append(notSeen, checkpoint)
		}
	}
	report.Gaps = models.LongestGaps(gaps, models.ReportGaps)
	return h.fillUnseen(ctx, station, notSeen, report)
}

// fillUnseen tells when those who were not seen all month were seen last: by the cover of the time just before it, else
// by their check-ins. Key places come first.
func (h *Server) fillUnseen(ctx context.Context, station models.ID, notSeen []models.Checkpoint, report *models.MonthReport) error {
	slices.SortStableFunc(notSeen, func(left, right models.Checkpoint) int {
		if left.KeyPlace != right.KeyPlace && left.KeyPlace {
			return -1
		} else if left.KeyPlace != right.KeyPlace {
			return 1
		}
		return cmp.Compare(left.Name, right.Name)
	})
	listed := notSeen[:min(len(notSeen), models.ReportUnseen)]
	report.UnseenMore = len(notSeen) - len(listed)
	if len(listed) == 0 {
		return nil
	}
	before := models.StretchOf(report.From.Add(-seenLookBack), report.From)
	covers, err := h.Store.Covers(ctx, station, models.CoverCheckpoint, models.ModeAll, before)
	if err != nil {
		return err
	}
	for _, checkpoint := range listed {
		last, seen := covers[string(checkpoint.ID)].LastPresent(before)
		if !seen {
			if last, err = h.Store.LastSeen(ctx, checkpoint.ID, before.Start()); err != nil {
				return err
			}
		}
		report.Unseen = append(report.Unseen, models.UnseenPlace{Name: checkpoint.Name, KeyPlace: checkpoint.KeyPlace, LastSeen: last})
	}
	return nil
}
