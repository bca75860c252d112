package handlers_test

import (
	"context"
	"crypto/sha256"

	"xunfang/models"
	"xunfang/store"
)

// hiddenTip is a tip in the column's place, of somebody hidden; of the missing column none.
func (s *stage) hiddenTip(at column) models.ID {
	if at == missing {
		return s.missing
	}
	return s.made(func(ctx context.Context, tx *store.Store, id models.ID) error {
		hash := sha256.Sum256([]byte(id))
		return tx.AddHiddenTip(ctx, models.Tip{
			ID: id, OrderID: s.rig.ids.next(), Place: s.compound[at].Place, ReporterID: s.rig.ids.next(), Category: "theft",
			Reporting: models.ReportingHidden, Description: "有人撬锁", OccurredAt: s.now(), ReceivedAt: s.now(),
			State: models.TipReceived, BodyHash: hash[:],
		}, []byte("sealed"))
	})
}

// opening is one of a hidden tip, asked for by somebody.
func (s *stage) opening(tip, askedBy, approvedBy models.ID) models.ID {
	return s.made(func(ctx context.Context, tx *store.Store, id models.ID) error {
		return tx.AddIdentityOpening(ctx, models.IdentityOpening{
			ID: id, TipID: tip, AskedBy: askedBy, Reason: "核实", AskedAt: s.now(), ApprovedBy: approvedBy,
		})
	})
}

var anonymousTipProbes = map[string]probe{
	"createIdentityOpening": about(func(s *stage, _ *caller, at column) asked {
		return post(map[string]any{"reason": "需要当面核实"}, "/v1/tips/%s/identity-openings", s.hiddenTip(at))
	}),
	"approveIdentityOpening": about(func(s *stage, _ *caller, at column) asked {
		tip := s.hiddenTip(at)
		return post(nil, "/v1/tips/%s/identity-openings/%s/approval", tip, s.opening(tip, s.rig.ids.next(), ""))
	}),
	"getTipIdentity": about(func(s *stage, who *caller, at column) asked {
		tip, by := s.hiddenTip(at), s.missing
		if who != nil {
			by = who.ID
		}
		s.opening(tip, by, s.rig.ids.next())
		return get("/v1/tips/%s/identity", tip)
	}),
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
