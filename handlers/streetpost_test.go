package handlers_test

import (
	"net/http"
	"testing"

	"xunfang/models"
)

func (r *rig) newPost(changes map[string]any) map[string]any {
	return change(map[string]any{
		"name": "环岛商务中心屯警点", "position": spot(models.Position{Lat: 30.5250, Lng: 105.6060}, nil),
	}, changes)
}

func (r *rig) post(changes map[string]any) string {
	r.t.Helper()
	return r.call(r.Commander, http.MethodPost, "/v1/street-posts", r.newPost(changes)).must(201).text("id")
}

func TestAStreetPost(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		create := func(name string, want int, has map[string]any, changes map[string]any, fields ...string) scenario {
			body := rig.newPost(map[string]any{"name": name})
			return scenario{
				name: name, who: rig.Commander, method: http.MethodPost, path: "/v1/street-posts", body: change(body, changes),
				want: want, has: has, fields: fields,
			}
		}
		near := map[string]any{"position": spot(rig.One.At, nil)}
		china := models.GCJ02.ToWGS84(models.Position{Lat: 30.5250, Lng: 105.6060})
		rig.play(t,
			create("in the street", 201, map[string]any{"compound_id": nil, "radius_m": 100.0, "max_gap_minutes": 30.0, "ended_at": nil}, nil),
			create("beside a compound", 201, map[string]any{"compound_id": rig.One.ID()}, near),
			create("in one that is named", 201, map[string]any{"compound_id": rig.Two.ID()},
				change(near, map[string]any{"compound_id": rig.Two.ID(), "radius_m": 40, "max_gap_minutes": 10})),
			create("by a Chinese map", 201, map[string]any{"position.lat": china.Lat, "position.lng": china.Lng, "position.crs": "WGS84"},
				map[string]any{"position": map[string]any{"lat": 30.5250, "lng": 105.6060, "crs": "GCJ02"}}),
			create("in a foreign one", 422, nil, map[string]any{"compound_id": rig.Three.ID()}, "compound_id no_such"),
			create("beside a compound", 409, nil, nil),
		)
		id := rig.post(map[string]any{"name": "商场"})
		rig.play(t, scenario{
			name: "moved", who: rig.Commander, method: http.MethodPatch, path: "/v1/street-posts/" + id, want: 200,
			body: change(near, map[string]any{"max_gap_minutes": 5}),
			has:  map[string]any{"compound_id": rig.One.ID(), "max_gap_minutes": 5.0, "radius_m": 100.0, "name": "商场"},
		})
		if got := rig.call(rig.Guard, http.MethodGet, "/v1/street-posts", nil).must(200).items(); len(got) != 5 {
			t.Errorf("everybody who patrols sees them: %v", got)
		}
	})
}

// A post where a shift stands cannot end; one that ended is gone from the list, its name free, and takes no shift.
func TestAStreetPostEnds(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		squad, post := rig.squad(nil), rig.post(nil)
		shift := rig.shift(squad, map[string]any{"post_id": post})
		end := "/v1/street-posts/" + post + "/end"
		if got := rig.call(rig.Commander, http.MethodPost, end, nil).must(409); got.code() != models.CodeStillInUse {
			t.Error(got.Text)
		}
		rig.call(rig.Commander, http.MethodPost, "/v1/shifts/"+shift+"/end", nil).must(200)
		first := rig.call(rig.Commander, http.MethodPost, end, nil).must(200).text("ended_at")
		rig.advance(1e9)
		if again := rig.call(rig.Commander, http.MethodPost, end, nil).must(200).text("ended_at"); again != first || first == "" {
			t.Errorf("ended %s, then %s", first, again)
		}
		rig.call(rig.Commander, http.MethodPatch, "/v1/street-posts/"+post, map[string]any{"radius_m": 50}).must(409)
		rig.play(t, scenario{
			name: "a shift there", who: rig.Commander, method: http.MethodPost, path: "/v1/shifts", want: 422,
			body: rig.newShift(squad, map[string]any{"post_id": post}), fields: []string{"post_id not_allowed"},
		})
		rig.post(nil)
		for query, want := range map[string]int{"": 1, "?ended=true": 2} {
			if got := rig.call(rig.Officer, http.MethodGet, "/v1/street-posts"+query, nil).must(200).items(); len(got) != want {
				t.Errorf("%q: %v", query, got)
			}
		}
	})
}
