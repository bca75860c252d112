package handlers

import (
	"context"
	"strconv"
	"time"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// GetTipSettings answers GET /v1/tip-settings.
func (h *Server) GetTipSettings(ctx context.Context, _ api.GetTipSettingsRequestObject) (api.GetTipSettingsResponseObject, error) {
	settings, err := h.Store.TipSettings(ctx, api.From(ctx).Principal.StationID)
	return api.GetTipSettings200JSONResponse(wireTipSettings(settings)), err
}

// PutTipSettings answers PUT /v1/tip-settings. Of two who have read the same version one is refused.
func (h *Server) PutTipSettings(ctx context.Context, request api.PutTipSettingsRequestObject) (api.PutTipSettingsResponseObject, error) {
	asked := api.From(ctx)
	who, settings := asked.Principal, tipSettingsOf(*request.Body)
	settings.UpdatedAt = asked.Now
	if err := settings.Check(); err != nil {
		return nil, err
	}
	what := &deed{operation: models.OpPutTipSettings, kind: "tip_settings", id: who.StationID, facts: tipSettingFacts(settings)}
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.TipSettings, error) {
		if err := models.May(what.operation, who, models.Object{Place: models.Place{Station: who.StationID}}); err != nil {
			return api.TipSettings{}, err
		}
		kept, err := tx.PutTipSettings(ctx, who.StationID, settings)
		return wireTipSettings(kept), err
	})
	if err != nil {
		return nil, err
	}
	return api.PutTipSettings200JSONResponse(answer), nil
}

func tipSettingsOf(body api.TipSettingsPut) models.TipSettings {
	minutes := func(count int) time.Duration { return time.Duration(count) * time.Minute }
	hours := func(count int) time.Duration { return time.Duration(count) * time.Hour }
	return models.TipSettings{
		TipPeriods: models.TipPeriods{
			AcknowledgeByDay: minutes(body.AcknowledgeByDayMinutes), AcknowledgeByNight: minutes(body.AcknowledgeByNightMinutes),
			AcknowledgeUrgent: minutes(body.AcknowledgeCrimeMinutes), Decide: hours(body.DecideHours), Finish: hours(body.FinishHours),
			ClimbUnseen: minutes(body.ClimbUnseenMinutes), ClimbUndecided: hours(body.ClimbUndecidedHours),
			ReopenWithin: hours(24 * body.ReopenDays), DayBegins: body.DayBeginsHour, DayEnds: body.DayEndsHour,
		},
		Version: body.Version,
	}
}

func wireTipSettings(set models.TipSettings) api.TipSettings {
	minutes := func(period time.Duration) int { return int(period / time.Minute) }
	hours := func(period time.Duration) int { return int(period / time.Hour) }
	return api.TipSettings{
		Version: set.Version, AcknowledgeByDayMinutes: minutes(set.AcknowledgeByDay),
		AcknowledgeByNightMinutes: minutes(set.AcknowledgeByNight), AcknowledgeCrimeMinutes: minutes(set.AcknowledgeUrgent),
		DecideHours: hours(set.Decide), FinishHours: hours(set.Finish), ClimbUnseenMinutes: minutes(set.ClimbUnseen),
		ClimbUndecidedHours: hours(set.ClimbUndecided), ReopenDays: hours(set.ReopenWithin) / 24,
		DayBeginsHour: set.DayBegins, DayEndsHour: set.DayEnds, UpdatedAt: api.AtOrNil(set.UpdatedAt),
	}
}

// tipSettingFacts says for the audit what was set.
func tipSettingFacts(set models.TipSettings) map[string]string {
	return map[string]string{
		"over_version": strconv.Itoa(set.Version), "acknowledge_by_day": set.AcknowledgeByDay.String(),
		"acknowledge_by_night": set.AcknowledgeByNight.String(), "acknowledge_crime": set.AcknowledgeUrgent.String(),
		"decide": set.Decide.String(), "finish": set.Finish.String(), "climb_unseen": set.ClimbUnseen.String(),
		"climb_undecided": set.ClimbUndecided.String(), "reopen": set.ReopenWithin.String(),
		"day_hours": strconv.Itoa(set.DayBegins) + "-" + strconv.Itoa(set.DayEnds),
	}
}
