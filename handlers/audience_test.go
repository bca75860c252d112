package handlers_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"xunfang/models"
)

// audienceIn is an audience of a place; fields narrow it.
func audienceIn(kind string, id models.ID, fields map[string]any) map[string]any {
	audience := map[string]any{"scope": map[string]any{"kind": kind, "id": id}}
	for field, value := range fields {
		audience[field] = value
	}
	return audience
}

// An audience is narrowed to who is on duty, to a squad and to a piece of ground; all that is given must hold, and a preview
// counts who is told.
func TestNarrowedAudiences(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		gate := rig.One.At
		away := models.Position{Lat: gate.Lat + 0.01, Lng: gate.Lng} // 1.1 km
		rig.onDuty(rig.A, models.SquadFoot, rig.Guard, rig.Auxiliary)
		rig.standsAt(rig.Guard, gate)
		rig.standsAt(rig.Auxiliary, away)
		rig.standsAt(rig.Volunteer, gate) // not on duty
		squad := rig.squadOf("夜班", rig.Auxiliary, rig.Volunteer)
		near := func(metres float64) map[string]any {
			return map[string]any{"position": map[string]any{"lat": gate.Lat, "lng": gate.Lng, "crs": "WGS84"}, "radius_m": metres}
		}
		type fields = map[string]any
		for _, try := range []struct {
			name   string
			narrow fields
			want   []*caller
		}{
			{"on duty", fields{"on_duty": true}, []*caller{rig.Guard, rig.Auxiliary}},
			{"guards on duty", fields{"on_duty": true, "roles": []string{"guard"}}, []*caller{rig.Guard}},
			{"residents on duty", fields{"on_duty": true, "roles": []string{"resident"}}, nil},
			{"a squad", fields{"squad_id": squad}, []*caller{rig.Auxiliary, rig.Volunteer}},
			{"of a squad who is on duty", fields{"squad_id": squad, "on_duty": true}, []*caller{rig.Auxiliary}},
			{"near", fields{"near": near(1000)}, []*caller{rig.Guard}},
			{"less near", fields{"near": near(1200)}, []*caller{rig.Guard, rig.Auxiliary}},
			{"named", fields{"people": []models.ID{rig.Guard.ID, rig.Volunteer.ID}}, []*caller{rig.Guard, rig.Volunteer}},
			{"named guards", fields{"people": []models.ID{rig.Guard.ID, rig.Volunteer.ID}, "roles": []string{"guard"}}, []*caller{rig.Guard}},
			{"of the named who is on duty", fields{"people": []models.ID{rig.Guard.ID, rig.Volunteer.ID}, "on_duty": true}, []*caller{rig.Guard}},
			{"of a squad who is near", fields{"near": near(1000), "squad_id": squad}, nil},
		} {
			audience := audienceIn("station", rig.A, try.narrow)
			counted := rig.call(rig.Commander, http.MethodPost, "/v1/alerts/preview", map[string]any{"audience": audience}).must(200)
			body := alertTo("station", rig.A)
			body["audience"] = audience
			sent := rig.alert(rig.Commander, body).must(201)
			if counted.at("people") != float64(len(try.want)) || sent.at("recipients") != float64(len(try.want)) {
				t.Errorf("%s: %v counted, %v told, want %d", try.name, counted.at("people"), sent.at("recipients"), len(try.want))
			}
			if people, named := try.narrow["people"].([]models.ID); named != (sent.at("named") != nil) ||
				named && sent.at("named") != float64(len(people)) {
				t.Errorf("%s: %s", try.name, sent.Text)
			}
			for _, who := range []*caller{rig.Guard, rig.Auxiliary, rig.Volunteer, rig.Resident} {
				want := 404
				if slices.Contains(try.want, who) {
					want = 200
				}
				read := rig.call(who, http.MethodGet, "/v1/alerts/"+sent.text("id"), nil)
				if read.Status != want || read.at("audience.squad_id") != nil || read.at("audience.near") != nil || read.at("named") != nil {
					t.Errorf("%s: %s reads %s", try.name, who.Name, read.Text)
				}
			}
		}
		if looks := rig.audit(rig.A, models.OpPreviewAudience); len(looks) != 11 {
			t.Errorf("%d looks are recorded", len(looks))
		}
		rig.advance(models.SeenNearWithin + time.Second)
		got := rig.call(rig.Commander, http.MethodPost, "/v1/alerts/preview",
			map[string]any{"audience": audienceIn("station", rig.A, fields{"near": near(1200)})}).must(200)
		if got.at("people") != 0.0 {
			t.Errorf("who was there long ago is counted: %s", got.Text)
		}
	})
}

// Nobody reaches beyond their scope by a squad or a place, and what is foreign looks as if it were missing.
func TestAudiencesThatCannotBe(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.onDuty(rig.A, models.SquadFoot, rig.Guard, rig.VolunteerTwo)
		mine, foreign := rig.squadOf("夜班", rig.Auxiliary, rig.Volunteer, rig.VolunteerTwo), rig.squadOf("外站", rig.OfficerB)
		preview := func(who *caller, audience map[string]any) response {
			return rig.call(who, http.MethodPost, "/v1/alerts/preview", map[string]any{"audience": audience})
		}
		one, two := rig.One.ID(), rig.Two.ID()
		type fields = map[string]any
		named := func(people ...models.ID) map[string]any {
			return audienceIn("station", rig.A, fields{"people": people})
		}
		for _, try := range []struct {
			name     string
			who      *caller
			audience map[string]any
			status   int
			field    string
		}{
			{"everybody", rig.Commander, audienceIn("station", rig.A, nil), 422, "audience.roles"},
			{"a squad of another station", rig.Commander, audienceIn("station", rig.A, fields{"squad_id": foreign}), 422, "audience.squad_id"},
			{"no squad", rig.Commander, audienceIn("station", rig.A, fields{"squad_id": rig.ids.next()}), 422, "audience.squad_id"},
			{"somebody of another station", rig.Commander, named(rig.Guard.ID, rig.OfficerB.ID), 422, "audience.people"},
			{"nobody", rig.Commander, named(rig.ids.next()), 422, "audience.people"},
			{"the hidden name of a reporter", rig.Commander, named(rig.keys.Alias(rig.Resident.ID)), 422, "audience.people"},
			{"beyond the officer's scope", rig.Officer, audienceIn("compound", two, fields{"on_duty": true}), 422, "audience.scope.id"},
			{"another station", rig.Commander, audienceIn("station", rig.B, fields{"on_duty": true}), 422, "audience.scope.id"},
			{"a volunteer", rig.Volunteer, audienceIn("compound", one, fields{"on_duty": true}), 403, ""},
		} {
			got := preview(try.who, try.audience)
			if got.Status != try.status || try.field != "" && got.text("errors.0.field") != try.field {
				t.Errorf("%s: %s", try.name, got.Text)
			}
		}
		within := preview(rig.Officer, audienceIn("compound", one, fields{"squad_id": mine})).must(200)
		onDuty := preview(rig.Officer, audienceIn("compound", one, fields{"on_duty": true})).must(200)
		if within.at("people") != 2.0 || onDuty.at("people") != 1.0 {
			t.Errorf("beyond the scope: %s, %s", within.Text, onDuty.Text)
		}
	})
}
