package handlers_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

func (r *rig) revoke(who *caller, id string) response {
	r.t.Helper()
	return r.call(who, http.MethodPost, "/v1/commendations/"+id+"/revocation", map[string]any{"reason": "事迹经查不实"})
}

// checkOf is what a check says of the certificate of a commendation.
func (r *rig) checkOf(id string) response {
	r.t.Helper()
	commendation, err := r.store.Commendation(context.Background(), models.ID(id))
	if err != nil {
		r.t.Fatal(err)
	}
	return r.call(nil, http.MethodGet, "/v1/certificate-checks/"+models.SpacedCheckCode(commendation.CheckCode), nil).must(200)
}

func TestACommendationIsRevoked(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		id, other := rig.commended(rig.Volunteer).text("id"), rig.commended(rig.Volunteer).text("id")
		rig.wantPoints(rig.Volunteer, "100: commendation_granted 50, commendation_granted 50")
		told := rig.rows()["inbox_items"]
		rig.revoke(rig.CommanderB, id).must(404)
		for _, who := range []*caller{rig.Officer, rig.Volunteer, rig.Admin} {
			rig.revoke(who, id).must(403)
		}
		rig.advance(time.Millisecond)
		revoked := rig.revoke(rig.Commander, id).must(200)
		if revoked.text("state") != "revoked" || revoked.text("revocation_reason") != "事迹经查不实" || revoked.id("revoker_id") != rig.Commander.ID ||
			!strings.HasSuffix(revoked.text("number"), "第001号") || revoked.at("revoked_at") == nil {
			t.Errorf("revoked: %s", revoked.Text)
		}
		rig.revoke(rig.Commander, id).must(409)
		rig.decidedCommendation(rig.Commander, id, "approve").must(409)
		rig.wantPoints(rig.Volunteer, "50: commendation_granted -50, commendation_granted 50, commendation_granted 50")
		inbox := rig.call(rig.Volunteer, http.MethodGet, "/v1/me/inbox", nil).must(200)
		if rig.rows()["inbox_items"] != told+1 || inbox.text("items.0.kind") != "commendation_revoked" || inbox.text("items.0.about") != id ||
			!strings.Contains(inbox.text("items.0.body"), "事迹经查不实") {
			t.Errorf("the person was told: %s", inbox.Text)
		}
		if got := rig.checkOf(id); got.text("state") != "revoked" || got.at("masked_name") != nil || got.at("year") != 2026.0 {
			t.Errorf("the paper checks as %s", got.Text)
		}
		if got := rig.checkOf(other); got.text("state") != "genuine" {
			t.Errorf("the other paper checks as %s", got.Text)
		}
		rig.certificate(rig.Volunteer, id, "").must(409)
		rig.certificate(rig.Volunteer, other, "").must(200)
		mine := rig.call(rig.Volunteer, http.MethodGet, "/v1/commendations?mine=true&state=revoked", nil).must(200)
		if mine.text("items.0.id") != id || mine.text("items.0.revocation_reason") != "事迹经查不实" || strings.Contains(mine.Text, string(rig.Commander.ID)) {
			t.Errorf("the person sees: %s", mine.Text)
		}
		year := rig.call(rig.Commander, http.MethodGet, "/v1/commendations/yearly?year=2026", nil).must(200)
		if len(year.items()) != 2 || year.at("items.0.revoked") != true || year.at("items.1.revoked") != false {
			t.Errorf("the yearly list: %s", year.Text)
		}
		if next := rig.commended(rig.Resident); !strings.HasSuffix(next.text("number"), "第003号") {
			t.Errorf("the number of what was revoked is given again: %s", next.Text)
		}
		records := rig.audit(rig.A, models.OpRevokeCommendation)
		allowed := records[len(records)-1]
		for _, record := range records {
			if record.Outcome == models.AuditAllowed {
				allowed = record
			}
		}
		if allowed.ActorID != rig.Commander.ID || allowed.ObjectID != models.ID(id) || allowed.Subjects[0] != string(rig.Volunteer.ID) {
			t.Errorf("in the audit: %+v", records)
		}
		rig.revoke(rig.Commander, rig.proposed(rig.Resident, nil)).must(409) // not granted yet
	})
}

// Of many who revoke it, and of who prints it meanwhile: one outcome, the points are taken back once, and the person is told once.
func TestACommendationIsRevokedOnce(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		id := rig.commended(rig.Volunteer).text("id")
		second := rig.addPerson(models.RoleCommander, models.Place{Station: rig.A})
		tokens, told := []string{rig.token(rig.Commander), rig.token(second)}, rig.rows()["inbox_items"]
		answers := atOnce(16, func(at int) response {
			return rig.callAs(tokens[at%2], http.MethodPost, "/v1/commendations/"+id+"/revocation", map[string]any{"reason": "不实"})
		})
		if won := winners(t, answers, 200, 409); won != 1 || rig.rows()["inbox_items"] != told+1 {
			t.Errorf("%d of 16 revoked it, %d told", won, rig.rows()["inbox_items"]-told)
		}
		if got := rig.points(rig.Volunteer); got != "0: commendation_granted -50, commendation_granted 50" && got != "0: commendation_granted 50, commendation_granted -50" {
			t.Errorf("points: %s", got)
		}
	})
}

// What cannot be told or taken back leaves the commendation where it was.
func TestRevokingIsWholeOrNothing(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		id := rig.commended(rig.Volunteer).text("id")
		for _, table := range []string{"inbox_items", "point_entries"} {
			rig.breakTable(table)
			rig.revoke(rig.Commander, id).must(500)
			rig.mendTable(table)
			if got := rig.checkOf(id); got.text("state") != "genuine" {
				t.Errorf("without %s: %s", table, got.Text)
			}
		}
		rig.revoke(rig.Commander, id).must(200)
	})
}

// A repeat with the same key gets the first answer, and does nothing again.
func TestRevokingIsRepeated(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		path := "/v1/commendations/" + rig.commended(rig.Volunteer).text("id") + "/revocation"
		body := map[string]any{"reason": "不实"}
		first := rig.call(rig.Commander, http.MethodPost, path, body, "Idempotency-Key", "one-tap-of-a-thumb").must(200)
		again := rig.call(rig.Commander, http.MethodPost, path, body, "Idempotency-Key", "one-tap-of-a-thumb").must(200)
		if first.Text != again.Text {
			t.Errorf("%s\n%s", first.Text, again.Text)
		}
		rig.call(rig.Commander, http.MethodPost, path, body, "Idempotency-Key", "another-tap-of-a-thumb").must(409)
	})
}

// Who sent which tip is for its own officers: an officer of another compound reads it off no commendation.
func TestACommendationDoesNotTellWhoSentATip(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		tip := rig.helped(rig.Volunteer, nil)
		id := rig.proposed(rig.Volunteer, map[string]any{"about": map[string]any{"kind": "tip", "id": tip}})
		rig.decidedCommendation(rig.Commander, id, "approve").must(200)
		for who, sees := range map[*caller]bool{rig.Officer: true, rig.Commander: true, rig.Volunteer: true, rig.OfficerTwo: false} {
			got := rig.call(who, http.MethodGet, "/v1/commendations", nil).must(200)
			if got.text("items.0.id") != id || strings.Contains(got.Text, tip) != sees {
				t.Errorf("%s sees the tip: %t, want %t: %s", who.Name, !sees, sees, got.Text)
			}
		}
	})
}

func TestTheYearlyListInPages(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		for range 5 {
			rig.commended(rig.Volunteer)
		}
		numbers, cursor := []string{}, ""
		for range 4 {
			path := "/v1/commendations/yearly?limit=2"
			if cursor != "" {
				path += "&cursor=" + cursor
			}
			page := rig.call(rig.Commander, http.MethodGet, path, nil).must(200)
			for at := range page.items() {
				number := page.text("items." + string(rune('0'+at)) + ".number")
				numbers = append(numbers, number[len(number)-len("1号"):])
			}
			if cursor = page.text("next_cursor"); cursor == "" {
				break
			}
		}
		if got := strings.Join(numbers, " "); got != "1号 2号 3号 4号 5号" {
			t.Errorf("page by page: %s", got)
		}
		foreign := rig.call(rig.Commander, http.MethodGet, "/v1/commendations?limit=1", nil).must(200).text("next_cursor")
		rig.call(rig.Commander, http.MethodGet, "/v1/commendations/yearly?cursor="+foreign, nil).must(400)

		// A year holds so many and no more: what is on no list is granted to nobody.
		if _, err := rig.sql.Exec("UPDATE commendations SET number = 2000 WHERE number = 5"); err != nil {
			t.Fatal(err)
		}
		more := rig.proposed(rig.Volunteer, nil)
		rig.decidedCommendation(rig.Commander, more, "approve").must(422)
		rig.decidedCommendation(rig.Commander, more, "decline").must(200)
	})
}
