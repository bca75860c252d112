package handlers_test

import "xunfang/models"

var tipLikeProbes = map[string]probe{
	"listTipsNearby": plain(func(*stage, *caller) asked { return get("/v1/tips/nearby?category=hazard&lat=30.5&lng=105.6") }),
	"listTipMerges": about(func(s *stage, who *caller, at column) asked {
		return get("/v1/tips/%s/merges", s.once("merged tip", s.owner(who, at), at, func() models.ID { return s.tip(who, at) }))
	}),
	"mergeTip": about(func(s *stage, who *caller, at column) asked {
		return post(map[string]any{"into_id": s.tip(who, own)}, "/v1/tips/%s/merges", s.tip(who, at))
	}),
	"mergeTip (into)": about(func(s *stage, who *caller, at column) asked {
		return post(map[string]any{"into_id": s.tip(who, at)}, "/v1/tips/%s/merges", s.tip(who, own)).naming("into_id")
	}),
}
