package main

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/wake/redisserver"
)

// Two servers on one database: what is sent at one is on the other's streams at once where they wake each other, and otherwise
// after the look that each does by itself.
func TestStreamsOfTwoReplicas(t *testing.T) {
	for name, one := range map[string]struct {
		wakes  bool
		rounds int
		within time.Duration // for the median
	}{"waking each other": {true, 9, 100 * time.Millisecond}, "alone": {false, 1, 4 * time.Second}} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, "sqlite:"+filepath.Join(t.TempDir(), "x.db"), nil)
			env := map[string]string{}
			if one.wakes {
				env["XUNFANG_WAKE"] = redisserver.URL(t)
			}
			first, here := s.serve(env)
			second, there := s.serve(env)
			commander, volunteer := s.signedIn(here.api, models.RoleCommander), s.signedIn(there.api, models.RoleVolunteer)
			stream := openStream(t, volunteer)
			time.Sleep(500 * time.Millisecond) // both are with Redis
			took := []time.Duration{}
			for range one.rounds {
				begun := time.Now()
				sent := commander.want(t, 201, "POST", "/v1/alerts", s.alert(), "Idempotency-Key", string(newID())).field("id")
				if got := nextAlert(t, stream); got != sent {
					t.Fatalf("%s came, not %s", got, sent)
				}
				took = append(took, time.Since(begun))
			}
			slices.Sort(took)
			t.Logf("from the request at one server to the stream at the other: %v", took)
			if median := took[len(took)/2]; median > one.within {
				t.Errorf("the median is %v, wanted %v", median, one.within)
			}
			first.stop()
			second.stop()
		})
	}
}
