package handlers_test

import (
	"net/http"
	"testing"
	"time"

	"xunfang/models"
)

// A post that moves, and a squad that comes to walk in another way, take the figures of the open days along.
func TestCoverOfWhatChanges(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		post, squad := rig.post(map[string]any{"position": spot(rig.Two.At, nil)}), rig.addSquad(rig.Officer)
		rig.advance(time.Hour)
		started := rig.startRound(rig.Officer, map[string]any{"squad_id": squad, "started_at": at(rig.clock.Now())}).must(201)
		rig.checkIn(rig.Officer, rig.here(map[string]any{
			"checkpoint_id": nil, "position": spot(rig.One.At, nil), "round_id": started.id("id"),
		})).must(200)
		told := func(why, mode, want string) {
			t.Helper()
			for _, anew := range []bool{false, true} {
				if anew {
					day := models.CoverDay(rig.clock.Now())
					if _, err := rig.store.RecountCoverage(t.Context(), rig.A, day, day, rig.clock.Now()); err != nil {
						t.Fatal(err)
					}
				}
				rig.count()
				got := rig.cover(rig.Commander, "kind=street_post&mode="+mode).must(200)
				if figures := place(t, got, models.ID(post)); figures != want {
					t.Errorf("%s, recounted %v: %s, want %s", why, anew, figures, want)
				}
			}
		}
		told("far away", "night", "0 0 0 1440")
		patch := func(path string, body map[string]any) {
			t.Helper()
			rig.call(rig.Commander, http.MethodPatch, path, body).must(200)
		}
		patch("/v1/street-posts/"+post, map[string]any{"position": spot(rig.One.At, nil)})
		told("moved here", "night", "1 1 1 779")
		patch("/v1/squads/"+string(squad), map[string]any{"kind": "vehicle"})
		told("by car", "night", "0 0 0 1440")
		told("by car", "vehicle", "1 1 1 779")
		patch("/v1/street-posts/"+post, map[string]any{"position": spot(rig.Two.At, nil)})
		told("moved away", "vehicle", "0 0 0 1440")
	})
}
