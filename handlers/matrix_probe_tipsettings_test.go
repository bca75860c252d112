package handlers_test

import (
	"context"
	"net/http"

	"xunfang/models"
)

var tipSettingsBody = map[string]any{
	"acknowledge_by_day_minutes": 20, "acknowledge_by_night_minutes": 40, "acknowledge_crime_minutes": 5, "decide_hours": 48,
	"finish_hours": 120, "climb_unseen_minutes": 8, "climb_undecided_hours": 6, "reopen_days": 14, "day_begins_hour": 6, "day_ends_hour": 23,
}

// tipSettings is a whole body over a version.
func tipSettings(version int, changes ...map[string]any) map[string]any {
	body := map[string]any{"version": version}
	for _, fields := range append([]map[string]any{tipSettingsBody}, changes...) {
		for field, value := range fields {
			body[field] = value
		}
	}
	return body
}

var tipSettingsProbes = map[string]probe{
	"getTipSettings": plain(func(*stage, *caller) asked { return get("/v1/tip-settings") }),
	"putTipSettings": plain(func(s *stage, _ *caller) asked {
		set, err := s.rig.store.TipSettings(context.Background(), s.rig.A)
		if err != nil {
			s.rig.t.Fatal(err)
		}
		return asked{method: http.MethodPut, path: "/v1/tip-settings", body: tipSettings(set.Version)}
	}),
	"putRouteOfficer": about(func(s *stage, _ *caller, at column) asked {
		route := map[column]models.ID{own: s.rig.Route, otherStation: s.rig.RouteB, missing: s.missing}[at]
		return putRouteOfficer(route, s.rig.Commander.ID)
	}),
	"putRouteOfficer (officer)": about(func(s *stage, _ *caller, at column) asked {
		officer := map[column]models.ID{
			own: s.rig.Commander.ID, sameCompound: s.rig.Officer.ID, otherCompound: s.rig.OfficerTwo.ID, otherStation: s.rig.OfficerB.ID,
			missing: s.missing,
		}[at]
		return putRouteOfficer(s.rig.Route, officer).naming("officer_id")
	}),
}

func putRouteOfficer(route, officer models.ID) asked {
	return asked{method: http.MethodPut, path: "/v1/routes/" + string(route) + "/officer", body: map[string]any{"officer_id": officer}}
}
