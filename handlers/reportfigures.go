package handlers

import (
	"context"

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
	if report.Findings, err = h.Store.ReportFindings(ctx, station, report.From, report.To); err != nil {
		return err
	}
	return h.fillPlaces(ctx, station, report)
}

// fillPlaces reads check-ins by verdict, the cover of key places with its gaps, and what was not seen.
func (h *Server) fillPlaces(ctx context.Context, station models.ID, report *models.MonthReport) error {
	tallies, err := h.Store.ReportCheckIns(ctx, station, report.From, report.To)
	if err != nil {
		return err
	}
	visits := map[models.ID]int{}
	report.CheckIns = map[models.CheckInStatus]int{}
	for _, tally := range tallies {
		report.CheckIns[tally.Status] += tally.Number
		if tally.Status == models.StatusAccepted {
			visits[tally.CheckpointID] += tally.Number
		}
	}
	checkpoints, err := h.Store.StationCheckpoints(ctx, station)
	if err != nil {
		return err
	}
	gaps := []models.CoverGap{}
	for _, checkpoint := range checkpoints {
		if !checkpoint.CreatedAt.Before(report.To) {
			continue // it was not there yet
		}
		if checkpoint.KeyPlace {
			more, err := h.keyPlaceGaps(ctx, checkpoint, report)
			if err != nil {
				return err
			}
			gaps = append(gaps, more...)
			report.KeyPlaces = append(report.KeyPlaces, models.PlaceCover{
				Name: checkpoint.Name, Visits: visits[checkpoint.ID], LongestGap: models.LongestGaps(more, 1)[0].Length(),
			})
		}
		if visits[checkpoint.ID] == 0 {
			if err := h.addUnseen(ctx, checkpoint, report); err != nil {
				return err
			}
		}
	}
	report.Gaps = models.LongestGaps(gaps, models.ReportGaps)
	return nil
}

// keyPlaceGaps gives the gaps of a key place, from when it was set up at the earliest; never none.
func (h *Server) keyPlaceGaps(
	ctx context.Context, checkpoint models.Checkpoint, report *models.MonthReport,
) ([]models.CoverGap, error) {
	since := report.From
	if checkpoint.CreatedAt.After(since) {
		since = checkpoint.CreatedAt
	}
	seen, err := h.Store.SeenAt(ctx, checkpoint.ID, since, report.To)
	return models.GapsOf(checkpoint.Name, seen, since, report.To), err
}

func (h *Server) addUnseen(ctx context.Context, checkpoint models.Checkpoint, report *models.MonthReport) error {
	if len(report.Unseen) == models.ReportUnseen {
		report.UnseenMore++
		return nil
	}
	last, err := h.Store.LastSeen(ctx, checkpoint.ID, report.From)
	report.Unseen = append(report.Unseen, models.UnseenPlace{Name: checkpoint.Name, KeyPlace: checkpoint.KeyPlace, LastSeen: last})
	return err
}
