package handlers_test

var thanksEndProbes = map[string]probe{
	"revokeCommendation": about(func(s *stage, _ *caller, at column) asked {
		body := map[string]any{"reason": "事迹经查不实"}
		return post(body, "/v1/commendations/%s/revocation", s.commendation(s.personID(at), at, true))
	}),
}
