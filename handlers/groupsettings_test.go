package handlers_test

import (
	"net/http"
	"testing"
	"time"

	"xunfang/models"
)

// putKeep sets how long messages of groups are kept.
func (r *rig) putKeep(who *caller, version, days int) response {
	r.t.Helper()
	return r.call(who, http.MethodPut, "/v1/group-settings", map[string]any{"version": version, "keep_days": days})
}

// A shorter period deletes nothing for a week, then what is older, with all of its own; another station's stays.
func TestAStationSetsHowLongGroupsAreKept(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		if got := rig.call(rig.Property, http.MethodGet, "/v1/group-settings", nil).must(200); got.at("keep_days") != 731.0 ||
			got.at("version") != 0.0 || got.at("updated_at") != nil {
			t.Errorf("at first %s", got.Text)
		}
		for days, want := range map[int]string{89: "keep_days too_small", 3654: "keep_days too_large"} {
			if got := rig.putKeep(rig.Commander, 0, days).must(400); len(got.fields()) != 1 || got.fields()[0] != want {
				t.Errorf("%d days: %s", days, got.Text)
			}
		}
		rig.tellGroup(rig.Property, rig.One, words("旧的")).must(201)
		if got := rig.call(rig.CommanderB, http.MethodGet, "/v1/group-settings", nil).must(200); got.at("version") != 0.0 {
			t.Errorf("another station has %s", got.Text)
		}
		rig.advance(100 * 24 * time.Hour)
		rig.tellGroup(rig.Property, rig.One, words("新的")).must(201)
		answers := atOnce(2, func(int) response { return rig.putKeep(rig.Commander, 0, 90) })
		if answers[0].Status+answers[1].Status != 200+409 {
			t.Errorf("two at once: %s %s", answers[0].Text, answers[1].Text)
		}
		got := rig.call(rig.Committee, http.MethodGet, "/v1/group-settings", nil).must(200)
		if got.text("applies_at") != instant(rig.clock.Now().Add(models.GroupKeepNotice)) || got.at("before_days") != 731.0 ||
			got.at("keep_days") != 90.0 || got.at("version") != 1.0 {
			t.Errorf("set: %s", got.Text)
		}
		for _, step := range []struct {
			after time.Duration
			want  int
		}{{models.GroupKeepNotice - time.Millisecond, 2}, {time.Millisecond, 1}} {
			rig.advance(step.after)
			if err := rig.server.ForgetGroupMessages(t.Context()); err != nil {
				t.Fatal(err)
			}
			if left := rig.rows()["group_messages"]; left != step.want {
				t.Errorf("%d messages are left, want %d", left, step.want)
			}
		}
		if got := rig.call(rig.Committee, http.MethodGet, "/v1/group-settings", nil).must(200); got.at("applies_at") != nil {
			t.Errorf("a week later: %s", got.Text)
		}
		done := rig.audit(rig.A, models.OpPutGroupSettings)
		if len(done) != 2 || done[0].Facts["keep_days"] != "90" {
			t.Errorf("%d decisions are recorded: %v", len(done), done)
		}
	})
}
