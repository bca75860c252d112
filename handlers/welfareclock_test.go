package handlers_test

import (
	"net/http"
	"testing"
	"time"

	"xunfang/models"
)

// Whoever answers is well, whatever their phone's clock says; an answer that lay on the phone counts from when it was given.
func TestWelfareAnswersWhateverTheClock(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		for _, c := range []struct {
			name   string
			off    time.Duration
			kept   time.Duration
			clock  bool
			counts time.Duration // before it arrives; -1 when it does not
		}{
			{"a day behind", -24 * time.Hour, 0, false, 0},
			{"a day behind, all clocks", -24 * time.Hour, 0, true, 0},
			{"a day ahead", 24 * time.Hour, 0, false, 0},
			{"a day ahead, all clocks", 24 * time.Hour, 0, true, 0},
			{"a day ahead, kept, all clocks", 24 * time.Hour, 10 * time.Minute, true, 10 * time.Minute},
			{"a day behind, kept, all clocks", -24 * time.Hour, 10 * time.Minute, true, 10 * time.Minute},
			{"right, kept", 0, 10 * time.Minute, false, 10 * time.Minute},
			{"a day behind, kept too long, all clocks", -24 * time.Hour, 31 * time.Minute, true, -1},
		} {
			id := rig.call(rig.Guard, http.MethodPost, "/v1/me/welfare-timers", rig.timer(nil)).must(201).text("id")
			rig.advance(32 * time.Minute)
			rig.watch(rig.server)
			now := rig.clock.Now()
			body := map[string]any{"at": instant(now.Add(c.off - c.kept))}
			if c.clock {
				body["boot_id"], body["monotonic_ms"] = "b", (time.Hour - c.kept).Milliseconds()
				body["clock"] = map[string]any{"boot_id": "b", "monotonic_ms": time.Hour.Milliseconds(), "wall_at": instant(now.Add(c.off))}
			}
			got := rig.call(rig.Guard, http.MethodPost, "/v1/me/welfare-timers/"+id+"/answers", body).must(200)
			if c.counts >= 0 && (got.text("state") != "green" || got.text("answered_at") != at(now.Add(-c.counts))) {
				t.Errorf("%s: %s", c.name, got.Text)
			}
			if c.counts < 0 && got.text("state") != "warning" {
				t.Errorf("%s: %s", c.name, got.Text)
			}
			rig.advance(5 * time.Minute)
			rig.watch(rig.server)
			if called := rig.rows()["sos"]; (called == 1) != (c.counts < 0) {
				t.Errorf("%s: help was called %d times", c.name, called)
			}
			rig.call(rig.Guard, http.MethodDelete, "/v1/me/welfare-timers/"+id, nil).must(204)
		}
		records := rig.audit(rig.A, models.OpAnswerWelfareTimer)
		if len(records) != 8 || records[len(records)-1].Facts["phone_at"] == "" {
			t.Errorf("audit: %+v", records)
		}
	})
}
