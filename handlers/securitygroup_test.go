package handlers_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

// inGroupOf is a path in the group of a compound.
func inGroupOf(c *compound, parts ...string) string {
	return "/v1/groups/" + strings.Join(append([]string{string(c.ID())}, parts...), "/")
}

// tellGroup writes in a group.
func (r *rig) tellGroup(who *caller, c *compound, body map[string]any) response {
	r.t.Helper()
	if body["id"] == nil {
		body["id"] = r.ids.next()
	}
	return r.call(who, http.MethodPost, inGroupOf(c, "messages"), body)
}

// groupOf is how somebody is shown the group of a compound.
func (r *rig) groupOf(who *caller, c *compound) map[string]any {
	r.t.Helper()
	for _, item := range r.call(who, http.MethodGet, "/v1/groups", nil).must(200).items() {
		if group, _ := item.(map[string]any); group["id"] == string(c.ID()) {
			return group
		}
	}
	return nil
}

// endRoles ends all roles of somebody's, as an administrator does.
func (r *rig) endRoles(who *caller) {
	r.t.Helper()
	for _, grant := range r.column("SELECT id FROM role_grants WHERE person_id = '" + string(who.ID) + "'") {
		r.call(r.Admin, http.MethodPatch, "/v1/people/"+string(who.ID)+"/roles/"+strings.TrimSpace(grant),
			map[string]any{"ends_at": instant(r.clock.Now())}).must(200)
	}
}

func TestGroupOfACompound(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		photo := rig.photo(rig.Property)
		body := map[string]any{"id": rig.ids.next(), "text": "3 栋楼下的电动自行车被盗", "media_ids": []models.ID{photo}}
		first := rig.tellGroup(rig.Property, rig.One, body).must(201)
		if first.text("author_role") != "property" || first.at("mine") != true || first.text("state") != "kept" {
			t.Errorf("property wrote %s", first.Text)
		}
		if again := rig.tellGroup(rig.Property, rig.One, body).must(200); again.Text != first.Text {
			t.Errorf("the repeat got %s", again.Text)
		}
		foreign := rig.tellGroup(rig.Committee, rig.One, body).must(409)
		if strings.Join(foreign.fields(), "") != "id not_unique" || strings.Contains(foreign.Text, "被盗") {
			t.Errorf("somebody else's id: %s", foreign.Text)
		}
		told := map[*caller]int{
			rig.Officer: 1, rig.Committee: 1, rig.Property: 0, rig.Commander: 0, rig.OfficerTwo: 0, rig.PropertyTwo: 0, rig.Resident: 0,
		}
		for who, want := range told {
			if got := rig.inboxHas(who.ID, models.AlertGroup, string(rig.One.ID())); got != want {
				t.Errorf("%s was told %d times", who.Name, got)
			}
		}
		reply := rig.tellGroup(rig.Officer, rig.One, map[string]any{"text": "请先自行分析", "reply_to": first.text("id")}).must(201)
		if reply.text("reply_to") != first.text("id") {
			t.Errorf("the reply is %s", reply.Text)
		}
		other := rig.tellGroup(rig.OfficerTwo, rig.Two, words("别处")).must(201).text("id")
		for field, want := range map[string]string{"reply_to": "reply_to no_such", "media_ids": "media_ids not_unique"} {
			body := map[string]any{"text": "又一条", field: other}
			if field == "media_ids" {
				body[field] = []models.ID{photo}
			}
			if got := rig.tellGroup(rig.Property, rig.One, body).must(422); strings.Join(got.fields(), "") != want {
				t.Errorf("%s: %s", field, got.Text)
			}
		}
		if got := rig.groupOf(rig.Committee, rig.One); got["unread"] != 2.0 || got["member"] != true || got["last_message_at"] == nil {
			t.Errorf("the committee is shown %v", got)
		}
		if got := rig.groupOf(rig.Property, rig.One); got["unread"] != 1.0 {
			t.Errorf("property is shown %v", got)
		}
		left := rig.call(rig.Committee, http.MethodPost, inGroupOf(rig.One, "read"), map[string]any{"up_to": first.text("id")}).must(200)
		if left.at("unread") != 1.0 {
			t.Errorf("after reading one: %s", left.Text)
		}
		rig.call(rig.Committee, http.MethodPost, inGroupOf(rig.One, "read"), map[string]any{"up_to": reply.text("id")}).must(200)
		rig.call(rig.Committee, http.MethodPost, inGroupOf(rig.One, "read"), map[string]any{"up_to": first.text("id")}).must(200)
		rig.call(rig.Committee, http.MethodPost, inGroupOf(rig.One, "read"), map[string]any{"up_to": other}).must(422)
		if got := rig.groupOf(rig.Committee, rig.One); got["unread"] != 0.0 {
			t.Errorf("what was read stays so: %v", got)
		}
		if got := rig.groupOf(rig.Commander, rig.Two); got["member"] != false || got["unread"] != 1.0 {
			t.Errorf("the commander is shown %v", got)
		}
		for reader, want := range map[*caller]int{
			rig.Officer: 200, rig.Committee: 200, rig.Commander: 200, rig.PropertyTwo: 404, rig.Resident: 404,
		} {
			if got := rig.call(reader, http.MethodGet, "/v1/media/"+string(photo), nil); got.Status != want {
				t.Errorf("%s reads the photo: %d, want %d", reader.Name, got.Status, want)
			}
		}
	})
}

// Whoever gets a role is in the group, and with its end is out at once: of the list, the messages and the photos.
func TestGroupMembersFollowTheirRoles(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		photo := rig.photo(rig.Officer)
		rig.tellGroup(rig.Officer, rig.One, map[string]any{"media_ids": []models.ID{photo}}).must(201)
		late := rig.addPerson(models.RoleCommittee, rig.One.Place)
		roles := func() map[string]string {
			found := map[string]string{}
			members, _ := rig.call(rig.Officer, http.MethodGet, inGroupOf(rig.One), nil).must(200).at("members").([]any)
			for _, member := range members {
				one, _ := member.(map[string]any)
				found[one["person_id"].(string)] = one["role"].(string)
			}
			return found
		}
		if got := roles(); got[string(late.ID)] != "committee" || got[string(rig.Property.ID)] != "property" ||
			got[string(rig.Commander.ID)] != "" {
			t.Errorf("the members are %v", got)
		}
		rig.call(late, http.MethodGet, "/v1/media/"+string(photo), nil).must(200)
		rig.endRoles(late)
		if got := roles()[string(late.ID)]; got != "" {
			t.Errorf("who lost the role is still there as %s", got)
		}
		for _, path := range []string{"/v1/groups", inGroupOf(rig.One), inGroupOf(rig.One, "messages"), "/v1/media/" + string(photo)} {
			if got := rig.call(late, http.MethodGet, path, nil); got.Status < 400 {
				t.Errorf("who lost the role still reads %s: %s", path, got.Text)
			}
		}
		if got := rig.tellGroup(late, rig.One, words("还在")); got.Status < 400 {
			t.Errorf("who lost the role still writes: %s", got.Text)
		}
		rig.call(rig.Commander, http.MethodGet, inGroupOf(rig.One), nil).must(200)
		rig.call(rig.Commander, http.MethodGet, inGroupOf(rig.One, "messages"), nil).must(200)
		for _, operation := range []models.Operation{models.OpGetGroup, models.OpListGroupMessages} {
			looks := slices.DeleteFunc(rig.audit(rig.A, operation), func(record models.AuditRecord) bool {
				return record.Outcome != models.AuditAllowed
			})
			if len(looks) != 1 || looks[0].ActorID != rig.Commander.ID {
				t.Errorf("%s: %d looks are recorded", operation, len(looks))
			}
		}
	})
}

func TestGroupIsSearched(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		for _, text := range []string{"Gate A", "门禁坏了", "gate b", "已修好", "GATE C"} {
			rig.tellGroup(rig.Property, rig.One, words(text)).must(201)
		}
		hidden := rig.tellGroup(rig.Property, rig.One, words("gate secret")).must(201).text("id")
		rig.call(rig.Commander, http.MethodPost, inGroupOf(rig.One, "messages", hidden, "hide"), map[string]any{"reason": "误发"}).must(200)
		found, cursor := []string{}, ""
		for range 3 {
			page := rig.call(rig.Committee, http.MethodGet, inGroupOf(rig.One, "messages")+"?q=gate&limit=2"+cursor, nil).must(200)
			for at := range page.items() {
				found = append(found, page.text("items."+string(rune('0'+at))+".text"))
			}
			if page.text("next_cursor") == "" {
				break
			}
			cursor = "&cursor=" + page.text("next_cursor")
		}
		if !slices.Equal(found, []string{"GATE C", "gate b", "Gate A"}) {
			t.Errorf("found %q", found)
		}
		all := rig.call(rig.Committee, http.MethodGet, inGroupOf(rig.One, "messages")+"?limit=4", nil).must(200)
		rest := rig.call(rig.Committee, http.MethodGet, inGroupOf(rig.One, "messages")+"?limit=4&cursor="+all.text("next_cursor"), nil).must(200)
		if len(all.items()) != 4 || len(rest.items()) != 2 || rest.text("items.1.text") != "Gate A" || all.at("items.0.text") != nil {
			t.Errorf("the messages are %s and %s", all.Text, rest.Text)
		}
	})
}

// After two years a message is gone with its photos and acknowledgements; an hour before it is there. Ordinals go on.
func TestGroupMessagesAreForgotten(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		body := map[string]any{"media_ids": []models.ID{rig.photo(rig.Officer)}, "notice": true}
		id := rig.tellGroup(rig.Officer, rig.One, body).must(201).text("id")
		rig.call(rig.Property, http.MethodPost, inGroupOf(rig.One, "messages", id, "acknowledge"), nil).must(200)
		rig.call(rig.Property, http.MethodPost, inGroupOf(rig.One, "read"), map[string]any{"up_to": id}).must(200)
		for _, one := range []struct {
			after time.Duration
			want  int
		}{{models.GroupMessageKept - time.Hour, 1}, {2 * time.Hour, 0}} {
			rig.advance(one.after)
			if err := rig.server.ForgetGroupMessages(context.Background()); err != nil {
				t.Fatal(err)
			}
			rows := rig.rows()
			for _, table := range []string{"group_messages", "group_message_media", "group_acknowledgements", "media"} {
				if rows[table] != one.want {
					t.Errorf("after %s: %d in %s", one.after, rows[table], table)
				}
			}
		}
		rig.tellGroup(rig.Officer, rig.One, words("新的一年")).must(201)
		if got := rig.groupOf(rig.Property, rig.One); got["unread"] != 1.0 {
			t.Errorf("what comes after is new: %v", got)
		}
	})
}

// Neither what a phone shows, nor what is kept, logged or pushed says what was written in a group.
func TestNothingTellsWhatAGroupSays(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.phone(rig.Committee, "phone-of-committee", "phone-of-the-guard")
		pushed := rig.pushes()
		rig.tellGroup(rig.Property, rig.One, words("canary-group-5d1c")).must(201)
		until(t, "the push", func() bool { return pushed.all()["phone-of-the-guard"] != "" })
		rig.call(rig.Committee, http.MethodGet, inGroupOf(rig.One, "messages")+"?q=canary-group-5d1c", nil).must(200)
		kept := rig.everythingKept()
		kept["push"] = pushed.all()["phone-of-the-guard"]
		kept["inbox"] = rig.call(rig.Committee, http.MethodGet, "/v1/me/inbox", nil).must(200).Text
		for place, text := range kept {
			if strings.Contains(text, "canary-group-5d1c") {
				t.Errorf("%s tells what was written", place)
			}
		}
		for _, secret := range []string{rig.Property.Name, string(rig.Property.ID), rig.One.Name} {
			if strings.Contains(kept["push"], secret) {
				t.Errorf("the push tells %q", secret)
			}
		}
	})
}
