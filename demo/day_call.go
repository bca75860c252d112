package demo

import (
	"bytes"
	"context"
	"net/http"

	"xunfang/models"
)

type callState struct {
	ID      models.ID    `json:"id"`
	State   string       `json:"state"`
	Session *string      `json:"session"`
	Command commandState `json:"command"`
}

// ring has a delivery ring the host's home at the gate: the phone that agreed rings, the host answers and opens.
func (d *day) ring(ctx context.Context) {
	const app, session = "demo-host-app", "wss://panel.example/session/1"
	token := "demo-phone-" + string(d.host.id)
	got := d.call(ctx, d.host, http.MethodPut, "/v1/me/push-addresses/"+app, map[string]string{
		"kind": "fcm_token", "value": token, "platform": "android", "locale": "zh-CN", "app_version": "1.0.0",
	})
	consent := d.call(ctx, d.host, http.MethodPut, "/v1/me/call-consents/"+string(d.home)+"/"+app,
		map[string]string{"version": "2026-11"})
	d.prove(d.host, "PUT /v1/me/call-consents/{home}/{app}", consent, http.StatusOK, got.status == http.StatusOK,
		words{"居民同意门口的呼叫在这台手机响铃", "the resident lets calls at the door ring this phone"})

	id := d.newID()
	got = d.post(ctx, d.terminal, "/v1/calls", map[string]any{"id": id, "door_id": d.gate.ID, "home_id": d.home, "session": session})
	d.prove(d.terminal, "POST /v1/calls", got, http.StatusCreated, into[callState](got).State == "ringing",
		words{"快递员在大门按门牌呼叫", "a delivery rings the home at the gate"})
	arrived := waitUntil(ctx, pushTime, func() bool { return received(d.config.Phones, token, id) })
	message := d.config.Phones.LastBody(token)
	d.line(arrived && bytes.Contains(message, []byte(`"ttl":"0s"`)) && !bytes.Contains(message, []byte("panel.example")), "firebase",
		"POST /v1/projects/{p}/messages:send", "200", words{
			"手机响铃：推送只含呼叫编号，过时不候",
			"the phone rings: the push has the call's id alone, now or never",
		})
	one := "/v1/calls/" + string(id)
	got = d.call(ctx, d.host, http.MethodGet, one, nil)
	shown := into[callState](got)
	d.prove(d.host, "GET /v1/calls/{id}", got, http.StatusOK, shown.Session != nil && *shown.Session == session,
		words{"手机取到会话参数", "the phone fetches the session's parameters"})
	got = d.call(ctx, d.officer, http.MethodGet, one, nil)
	d.prove(d.officer, "GET /v1/calls/{id}", got, http.StatusForbidden, problemCode(got) == models.CodeForbidden,
		words{"民警看不到呼叫", "police see nothing of calls"})
	got = d.post(ctx, d.host, one+"/answer", nil)
	d.prove(d.host, "POST /v1/calls/{id}/answer", got, http.StatusOK, into[callState](got).State == "answered",
		words{"居民在手机上接听", "the resident answers on the phone"})
	got = d.post(ctx, d.host, one+"/open", nil, "Prefer", "wait=5")
	opened := into[callState](got).Command
	d.prove(d.host, "POST /v1/calls/{id}/open", got, http.StatusOK,
		opened.State == "opened" && opened.Confirmed && d.config.Fleet.pulses(d.gate.DeviceID, opened.ID) == 1,
		words{"开门：控制器确认，只动作一次", "and opens: the controller confirms, one pulse"})
	got = d.post(ctx, d.host, one+"/open", nil)
	d.prove(d.host, "POST /v1/calls/{id}/open", got, http.StatusConflict, problemCode(got) == models.CodeWrongState,
		words{"同一呼叫不能再开一次", "the same call opens nothing twice"})
}
