package handlers_test

import (
	"context"
	"net/http"
)

// groupStationProbes are of what a station does with all its groups.
var groupStationProbes = map[string]probe{
	"exportGroup": about(func(s *stage, _ *caller, at column) asked {
		return get("/v1/groups/%s/export?reason=case-12", s.compoundID(at))
	}),
	"getGroupSettings": plain(func(*stage, *caller) asked { return get("/v1/group-settings") }),
	"putGroupSettings": plain(func(s *stage, _ *caller) asked {
		set, err := s.rig.store.GroupSettings(context.Background(), s.rig.A)
		if err != nil {
			s.rig.t.Fatal(err)
		}
		body := map[string]any{"version": set.Version, "keep_days": 365}
		return asked{method: http.MethodPut, path: "/v1/group-settings", body: body}
	}),
}
