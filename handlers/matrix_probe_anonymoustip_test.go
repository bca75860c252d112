package handlers_test

import "xunfang/models"

var anonymousTipProbes = map[string]probe{
	"createProofOfWork": plain(func(*stage, *caller) asked { return post(nil, "/v1/proofs-of-work") }),
	"createAnonymousTip": about(func(s *stage, _ *caller, at column) asked {
		station := map[column]models.ID{own: s.rig.A, sameCompound: s.rig.A, otherCompound: s.rig.A, otherStation: s.rig.B, missing: s.missing}[at]
		return post(s.rig.untold(map[string]any{"station_id": station}), "/v1/anonymous-tips").naming("station_id")
	}),
	"createReceiptSession": plain(func(s *stage, _ *caller) asked {
		receipt, _ := s.rig.anonymousTip(nil)
		return post(map[string]any{"receipt": receipt}, "/v1/receipt-sessions")
	}),
	"getReceiptTip": plain(func(*stage, *caller) asked { return get("/v1/receipt/tip") }),
	"putReceiptPushAddress": plain(func(*stage, *caller) asked {
		return asked{method: "PUT", path: "/v1/receipt/push-address", body: map[string]any{
			"kind": "fcm_token", "value": "receipt-token", "platform": "android",
		}}
	}),
	"deleteReceiptPushAddress": plain(func(*stage, *caller) asked { return remove("/v1/receipt/push-address") }),
	"createReceiptWithdrawal":  plain(func(*stage, *caller) asked { return post(nil, "/v1/receipt/withdrawal") }),
}
