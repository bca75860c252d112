package handlers_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// Of another list a cursor would be a place in the middle, and nobody would notice what was left out before it.
func TestACursorIsOfItsList(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.checkIn(rig.Guard, rig.here(nil)).must(200)
		rig.advance(48*time.Hour + time.Minute)
		paths := []string{"/v1/checkpoints?", "/v1/compounds?", "/v1/people?", "/v1/audit-entries?", "/v1/coverage/gaps?", "/v1/coverage/unseen?days=1&"}
		cursors := []string{}
		for _, path := range paths {
			cursors = append(cursors, rig.call(rig.Commander, http.MethodGet, path+"limit=1", nil).must(200).text("next_cursor"))
		}
		for at, path := range paths {
			for of, cursor := range cursors {
				got := rig.call(rig.Commander, http.MethodGet, path+"cursor="+cursor, nil)
				switch {
				case at == of && (cursor == "" || got.Status != 200):
					t.Errorf("%s with its own cursor %q: %d %s", path, cursor, got.Status, got.Text)
				case at != of && (got.Status != 400 || got.text("code") != "bad_cursor" || strings.Join(got.fields(), "") != "cursor not_allowed"):
					t.Errorf("%s with the cursor of %s: %d %s", path, paths[of], got.Status, got.Text)
				}
			}
		}
	})
}

// The lists that are worked out whole are read in pages like all others: everything once, in the order of one long page.
func TestGapsAndUnseenHavePages(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.checkIn(rig.Guard, rig.here(nil)).must(200)
		rig.advance(48*time.Hour + time.Minute)
		rig.count()
		for _, path := range []string{"/v1/coverage/gaps?date=2026-11-25&", "/v1/coverage/unseen?days=1&"} {
			for _, who := range []*caller{rig.Commander, rig.Officer} {
				all := rig.call(who, http.MethodGet, path+"limit=100", nil).must(200)
				if len(all.items()) < 3 || all.at("next_cursor") != nil {
					t.Fatalf("%s: %s", path, all.Text)
				}
				for limit := 1; limit <= len(all.items()); limit++ {
					seen, next := []any{}, fmt.Sprintf("limit=%d", limit)
					for pages := 0; next != "" && pages < 10; pages++ {
						got := rig.call(who, http.MethodGet, path+next, nil).must(200)
						if seen = append(seen, got.items()...); len(got.items()) > limit {
							t.Errorf("%s of %d has %d", path, limit, len(got.items()))
						}
						if next = got.text("next_cursor"); next != "" {
							next = fmt.Sprintf("limit=%d&cursor=%s", limit, next)
						}
					}
					if fmt.Sprint(seen) != fmt.Sprint(all.items()) {
						t.Errorf("%s in pages of %d: %v, want %v", path, limit, seen, all.items())
					}
				}
			}
		}
	})
}
