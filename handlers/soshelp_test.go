package handlers_test

import (
	"net/http"
	"testing"
)

// Whoever floods the service with bad tokens from the address of a carrier keeps nobody behind it from calling for help.
func TestSOSIsNotStoppedByAStrangersBadTokens(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		guard, volunteer, commander := rig.token(rig.Guard), rig.token(rig.Volunteer), rig.token(rig.Commander)
		timer := rig.callAs(guard, http.MethodPost, "/v1/me/welfare-timers", rig.timer(nil)).must(201).text("id")
		flooded := func() bool {
			return rig.callAs("stranger", http.MethodGet, "/v1/me", nil).Status == http.StatusTooManyRequests
		}
		for tries := 0; !flooded() && tries < 1000; tries++ {
			continue
		}
		rig.callAs(volunteer, http.MethodGet, "/v1/me", nil).must(429)
		rig.callAs("stranger", http.MethodPost, "/v1/sos", rig.help(nil)).must(429)
		id := rig.callAs(volunteer, http.MethodPost, "/v1/sos", rig.help(nil)).must(201).text("id")
		path, now := "/v1/sos/"+id, instant(rig.clock.Now())
		rig.callAs(volunteer, http.MethodPost, path+"/positions", map[string]any{"items": []any{
			map[string]any{"at": now, "position": spot(rig.One.At, nil)},
		}}).must(204)
		rig.callAs(commander, http.MethodPost, path+"/acknowledge", nil).must(200)
		rig.callAs(commander, http.MethodPost, path+"/responses", map[string]any{"state": "coming"}).must(200)
		rig.callAs(guard, http.MethodPost, "/v1/me/welfare-timers/"+timer+"/answers", map[string]any{"at": now}).must(200)
	}, func(settings *rigSettings) { settings.limits.Off = false })
}
