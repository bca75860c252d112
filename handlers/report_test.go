package handlers_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"xunfang/models"
	"xunfang/store"
)

const xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// monthOf writes a month's facts: two rounds on a route, check-ins of two places and findings; some lie a
// millisecond outside of the month.
func (r *rig) monthOf(from, to time.Time) models.ID {
	r.t.Helper()
	key := r.ids.next()
	shift, squad, plan := r.ids.next(), r.ids.next(), r.ids.next()
	for _, statement := range []string{
		fmt.Sprintf("INSERT INTO squads (id, station_id, name, kind, leader_id, created_at, ended_at) VALUES ('%s', '%s', '夜巡一队', 'night', '', 0, 0)", squad, r.A),
		fmt.Sprintf("INSERT INTO round_plans (id, station_id, shift_id, route_id, name, ordered, team, created_at, ended_at) "+
			"VALUES ('%s', '%s', '%s', '%s', '夜巡', 0, 0, 0, 0)", plan, r.A, shift, r.Route),
	} {
		if _, err := r.sql.Exec(statement); err != nil {
			r.t.Fatal(err)
		}
	}
	r.write(func(ctx context.Context, tx *store.Store) error {
		err := tx.AddCheckpoint(ctx, models.Checkpoint{
			ID: key, Place: models.Place{Station: r.A}, Name: "学校后门", At: r.One.At, RadiusM: 50, KeyPlace: true,
			Methods: []models.CheckInMethod{models.MethodQR}, CreatedAt: from.Add(-time.Hour),
		})
		for at, start := range map[int]time.Time{0: from, 1: to.Add(-time.Millisecond), 2: to, 3: from.Add(-time.Millisecond)} {
			round := models.Round{
				ID: r.ids.next(), StationID: r.A, PlanID: plan, SquadID: squad, State: models.RoundCompleted, StartsAt: start, EndsAt: start,
			}
			for ordinal, state := range []models.StopState{
				models.StopOnTime, models.StopLate, models.StopMissed, models.StopExtra, models.StopPending, models.StopSkipped,
			} {
				round.Stops = append(round.Stops, models.RoundStop{
					Ordinal: ordinal + 1, CheckpointID: key, State: state, Priority: models.PriorityNormal,
					FromAt: start, UntilAt: start.Add(time.Duration(2*at) * time.Millisecond),
				})
			}
			if err == nil {
				err = tx.AddRound(ctx, round)
			}
		}
		checkIns := []models.CheckIn{}
		for _, at := range []time.Time{from, from.Add(100 * time.Hour), to.Add(-time.Millisecond), to} {
			for _, status := range []models.CheckInStatus{models.StatusAccepted, models.StatusReview} {
				id := r.ids.next()
				checkIns = append(checkIns, models.CheckIn{
					ID: id, OrderID: models.OrderID(at, id), Place: models.Place{Station: r.A}, PersonID: r.Volunteer.ID, CheckpointID: key,
					Method: models.MethodQR, CapturedAt: at, ReceivedAt: at, Verdict: models.Verdict{Status: status},
				})
			}
		}
		tx.AddCheckIns(checkIns)
		return err
	})
	return key
}

// correctedIn writes corrections: two approved in the month, two beside it, one declined.
func (r *rig) correctedIn(from, to time.Time) {
	r.t.Helper()
	r.write(func(ctx context.Context, tx *store.Store) error {
		for at, decided := range []time.Time{from, to.Add(-time.Millisecond), from.Add(-time.Millisecond), to, from} {
			correction := models.Correction{
				ID: r.ids.next(), OrderID: r.ids.next(), Place: models.Place{Station: r.A}, CheckInID: r.ids.next(), PersonID: r.Volunteer.ID,
				Status: models.StatusAccepted, Reason: "看了录像", ProposerID: r.Officer.ID, ProposedAt: from, State: models.CorrectionProposed,
			}
			if err := tx.AddCorrection(ctx, correction); err != nil {
				return err
			}
			correction.State, correction.DeciderID, correction.DecidedAt = models.CorrectionApproved, r.Commander.ID, decided
			if at == 4 {
				correction.State = models.CorrectionDeclined
			}
			if err := tx.DecideCorrection(ctx, correction); err != nil {
				return err
			}
		}
		return nil
	})
}

// calledForHelp writes calls for help: four in the month, of which two were taken in, after 10 and 30 seconds; two beside it.
func (r *rig) calledForHelp(from, to time.Time) {
	r.t.Helper()
	r.write(func(ctx context.Context, tx *store.Store) error {
		for at, came := range []time.Time{from, from.Add(time.Hour), from.Add(2 * time.Hour), to.Add(-time.Millisecond), to, from.Add(-time.Millisecond)} {
			sos := models.SOS{
				ID: r.ids.next(), Place: models.Place{Station: r.A}, CallerID: r.ids.next(), Kind: models.SOSPanic, RaisedAt: came,
				ReceivedAt: came, State: models.SOSResolved, EndedAt: came.Add(time.Hour), EndedBy: r.Commander.ID, ChangedAt: came,
			}
			sos.OrderID = models.OrderID(came, sos.ID)
			switch at {
			case 0, 1:
				sos.AcknowledgedAt, sos.AcknowledgedBy = came.Add(time.Duration(10+20*at)*time.Second), r.Officer.ID
			case 2:
				sos.State = models.SOSFalseAlarm
			}
			if err := tx.AddSOS(ctx, sos); err != nil {
				return err
			}
		}
		return nil
	})
}

func TestMonthReport(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		zone, err := time.LoadLocation("Asia/Shanghai")
		if err != nil {
			t.Fatal(err)
		}
		from := time.Date(2026, 11, 1, 0, 0, 0, 0, zone) // 16:00 UTC of the day before
		to := time.Date(2026, 12, 1, 0, 0, 0, 0, zone)
		rig.monthOf(from, to)
		rig.finding(rig.Volunteer, nil)
		rig.correctedIn(from, to)
		rig.calledForHelp(from, to)
		rig.countAt(from.Add(time.Hour)) // while the days of the month were open
		rig.clock.advance(to.Sub(rig.clock.Now()) + time.Hour)
		got := rig.call(rig.Commander, http.MethodGet, "/v1/coverage/report?month=2026-11", nil, "Accept", xlsx).must(200)
		if kind := got.Header.Get("Content-Type"); kind != xlsx {
			t.Fatalf("it comes as %s", kind)
		}
		if name := got.Header.Get("Content-Disposition"); !strings.Contains(name, `filename="report-2026-11.xlsx"`) ||
			!strings.Contains(name, "filename*=UTF-8''%E6%85%88") {
			t.Errorf("its name: %s", name)
		}
		file, err := excelize.OpenReader(bytes.NewReader([]byte(got.Text)))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = file.Close() }()
		rows, err := file.GetRows(file.GetSheetName(0))
		if err != nil {
			t.Fatal(err)
		}
		written := map[string]bool{}
		for _, row := range rows {
			written[strings.Join(row, "|")] = true
		}
		for _, want := range []string{
			"慈安派出所巡防工作月报", "2026年11月（11月1日至11月30日）",
			"计划到点|9|打卡|6", // of the second round one stop was still to come when the month ended
			"香林路|夜巡一队|9|2|2|3|2|2|44.4%",
			"学校后门|3|3|619:58", // from the 101st hour to the last minute
			"1|学校后门|11月5日 04:01|11月30日 23:59|619:58", "2|学校后门|11月1日 00:01|11月5日 04:00|99:59",
			"注：本月更正：2。", "4|1|2|20",
			"有效|3|50.0%", "待核|3|50.0%", "安全隐患|1|0|0|0|0|1", "完成|2|100.0%", "环岛商务中心||从未到访|—",
		} {
			if !written[want] {
				t.Errorf("no row %q", want)
			}
		}
		if t.Failed() {
			for row := range written {
				t.Log(row)
			}
		}
	})
}

func TestMonthReportForms(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		path := "/v1/coverage/report?month=" + rig.clock.Now().UTC().Format("2006-01")
		for accept, want := range map[string]string{
			"*/*": "application/pdf", xlsx: xlsx, "application/pdf;q=0.5, " + xlsx: xlsx, "application/json": "application/pdf",
			xlsx + ";q=0.1, application/*": "application/pdf", "": "application/pdf",
		} {
			got := rig.call(rig.Commander, http.MethodGet, path, nil, "Accept", accept).must(200)
			if kind := got.Header.Get("Content-Type"); kind != want {
				t.Errorf("Accept %q: %s, want %s", accept, kind, want)
			}
			if begins := map[bool]string{true: "%PDF-", false: "PK"}[want == "application/pdf"]; !strings.HasPrefix(got.Text, begins) {
				t.Errorf("Accept %q: it begins %q", accept, got.Text[:5])
			}
		}
		next := rig.clock.Now().AddDate(0, 1, 0).Format("2006-01")
		if got := rig.call(rig.Commander, http.MethodGet, "/v1/coverage/report?month="+next, nil).must(400); strings.Join(got.fields(), "") != "month in_the_future" {
			t.Errorf("next month: %s", got.Text)
		}
		last := rig.clock.Now().AddDate(0, -1, 0).Format("2006-01")
		if got := rig.call(rig.Commander, http.MethodGet, "/v1/coverage/report", nil).must(200); !strings.Contains(got.Header.Get("Content-Disposition"), last) {
			t.Errorf("without a month it is %s", got.Header.Get("Content-Disposition"))
		}
		rig.call(rig.CommanderB, http.MethodGet, path+"&station_id="+string(rig.A), nil).must(404)
		rig.call(rig.Officer, http.MethodGet, path, nil).must(403)
		allowed := 0
		for _, record := range rig.audit(rig.A, models.OpGetMonthReport) {
			if record.Outcome == models.AuditAllowed {
				allowed++
			}
		}
		if allowed != 7 {
			t.Errorf("%d readings are recorded", allowed)
		}
	})
}
