package handlers_test

import (
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"xunfang/api"
	"xunfang/models"
)

// An id with a time in it would tell when the phone was held: of what somebody hides the server takes random ones only.
func TestWhoHidesSendsNoIDWithATime(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		send := func(id models.ID, hide bool) response {
			return rig.call(rig.Volunteer, http.MethodPost, "/v1/tips", rig.seen(map[string]any{"id": id, "hide_me": hide}))
		}
		before := rig.rows()["tips"]
		for _, id := range []models.ID{rig.ids.next(), models.CoarseID(rig.ids.next(), rig.clock.Now())} {
			if got := send(id, true); got.Status != 422 || strings.Join(got.fields(), "") != "id not_allowed" {
				t.Errorf("%s: %d %s", id, got.Status, got.Text)
			}
		}
		if rows := rig.rows()["tips"]; rows != before {
			t.Errorf("%d tips were written", rows-before)
		}
		send(rig.ids.next(), false).must(201)
		hidden := rig.untimedID()
		send(hidden, true).must(201)
		send(hidden, true).must(200)
		say := func(id models.ID) response {
			return rig.say(rig.Volunteer, string(hidden), map[string]any{"id": id, "text": "往北门走了"})
		}
		if got := say(rig.ids.next()); got.Status != 422 || strings.Join(got.fields(), "") != "id not_allowed" {
			t.Errorf("a message: %d %s", got.Status, got.Text)
		}
		message := rig.untimedID()
		say(message).must(201)
		say(message).must(200)
		rig.say(rig.Officer, string(hidden), map[string]any{"id": rig.ids.next(), "text": "请补充"}).must(201)
	})
}

// What the gate refuses of an operation by which somebody hides stands in no line, for that would name who is about to.
func TestTheGateForgetsWhoIsAboutToHide(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.token(rig.Volunteer)
		send := func(method, path string, body any, headers ...string) response {
			return rig.call(rig.Volunteer, method, path, body, headers...)
		}
		send(http.MethodPost, "/v1/tips", rig.seen(map[string]any{"hide_me": true, "category": 7})).must(400)
		send(http.MethodPost, "/v1/tips", rig.seen(map[string]any{"hide_me": true, "description": " "})).must(400)
		send(http.MethodPost, "/v1/tips", rig.seen(map[string]any{"hide_me": true, "description": strings.Repeat("甲", 30_000)})).must(413)
		send(http.MethodPost, "/v1/uploads?hide_me=true", nil, "Tus-Resumable", "1.0.0", "Upload-Length", "many").must(400)
		send(http.MethodPut, "/v1/me/hidden-push-address", map[string]any{"kind": "pigeon"}).must(400)
		if text := rig.logs.all(); strings.Contains(text, string(rig.Volunteer.ID)) {
			t.Errorf("logged: %s", text)
		}
		send(http.MethodGet, "/v1/tips?limit=none", nil).must(400)
		if text := rig.logs.all(); !strings.Contains(text, string(rig.Volunteer.ID)) {
			t.Error("control: what has nothing to hide is not logged either")
		}
	})
}

// Police propose, approve and pay no money for what they reported hidden. They are told so, and nobody else is: a record of it
// would say that one of a few is the reporter.
func TestPoliceGiveNoMoneyForWhatTheyHid(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		resolved := func(who *caller) string {
			id := rig.tip(who, map[string]any{"hide_me": true}).must(201).text("id")
			rig.advanceTip(rig.Officer, id, map[string]any{"state": "investigating"}).must(200)
			rig.advanceTip(rig.Officer, id, map[string]any{"state": "resolved"}).must(200)
			return id
		}
		refused := func(what string, do func() response) {
			t.Helper()
			records, logged := len(rig.audit(rig.A, "")), rig.logs.all()
			if got := do(); got.Status != 403 || got.code() != models.CodeSecondPerson {
				t.Errorf("%s: %d %s", what, got.Status, got.Text)
			}
			if now := rig.audit(rig.A, ""); len(now) != records || rig.logs.all() != logged {
				t.Errorf("%s is recorded, or logged", what)
			}
		}
		officers, commanders := resolved(rig.Officer), resolved(rig.Commander)
		named := rig.helped(rig.Volunteer, nil)
		refused("proposing", func() response { return rig.proposeRewards(rig.Officer, share(named, 100), share(officers, 100)) })
		copied := rig.tip(rig.Officer, map[string]any{"hide_me": true}).must(201).text("id")
		other := rig.tip(rig.Volunteer, nil).must(201).text("id")
		rig.call(rig.Commander, http.MethodPost, "/v1/tips/"+copied+"/merges", map[string]any{"into_id": other}).must(200)
		rig.advanceTip(rig.Officer, other, map[string]any{"state": "investigating"}).must(200)
		rig.advanceTip(rig.Officer, other, map[string]any{"state": "resolved"}).must(200)
		refused("dividing", func() response {
			return rig.call(rig.Officer, http.MethodPost, "/v1/rewards", map[string]any{
				"reason": "线索属实", "merge": map[string]any{"tip_id": other, "amount_cents": 100, "divide": "even"},
			})
		})
		theirs := rig.proposeRewards(rig.Officer, share(commanders, 100)).must(201).text("items.0.id")
		refused("approving", func() response { return rig.rewardStep(rig.Commander, theirs, "decision", approval) })
		mine := rig.proposeRewards(rig.Commander, share(officers, 100)).must(201).text("items.0.id")
		second := rig.addPerson(models.RoleCommander, models.Place{Station: rig.A})
		rig.rewardStep(second, mine, "decision", approval).must(200)
		code := rig.rewardStep(rig.Officer, mine, "claim-code", nil).must(201).text("claim_code")
		rig.claim(rig.Officer, code).must(201)
		refused("paying", func() response {
			return rig.rewardStep(rig.Officer, mine, "payment", map[string]any{"voucher": "2026-0017"})
		})
		rig.rewardStep(rig.Commander, mine, "payment", map[string]any{"voucher": "2026-0017"}).must(200)
	})
}

// Of what somebody sends, the hash that tells a repeat is of no use to whoever has the database and guesses what it was.
func TestHashesOfWhatWasSentCannotBeGuessed(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		guessed := func(body any, as any) string {
			text, err := json.Marshal(body)
			if err == nil {
				err = json.Unmarshal(text, as)
			}
			if err == nil {
				text, err = json.Marshal(as)
			}
			if err != nil {
				t.Fatal(err)
			}
			sum := sha256.Sum256(text)
			return string(sum[:])
		}
		hashes := map[string]string{}
		for name, hide := range map[string]bool{"a hidden tip": true, "a tip": false} {
			tip := rig.seen(map[string]any{"hide_me": hide})
			rig.call(rig.Volunteer, http.MethodPost, "/v1/tips", tip).must(201)
			rig.call(rig.Volunteer, http.MethodPost, "/v1/tips", tip).must(200)
			rig.call(rig.Volunteer, http.MethodPost, "/v1/tips", change(tip, map[string]any{"description": "另一件事"})).must(409)
			hashes[name] = guessed(tip, &api.TipCreate{})
		}
		repair := map[string]any{"id": rig.ids.next(), "category": "lamp", "home_id": rig.One.Home.Home}
		rig.call(rig.Resident, http.MethodPost, "/v1/repairs", repair).must(201)
		rig.call(rig.Resident, http.MethodPost, "/v1/repairs", repair).must(200)
		hashes["a repair"] = guessed(repair, &api.RepairCreate{})
		id := rig.tip(rig.Volunteer, map[string]any{"hide_me": true}).must(201).text("id")
		rig.advanceTip(rig.Officer, id, map[string]any{"state": "closed", "reason": "not_ours"}).must(200)
		reason := map[string]any{"reason": "又发生了"}
		text, err := json.Marshal(reason)
		if err != nil {
			t.Fatal(err)
		}
		path := "/v1/tips/" + id + "/reopening"
		rig.call(rig.Volunteer, http.MethodPost, path, reason, "Idempotency-Key", "reopened-by-who-hides").must(200)
		sum := sha256.Sum256([]byte("POST " + path + "\n" + string(text)))
		hashes["a reopening"] = string(sum[:])
		for _, table := range []string{"tips", "repairs", "idempotency_keys"} {
			for name, hash := range hashes {
				if strings.Contains(rig.dump(table), hash) {
					t.Errorf("%s holds the plain hash of %s", table, name)
				}
			}
		}
	})
}

// A reward for what somebody hid ends as any other does: they are warned, in the inbox that is theirs alone.
func TestAHiddenReporterIsToldThatARewardLapses(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		id := rig.rewarded(rig.tip(rig.Volunteer, map[string]any{"hide_me": true}).must(201).text("id"))
		longest := 0
		row := rig.sql.QueryRow("SELECT MAX(expires_at - created_at) FROM alerts")
		if err := row.Scan(&longest); err != nil || time.Duration(longest)*time.Millisecond > 7*24*time.Hour {
			t.Errorf("an alert lives for %v, %v", time.Duration(longest)*time.Millisecond, err)
		}
		rig.advance(models.RewardClaimTime - models.RewardWarning)
		rig.lapseRewards()
		rig.advance(models.RewardWarning)
		rig.lapseRewards()
		if rig.toldOf(rig.Volunteer, "reward_ending", id) != 1 || rig.toldOf(rig.Volunteer, "reward_lapsed", id) != 1 {
			t.Error("who hid was not told")
		}
		if rig.toldOf(rig.Officer, "reward_ending", id) != 1 || rig.toldOf(rig.Resident, "reward_ending", id) != 0 {
			t.Error("the others were told wrongly")
		}
	})
}
