package handlers_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

// What somebody who hides does with their tip later joins them with it no more than sending it did: neither the audit nor the
// log says who withdrew or reopened it, a repeat included, and no key kept for a repeat says who did it in that minute.
func TestWhoHidesLeavesNoTraceLater(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.advance(37*time.Second + 123*time.Millisecond)
		id := rig.tip(rig.Volunteer, map[string]any{"hide_me": true}).must(201).text("id")
		rig.advanceTip(rig.Officer, id, map[string]any{"state": "acknowledged"}).must(200)
		rig.advanceTip(rig.Officer, id, map[string]any{"state": "investigating"}).must(200)
		rig.advanceTip(rig.Officer, id, map[string]any{"state": "resolved", "note": "已处理"}).must(200)
		answers := map[string]string{}
		for _, step := range []struct {
			path, key string
			body      any
			want      int
		}{
			{"/reopening", "hidden-reopening-1", map[string]any{"reason": "又发生了"}, 200},
			{"/reopening", "hidden-reopening-1", map[string]any{"reason": "又发生了"}, 200},
			{"/messages", "", map[string]any{"id": rig.untimedID(), "text": "还有一个人"}, 201},
			{"/withdrawal", "hidden-withdrawal-1", nil, 200},
			{"/withdrawal", "hidden-withdrawal-1", nil, 200},
			{"/withdrawal", "hidden-withdrawal-2", nil, 409},
		} {
			rig.advance(7 * time.Second)
			headers := []string{"Idempotency-Key", step.key}
			if step.key == "" {
				headers = nil
			}
			got := rig.call(rig.Volunteer, http.MethodPost, "/v1/tips/"+id+step.path, step.body, headers...).must(step.want)
			if first, repeated := answers[step.key]; repeated && step.key != "" && first != got.Text {
				t.Errorf("%s was answered %s, first %s", step.key, got.Text, first)
			}
			answers[step.key] = got.Text
		}
		for _, record := range rig.audit(rig.A, "") {
			if record.ObjectID == models.ID(id) && record.ActorID == rig.Volunteer.ID {
				t.Errorf("recorded: %+v", record)
			}
		}
		if text := rig.dump("idempotency_keys"); strings.Contains(text, string(rig.Volunteer.ID)) {
			t.Error("the keys for repeats say who it was")
		}
		for line := range strings.Lines(rig.logs.all()) {
			if strings.Contains(line, string(rig.Volunteer.ID)) {
				t.Errorf("logged: %s", line)
			}
		}
	})
}

// Who was not asked for help, of those who are near, would be who hides.
func TestWhoHidesIsAskedForHelpLikeTheOthers(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.onDuty(rig.A, models.SquadFoot, rig.Guard, rig.Volunteer)
		rig.standsAt(rig.Volunteer, rig.One.At)
		if err := rig.server.LookWhere(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, hidden := range []bool{false, true} {
			id := rig.tip(rig.Volunteer, map[string]any{"category": models.CategoryCrime, "hide_me": hidden}).must(201).text("id")
			listed := rig.call(rig.Officer, http.MethodGet, "/v1/tips/"+id+"/helpers", nil).must(200)
			if asked := strings.Contains(listed.Text, string(rig.Volunteer.ID)); asked != hidden {
				t.Errorf("hidden %v: %s", hidden, listed.Text)
			}
		}
	})
}
