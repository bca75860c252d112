package handlers_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"xunfang/models"
)

// doubtful makes a check-in of somebody in compound One that is to be reviewed: GPS without a position.
func (r *rig) doubtful(who *caller) string {
	r.t.Helper()
	return r.checkIn(who, r.here(map[string]any{"position": nil})).must(200).text("items.0.id")
}

func (r *rig) propose(who *caller, checkIn string, change map[string]any) response {
	r.t.Helper()
	body := map[string]any{"id": r.ids.next(), "status": "accepted", "reason": "监控里看得见本人"}
	for field, value := range change {
		body[field] = value
	}
	return r.call(who, http.MethodPost, "/v1/check-ins/"+checkIn+"/corrections", body)
}

func (r *rig) decideOn(who *caller, correction, decision string) response {
	r.t.Helper()
	return r.call(who, http.MethodPost, "/v1/check-in-corrections/"+correction+"/decision",
		map[string]any{"decision": decision, "reason": "已核对录像"})
}

// standing is what the list says of a check-in: its verdict and what it counts as.
func (r *rig) standing(checkIn string) string {
	r.t.Helper()
	got := r.call(r.Commander, http.MethodGet, "/v1/check-ins", nil).must(200)
	for place := range got.items() {
		if got.text(fmt.Sprintf("items.%d.id", place)) == checkIn {
			return got.text(fmt.Sprintf("items.%d.status", place)) + " " + got.text(fmt.Sprintf("items.%d.effective_status", place))
		}
	}
	return "missing"
}

// keptAs is the row of a check-in, column by column.
func (r *rig) keptAs(checkIn string) string {
	r.t.Helper()
	rows, err := r.sql.Query("SELECT * FROM check_ins WHERE id = ?", checkIn)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	columns, _ := rows.Columns()
	cells, into := make([][]byte, len(columns)), make([]any, len(columns))
	for at := range cells {
		into[at] = &cells[at]
	}
	if !rows.Next() || rows.Scan(into...) != nil {
		r.t.Fatalf("%s is not there: %v", checkIn, rows.Err())
	}
	return fmt.Sprintf("%s", cells)
}

func TestACorrectionTakesTwo(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		second := rig.addPerson(models.RoleOfficer, rig.One.Place)
		checkIn := rig.doubtful(rig.Volunteer)
		before := rig.keptAs(checkIn)
		if got := rig.standing(checkIn); got != "review review" {
			t.Fatalf("at first: %s", got)
		}
		made := rig.propose(rig.Officer, checkIn, nil).must(201)
		id := made.text("id")
		if made.text("state") != "proposed" || made.at("decider_id") != nil || rig.standing(checkIn) != "review review" {
			t.Errorf("a proposal counts for nothing yet: %s, %s", made.Text, rig.standing(checkIn))
		}
		queue := rig.call(second, http.MethodGet, "/v1/check-in-corrections?state=proposed", nil).must(200)
		if len(queue.items()) != 1 || queue.text("items.0.id") != id {
			t.Errorf("the queue: %s", queue.Text)
		}
		if got := rig.decideOn(rig.Officer, id, "approve"); got.Status != 403 || got.code() != models.CodeSecondPerson {
			t.Errorf("by the proposer: %d %s", got.Status, got.Text)
		}
		decided := rig.decideOn(second, id, "approve").must(200)
		if decided.text("state") != "approved" || decided.id("decider_id") != second.ID || decided.text("decision_reason") != "已核对录像" {
			t.Errorf("decided: %s", decided.Text)
		}
		if got := rig.standing(checkIn); got != "review accepted" {
			t.Errorf("afterwards: %s", got)
		}
		if got := rig.decideOn(rig.Commander, id, "decline"); got.Status != 409 || got.code() != models.CodeWrongState {
			t.Errorf("a second decision: %d %s", got.Status, got.Text)
		}
		if after := rig.keptAs(checkIn); after != before {
			t.Errorf("the check-in changed:\n%s\n%s", before, after)
		}
		queue = rig.call(second, http.MethodGet, "/v1/check-in-corrections?state=proposed", nil).must(200)
		if len(queue.items()) != 0 {
			t.Errorf("still in the queue: %s", queue.Text)
		}
		rig.advance(time.Minute)
		last := rig.propose(second, checkIn, map[string]any{"status": "rejected"}).must(201).text("id")
		rig.decideOn(rig.Commander, last, "approve").must(200)
		if got := rig.standing(checkIn); got != "review rejected" {
			t.Errorf("the last decision counts: %s", got)
		}
		declined := rig.propose(rig.Officer, checkIn, nil).must(201).text("id")
		rig.decideOn(rig.Commander, declined, "decline").must(200)
		if got := rig.standing(checkIn); got != "review rejected" {
			t.Errorf("a declined one counts for nothing: %s", got)
		}
		if found := rig.everywhere("监控里看得见本人", "已核对录像"); found != "" {
			t.Errorf("the reasons lie open in %s", found)
		}
		if records := rig.audit(rig.A, models.OpDecideCorrection); len(records) != 5 { // three decisions, two refusals
			t.Errorf("%d entries about decisions", len(records))
		}
	})
}

func TestNobodyCorrectsTheirOwn(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		second := rig.addPerson(models.RoleOfficer, rig.One.Place)
		mine := rig.doubtful(rig.Officer)
		if got := rig.propose(rig.Officer, mine, nil); got.Status != 403 || got.code() != models.CodeOwnCheckIn {
			t.Errorf("proposed: %d %s", got.Status, got.Text)
		}
		id := rig.propose(second, mine, nil).must(201).text("id")
		if got := rig.decideOn(rig.Officer, id, "approve"); got.Status != 403 || got.code() != models.CodeOwnCheckIn {
			t.Errorf("decided: %d %s", got.Status, got.Text)
		}
		rig.propose(rig.OfficerTwo, mine, nil).must(404)
		rig.decideOn(rig.OfficerTwo, id, "approve").must(404)
		rig.propose(rig.CommanderB, mine, nil).must(404)
		rig.decideOn(rig.CommanderB, id, "approve").must(404)
		rig.propose(rig.Volunteer, mine, nil).must(403)
		if got := rig.standing(mine); got != "review review" {
			t.Errorf("after all refusals: %s", got)
		}
		rig.decideOn(rig.Commander, id, "approve").must(200)
	})
}

func TestARepeatedCorrection(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		checkIn, other := rig.doubtful(rig.Volunteer), rig.doubtful(rig.Volunteer)
		id := rig.ids.next()
		first := rig.propose(rig.Officer, checkIn, map[string]any{"id": id}).must(201)
		if again := rig.propose(rig.Officer, checkIn, map[string]any{"id": id}).must(200); again.Text != first.Text {
			t.Errorf("the repeat: %s", again.Text)
		}
		for name, got := range map[string]response{
			"another status":   rig.propose(rig.Officer, checkIn, map[string]any{"id": id, "status": "rejected"}),
			"another reason":   rig.propose(rig.Officer, checkIn, map[string]any{"id": id, "reason": "别的"}),
			"another check-in": rig.propose(rig.Officer, other, map[string]any{"id": id}),
			"somebody else's":  rig.propose(rig.Commander, checkIn, map[string]any{"id": id}),
		} {
			if got.Status != 422 || got.fields()[0] != "id not_unique" || got.at("person_id") != nil {
				t.Errorf("%s under the same id: %d %s", name, got.Status, got.Text)
			}
		}
		if count := rig.rows()["check_in_corrections"]; count != 1 {
			t.Errorf("%d rows", count)
		}
	})
}

// Many decide at the same moment: one decision wins, and it is the one that everybody reads.
func TestOneDecisionWins(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		deciders, tokens := []*caller{rig.Commander}, []string{}
		for range 7 {
			deciders = append(deciders, rig.addPerson(models.RoleOfficer, rig.One.Place))
		}
		for _, who := range deciders {
			tokens = append(tokens, rig.token(who))
		}
		for range 5 {
			checkIn := rig.doubtful(rig.Volunteer)
			id := rig.propose(rig.Officer, checkIn, nil).must(201).text("id")
			won, winner := 0, -1
			for turn, got := range atOnce(len(deciders), func(turn int) response {
				decision := []string{"approve", "decline"}[turn%2]
				return rig.callAs(tokens[turn], http.MethodPost, "/v1/check-in-corrections/"+id+"/decision",
					map[string]any{"decision": decision, "reason": "已核对"})
			}) {
				if got.Status == http.StatusOK {
					won, winner = won+1, turn
				} else if got.code() != models.CodeWrongState {
					t.Errorf("turn %d: %d %s", turn, got.Status, got.Text)
				}
			}
			want := []string{"review accepted", "review review"}[max(winner, 0)%2]
			if got := rig.standing(checkIn); won != 1 || got != want {
				t.Errorf("%d decisions won, the last by %d: %s, want %s", won, winner, got, want)
			}
			rig.advance(time.Second)
		}
	})
}
