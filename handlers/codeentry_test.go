package handlers_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"xunfang/auth"
	"xunfang/models"
)

// wins enters one code many times at once at one door and counts who got in.
func (r *rig) wins(times int, code string) int {
	r.t.Helper()
	token, count := r.token(r.Guard), 0
	for _, got := range atOnce(times, func(int) response {
		return r.callAs(token, http.MethodPost, "/v1/doors/"+string(r.One.Gate)+"/code-entries", map[string]any{"code": code})
	}) {
		switch got.must(200).text("decision") {
		case "open":
			count++
		case "deny":
		default:
			r.t.Errorf("decision %s", got.Text)
		}
	}
	return count
}

func TestOneOfManyEntriesWins(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		passed := 0
		for _, uses := range []int{1, 3, 20} {
			made := rig.pass(rig.Resident, map[string]any{"max_uses": uses})
			if won := rig.wins(64, made.text("code")); won != uses {
				t.Errorf("a pass for %d let %d of 64 in", uses, won)
			}
			passed += uses
			granted := rig.call(rig.Guard, http.MethodGet, "/v1/access-events?outcome=granted&limit=100", nil).must(200)
			if count := len(granted.items()); count != passed {
				t.Errorf("%d passages are recorded, want %d", count, passed)
			}
		}
	})
}

// The same counting must notice the fault it is there for: look first, count after.
func TestTheCountingNoticesReadThenWrite(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		made := rig.pass(rig.Resident, nil)
		looked := make(chan struct{}, 64)
		wins := 0
		for _, in := range atOnce(64, func(int) bool {
			uses := 0
			if err := rig.sql.QueryRow("SELECT uses FROM visitor_passes WHERE id = ?", made.text("id")).Scan(&uses); err != nil {
				t.Error(err)
			}
			looked <- struct{}{}
			for deadline := time.Now().Add(5 * time.Second); len(looked) < 8 && time.Now().Before(deadline); {
				time.Sleep(time.Millisecond)
			}
			if uses >= 1 {
				return false
			}
			_, err := rig.sql.Exec("UPDATE visitor_passes SET uses = ? WHERE id = ?", uses+1, made.text("id"))
			return err == nil
		}) {
			if in {
				wins++
			}
		}
		if wins < 2 {
			t.Errorf("read-then-write let %d in: the test above would not notice it", wins)
		}
	})
}

func TestEveryRefusalLooksAlike(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		gate, now := rig.One.Gate, rig.clock.Now()
		revoked, used := rig.pass(rig.Resident, nil), rig.pass(rig.Resident, nil)
		rig.call(rig.Resident, http.MethodPost, "/v1/visitor-passes/"+revoked.text("id")+"/revoke", nil).must(200)
		rig.enter(rig.Guard, gate, used.text("code"))
		codes := map[string]string{
			"unknown": wellFormed(t), "revoked": revoked.text("code"), "used": used.text("code"),
			"early": rig.pass(rig.Resident, map[string]any{
				"starts_at": at(now.Add(20 * 24 * time.Hour)), "ends_at": at(now.Add(21 * 24 * time.Hour)),
			}).text("code"),
			"expired":        rig.pass(rig.Resident, map[string]any{"ends_at": at(now.Add(time.Millisecond))}).text("code"),
			"wrong door":     rig.pass(rig.Resident, map[string]any{"door_ids": []models.ID{rig.One.UnitDoor}}).text("code"),
			"other compound": rig.pass(rig.Stranger, nil).text("code"),
		}
		took, texts := map[string][]time.Duration{}, map[string]bool{}
		for range 15 {
			rig.advance(time.Minute)
			for name, code := range codes {
				began := time.Now()
				got := rig.enter(rig.Guard, gate, code)
				took[name] = append(took[name], time.Since(began))
				texts[got.Text] = true
				if got.Text != `{"decision":"deny"}` {
					t.Fatalf("%s: %s", name, got.Text)
				}
			}
		}
		if len(texts) != 1 {
			t.Errorf("the refusals differ: %v", texts)
		}
		alike(t, took)
		denied := rig.call(rig.Guard, http.MethodGet, "/v1/access-events?outcome=denied&limit=7", nil).must(200)
		for _, item := range denied.items() {
			if event, _ := item.(map[string]any); event["pass_id"] != nil {
				t.Errorf("a refusal names its pass: %v", event)
			}
		}
	}, func(settings *rigSettings) { // nobody is slowed down here
		settings.codes = models.DefaultCodeRules()
		settings.codes.Tries, settings.codes.Few = 20, 20
	})
}

// wellFormed is a code with a right check digit that nobody was given.
func wellFormed(t *testing.T) string { return guess(t, 123456789) }

// guess gives a drawn number its check digit.
func guess(t *testing.T, number int) string {
	t.Helper()
	for last := range 10 {
		if code := fmt.Sprintf("%09d%d", number, last); auth.CodeWellFormed(code) {
			return code
		}
	}
	t.Fatal("no check digit fits")
	return ""
}

func TestWhoEntersCodesWhere(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		code := rig.pass(rig.Resident, map[string]any{"max_uses": 9}).text("code")
		enter := func(who *caller, door models.ID) response {
			return rig.call(who, http.MethodPost, "/v1/doors/"+string(door)+"/code-entries", map[string]any{"code": code})
		}
		one := rig.One
		enter(one.UnitDevice, one.UnitDoor).must(200)
		enter(one.GateDevice, one.BuildingDoor).must(200)
		enter(one.UnitDevice, one.Gate).must(404) // not its own
		enter(rig.Two.GateDevice, one.Gate).must(404)
		enter(rig.Guard, one.UnitDoor).must(200)
		enter(rig.GuardTwo, one.Gate).must(404)
		enter(rig.GuardB, one.Gate).must(404)
		enter(rig.Guard, rig.ids.next()).must(404)
		enter(rig.Resident, one.Gate).must(403)
		typed := code[:3] + " " + code[3:6] + "-" + code[6:]
		if got := rig.enter(rig.Guard, one.Gate, typed); got.text("decision") != "open" {
			t.Errorf("with spaces and hyphens: %s", got.Text)
		}
		if got := rig.enter(rig.Guard, one.Gate, "XF1.V."+code); got.text("decision") != "open" {
			t.Errorf("the QR payload: %s", got.Text)
		}
	})
}
