package handlers_test

import (
	"net/http"
	"strconv"
	"testing"
	"time"

	"xunfang/models"
)

// The canary: what somebody without a name sends is planted with words that stand nowhere else, and then everything that
// is kept, logged, counted, streamed, pushed, exported or backed up is searched for them, however they are written.
func TestNothingTellsWhoSentAnAnonymousTip(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.advance(37*time.Second + 123*time.Millisecond) // an instant that is seen where it is kept whole
		rig.onDuty(rig.A, models.SquadFoot, rig.Guard)
		rig.standsAt(rig.Guard, rig.One.At)
		if err := rig.server.LookWhere(t.Context()); err != nil {
			t.Fatal(err)
		}
		rig.phone(rig.Guard, "guards-phone", "phone-of-the-guard")
		pushed, streams := rig.pushes(), map[*caller]func() string{}
		for _, who := range []*caller{rig.Officer, rig.Commander, rig.Guard, rig.Volunteer, rig.Resident} {
			streams[who] = rig.overhear(who)
		}
		headers := []string{
			"User-Agent", "canary-agent-7f3a", "X-Forwarded-For", "203.0.113.77", "X-Request-Id", "canary-request-7f3a",
			"Accept-Language", "en", "Referer", "https://canary-referer-7f3a/",
		}
		canaries := []string{
			"canary-text-7f3a", "canary-agent-7f3a", "203.0.113.77", "canary-request-7f3a", "canary-referer-7f3a",
			"canary-push-7f3a", "30.5200234", "canary-kept-7f3a", "127.0.0.1",
		}
		tip := rig.untold(map[string]any{
			"description": "canary-text-7f3a", "category": models.CategoryCrime,
			"position": map[string]any{"lat": 30.5200234, "lng": 105.601, "crs": "WGS84"},
		})
		receipt := rig.call(nil, http.MethodPost, "/v1/anonymous-tips", tip, headers...).must(201).text("receipt")
		rig.call(nil, http.MethodPost, "/v1/anonymous-tips", change(tip, map[string]any{"description": "canary-kept-7f3a"}), headers...).must(409)
		token := rig.call(nil, http.MethodPost, "/v1/receipt-sessions", map[string]any{"receipt": receipt}, headers...).must(201).text("access_token")
		rig.callAs(token, http.MethodGet, "/v1/receipt/tip", nil, headers...).must(200)
		rig.callAs(token, http.MethodPut, "/v1/receipt/push-address",
			map[string]any{"kind": "fcm_token", "value": "canary-push-7f3a", "platform": "android"}, headers...).must(204)
		rig.callAs(token, http.MethodGet, "/v1/tips", nil, headers...).must(403)
		listed := rig.call(rig.Officer, http.MethodGet, "/v1/tips", nil).must(200)
		id := listed.text("items.0.id")
		rig.advanceTip(rig.Officer, id, map[string]any{"state": "acknowledged"}).must(200)
		rig.callAs(token, http.MethodPost, "/v1/receipt/withdrawal", nil, headers...).must(200)
		if early := rig.column("SELECT id FROM alerts WHERE kind IN ('tip', 'tip_help') AND about_id = '" + id + "'"); len(early) != 0 {
			t.Errorf("told at once, and so when it was: %v", early)
		}
		rig.minutePasses()
		canaries = append(canaries, receipt, receipt[:4]+" "+receipt[4:8], tip["proof"].(map[string]any)["challenge"].(string), token)

		control := rig.plantControl()
		kept := rig.everythingKept()
		for place, text := range rig.everythingSent(pushed, streams) {
			kept[place] = text
		}
		for place, text := range kept {
			for _, canary := range canaries {
				if place == "push to canary-push-7f3a" && canary == "canary-push-7f3a" {
					continue // where it goes
				}
				if found := findWritten(text, canary); found != "" {
					t.Errorf("%s holds %q, %s", place, canary, found)
				}
			}
		}
		rig.controlIsFound(t, kept, control)
		rig.nothingTellsWhen(t, models.ID(id))
	})
}

// nothingTellsWhen looks that of the tip, and of what its reporter did, no time is finer than a minute, and that
// nothing says who acted.
func (r *rig) nothingTellsWhen(t *testing.T, id models.ID) {
	t.Helper()
	exact := 0
	row := r.sql.QueryRow("SELECT COUNT(*) FROM tips WHERE id = ? AND (occurred_at % 60000 <> 0 OR received_at % 60000 <> 0)", string(id))
	if err := row.Scan(&exact); err != nil || exact != 0 {
		t.Errorf("the tip's times are exact: %v", err)
	}
	if id.Time().UnixMilli()%60000 != 0 {
		t.Errorf("the tip's id tells that it was made at %s", id.Time())
	}
	for _, kept := range []string{
		"tip_clocks WHERE tip_id = ? AND begun_at % 60000 <> 0", "tip_helpers WHERE tip_id = ? AND asked_at % 60000 <> 0",
		"tip_steps WHERE tip_id = ? AND state = 'closed' AND at % 60000 <> 0",
		"alerts WHERE about_id = ? AND kind IN ('tip', 'tip_help') AND created_at % 60000 <> 0",
	} {
		if err := r.sql.QueryRow("SELECT COUNT(*) FROM "+kept, string(id)).Scan(&exact); err != nil || exact != 0 {
			t.Errorf("%d %s: %v", exact, kept, err)
		}
	}
	alerts := r.column("SELECT id FROM alerts WHERE kind IN ('tip', 'tip_help') AND about_id = '" + string(id) + "'")
	if len(alerts) != 3 { // the officer of the tip and of its withdrawal, and who is near
		t.Errorf("%d alerts about it", len(alerts))
	}
	for _, alert := range alerts { // written when the next full seconds had passed, by a clock that tells nothing of the tip's
		if told := models.ID(alert).Time(); told.Sub(id.Time()) < models.UrgentTick {
			t.Errorf("the alert %s tells that its tip came at %s", alert, told)
		}
		// When a phone was told is kept exactly: it is when the alert was written, or later, and the tip's minute before that.
		for _, sent := range r.column("SELECT updated_at FROM deliveries WHERE alert_id = '" + alert + "' AND updated_at % 60000 <> 0") {
			if millis, err := strconv.ParseInt(sent, 10, 64); err != nil || time.UnixMilli(millis).Before(models.ID(alert).Time()) {
				t.Errorf("a phone was told of %s at %s: before it was written, %v", alert, sent, err)
			}
		}
	}
	for _, operation := range []models.Operation{
		models.OpCreateAnonymousTip, models.OpPutReceiptPushAddress, models.OpCreateReceiptWithdrawal, models.OpListTips,
	} {
		records := r.audit(r.A, operation)
		if len(records) == 0 {
			t.Errorf("%s is not recorded", operation)
		}
		for _, record := range records {
			if record.ActorID == r.Officer.ID {
				continue
			}
			if record.At.UnixMilli()%60000 != 0 || record.ID.Time().UnixMilli()%60000 != 0 || record.SessionID != "" ||
				record.ActorID != "" && record.ActorID != id {
				t.Errorf("%s is recorded with %+v", operation, record)
			}
		}
	}
}
