package handlers

import (
	"context"
	"slices"
	"strconv"
	"time"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// What is told of reports names nobody, no place and no kind: a phone shows it on its locked screen.
var (
	concernIsNew       = spoken{"有一条终端线索待核", "A terminal's report is to be looked at"}
	concernIsConfirmed = spoken{"一条终端线索已确认", "A terminal's report was confirmed"}
	concernIsDismissed = spoken{"一条终端线索已排除", "A terminal's report was dismissed"}
	concernGo          = spoken{"请前往核实", "Please go and look"}
	concernOpenIt      = spoken{"请在值班台查看。线索不是结论。", "Please open it at the duty desk. It is a lead and no finding."}
	concernAskDesk     = spoken{
		"民警已确认一条终端线索，请先联系值班台。线索不是结论。",
		"An officer has confirmed a terminal's report: ask the duty desk first. It is a lead and no finding.",
	}
)

// tellConcernDesk tells the duty desk: the commanders, and the officers on duty in whose scope the report lies.
func (h *Server) tellConcernDesk(
	ctx context.Context, tx *store.Store, report models.ConcernReport, kind string, words spoken,
) (models.Alert, error) {
	now, station := api.From(ctx).Now, report.Place.Station
	people := []models.ID{}
	commanders, err := tx.RoleHolders(ctx, station, dutyCommander, now)
	if err != nil {
		return models.Alert{}, err
	}
	for person := range commanders {
		people = append(people, person)
	}
	onDuty, err := tx.OnDuty(ctx, station, now)
	if err != nil { // those who could be read are told all the same
		h.Logger.ErrorContext(ctx, "not everybody on duty could be read", "error", err)
	}
	for _, one := range onDuty {
		holds, err := holdsAt(ctx, tx, one.PersonID, report.Place, []models.Role{models.RoleOfficer}, now)
		if err != nil {
			return models.Alert{}, err
		}
		if holds && commanders[one.PersonID] == "" {
			people = append(people, one.PersonID)
		}
	}
	return h.addConcernAlert(ctx, tx, report, kind, people, words, concernOpenIt)
}

// holdsAt says whether a person, whose account is open, holds one of the roles over a place now.
func holdsAt(
	ctx context.Context, tx *store.Store, person models.ID, place models.Place, roles []models.Role, now time.Time,
) (bool, error) {
	open, err := tx.AccountOpen(ctx, person)
	if models.CodeOf(err) == models.CodeNotFound || err == nil && !open {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	grants, err := tx.Grants(ctx, person)
	return slices.ContainsFunc(models.InForce(grants, now), func(grant models.Grant) bool {
		return slices.Contains(roles, grant.Role) && grant.Place.Contains(place)
	}), err
}

func (h *Server) addConcernAlert(
	ctx context.Context, tx *store.Store, report models.ConcernReport, kind string, people []models.ID, title, body spoken,
) (models.Alert, error) {
	now := api.From(ctx).Now
	if len(people) == 0 {
		return models.Alert{}, nil
	}
	alert := worded(models.Alert{
		ID: h.NewID(), Kind: kind, Severity: models.SeverityHigh, AboutID: report.ID, RequiresAck: kind != models.AlertConcernDecided,
		Audience:  models.Audience{Place: models.Place{Station: report.Place.Station}, People: people},
		CreatedAt: now, ExpiresAt: now.Add(defaultAlertLife),
	}, title, body)
	if kind == models.AlertConcernDecided {
		alert.Severity = models.SeverityInfo
	}
	var err error
	alert.Recipients, err = tx.AddAlert(ctx, alert)
	return alert, err
}

// DispatchConcernReport answers POST /v1/concern-reports/{report_id}/dispatch: named people are asked to go and look, after
// somebody has confirmed the report and never before.
func (h *Server) DispatchConcernReport(
	ctx context.Context, request api.DispatchConcernReportRequestObject,
) (api.DispatchConcernReportResponseObject, error) {
	asked, people := api.From(ctx), request.Body.PersonIds
	what := &deed{
		operation: models.OpDispatchConcernReport, kind: "concern_report", id: request.ReportId,
		facts: map[string]string{"people": strconv.Itoa(len(people))},
	}
	var told models.Alert
	answer, err := act(ctx, h, what, 201, func(tx *store.Store) (api.ConcernDispatch, error) {
		report, err := h.deskReport(ctx, tx, what)
		if err == nil {
			err = report.CheckDispatch()
		}
		if err != nil {
			return api.ConcernDispatch{}, err
		}
		for at, person := range people {
			holds, err := holdsAt(ctx, tx, person, report.Place, models.ConcernDispatched, asked.Now)
			if err != nil {
				return api.ConcernDispatch{}, err
			}
			if !holds {
				return api.ConcernDispatch{}, models.Unfit(models.Indexed("person_ids", at), models.FieldNoSuch, "police of the place")
			}
		}
		told, err = h.addConcernAlert(ctx, tx, report, models.AlertConcernDispatch, people, concernGo, concernAskDesk)
		return api.ConcernDispatch{AlertId: told.ID, Recipients: told.Recipients}, err
	})
	if err != nil {
		return nil, err
	}
	h.alerted(ctx, told)
	return api.DispatchConcernReport201JSONResponse(answer), nil
}
