package handlers_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// Who may not see tracks does not read from the cover, minute by minute, where one who walks alone is now.
func TestCoverIsNoTrack(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.advance(39 * time.Minute) // 10:39
		rig.checkIn(rig.Volunteer, rig.here(nil)).must(200)
		rig.count()
		ask := func(who *caller, query string) response {
			now := rig.clock.Now()
			return rig.call(who, http.MethodGet, fmt.Sprintf("/v1/coverage?from=%s&to=%s&slot=30m%s",
				instant(now), instant(now.Add(time.Minute)), query), nil)
		}
		for _, query := range []string{"&kind=checkpoint", "&kind=cell"} {
			got := ask(rig.Officer, query).must(200)
			if strings.Contains(got.Text, `"patrol_minutes":1`) || got.text("from") != at(firstInstant.Add(30*time.Minute)) || got.text("to") != got.text("from") {
				t.Errorf("while the slot goes on: %s", got.Text)
			}
			if got := ask(rig.Commander, query).must(200); !strings.Contains(got.Text, `"patrol_minutes":1`) || got.text("from") != at(rig.clock.Now()) {
				t.Errorf("the commander: %s", got.Text)
			}
		}
		if got := ask(rig.Officer, "&cell=100"); got.Status != 422 || strings.Join(got.fields(), "") != "cell too_small" {
			t.Errorf("a small cell: %d %s", got.Status, got.Text)
		}
		ask(rig.Officer, "&cell=150").must(200)
		ask(rig.Commander, "&cell=50").must(200)
		minute := rig.clock.Now()
		rig.advance(21 * time.Minute) // 11:00
		got := rig.call(rig.Officer, http.MethodGet, fmt.Sprintf("/v1/coverage?kind=checkpoint&from=%s&to=%s&slot=30m",
			instant(minute), instant(minute.Add(time.Minute))), nil).must(200)
		if got.text("from") != at(firstInstant.Add(30*time.Minute)) || got.text("to") != at(firstInstant.Add(time.Hour)) ||
			got.at("slots.0.from") != got.at("from") || got.at("slots.1") != nil || place(t, got, rig.One.Checkpoint) != "1 1 1 20" {
			t.Errorf("a minute of a slot that is over: %s", got.Text)
		}
	})
}
