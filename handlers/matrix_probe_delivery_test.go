package handlers_test

import (
	"context"
	"net/http"
	"time"

	"xunfang/models"
	"xunfang/store"
)

// publicAlert is one to the residents of the column's home.
func (s *stage) publicAlert(at column) models.ID {
	if at == missing {
		return s.missing
	}
	return s.made(func(ctx context.Context, tx *store.Store, id models.ID) error {
		_, err := tx.AddAlert(ctx, models.Alert{
			ID: id, Kind: "notice", Severity: models.SeverityNormal, Title: "通知", Body: "内容",
			Audience:  models.Audience{Roles: []models.Role{models.RoleResident}, Place: s.home[at]},
			CreatedAt: s.now(), ExpiresAt: s.now().Add(time.Hour),
		})
		return err
	})
}

var deliveryProbes = map[string]probe{
	"listAlertDeliveries": about(func(s *stage, who *caller, at column) asked {
		return get("/v1/alerts/%s/deliveries", s.once("public alert", s.owner(who, at), at, func() models.ID { return s.publicAlert(at) }))
	}),
	"cancelAlert": about(func(s *stage, who *caller, at column) asked {
		return post(nil, "/v1/alerts/%s/cancel", s.once("public alert", s.owner(who, at), at, func() models.ID { return s.publicAlert(at) }))
	}),
	"getAlertLadders": plain(func(*stage, *caller) asked { return get("/v1/alert-ladders") }),
	"putAlertLadders": plain(func(s *stage, _ *caller) asked {
		set, err := s.rig.store.Ladders(context.Background(), s.rig.A)
		if err != nil {
			s.rig.t.Fatal(err)
		}
		return asked{method: http.MethodPut, path: "/v1/alert-ladders", body: ladders(set.Version)}
	}),
	"previewAlertLadder": about(func(s *stage, _ *caller, at column) asked {
		body := map[string]any{"severity": "high", "roles": []string{"guard"}, "at": instant(s.now())}
		body["scope"] = map[string]any{"kind": "compound", "id": s.compoundID(at)}
		return post(body, "/v1/alert-ladders/preview").naming("scope.id")
	}),
	"createDeliveryReceipts": plain(func(s *stage, _ *caller) asked {
		return post(map[string]any{"items": []any{map[string]any{
			"alert_id": s.missing, "installation_id": "a-phone", "channel": "stream", "state": "seen", "at": instant(s.now()),
		}}}, "/v1/me/delivery-receipts")
	}),
}
