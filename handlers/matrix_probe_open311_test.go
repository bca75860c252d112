package handlers_test

import (
	"context"

	"xunfang/models"
	"xunfang/store"
)

const civicKey = "matrix-civic-key"

// civic is a civic app of station A with the key above.
func (s *stage) civic() {
	s.once("civic", s.rig.Commander, own, func() models.ID {
		return s.made(func(ctx context.Context, tx *store.Store, id models.ID) error {
			mac := s.rig.keys.CodeMAC("open311", civicKey)
			return tx.AddOpen311Key(ctx, models.Open311Key{ID: id, StationID: s.rig.A, Name: "市民应用", MAC: mac, CreatedAt: s.now()})
		})
	})
}

var open311Probes = map[string]probe{
	"discoverOpen311":     plain(func(*stage, *caller) asked { return get("/open311/v2/discovery.json") }),
	"listOpen311Services": plain(func(s *stage, _ *caller) asked { return get("/open311/v2/services.json?jurisdiction_id=%s", s.rig.A) }),
	"getOpen311Service": plain(func(s *stage, _ *caller) asked {
		return get("/open311/v2/services/hazard.json?jurisdiction_id=%s", s.rig.A)
	}),
	"listOpen311Requests": plain(func(s *stage, _ *caller) asked { return get("/open311/v2/requests.json?jurisdiction_id=%s", s.rig.A) }),
	"createOpen311Request": plain(func(s *stage, _ *caller) asked {
		s.civic()
		return post(nil, "/open311/v2/requests.json?api_key=%s&service_code=hazard&description=lamp&address_string=gate", civicKey)
	}),
	"getOpen311Request": plain(func(s *stage, _ *caller) asked {
		return get("/open311/v2/requests/%s.json?jurisdiction_id=%s", s.hazard(), s.rig.A)
	}),
	"listOpen311Keys":  plain(func(*stage, *caller) asked { return get("/v1/open311-keys") }),
	"createOpen311Key": plain(func(s *stage, _ *caller) asked { return post(map[string]any{"name": s.name()}, "/v1/open311-keys") }),
	"deleteOpen311Key": about(func(s *stage, _ *caller, at column) asked {
		if at == missing {
			return remove("/v1/open311-keys/%s", s.missing)
		}
		station := map[column]models.ID{own: s.rig.A, otherStation: s.rig.B}[at]
		return remove("/v1/open311-keys/%s", s.made(func(ctx context.Context, tx *store.Store, id models.ID) error {
			return tx.AddOpen311Key(ctx, models.Open311Key{ID: id, StationID: station, Name: "市民应用", MAC: []byte(id)[:32], CreatedAt: s.now()})
		}))
	}),
}

// hazard is a tip of a public category.
func (s *stage) hazard() models.ID {
	return s.once("hazard", s.rig.Commander, own, func() models.ID {
		return s.made(func(ctx context.Context, tx *store.Store, id models.ID) error {
			return tx.AddTip(ctx, models.Tip{
				ID: id, OrderID: models.OrderID(s.now(), id), Place: models.Place{Station: s.rig.A}, Category: "hazard", Description: "井盖缺失",
				OccurredAt: s.now(), ReceivedAt: s.now(), State: models.TipReceived, BodyHash: []byte{},
				Public: true,
			})
		})
	})
}
