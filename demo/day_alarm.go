package demo

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"xunfang/models"
)

// Short rungs, for the demonstration is over in minutes.
const (
	deputyAfterS    = 1
	commanderAfterS = 4
	climbTime       = 10 * time.Second
)

// climb lets an alarm at night go up its ladder until a deputy acknowledges it, and prints when what happened.
func (d *day) climb(ctx context.Context) {
	before := d.call(ctx, d.commander, http.MethodGet, "/v1/alert-ladders", nil)
	usual := into[map[string]any](before)
	version, _ := usual["version"].(float64)
	delete(usual, "updated_at")
	d.setLadders(ctx, usual, int(version), true)

	first, deputy := d.volunteers[0], d.officer
	deputyToken := "demo-phone-" + string(deputy.id)
	_ = d.call(ctx, deputy, http.MethodPut, "/v1/me/push-addresses/demo-app", map[string]string{
		"kind": "fcm_token", "value": deputyToken, "platform": "android", "locale": "zh-CN", "app_version": "1.0.0",
	})
	got := d.post(ctx, d.commander, "/v1/alerts", map[string]any{
		"kind": "warning", "severity": "emergency", "title": "车棚有人撬锁", "body": "请就近查看，不要单独处置。", "ttl_s": 600,
		"audience": map[string]any{
			"roles": []models.Role{models.RoleVolunteer}, "scope": map[string]any{"kind": models.LevelCompound, "id": d.compound.ID},
		},
	})
	alarm, began := into[alertState](got), time.Now()
	since := func(word words) words {
		at := fmt.Sprintf("%4.1f s  ", time.Since(began).Seconds())
		return words{at + word.zh, at + word.en}
	}
	d.prove(d.commander, "POST /v1/alerts", got, http.StatusCreated, true, since(words{"夜里的紧急预警", "an alarm at night"}))
	rang := waitUntil(ctx, climbTime, func() bool { return received(d.config.Phones, "demo-phone-"+string(first.id), alarm.ID) })
	d.line(rang, first.name, "push", "1", since(words{"志愿者的手机响了，没有人签收", "the volunteers' phones ring; nobody acknowledges"}))
	rang = waitUntil(ctx, climbTime, func() bool { return received(d.config.Phones, deputyToken, alarm.ID) })
	d.line(rang, deputy.name, "push", "2", since(words{"升级：社区民警的手机响了", "it climbs: the officer's phone rings"}))
	got = d.post(ctx, deputy, "/v1/alerts/"+string(alarm.ID)+"/acknowledge", nil)
	d.prove(deputy, "POST /v1/alerts/{id}/acknowledge", got, http.StatusOK, true, since(words{"社区民警签收", "the officer acknowledges"}))

	_ = waitUntil(ctx, time.Until(began.Add((commanderAfterS+2)*time.Second)), func() bool { return false })
	got = d.call(ctx, d.commander, http.MethodGet, "/v1/me/inbox", nil)
	d.line(!strings.Contains(string(got.body), string(alarm.ID)), d.commander.name, "GET /v1/me/inbox", "200",
		since(words{"不再升级：没有惊动值班所长", "it climbs no further: the commander is not woken"}))
	got = d.call(ctx, d.commander, http.MethodGet, "/v1/alerts/"+string(alarm.ID)+"/deliveries?state=acknowledged", nil)
	d.prove(d.commander, "GET /v1/alerts/{id}/deliveries", got, http.StatusOK, strings.Contains(string(got.body), string(deputy.id)),
		since(words{"谁知道了、由哪个途径，都有记录", "the ledger says who knows, and by which way"}))
	d.setLadders(ctx, usual, int(version)+1, false)
}

// setLadders sets the usual ladders, or those with short rungs for an emergency.
func (d *day) setLadders(ctx context.Context, usual map[string]any, version int, short bool) {
	body := map[string]any{}
	for field, value := range usual {
		body[field] = value
	}
	if body["version"] = version; short {
		rung := func(after int, widen models.Widening) map[string]any {
			channels := []string{models.ChannelStream, models.ChannelFCM}
			return map[string]any{"after_s": after, "channels": channels, "repeat_every_s": 0, "repeats": 0, "widen": widen}
		}
		body[models.SeverityEmergency] = []any{
			rung(0, models.WidenNone), rung(deputyAfterS, models.WidenDeputy), rung(commanderAfterS, models.WidenCommander),
		}
	}
	got := d.call(ctx, d.commander, http.MethodPut, "/v1/alert-ladders", body)
	said := words{"值班所长设定了升级的阶梯", "the commander sets the ladder"}
	if !short {
		said = words{"阶梯恢复原样", "the ladder is as it was"}
	}
	d.prove(d.commander, "PUT /v1/alert-ladders", got, http.StatusOK, true, said)
}
