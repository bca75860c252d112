package handlers_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/push"
)

func (r *rig) notice(who *caller, c *compound, due time.Duration) string {
	r.t.Helper()
	return r.tellGroup(who, c, map[string]any{
		"text": "请各小区自查车棚门锁", "notice": true, "due_at": instant(r.clock.Now().Add(due)),
	}).must(201).text("id")
}

func TestNoticeIsAcknowledged(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		got := rig.tellGroup(rig.Property, rig.One, map[string]any{"text": "通知", "notice": true}).must(422)
		if strings.Join(got.fields(), "") != "notice not_allowed" {
			t.Errorf("property's notice: %s", got.Text)
		}
		id := rig.notice(rig.Officer, rig.One, time.Hour)
		roll := inGroupOf(rig.One, "messages", id, "acknowledgements")
		acknowledge := inGroupOf(rig.One, "messages", id, "acknowledge")
		rig.advance(time.Minute)
		late := rig.addPerson(models.RoleProperty, rig.One.Place) // after the notice, and asked all the same
		if got := rig.call(rig.Officer, http.MethodGet, roll, nil).must(200); got.at("asked") != 3.0 || got.at("acknowledged") != 0.0 {
			t.Errorf("nobody has yet: %s", got.Text)
		}
		if got := rig.column("SELECT COUNT(*) FROM alerts WHERE kind = 'group' AND requires_ack = 1"); strings.TrimSpace(got[0]) != "1" {
			t.Errorf("%s alerts ask for an acknowledgement", got)
		}
		first := rig.call(rig.Committee, http.MethodPost, acknowledge, nil).must(200)
		rig.advance(time.Minute)
		if again := rig.call(rig.Committee, http.MethodPost, acknowledge, nil).must(200); again.Text != first.Text {
			t.Errorf("the repeat got %s", again.Text)
		}
		for at, got := range atOnce(8, func(int) response { return rig.call(late, http.MethodPost, acknowledge, nil) }) {
			if got.Status != 200 {
				t.Errorf("attempt %d: %s", at, got.Text)
			}
		}
		for who, want := range map[*caller]int{rig.Officer: 409, rig.Commander: 403, rig.PropertyTwo: 404} {
			if got := rig.call(who, http.MethodPost, acknowledge, nil); got.Status != want {
				t.Errorf("%s acknowledges: %d, want %d", who.Name, got.Status, want)
			}
		}
		got = rig.call(rig.Officer, http.MethodGet, roll+"?limit=2", nil).must(200)
		if got.at("asked") != 3.0 || got.at("acknowledged") != 2.0 || len(got.items()) != 2 || got.text("next_cursor") == "" {
			t.Errorf("two have: %s", got.Text)
		}
		if open := rig.column("SELECT COUNT(*) FROM inbox_items WHERE acknowledged_at > 0"); strings.TrimSpace(open[0]) != "1" {
			t.Errorf("%s alerts were acknowledged with the notice", open)
		}
		rig.endRoles(late)
		if got = rig.call(rig.Officer, http.MethodGet, roll, nil).must(200); got.at("asked") != 2.0 || got.at("acknowledged") != 1.0 ||
			len(got.items()) != 3 {
			t.Errorf("after one has left: %s", got.Text)
		}
		mine := rig.call(rig.Committee, http.MethodGet, inGroupOf(rig.One, "messages"), nil).must(200)
		if mine.at("items.0.acknowledged") != 2.0 || mine.text("items.0.acknowledged_at") != first.text("acknowledged_at") {
			t.Errorf("the committee is shown %s", mine.Text)
		}
		rig.call(rig.Property, http.MethodGet, roll, nil).must(403)
		word := rig.tellGroup(rig.Officer, rig.One, words("不是通知")).must(201).text("id")
		rig.call(rig.Officer, http.MethodGet, inGroupOf(rig.One, "messages", word, "acknowledgements"), nil).must(404)
		rig.call(rig.Property, http.MethodPost, inGroupOf(rig.One, "messages", word, "acknowledge"), nil).must(409)
	})
}

// A notice is told again to who has not acknowledged it, to nobody else, and no more when it is gone.
func TestNoticeClimbs(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		for who, phone := range map[*caller]string{
			rig.Property: "phone-property", rig.Committee: "phone-committee", rig.Commander: "phone-chief",
		} {
			rig.phone(who, phone, "address-of-"+phone)
		}
		id := rig.notice(rig.Officer, rig.One, 12*time.Hour)
		alert := strings.TrimSpace(rig.column("SELECT id FROM alerts WHERE kind = 'group'")[0])
		steps := []string{rig.waiting(alert)}
		rig.pushed(push.Outcome{State: push.StateSent, ProviderID: "m"}, time.Time{})
		rig.call(rig.Committee, http.MethodPost, inGroupOf(rig.One, "messages", id, "acknowledge"), nil).must(200)
		rig.climbs(time.Hour)
		steps = append(steps, rig.waiting(alert))
		if got := strings.Join(steps, ", "); got != "phone-committee phone-property, phone-property" {
			t.Errorf("rang %s", got)
		}
		rig.call(rig.Commander, http.MethodPost, inGroupOf(rig.One, "messages", id, "hide"), map[string]any{"reason": "误发"}).must(200)
		if got := rig.column("SELECT COUNT(*) FROM alerts WHERE cancelled_at > 0"); strings.TrimSpace(got[0]) != "1" {
			t.Errorf("%s alerts are called off", got)
		}
	})
}

func TestGroupMessageIsTakenBack(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		body := map[string]any{"id": rig.ids.next(), "text": "发错了", "media_ids": []models.ID{rig.photo(rig.Property)}}
		path := inGroupOf(rig.One, "messages", rig.tellGroup(rig.Property, rig.One, body).must(201).text("id"))
		late := inGroupOf(rig.One, "messages", rig.tellGroup(rig.Property, rig.One, words("留着")).must(201).text("id"))
		for who, want := range map[*caller]int{rig.Officer: 404, rig.Commander: 404, rig.PropertyTwo: 404, rig.Resident: 403} {
			if got := rig.call(who, http.MethodDelete, path, nil); got.Status != want {
				t.Errorf("%s deletes: %d, want %d", who.Name, got.Status, want)
			}
		}
		rig.advance(models.GroupDeleteFor - time.Millisecond)
		rig.call(rig.Property, http.MethodDelete, path, nil).must(204)
		rig.advance(time.Millisecond)
		if got := rig.call(rig.Property, http.MethodDelete, late, nil).must(409); got.code() != models.CodeWrongState {
			t.Errorf("too late: %s", got.Text)
		}
		rig.call(rig.Property, http.MethodDelete, path, nil).must(204)
		if got := rig.tellGroup(rig.Property, rig.One, body).must(200); got.text("state") != "deleted" || got.at("text") != nil {
			t.Errorf("sent again, it is %s", got.Text)
		}
		for _, who := range []*caller{rig.Officer, rig.Commander} {
			got := rig.call(who, http.MethodGet, inGroupOf(rig.One, "messages"), nil).must(200)
			if got.text("items.1.state") != "deleted" || got.at("items.1.text") != nil || strings.Contains(got.Text, "发错了") {
				t.Errorf("%s is shown %s", who.Name, got.Text)
			}
		}
		if rows := rig.rows(); rows["media"] != 0 || rows["group_message_media"] != 0 {
			t.Errorf("the photo is still there: %v", rows)
		}
		rig.call(rig.Commander, http.MethodPost, path+"/hide", map[string]any{"reason": "误发"}).must(409)
	})
}

func TestGroupMessageIsHidden(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		photo := rig.photo(rig.Property)
		path := inGroupOf(rig.One, "messages", rig.tellGroup(rig.Property, rig.One, map[string]any{
			"text": "住户电话在此", "media_ids": []models.ID{photo},
		}).must(201).text("id"))
		rig.call(rig.Officer, http.MethodPost, path+"/hide", map[string]any{"reason": "个人信息"}).must(403)
		for range 2 {
			got := rig.call(rig.Commander, http.MethodPost, path+"/hide", map[string]any{"reason": "个人信息"}).must(200)
			if got.text("state") != "hidden" {
				t.Errorf("hidden: %s", got.Text)
			}
		}
		for who, shown := range map[*caller]bool{rig.Officer: false, rig.Property: false, rig.Commander: true} {
			got := rig.call(who, http.MethodGet, inGroupOf(rig.One, "messages"), nil).must(200)
			if got.text("items.0.state") != "hidden" || strings.Contains(got.Text, "住户电话") != shown {
				t.Errorf("%s is shown %s", who.Name, got.Text)
			}
		}
		rig.call(rig.Officer, http.MethodGet, "/v1/media/"+string(photo), nil).must(404)
		rig.call(rig.Commander, http.MethodGet, "/v1/media/"+string(photo), nil).must(200)
		rig.call(rig.Property, http.MethodDelete, path, nil).must(409)
		if done := rig.audit(rig.A, models.OpHideGroupMessage); len(done) != 3 || done[0].Reason.Reveal() != "个人信息" {
			t.Errorf("%d decisions are recorded", len(done))
		}
	})
}

// A notice that is deleted while others acknowledge it: whoever acknowledged did so before, and nobody after.
func TestNoticeIsDeletedWhileItIsAcknowledged(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		id := rig.notice(rig.Officer, rig.One, time.Hour)
		path := inGroupOf(rig.One, "messages", id)
		members := []*caller{rig.Property, rig.Committee}
		answers := atOnce(5, func(at int) response {
			if at == 2 {
				return rig.call(rig.Officer, http.MethodDelete, path, nil)
			}
			return rig.call(members[at%2], http.MethodPost, path+"/acknowledge", nil)
		})
		done := map[models.ID]bool{}
		for at, got := range answers {
			switch {
			case at == 2 && got.Status != 204, at != 2 && got.Status != 200 && got.Status != 409:
				t.Errorf("attempt %d: %d %s", at, got.Status, got.Text)
			case at != 2 && got.Status == 200:
				done[members[at%2].ID] = true
			}
		}
		if rows := rig.rows()["group_acknowledgements"]; rows != len(done) {
			t.Errorf("%d were answered, %d are kept", len(done), rows)
		}
		rig.call(rig.Property, http.MethodPost, path+"/acknowledge", nil).must(409)
	})
}
