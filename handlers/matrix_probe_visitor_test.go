package handlers_test

import (
	"context"
	"strings"
	"time"

	"xunfang/models"
	"xunfang/store"
)

const (
	stageGuest = "stage-guest-page-of-one-visitor-with-43-chars" // the random parts of two guests' pages
	stageGroup = "stage-guest-page-of-a-group-that-has-43-chars"
)

// guestPage is a pass with a guest's page at an address.
func (s *stage) guestPage(token models.Secret, kind models.PassKind) models.ID {
	return s.once(string(kind), s.rig.Resident, own, func() models.ID {
		return s.made(func(ctx context.Context, tx *store.Store, id models.ID) error {
			pass := models.VisitorPass{
				ID: id, Kind: kind, Place: s.home[own], HostID: s.rig.Resident.ID, VisitorName: "王师傅", DoorIDs: []models.ID{s.door[own]},
				CodeMAC: s.rig.keys.CodeMAC("stage", string(id)), GuestHash: s.rig.keys.GuestHash(token), StartsAt: s.now(),
				EndsAt: s.now().Add(time.Hour), MaxUses: 1, MaxGuests: 50, CreatedAt: s.now(),
			}
			var err error
			if pass.CodeSealed, err = s.rig.keys.SealForGuest(token, "4829130571", "visitor_passes.code:"+string(id)); err != nil {
				return err
			}
			return tx.AddVisitorPass(ctx, pass)
		})
	})
}

var visitorProbes = map[string]probe{
	"updateVisitorPass": about(func(s *stage, who *caller, at column) asked {
		return patch(map[string]any{"max_uses": 3}, "/v1/visitor-passes/%s", s.pass(who, at))
	}),
	"updateVisitorPass (doors)": about(func(s *stage, who *caller, at column) asked {
		return patch(map[string]any{"door_ids": []models.ID{s.door[at]}}, "/v1/visitor-passes/%s", s.pass(who, own)).naming("door_ids[0]")
	}),
	"getGuestPage": plain(func(s *stage, _ *caller) asked {
		s.guestPage(stageGuest, models.PassOneTime)
		return get("/guest/%s", stageGuest)
	}),
	"takeGuestPass": plain(func(s *stage, _ *caller) asked {
		s.guestPage(stageGroup, models.PassGroup)
		place := strings.ReplaceAll(string(s.rig.ids.next()), "-", "") + "0123456789a"
		return post(nil, "/guest/%s?place=%s", stageGroup, place)
	}),
}
