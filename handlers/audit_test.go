package handlers_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/store"
)

// Every decision, refusals too, and every read of others' data leaves a row that says who, as what, what,
// on what, and how it went.
func TestEveryDecisionLeavesARow(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		one := rig.One
		pass := rig.pass(rig.Resident, nil)
		tip := rig.tip(rig.Volunteer, nil).must(201).id("id")
		rig.enter(rig.Guard, one.Gate, pass.text("code"))
		rig.enter(rig.Guard, one.Gate, pass.text("code"))
		rig.checkIn(rig.Auxiliary, rig.here(nil)).must(200)
		rig.open(rig.Stranger, one.Gate, nil).must(404)
		rig.call(rig.Officer, http.MethodGet, "/v1/tips/"+string(tip), nil).must(200)
		rig.call(rig.Volunteer, http.MethodGet, "/v1/people", nil).must(403)
		rig.call(rig.Admin, http.MethodGet, "/v1/people/"+string(rig.Guard.ID), nil).must(200)
		rig.call(rig.Property, http.MethodGet, "/v1/visitor-passes/"+pass.text("id"), nil).must(200)
		rig.call(rig.Commander, http.MethodGet, "/v1/check-ins", nil).must(200)
		rig.password(rig.Committee.Account, "wrong").must(401)
		rig.password(rig.Committee.Account, testPassword).must(200)

		records := rig.audit(rig.A, "")
		row := func(name string, want models.AuditRecord, facts ...string) {
			t.Helper()
			if !slices.ContainsFunc(records, func(have models.AuditRecord) bool {
				return have.ActorID == want.ActorID && have.ActorRole == want.ActorRole && have.Operation == want.Operation &&
					have.ObjectKind == want.ObjectKind && (want.ObjectID == "" || have.ObjectID == want.ObjectID) &&
					have.Outcome == want.Outcome && have.Code == want.Code && have.At.Equal(rig.clock.Now()) &&
					(len(facts) == 0 || have.Facts[facts[0]] == facts[1])
			}) {
				t.Errorf("%s: no row %+v", name, want.AuditEntry)
			}
		}
		entry := func(who *caller, operation models.Operation, kind string, id models.ID, code models.Code) models.AuditRecord {
			outcome := models.AuditAllowed
			if code != "" {
				outcome = models.AuditRefused
			}
			return models.AuditRecord{AuditEntry: models.AuditEntry{
				ActorID: who.ID, ActorRole: who.Role, Operation: operation, ObjectKind: kind, ObjectID: id, Outcome: outcome, Code: code,
			}}
		}
		row("pass", entry(rig.Resident, models.OpCreateVisitorPass, "visitor_pass", pass.id("id"), ""))
		row("tip", entry(rig.Volunteer, models.OpCreateTip, "tip", tip, ""))
		row("entry", entry(rig.Guard, models.OpCreateCodeEntry, "door", one.Gate, ""), "decision", "open")
		row("refused entry", entry(rig.Guard, models.OpCreateCodeEntry, "door", one.Gate, ""), "decision", "deny")
		row("check-in", entry(rig.Auxiliary, models.OpCreateCheckIns, "check_in", "", ""))
		row("foreign door", entry(rig.Stranger, models.OpOpenDoor, "door", one.Gate, models.CodeNotFound))
		row("tip read", entry(rig.Officer, models.OpGetTip, "tip", tip, ""))
		row("gate refusal", entry(rig.Volunteer, models.OpListPeople, "", "", models.CodeForbidden))
		row("person read", entry(rig.Admin, models.OpGetPerson, "person", rig.Guard.ID, ""))
		row("pass read", entry(rig.Property, models.OpGetVisitorPass, "visitor_pass", pass.id("id"), ""))
		row("check-ins read", entry(rig.Commander, models.OpListCheckIns, "check_in", "", ""))
		signedIn := entry(rig.Committee, "createToken", "session", "", "")
		signedIn.ActorRole = ""
		row("sign-in", signedIn)

		// Names and numbers are in it as salted hashes only.
		texts := []string{pass.text("code"), "王师傅", "川J12345", rig.Committee.Account}
		for _, who := range []*caller{rig.Resident, rig.Guard, rig.Committee, rig.Volunteer} {
			texts = append(texts, who.Name, who.Phone)
		}
		for _, table := range []string{"audit_entries", "audit_reasons", "audit_chain", "audit_heads"} {
			if found := rig.inTable(table, texts...); found != "" {
				t.Errorf("plain personal data in %s", found)
			}
		}
		if found := rig.inTable("audit_entries", rig.keys.AuditHash("name", "王师傅")); found == "" {
			t.Error("the visitor's name is not in the audit as a salted hash")
		}
	})
}

// The audit is in the transaction of its effect: where it cannot be written, nothing happens.
func TestWithoutAuditNothingHappens(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		pass := rig.pass(rig.Resident, map[string]any{"max_uses": 5})
		tip := rig.tip(rig.Volunteer, nil).must(201).text("id")
		for _, who := range []*caller{rig.Resident, rig.Volunteer, rig.Officer, rig.Guard, rig.Commander, rig.Admin} {
			rig.token(who)
		}
		before, woken := rig.rows(), rig.woken.value() // the officer was told of the tip
		rig.breakTable("audit_entries")
		for _, try := range []struct {
			who          *caller
			method, path string
			body         any
		}{
			{rig.Resident, http.MethodPost, "/v1/visitor-passes", passBody(rig, nil)},
			{rig.Guard, http.MethodPost, "/v1/doors/" + string(rig.One.Gate) + "/code-entries", map[string]any{"code": pass.text("code")}},
			{rig.Resident, http.MethodPost, "/v1/doors/" + string(rig.One.Gate) + "/open", nil},
			{rig.Volunteer, http.MethodPost, "/v1/check-ins", map[string]any{"items": []any{rig.here(nil)}}},
			{rig.Volunteer, http.MethodPost, "/v1/tips", rig.seen(nil)},
			{rig.Officer, http.MethodPost, "/v1/tips/" + tip + "/transitions", map[string]any{"state": "acknowledged"}},
			{rig.Officer, http.MethodPost, "/v1/alerts", alertTo("compound", rig.One.ID(), "volunteer")},
			{rig.Admin, http.MethodPost, "/v1/people", map[string]any{"name": "某人"}},
			{rig.Officer, http.MethodGet, "/v1/tips/" + tip, nil}, // a look that cannot be recorded is not had
			{rig.Commander, http.MethodGet, "/v1/people", nil},
		} {
			if got := rig.call(try.who, try.method, try.path, try.body); got.Status != 500 || strings.Contains(got.Text, "broken") {
				t.Errorf("%s %s: %d %s", try.method, try.path, got.Status, got.Text)
			}
		}
		sameRows(t, before, rig.rows())
		if len(rig.doors.commands()) != 0 || rig.woken.value() != woken {
			t.Error("something left the house that was not written")
		}
		rig.mendTable("audit_entries")
		if got := rig.enter(rig.Guard, rig.One.Gate, pass.text("code")); got.text("decision") != "open" {
			t.Errorf("afterwards: %s", got.Text)
		}
	})
}

func TestChainVerifies(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		ctx := context.Background()
		rig.pass(rig.Resident, nil)
		rig.open(rig.Officer, rig.One.Gate, map[string]any{"reason": "查看"}).must(202)
		rig.tip(rig.Outsider, nil).must(201)
		sealer := store.NewSealer(rig.store, "test", rig.clock.Now)
		for sealed := 1; sealed > 0; {
			var err error
			if sealed, err = sealer.SealOnce(ctx); err != nil {
				t.Fatal(err)
			}
		}
		report, err := rig.store.VerifyAudit(ctx, rig.clock.Now())
		if err != nil || !report.OK() || len(report.Stations) < 2 {
			t.Errorf("%v\n%s", err, report)
		}
		if _, err := rig.sql.Exec("UPDATE audit_entries SET outcome = 'refused' WHERE operation = 'openDoor'"); err != nil {
			t.Fatal(err)
		}
		if report, err = rig.store.VerifyAudit(ctx, rig.clock.Now()); err != nil || report.OK() {
			t.Errorf("an altered row is not found: %v\n%s", err, report)
		}
	})
}

func TestWhoReadsTheAudit(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.open(rig.Officer, rig.One.Gate, map[string]any{"reason": "接报查看"}).must(202)
		rig.open(rig.Resident, rig.One.OtherUnitDoor, nil).must(404)
		rig.tip(rig.Outsider, nil).must(201)
		path := "/v1/audit-entries"
		for _, who := range []*caller{rig.Admin, rig.Officer, rig.Resident} {
			rig.call(who, http.MethodGet, path, nil).must(403)
		}
		got := rig.call(rig.Commander, http.MethodGet, path+"?operation=openDoor", nil).must(200)
		if len(got.items()) != 2 || got.text("items.0.code") != "not_found" || got.text("items.1.reason") != "接报查看" ||
			got.text("items.1.actor_id") != string(rig.Officer.ID) || got.text("items.1.actor_role") != "officer" {
			t.Errorf("the audit: %s", got.Text)
		}
		if all := rig.call(rig.Commander, http.MethodGet, path+"?limit=100", nil).must(200); strings.Contains(all.Text, string(rig.Outsider.ID)) {
			t.Errorf("another station's audit shows: %s", all.Text)
		}
		mine := rig.call(rig.Commander, http.MethodGet, path+"?actor_id="+string(rig.Commander.ID), nil).must(200)
		if len(mine.items()) != 3 || mine.text("items.0.operation") != "listAuditEntries" {
			t.Errorf("reading the audit is recorded as %s", mine.Text)
		}
		rig.advance(time.Hour)
		if none := rig.call(rig.Commander, http.MethodGet, path+"?from="+at(rig.clock.Now().Add(time.Second)), nil).must(200); len(none.items()) != 0 {
			t.Errorf("later than everything: %s", none.Text)
		}
	})
}
