package handlers_test

import (
	"net/http"
	"net/url"
	"testing"

	"xunfang/models"
)

// A tip that a civic app brought has no reporter: it goes its way all the same, and nobody is written to, thanked or
// rewarded who is not there.
func TestCivicAppsTipHasNoReporter(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		id := rig.civicPost(url.Values{
			"api_key": {rig.civicApp()}, "service_code": {"hazard"}, "lat": {"30.52034"}, "long": {"105.60089"}, "description": {"路灯杆倾斜"},
		}).must(201).text("0.service_request_id")
		path := "/v1/tips/" + id
		if seen := rig.call(rig.Officer, http.MethodGet, path, nil).must(200); seen.text("reporting") != "civic_app" || seen.at("reporter_id") != nil || seen.at("mine") != false {
			t.Errorf("the officer sees %s", seen.Text)
		}
		if got := rig.say(rig.Officer, id, words("已派人前往")).must(409); got.code() != models.CodeNoReporter {
			t.Errorf("a message to nobody: %s", got.Text)
		}
		before := rig.rows()
		rig.advanceTip(rig.Officer, id, map[string]any{"state": "acknowledged"}).must(200)
		rig.advanceTip(rig.Officer, id, map[string]any{"state": "resolved", "note": "已扶正"}).must(200)
		reward := map[string]any{"reason": "线索有用", "shares": []map[string]any{{"tip_id": id, "amount_cents": 10_000}}}
		if got := rig.call(rig.Officer, http.MethodPost, "/v1/rewards", reward).must(422); got.fields()[0] != "shares[0].tip_id not_allowed" {
			t.Errorf("a reward for nobody: %s", got.Text)
		}
		after := rig.rows()
		for _, table := range []string{"inbox_items", "point_entries", "rewards", "tip_messages", "deliveries"} {
			if after[table] != before[table] {
				t.Errorf("%d more %s", after[table]-before[table], table)
			}
		}
	})
}
