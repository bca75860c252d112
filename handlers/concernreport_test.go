package handlers_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

const pictureRef = "terminal://east-gate-1/canary"

// concernSource makes the device of compound One a source: proposed by an officer, approved by the commander.
func (r *rig) concernSource() string {
	r.t.Helper()
	id := r.call(r.Officer, http.MethodPost, "/v1/concern-sources", map[string]any{
		"device_id": r.Device.ID, "name": "东门终端", "reason": "布控平台下发", "valid_until": instant(r.clock.Now().Add(90 * 24 * time.Hour)),
	}).must(201).text("id")
	r.call(r.Officer, http.MethodPost, "/v1/concern-sources/"+id+"/approval", nil).must(403)
	r.reportConcern(nil).must(403)
	r.call(r.Commander, http.MethodPost, "/v1/concern-sources/"+id+"/approval", nil).must(200)
	return id
}

func (r *rig) reportConcern(more map[string]any) response {
	r.t.Helper()
	body := map[string]any{
		"id": r.ids.next(), "kind": "wanted", "terminal": "east-gate-1", "occurred_at": instant(r.clock.Now()), "confidence": 0.83,
		"picture_ref": pictureRef,
	}
	for field, value := range more {
		body[field] = value
	}
	return r.call(r.Device, http.MethodPost, "/v1/devices/"+string(r.Device.ID)+"/concern-reports", body)
}

func (r *rig) decideConcern(who *caller, id, state string) response {
	r.t.Helper()
	return r.call(who, http.MethodPost, "/v1/concern-reports/"+id+"/decision", map[string]any{"state": state, "reason": "人工比对过"})
}

func (r *rig) readConcern(who *caller, id string) response {
	r.t.Helper()
	return r.call(who, http.MethodGet, "/v1/concern-reports/"+id+"?reason=checking", nil)
}

func (r *rig) sendOut(id string, people ...models.ID) response {
	r.t.Helper()
	return r.call(r.Commander, http.MethodPost, "/v1/concern-reports/"+id+"/dispatch", map[string]any{"person_ids": people})
}

func (r *rig) forgetConcerns() {
	r.t.Helper()
	if err := r.server.ForgetConcernReports(context.Background()); err != nil {
		r.t.Fatal(err)
	}
}

// A report goes to the duty desk alone, is looked at with a reason, confirmed, and only then is anybody sent.
func TestConcernReportIsConfirmedBeforeAnybodyIsSent(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.concernSource()
		rig.onDuty(rig.A, models.SquadFoot, rig.Officer, rig.Auxiliary)
		body := map[string]any{"id": rig.ids.next()}
		taken := rig.reportConcern(body).must(201)
		id := taken.text("id")
		rig.reportConcern(body).must(200)
		if got := rig.reportConcern(map[string]any{"id": body["id"], "kind": "other"}).must(409); strings.Contains(got.Text, "wanted") {
			t.Error(got.Text)
		}
		for who, want := range map[*caller]int{rig.Commander: 1, rig.Officer: 1, rig.Auxiliary: 0, rig.OfficerTwo: 0, rig.Guard: 0, rig.CommanderB: 0} {
			if got := rig.inboxHas(who.ID, models.AlertConcernReport, id); got != want {
				t.Errorf("%v was told %d times, want %d", who.ID, got, want)
			}
		}
		if inbox := rig.call(rig.Officer, http.MethodGet, "/v1/me/inbox", nil).must(200); strings.Contains(inbox.Text, "wanted") ||
			strings.Contains(inbox.Text, "canary") || strings.Contains(inbox.Text, "east-gate") {
			t.Errorf("the alert says too much: %s", inbox.Text)
		}
		rig.call(rig.Officer, http.MethodGet, "/v1/concern-reports", nil).must(400) // without a reason
		if list := rig.call(rig.Officer, http.MethodGet, "/v1/concern-reports?reason=checking&state=open", nil).must(200); len(list.items()) != 1 ||
			strings.Contains(list.Text, "canary") {
			t.Errorf("the list: %s", list.Text)
		}
		if got := rig.readConcern(rig.Officer, id).must(200); got.text("picture_ref") != pictureRef || got.at("report.late") != false {
			t.Errorf("the report: %s", got.Text)
		}
		rig.readConcern(rig.OfficerTwo, id).must(403) // not on duty
		for _, operation := range []models.Operation{models.OpListConcernReports, models.OpGetConcernReport} {
			if looks := rig.audit(rig.A, operation); !slices.ContainsFunc(looks, func(one models.AuditRecord) bool {
				return one.ActorID == rig.Officer.ID && one.Reason == "checking" && one.Outcome == models.AuditAllowed
			}) {
				t.Errorf("%s: the look is not recorded with its reason: %v", operation, looks)
			}
		}
		rig.sendOut(id, rig.Auxiliary.ID).must(409)
		if rig.inboxHas(rig.Auxiliary.ID, models.AlertConcernDispatch, id) != 0 {
			t.Error("somebody was sent before it was confirmed")
		}
		if got := rig.decideConcern(rig.Officer, id, "confirmed").must(200); got.text("decided_by") != string(rig.Officer.ID) {
			t.Error(got.Text)
		}
		rig.decideConcern(rig.Commander, id, "confirmed").must(200)
		if got := rig.decideConcern(rig.Commander, id, "dismissed").must(409); got.text("errors.0.want") != "confirmed" {
			t.Errorf("the other outcome: %s", got.Text)
		}
		if rig.inboxHas(rig.Commander.ID, models.AlertConcernDecided, id) != 1 {
			t.Error("the desk was not told once of the outcome")
		}
		rig.sendOut(id, rig.Resident.ID).must(422)
		rig.sendOut(id, rig.OfficerTwo.ID).must(422) // of another compound
		rig.sendOut(id, rig.Auxiliary.ID).must(201)
		if rig.inboxHas(rig.Auxiliary.ID, models.AlertConcernDispatch, id) != 1 {
			t.Error("nobody was sent")
		}
		rig.readConcern(rig.Auxiliary, id).must(403)
	})
}

// Of many who decide at once one does, and the others are told the same outcome.
func TestConcernReportHasOneOutcome(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.concernSource()
		id := rig.reportConcern(nil).must(201).text("id")
		token, outcomes := rig.token(rig.Commander), map[string]int{}
		for _, got := range atOnce(8, func(at int) response {
			state := []string{"confirmed", "dismissed"}[at%2]
			return rig.callAs(token, http.MethodPost, "/v1/concern-reports/"+id+"/decision", map[string]any{"state": state, "reason": "人工比对过"})
		}) {
			if got.Status == 409 {
				outcomes[got.text("errors.0.want")]++
			} else {
				outcomes[got.text("state")]++
			}
		}
		if len(outcomes) != 1 || outcomes[rig.readConcern(rig.Commander, id).must(200).text("report.state")] != 8 {
			t.Errorf("outcomes %v", outcomes)
		}
		figures := rig.call(rig.Guard, http.MethodGet, "/v1/concern-statistics", nil).must(200)
		if figures.at("total.confirmed").(float64)+figures.at("total.dismissed").(float64) != 1 || //nolint:forcetypeassert // else it fails
			figures.at("total.reports") != 1.0 || figures.at("total.refused") != 1.0 || figures.at("total.share_wrong") != nil {
			t.Errorf("figures: %s", figures.Text)
		}
	})
}

// Late ones tell nobody, those of a source that was revoked are counted and not taken, and all are deleted in time.
func TestConcernReportsAreForgotten(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		source := rig.concernSource()
		late := rig.reportConcern(map[string]any{"occurred_at": instant(rig.clock.Now().Add(-models.ConcernReportLate - time.Second))}).must(201)
		if late.at("late") != true || rig.inboxHas(rig.Commander.ID, models.AlertConcernReport, late.text("id")) != 0 {
			t.Errorf("a late one was told: %s", late.Text)
		}
		dismissed, confirmed := rig.reportConcern(nil).must(201).text("id"), rig.reportConcern(nil).must(201).text("id")
		rig.decideConcern(rig.Commander, dismissed, "dismissed").must(200)
		rig.decideConcern(rig.Commander, confirmed, "confirmed").must(200)
		rig.call(rig.Commander, http.MethodPost, "/v1/concern-sources/"+source+"/revocation", map[string]any{"reason": "误报太多"}).must(200)
		if got := rig.reportConcern(nil).must(403); got.code() != models.CodeSourceNotApproved {
			t.Error(got.Text)
		}
		for _, step := range []struct {
			after    time.Duration
			rows     int
			pictures int
		}{
			{24*time.Hour - time.Millisecond, 3, 3},
			{time.Millisecond, 2, 0},
			{48*time.Hour - time.Millisecond, 2, 0},
			{time.Millisecond, 1, 0},
			{27*24*time.Hour - time.Millisecond, 1, 0},
			{time.Millisecond, 0, 0},
		} {
			rig.advance(step.after)
			rig.forgetConcerns()
			pictures := 0
			if err := rig.sql.QueryRow("SELECT COUNT(*) FROM concern_reports WHERE picture_sealed IS NOT NULL").Scan(&pictures); err != nil {
				t.Fatal(err)
			}
			if rows := rig.rows()["concern_reports"]; rows != step.rows || pictures != step.pictures {
				t.Errorf("after %s: %d reports, %d pictures, want %+v", step.after, rows, pictures, step)
			}
		}
		if got := rig.call(rig.Guard, http.MethodGet, "/v1/concern-statistics?month=2026-11", nil).must(200); got.at("items.0.expired") != 1.0 ||
			got.at("items.0.refused") != 2.0 || got.at("items.0.late") != 1.0 || got.at("items.0.dismissed") != 1.0 {
			t.Errorf("figures: %s", got.Text)
		}
		if records := rig.audit(rig.A, "forgetConcernReports"); len(records) != 4 {
			t.Errorf("%d deletions are recorded", len(records))
		}
	})
}
