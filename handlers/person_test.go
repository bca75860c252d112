package handlers_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

const testIDNumber = "99999920000101001X"

func TestPersonIsMadeAndRead(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		made := rig.call(rig.Admin, http.MethodPost, "/v1/people", map[string]any{
			"name": "赵新民", "phone": "10088880001", "id_number": testIDNumber, "account": "new.person", "password": "a new password",
		}).must(201)
		id := made.text("id")
		listed := rig.call(rig.Commander, http.MethodGet, "/v1/people?phone=10088880001", nil).must(200)
		if len(listed.items()) != 1 || listed.text("items.0.id") != id || listed.text("items.0.phone") != "*******0001" {
			t.Errorf("the list shows %s", listed.Text)
		}
		read := rig.call(rig.Admin, http.MethodGet, "/v1/people/"+id, nil).must(200)
		if read.text("phone") != "10088880001" {
			t.Errorf("one person: %s", read.Text)
		}
		changed := rig.call(rig.Admin, http.MethodPatch, "/v1/people/"+id, map[string]any{"name": "赵新"}).must(200)
		for _, got := range []response{made, listed, read, changed} {
			for _, secret := range []string{testIDNumber, "id_number", "a new password", "argon2"} {
				if strings.Contains(got.Text, secret) {
					t.Errorf("%s gives away %q: %s", got.what, secret, got.Text)
				}
			}
		}
		rig.password("new.person", "a new password").must(200)
		if found := rig.everywhere("赵新", "10088880001", testIDNumber, "a new password"); found != "" {
			t.Errorf("plain personal data lies in %s", found)
		}
		if strings.Contains(rig.logs.all(), "10088880001") || strings.Contains(rig.logs.all(), "赵新") {
			t.Error("the log names somebody")
		}
		taken := rig.call(rig.Admin, http.MethodPost, "/v1/people", map[string]any{"name": "另一人", "phone": "10088880001"})
		if taken.must(409).code() != models.CodeAlreadyExists {
			t.Errorf("the same phone again: %s", taken.Text)
		}
		rig.call(rig.CommanderB, http.MethodGet, "/v1/people/"+id, nil).must(404)
		rig.call(rig.AdminB, http.MethodPatch, "/v1/people/"+id, map[string]any{"disabled": true}).must(404)
		rig.call(rig.Officer, http.MethodGet, "/v1/people/"+id, nil).must(403)
		if got := rig.call(rig.CommanderB, http.MethodGet, "/v1/people?phone=10088880001", nil).must(200); len(got.items()) != 0 {
			t.Errorf("another station finds %s", got.Text)
		}
	})
}

func TestNewPasswordEndsSessions(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		access := rig.password(rig.Guard.Account, testPassword).must(200).text("access_token")
		if rig.me(access) != 200 {
			t.Fatal("not signed in")
		}
		rig.call(rig.Commander, http.MethodPatch, "/v1/people/"+string(rig.Guard.ID), map[string]any{"password": "another password"}).must(200)
		if status := rig.me(access); status != 401 {
			t.Errorf("after a new password the old session answers %d", status)
		}
		rig.password(rig.Guard.Account, testPassword).must(401)
		rig.password(rig.Guard.Account, "another password").must(200)
	})
}

func TestSessionsOfMine(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		first := rig.password(rig.Guard.Account, testPassword).must(200).text("access_token")
		second := rig.password(rig.Guard.Account, testPassword).must(200).text("access_token")
		list := rig.callAs(first, http.MethodGet, "/v1/me/sessions", nil).must(200)
		if len(list.items()) != 2 || list.at("items.0.current") != false || list.at("items.1.current") != true {
			t.Fatalf("two sessions: %s", list.Text)
		}
		path := "/v1/me/sessions/"
		rig.call(rig.Resident, http.MethodDelete, path+list.text("items.0.id"), nil).must(404)
		rig.callAs(first, http.MethodDelete, path+list.text("items.0.id"), nil).must(204)
		if rig.me(second) != 401 || rig.me(first) != 200 {
			t.Errorf("the ended session answers %d, the other %d", rig.me(second), rig.me(first))
		}
		third := rig.password(rig.Guard.Account, testPassword).must(200).text("access_token")
		rig.callAs(first, http.MethodDelete, "/v1/me/sessions", nil).must(204)
		if rig.me(third) != 401 || rig.me(first) != 401 {
			t.Errorf("after signing out everywhere: %d and %d", rig.me(third), rig.me(first))
		}
	})
}

// grantBody is a role in a place.
func grantBody(role models.Role, place models.Place) map[string]any {
	return map[string]any{"role": role, "scope": map[string]any{"kind": place.Level(), "id": place.ID()}}
}

func TestRolesAreGiven(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		station, stationB := models.Place{Station: rig.A}, models.Place{Station: rig.B}
		second := rig.addPerson(models.RoleCommander, station)
		roles := func(who *caller) string { return "/v1/people/" + string(who.ID) + "/roles" }
		for _, try := range []struct {
			name  string
			giver *caller
			to    *caller
			role  models.Role
			place models.Place
			want  int
			code  models.Code
		}{
			{"an administrator gives a role", rig.Admin, rig.Volunteer, models.RoleGuard, rig.One.Place, 201, ""},
			{"a commander gives a role", rig.Commander, rig.Volunteer, models.RoleOfficer, rig.Two.Place, 201, ""},
			{"a commander makes an administrator", rig.Commander, rig.Volunteer, models.RoleAdmin, station, 403, models.CodeForbidden},
			{"a commander makes a commander", rig.Commander, rig.Volunteer, models.RoleCommander, station, 403, models.CodeForbidden},
			{"to oneself", rig.Commander, rig.Commander, models.RoleOfficer, rig.One.Place, 403, models.CodeOwnRoles},
			{"to oneself, as administrator", rig.Admin, rig.Admin, models.RoleCommander, station, 403, models.CodeOwnRoles},
			{"in another station", rig.Admin, rig.Volunteer, models.RoleGuard, rig.Three.Place, 422, models.CodeUnprocessable},
			{"of another station", rig.Admin, rig.Admin, models.RoleCommander, stationB, 403, models.CodeOwnRoles},
			{"to another station's person", rig.Admin, rig.VolunteerB, models.RoleGuard, rig.One.Place, 404, models.CodeNotFound},
			{"at a level it is not held at", rig.Admin, rig.Volunteer, models.RoleResident, rig.One.Place, 422, models.CodeUnprocessable},
			{"an officer gives", rig.Officer, rig.Volunteer, models.RoleGuard, rig.One.Place, 403, models.CodeForbidden},
		} {
			got := rig.call(try.giver, http.MethodPost, roles(try.to), grantBody(try.role, try.place))
			if got.Status != try.want || got.code() != try.code {
				t.Errorf("%s: %d %s, want %d %s", try.name, got.Status, got.Text, try.want, try.code)
			}
		}
		// A commander does not take over who has more, or as much.
		for _, who := range []*caller{rig.Admin, second} {
			for _, change := range []map[string]any{{"password": "taken over"}, {"disabled": true}, {"phone": "10077770000"}, {"account": "taken.over"}} {
				if got := rig.call(rig.Commander, http.MethodPatch, "/v1/people/"+string(who.ID), change); got.Status != 403 {
					t.Errorf("a commander changes %v of %s: %d", change, who.Name, got.Status)
				}
			}
		}
	})
}

// A role holds from its start, ends when it is told to, and both are felt at once.
func TestRolesBeginAndEndAtOnce(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		path := "/v1/people/" + string(rig.Volunteer.ID) + "/roles"
		rig.open(rig.Volunteer, rig.One.Gate, nil).must(403)
		grant := rig.call(rig.Admin, http.MethodPost, path, grantBody(models.RoleGuard, rig.One.Place)).must(201)
		rig.open(rig.Volunteer, rig.One.Gate, nil).must(202)
		list := rig.call(rig.Admin, http.MethodGet, path, nil).must(200)
		if len(list.items()) != 2 {
			t.Errorf("the roles: %s", list.Text)
		}
		rig.call(rig.Admin, http.MethodPatch, path+"/"+grant.text("id"), map[string]any{}).must(200)
		rig.open(rig.Volunteer, rig.One.Gate, nil).must(403)

		later := grantBody(models.RoleGuard, rig.One.Place)
		later["starts_at"], later["ends_at"] = at(rig.clock.Now().Add(time.Minute)), at(rig.clock.Now().Add(2*time.Minute))
		rig.call(rig.Admin, http.MethodPost, path, later).must(201)
		for _, want := range []int{403, 202, 403} {
			rig.open(rig.Volunteer, rig.One.Gate, nil).must(want)
			rig.advance(time.Minute)
		}
	})
}

func TestPlacesAreMade(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		compound := map[string]any{"name": "新苑小区", "kind": "resettlement", "position": spot(models.WGS84ToGCJ02(rig.One.At), map[string]any{"crs": "GCJ02"})}
		made := rig.call(rig.Commander, http.MethodPost, "/v1/compounds", compound).must(201)
		if lat, _ := made.at("position.lat").(float64); lat < rig.One.At.Lat-1e-6 || lat > rig.One.At.Lat+1e-6 || made.text("position.crs") != "WGS84" {
			t.Errorf("GCJ-02 is kept as %s", made.Text)
		}
		rig.call(rig.Admin, http.MethodPost, "/v1/compounds", compound).must(409)
		id := made.text("id")
		rig.call(rig.CommanderB, http.MethodPatch, "/v1/compounds/"+id, map[string]any{"name": "别人的"}).must(404)
		home := map[string]any{"compound_id": id, "building": "1栋", "unit": "1单元", "label": "101"}
		first := rig.call(rig.Admin, http.MethodPost, "/v1/homes", home).must(201)
		home["label"] = "102"
		second := rig.call(rig.Admin, http.MethodPost, "/v1/homes", home).must(201)
		if first.text("unit_id") != second.text("unit_id") || first.text("building_id") != second.text("building_id") {
			t.Errorf("the building was made twice: %s %s", first.Text, second.Text)
		}
		rig.call(rig.Admin, http.MethodPost, "/v1/homes", home).must(409)
		home["compound_id"] = rig.Three.ID()
		rig.call(rig.Admin, http.MethodPost, "/v1/homes", home).must(422)
		rig.call(rig.AdminB, http.MethodPatch, "/v1/homes/"+first.text("id"), map[string]any{"label": "别人的"}).must(404)
		route := map[string]any{"name": "新路", "direction": "east_west", "checkpoint_ids": []models.ID{rig.Street, rig.One.Checkpoint}}
		kept := rig.call(rig.Commander, http.MethodPost, "/v1/routes", route).must(201)
		if ids, _ := kept.at("checkpoint_ids").([]any); !slices.Equal(ids, []any{string(rig.Street), string(rig.One.Checkpoint)}) {
			t.Errorf("the order of a route is its own: %v", ids)
		}
		route["name"], route["checkpoint_ids"] = "外路", []models.ID{rig.Street, rig.Three.Checkpoint}
		if got := rig.call(rig.Commander, http.MethodPost, "/v1/routes", route).must(422); strings.Join(got.fields(), "") != "checkpoint_ids[1] no_such" {
			t.Errorf("another station's checkpoint: %s", got.Text)
		}
	})
}
