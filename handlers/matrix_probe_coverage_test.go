package handlers_test

import "time"

var coverageProbes = map[string]probe{
	"getCoverage":           plain(func(s *stage, _ *caller) asked { return get("/v1/coverage?%s", s.lastHour()) }),
	"listStopShares":        plain(func(s *stage, _ *caller) asked { return get("/v1/coverage/stops?%s", s.lastHour()) }),
	"listUnseenCheckpoints": plain(func(*stage, *caller) asked { return get("/v1/coverage/unseen") }),
	"listCoverageGaps": plain(func(s *stage, _ *caller) asked {
		return get("/v1/coverage/gaps?date=%s", s.now().Format(time.DateOnly))
	}),
}

func (s *stage) lastHour() string {
	return "from=" + instant(s.now().Add(-time.Hour)) + "&to=" + instant(s.now())
}
