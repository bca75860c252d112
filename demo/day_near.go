package demo

import (
	"context"
	"net/http"
	"strings"

	"xunfang/models"
)

// audienceCount is the answer to a preview.
type audienceCount struct {
	People int `json:"people"`
}

// tellWhoIsNear tells those on duty who were just seen near a place, and nobody else there.
func (d *day) tellWhoIsNear(ctx context.Context, place models.Position, driver, bystander *actor) {
	audience := map[string]any{
		"scope": map[string]any{"kind": models.LevelStation, "id": d.config.Station.Station.ID},
		"near":  map[string]any{"position": position(place), "radius_m": 800},
	}
	got := d.call(ctx, d.commander, http.MethodPost, "/v1/alerts/preview", map[string]any{"audience": audience})
	counted := into[audienceCount](got).People
	d.prove(d.commander, "POST /v1/alerts/preview", got, http.StatusOK, counted > 0,
		words{"先看附近有几名在岗人员会收到", bracket("how many on duty near there would be told", counted)})
	got = d.post(ctx, d.commander, "/v1/alerts", map[string]any{
		"kind": "notice", "severity": "normal", "title": "附近有走失老人", "body": "请留意，见到请联系值班室。", "audience": audience, "ttl_s": 3600,
	})
	alert := into[alertState](got)
	has := func(who *actor) bool {
		inbox := d.call(ctx, who, http.MethodGet, "/v1/me/inbox", nil)
		return strings.Contains(string(inbox.body), string(alert.ID))
	}
	d.prove(d.commander, "POST /v1/alerts", got, http.StatusCreated, alert.Recipients == counted && has(driver) && !has(bystander),
		words{"只发给在岗又在附近的人", "it is for who is on duty and near, and for nobody else there"})
}
