package handlers_test

import (
	"context"
	"net/http"

	"xunfang/models"
	"xunfang/store"
)

// helped is a tip with which somebody was asked to help.
func (s *stage) helped(who *caller, at column) models.ID {
	tip := s.tip(s.rig.VolunteerTwo, own)
	if at == missing {
		return s.missing
	}
	if at == own {
		if err := s.rig.store.Atomically(context.Background(), func(tx *store.Store) error {
			return tx.AddTipHelpers(context.Background(), tip, []models.ID{s.owner(who, at).ID}, s.now())
		}); err != nil {
			s.rig.t.Fatal(err)
		}
	}
	return tip
}

var tipFlowProbes = map[string]probe{
	"createTipWithdrawal": about(func(s *stage, who *caller, at column) asked {
		return post(nil, "/v1/tips/%s/withdrawal", s.tip(who, at))
	}),
	"createTipReopening": about(func(s *stage, who *caller, at column) asked {
		return post(map[string]any{"reason": "又来了"}, "/v1/tips/%s/reopening", s.closedTip(who, at))
	}),
	"createReceiptReopening": plain(func(s *stage, who *caller) asked {
		if who != nil { // the holder of a receipt has the tip's id
			s.close(who.ID)
		}
		return post(nil, "/v1/receipt/reopening")
	}),
	"assignTip": about(func(s *stage, who *caller, at column) asked {
		return post(map[string]any{"person_id": s.rig.Commander.ID}, "/v1/tips/%s/assignment", s.tip(who, at))
	}),
	"listTipHelpers": about(func(s *stage, who *caller, at column) asked { return get("/v1/tips/%s/helpers", s.tip(who, at)) }),
	"getTipCall":     about(func(s *stage, who *caller, at column) asked { return get("/v1/tips/%s/call", s.helped(who, at)) }),
	"answerTipCall": about(func(s *stage, who *caller, at column) asked {
		return post(map[string]any{"answer": "coming"}, "/v1/tips/%s/call", s.helped(who, at))
	}),
	"putDeputy": about(func(s *stage, _ *caller, at column) asked {
		person := map[column]models.ID{
			own: s.rig.Officer.ID, otherCompound: s.rig.OfficerTwo.ID, otherStation: s.rig.OfficerB.ID, missing: s.missing,
		}[at]
		return putDeputy(person, s.rig.Commander.ID)
	}),
	"putDeputy (deputy)": about(func(s *stage, _ *caller, at column) asked {
		person := map[column]models.ID{
			own: s.rig.Commander.ID, otherCompound: s.rig.OfficerTwo.ID, otherStation: s.rig.OfficerB.ID, missing: s.missing,
		}[at]
		return putDeputy(s.rig.Officer.ID, person).naming("deputy_id")
	}),
}

// closedTip is a tip of the owner that was ended.
func (s *stage) closedTip(who *caller, at column) models.ID {
	tip := s.tip(who, at)
	if at != missing {
		s.close(tip)
	}
	return tip
}

func (s *stage) close(id models.ID) {
	ctx := context.Background()
	if err := s.rig.store.Atomically(ctx, func(tx *store.Store) error {
		tip, err := tx.Tip(ctx, id)
		if models.CodeOf(err) == models.CodeNotFound || tip.Ended() {
			return nil
		}
		if err != nil {
			return err
		}
		return tx.AdvanceTip(ctx, tip, models.TipStep{State: models.TipClosed, At: s.now()}, "unfounded")
	}); err != nil {
		s.rig.t.Fatal(err)
	}
}

func putDeputy(person, deputy models.ID) asked {
	return asked{method: http.MethodPut, path: "/v1/people/" + string(person) + "/deputy", body: map[string]any{"deputy_id": deputy}}
}
