package handlers_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"xunfang/models"
	"xunfang/store"
)

const goodReason = "发现有人撬盗自行车锁后及时呼叫并协助民警抓获嫌疑人"

// proposed is a commendation of somebody, proposed by the officer; changes may be nil.
func (r *rig) proposed(who *caller, changes map[string]any) string {
	r.t.Helper()
	body := change(map[string]any{"person_id": who.ID, "reason": goodReason}, changes)
	return r.call(r.Officer, http.MethodPost, "/v1/commendations", body).must(201).text("id")
}

func (r *rig) decidedCommendation(who *caller, id, decision string) response {
	r.t.Helper()
	return r.call(who, http.MethodPost, "/v1/commendations/"+id+"/decision", map[string]any{"decision": decision, "reason": "事迹属实"})
}

// commended is a commendation of somebody that was granted.
func (r *rig) commended(who *caller) response {
	r.t.Helper()
	return r.decidedCommendation(r.Commander, r.proposed(who, nil), "approve").must(200)
}

func (r *rig) certificate(who *caller, id, query string) response {
	r.t.Helper()
	return r.call(who, http.MethodGet, "/v1/commendations/"+id+"/certificate"+query, nil)
}

func TestACommendationGoesItsWay(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		tip := rig.helped(rig.Volunteer, nil)
		inbox := func() int { return len(rig.call(rig.Volunteer, http.MethodGet, "/v1/me/inbox", nil).must(200).items()) }
		before := inbox()
		id := rig.proposed(rig.Volunteer, map[string]any{"about": map[string]any{"kind": "tip", "id": tip}})
		list := func(who *caller) int {
			return len(rig.call(who, http.MethodGet, "/v1/commendations", nil).must(200).items())
		}
		if list(rig.Volunteer) != 0 || list(rig.Commander) != 1 || list(rig.CommanderB) != 0 || inbox() != before {
			t.Error("who is proposed hears of it before it is granted")
		}
		rig.certificate(rig.Volunteer, id, "").must(404)
		rig.certificate(rig.Officer, id, "").must(409)
		rig.advance(time.Millisecond)
		granted := rig.decidedCommendation(rig.Commander, id, "approve").must(200)
		if granted.text("state") != "granted" || !strings.HasSuffix(granted.text("number"), "表彰〔2026〕第001号") || granted.text("granted_on") != "2026-11-24" ||
			granted.text("person_name") != rig.Volunteer.Name || granted.text("about.id") != tip || granted.id("proposer_id") != rig.Officer.ID {
			t.Errorf("granted: %s", granted.Text)
		}
		rig.decidedCommendation(rig.Commander, id, "decline").must(409)
		mine := rig.call(rig.Volunteer, http.MethodGet, "/v1/commendations?mine=true", nil).must(200)
		if mine.text("items.0.id") != id || mine.at("items.0.proposer_id") != nil || mine.at("items.0.decision_reason") != nil ||
			strings.Contains(mine.Text, string(rig.Officer.ID)) {
			t.Errorf("the person sees: %s", mine.Text)
		}
		told := rig.call(rig.Volunteer, http.MethodGet, "/v1/me/inbox", nil).must(200)
		if inbox() != before+1 || told.text("items.0.kind") != "commendation" || told.text("items.0.about") != id {
			t.Errorf("the person was told: %s", told.Text)
		}
		rig.wantPoints(rig.Volunteer, "60: commendation_granted 50, tip_resolved 10")

		declined := rig.proposed(rig.Volunteer, nil)
		rig.decidedCommendation(rig.Commander, declined, "decline").must(200)
		if list(rig.Volunteer) != 1 || inbox() != before+1 {
			t.Error("who was declined hears of it")
		}
		rig.certificate(rig.Commander, declined, "").must(409)
		records := rig.audit(rig.A, models.OpDecideCommendation)
		if len(records) != 3 || records[0].Facts["decision"] != "decline" || records[2].Subjects[0] != string(rig.Volunteer.ID) {
			t.Errorf("the decisions in the audit: %+v", records)
		}
	})
}

func TestWhoProposesAndWhoDecides(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		propose := func(who *caller, body map[string]any) response {
			return rig.call(who, http.MethodPost, "/v1/commendations", body)
		}
		tip, others := rig.helped(rig.Volunteer, nil), rig.helped(rig.Resident, nil)
		about := func(kind, id string) map[string]any {
			return map[string]any{"person_id": rig.Volunteer.ID, "reason": goodReason, "about": map[string]any{"kind": kind, "id": id}}
		}
		nameless := rig.helped(rig.Volunteer, nil)
		if _, err := rig.sql.Exec("UPDATE tips SET reporter_id = '' WHERE id = ?", nameless); err != nil {
			t.Fatal(err)
		}
		before := rig.rows()
		for name, one := range map[string]struct {
			got  response
			want string
		}{
			"oneself":             {propose(rig.Officer, map[string]any{"person_id": rig.Officer.ID, "reason": goodReason}), "person_id not_allowed"},
			"another's tip":       {propose(rig.Officer, about("tip", others)), "about.id no_such"},
			"a tip without name":  {propose(rig.Officer, about("tip", nameless)), "about.id no_such"},
			"a tip as a finding":  {propose(rig.Officer, about("finding", tip)), "about.id no_such"},
			"a tip as a round":    {propose(rig.Officer, about("round", tip)), "about.id no_such"},
			"what cannot printed": {propose(rig.Officer, map[string]any{"person_id": rig.Volunteer.ID, "reason": "勇\u4e02斗"}), "reason not_allowed"},
		} {
			if one.got.Status != 422 || strings.Join(one.got.fields(), "") != one.want {
				t.Errorf("%s: %d %s", name, one.got.Status, one.got.Text)
			}
		}
		sameRows(t, before, rig.rows())

		own := propose(rig.Commander, map[string]any{"person_id": rig.Volunteer.ID, "reason": goodReason}).must(201).text("id")
		if got := rig.decidedCommendation(rig.Commander, own, "approve").must(403); got.code() != models.CodeSecondPerson {
			t.Errorf("the proposer decides: %s", got.Text)
		}
		second := rig.addPerson(models.RoleCommander, models.Place{Station: rig.A})
		of := rig.proposed(rig.Volunteer, map[string]any{"person_id": rig.Volunteer.ID})
		rig.write(func(ctx context.Context, tx *store.Store) error { // who is commended becomes the commander
			return tx.AddGrant(ctx, models.Grant{
				ID: rig.ids.next(), PersonID: rig.Volunteer.ID, Role: models.RoleCommander, Place: models.Place{Station: rig.A}, StartsAt: rig.clock.Now(),
			}, rig.clock.Now())
		})
		rig.forget(rig.Volunteer)
		if got := rig.decidedCommendation(rig.Volunteer, of, "approve").must(403); got.code() != models.CodeSecondPerson {
			t.Errorf("who is commended decides: %s", got.Text)
		}
		rig.decidedCommendation(second, own, "approve").must(200)
	})
}

// Of decisions at the same time one counts, and numbers are given once each, without a gap.
func TestNumbersAreGivenOnce(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		ids, token := []string{}, rig.token(rig.Commander)
		for range 6 {
			ids = append(ids, rig.proposed(rig.Volunteer, nil))
		}
		granted := 0
		for _, got := range atOnce(18, func(at int) response {
			return rig.callAs(token, http.MethodPost, "/v1/commendations/"+ids[at%6]+"/decision", approval)
		}) {
			if got.Status == 200 {
				granted++
			} else if got.Status != 409 {
				t.Errorf("%d %s", got.Status, got.Text)
			}
		}
		list := rig.call(rig.Commander, http.MethodGet, "/v1/commendations/yearly?year=2026", nil).must(200)
		for at := range list.items() {
			want := []string{"001", "002", "003", "004", "005", "006"}[at]
			if got := list.text("items." + string(rune('0'+at)) + ".number"); !strings.Contains(got, "第"+want+"号") {
				t.Errorf("number %d is %s", at+1, got)
			}
		}
		if told := rig.rows()["inbox_items"]; granted != 6 || len(list.items()) != 6 || told != 6 {
			t.Errorf("%d granted, %d on the list, %d told", granted, len(list.items()), told)
		}
	})
}

func TestTheCertificate(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		id := rig.commended(rig.Volunteer).text("id")
		first := rig.certificate(rig.Volunteer, id, "").must(200)
		if !strings.HasPrefix(first.Text, "%PDF-") || first.Header.Get("Content-Type") != "application/pdf" ||
			!strings.Contains(first.Header.Get("Content-Disposition"), "certificate-2026-001.pdf") {
			t.Errorf("%v %.20q", first.Header, first.Text)
		}
		rig.call(rig.Admin, http.MethodPatch, "/v1/people/"+string(rig.Volunteer.ID), map[string]any{"name": "王\u4e02"}).must(200)
		if rig.certificate(rig.Commander, id, "").must(200).Text != first.Text {
			t.Error("the certificate changes with the name, or from print to print")
		}
		if records := rig.audit(rig.A, models.OpGetCertificate); len(records) != 1 || records[0].ActorID != rig.Commander.ID {
			t.Errorf("looks in the audit: %+v", records)
		}
		rare := rig.commended(rig.Volunteer).text("id")
		got := rig.certificate(rig.Volunteer, rare, "").must(422)
		if got.code() != models.CodeNotPrintable || got.text("errors.0.want") != "without \u4e02" || got.text("errors.0.field") != "name" {
			t.Errorf("a name that cannot be printed: %s", got.Text)
		}
		if got := rig.certificate(rig.Volunteer, rare, "?blank_name=true").must(200); !strings.HasPrefix(got.Text, "%PDF-") {
			t.Error("with the name left blank there is no certificate")
		}
	})
}

func TestACertificateIsChecked(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.commended(rig.Volunteer)
		granted, err := rig.store.YearlyCommendations(context.Background(), rig.A, 2026, 0, 100)
		if err != nil || len(granted) != 1 {
			t.Fatal(granted, err)
		}
		code := models.SpacedCheckCode(granted[0].CheckCode)
		check := func(code string) response {
			return rig.call(nil, http.MethodGet, "/v1/certificate-checks/"+code, nil).must(200)
		}
		for _, typed := range []string{code, strings.ToLower(code), granted[0].CheckCode.Reveal()} {
			if got := check(typed); got.text("state") != "genuine" || got.text("masked_name") != models.MaskName(models.Secret(rig.Volunteer.Name)) ||
				got.at("year") != 2026.0 || got.text("kind") != "commendation" || got.text("station") != granted[0].StationName ||
				len(got.JSON) != 5 || strings.Contains(got.Text, rig.Volunteer.Name) || strings.Contains(got.Text, goodReason) {
				t.Errorf("%s: %s", typed, got.Text)
			}
		}
		wrong := []byte(granted[0].CheckCode.Reveal())
		wrong[0] = map[bool]byte{true: '1', false: '0'}[wrong[0] == '0']
		if got := check(string(wrong)); got.Text != `{"kind":null,"masked_name":null,"state":"unknown","station":null,"year":null}` {
			t.Errorf("a wrong code: %s", got.Text)
		}
		browser := rig.call(nil, http.MethodGet, "/v1/certificate-checks/"+code, nil, "Accept", "text/html,application/xml;q=0.9,*/*;q=0.8").must(200)
		if !strings.Contains(browser.Text, "真实有效") || !strings.HasPrefix(browser.Header.Get("Content-Type"), "text/html") || strings.Contains(browser.Text, rig.Volunteer.Name) {
			t.Errorf("a phone's browser: %s", browser.Text)
		}
		for table, column := range map[string]string{"commendations": "check_code_sealed"} {
			sealed := []byte{}
			if err := rig.sql.QueryRow("SELECT " + column + " FROM " + table).Scan(&sealed); err != nil || strings.Contains(string(sealed), granted[0].CheckCode.Reveal()) {
				t.Errorf("the code lies open in the database, %v", err)
			}
		}
	})
}

func TestTheYearlyList(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.commended(rig.Volunteer)
		list := rig.call(rig.Officer, http.MethodGet, "/v1/commendations/yearly", nil).must(200)
		if list.at("year") != 2026.0 || list.text("items.0.person_name") != rig.Volunteer.Name || list.text("items.0.reason") != goodReason {
			t.Errorf("as JSON: %s", list.Text)
		}
		const xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
		got := rig.call(rig.Commander, http.MethodGet, "/v1/commendations/yearly?year=2026", nil, "Accept", xlsx).must(200)
		file, err := excelize.OpenReader(strings.NewReader(got.Text))
		if err != nil || got.Header.Get("Content-Type") != xlsx {
			t.Fatal(err, got.Header)
		}
		defer func() { _ = file.Close() }()
		if rows, err := file.GetRows("2026"); err != nil || len(rows) < 5 || rows[4][1] != rig.Volunteer.Name {
			t.Errorf("as XLSX: %q, %v", rows, err)
		}
		for who, path := range map[*caller]string{rig.Commander: "?year=2025", rig.CommanderB: "?year=2026"} {
			if got := rig.call(who, http.MethodGet, "/v1/commendations/yearly"+path, nil).must(200); len(got.items()) != 0 {
				t.Errorf("%s sees %s", who.Name, got.Text)
			}
		}
		newYear := time.Date(2026, 12, 31, 16, 0, 0, 0, time.UTC) // in the station's time zone
		rig.advance(newYear.Sub(rig.clock.Now()) - time.Millisecond)
		last := rig.commended(rig.Resident)
		rig.advance(time.Millisecond)
		if next := rig.commended(rig.Resident); !strings.HasSuffix(last.text("number"), "〔2026〕第002号") ||
			next.text("granted_on") != "2027-01-01" || !strings.HasSuffix(next.text("number"), "〔2027〕第001号") {
			t.Errorf("about the new year: %s, %s", last.Text, next.Text)
		}
		if records := rig.audit(rig.A, models.OpYearlyCommended); len(records) != 3 || records[1].Facts["rows"] != "1" || records[1].Facts["year"] != "2026" {
			t.Errorf("readings in the audit: %+v", records)
		}
	})
}
