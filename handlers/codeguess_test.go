package handlers_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"xunfang/api"
	"xunfang/models"
)

// wrongCodes counts what doors remember.
func (r *rig) wrongCodes() int { return r.rows()["wrong_codes"] }

// asks says how a door refused: "", "extension", "extension 30", ...
func asks(got response) string {
	words := []string{}
	if got.text("decision") == "open" {
		words = append(words, "open")
	}
	if got.at("extension_needed") == true {
		words = append(words, "extension")
	}
	if wait, slow := got.at("retry_after_s").(float64); slow {
		words = append(words, (time.Duration(wait) * time.Second).String())
	}
	return strings.Join(words, " ")
}

func TestGuessingSlowsOneDoor(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rules, gate := models.DefaultCodeRules(), rig.One.Gate
		began := rig.clock.Now()
		made := rig.pass(rig.Resident, map[string]any{"max_uses": 9, "ends_at": at(began.Add(72 * time.Hour))})
		code, extension := made.text("code"), made.text("extension")
		step := func(what string, got response, want string) {
			t.Helper()
			if asks(got) != want {
				t.Errorf("%s: %q, want %q: %s", what, asks(got), want, got.Text)
			}
		}
		for number := range rules.Tries - 1 {
			step("a guess", rig.enter(rig.Guard, gate, guess(t, number)), "")
		}
		step("the last free guess", rig.enter(rig.Guard, gate, guess(t, rules.Tries-1)), "extension 30s")
		step("at once", rig.enterWith(rig.Guard, gate, code, extension), "extension 30s")
		step("another door", rig.enter(rig.Guard, rig.One.BuildingDoor, code), "open")
		step("a QR code", rig.enter(rig.Guard, gate, made.text("qr_payload")), "open")
		step("a made-up tag", rig.enter(rig.Guard, gate, "XF1.V."+code+"."+extension+".AAAAAAAAAAAAAAAA"), "extension 30s")
		rig.restart(rigSettings{limits: api.Limits{Off: true}})
		rig.advance(rules.Pause - time.Millisecond)
		step("a moment before the end", rig.enterWith(rig.Guard, gate, code, extension), "extension 1s")
		rig.advance(time.Millisecond)
		step("without extension", rig.enter(rig.Guard, gate, code), "extension")
		step("with part of it", rig.enterWith(rig.Guard, gate, code, extension[:3]+"x"), "extension")
		step("with its extension", rig.enterWith(rig.Guard, gate, code, extension), "open")
		wrong := extension[:3] + string('0'+(extension[3]-'0'+1)%10)
		step("with another", rig.enterWith(rig.Guard, gate, code, wrong), "extension 30s")
		rig.advance(rules.Pause)
		step("the same one again", rig.enterWith(rig.Guard, gate, code, wrong), "extension")
		if found := rig.everywhere(code, guess(t, 1)); found != "" {
			t.Errorf("codes stand in %s", found)
		}
		// One guess, the one with the extension, is still remembered a day after the first.
		rig.advance(began.Add(models.CodeWindow - time.Millisecond).Sub(rig.clock.Now()))
		step("within a day", rig.enter(rig.Guard, gate, code), "extension")
		rig.advance(time.Millisecond)
		step("after a day", rig.enter(rig.Guard, gate, code), "open")
	})
}

// Whatever comes at the same moment, no more is judged than one after the other would be.
func TestGuessesAtOnceAreCounted(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rules, token, next := models.DefaultCodeRules(), rig.token(rig.Guard), 0
		storm := func() {
			next += 64
			for _, got := range atOnce(64, func(number int) response {
				return rig.callAs(token, http.MethodPost, "/v1/doors/"+string(rig.One.Gate)+"/code-entries",
					map[string]any{"code": guess(t, next+number), "extension": "1234"})
			}) {
				got.must(200)
			}
		}
		storm()
		if got := rig.wrongCodes(); got != rules.Tries {
			t.Errorf("%d of 64 at once were judged, want %d", got, rules.Tries)
		}
		for round := range 3 {
			rig.advance(rules.Pause)
			storm()
			if got := rig.wrongCodes(); got != rules.Tries+round+1 {
				t.Errorf("after %d pauses %d were judged in all", round+1, got)
			}
		}
		rig.advance(models.WrongCodeKept + time.Hour)
		if _, err := rig.store.ForgetOld(t.Context(), rig.clock.Now()); err != nil || rig.wrongCodes() != 0 {
			t.Errorf("%d wrong codes are kept, %v", rig.wrongCodes(), err)
		}
	})
}

func TestWhatIsNoGuess(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		gate, now := rig.One.Gate, rig.clock.Now()
		revoked, used := rig.pass(rig.Resident, nil), rig.pass(rig.Resident, nil)
		rig.call(rig.Resident, http.MethodPost, "/v1/visitor-passes/"+revoked.text("id")+"/revoke", nil).must(200)
		expired := rig.pass(rig.Resident, map[string]any{"ends_at": at(now.Add(time.Second))})
		rig.advance(time.Second)
		rig.enter(rig.Guard, gate, used.text("code"))
		good := guess(t, 7)
		for range 3 {
			for _, code := range []string{revoked.text("code"), used.text("code"), expired.text("code"), good[:9], good[:9] + "x", good + "1"} {
				rig.enter(rig.Guard, gate, code)
			}
		}
		if got := rig.wrongCodes(); got != 0 {
			t.Errorf("codes that are over, and slips of the finger, count as %d guesses", got)
		}
		// A door must not tell that a code opens another, or will open: those count, once each.
		early := rig.pass(rig.Resident, map[string]any{"starts_at": at(now.Add(time.Hour))})
		other := rig.pass(rig.Resident, map[string]any{"door_ids": []models.ID{rig.One.UnitDoor}})
		for range 5 {
			rig.enter(rig.Guard, gate, early.text("code"))
			rig.enter(rig.Guard, gate, other.text("code"))
		}
		if got := rig.wrongCodes(); got != 2 {
			t.Errorf("a code too early and one of another door count as %d guesses", got)
		}
		rig.advance(time.Hour)
		if got := rig.enter(rig.Guard, gate, early.text("code")); asks(got) != "open" {
			t.Errorf("the early one in time: %s", got.Text)
		}
	})
}

func TestCrowdedDoorAsksForTheExtension(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		gate, now := rig.One.Gate, rig.clock.Now()
		first := rig.pass(rig.Resident, map[string]any{"max_uses": 9, "ends_at": at(now.Add(48 * time.Hour))})
		rig.pass(rig.Resident, nil)
		if got := rig.enter(rig.Guard, gate, first.text("code")); asks(got) != "open" {
			t.Errorf("with few codes: %s", got.Text)
		}
		before := rig.rows()
		full := rig.call(rig.Resident, http.MethodPost, "/v1/visitor-passes", passBody(rig, nil)).must(409)
		if full.code() != models.CodeTooManyCodes {
			t.Errorf("one host's third: %s", full.Text)
		}
		sameRows(t, before, rig.rows())
		later := at(now.Add(20 * 24 * time.Hour))
		rig.pass(rig.Resident, map[string]any{"starts_at": later, "ends_at": at(now.Add(21 * 24 * time.Hour))})
		if got := rig.enter(rig.Guard, gate, first.text("code")); asks(got) != "open" {
			t.Errorf("one at another time crowds the door: %s", got.Text)
		}
		rig.pass(rig.Neighbour, nil)
		for _, step := range []struct{ code, extension, want string }{
			{first.text("code"), "", "extension"},
			{guess(t, 1), "", "extension"},
			{first.text("code"), first.text("extension"), "open"},
			{guess(t, 1), "1234", "extension"}, // and no pause yet
			{first.text("qr_payload"), "", "open"},
		} {
			if got := rig.enterWith(rig.Guard, gate, step.code, step.extension); asks(got) != step.want {
				t.Errorf("with many codes %s + %q: %s, want %q", step.code, step.extension, got.Text, step.want)
			}
		}
		rig.advance(12 * time.Hour) // the pass that made it many is over
		if got := rig.enter(rig.Guard, gate, first.text("code")); asks(got) != "open" {
			t.Errorf("with few codes again: %s", got.Text)
		}
	}, func(settings *rigSettings) {
		settings.codes = models.DefaultCodeRules()
		settings.codes.Few, settings.codes.Most = 2, 40 // 2 of one host
	})
}
