package handlers_test

import (
	"context"
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
	"createDeliveryReceipts": plain(func(s *stage, _ *caller) asked {
		return post(map[string]any{"items": []any{map[string]any{
			"alert_id": s.missing, "installation_id": "a-phone", "channel": "stream", "state": "seen", "at": instant(s.now()),
		}}}, "/v1/me/delivery-receipts")
	}),
}
