package demo

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"xunfang/models"
	"xunfang/push/fcmfake"
)

const (
	pushTime   = 10 * time.Second // from the alert to the phones
	alertTitle = "近期电动车盗窃高发，请留意车棚"
)

type inboxItem struct {
	AlertID models.ID `json:"alert_id"`
	About   models.ID `json:"about"`
	Title   string    `json:"title"`
}

// alert tells the volunteers of one compound, through inbox, stream and Firebase's protocol.
func (d *day) alert(ctx context.Context) {
	alive, gone := d.volunteers[0], d.volunteers[1]
	aliveToken, goneToken := "demo-phone-"+string(alive.id), "demo-phone-"+string(gone.id)
	d.config.Phones.Script(goneToken, fcmfake.Unregistered)
	for who, token := range map[*actor]string{alive: aliveToken, gone: goneToken} {
		got := d.call(ctx, who, http.MethodPut, "/v1/me/push-addresses/demo-app", map[string]string{
			"kind": "fcm_token", "value": token, "platform": "android", "locale": "zh-CN", "app_version": "1.0.0",
		})
		if got.status != http.StatusOK {
			d.prove(who, "PUT /v1/me/push-addresses/{id}", got, http.StatusOK, false, words{"手机未登记", "a phone could not be registered"})
		}
	}
	listening, stop := context.WithTimeout(ctx, pushTime)
	defer stop()
	heard := d.listen(listening, alive)

	before := d.config.Phones.Requests(goneToken)
	first, got := d.warn(ctx)
	d.prove(d.commander, "POST /v1/alerts", got, http.StatusCreated, first.Recipients >= len(d.volunteers),
		words{"值班所长向一个小区的志愿者发出预警", bracket("the duty commander alerts the volunteers of one compound", first.Recipients)})
	d.line(hear(heard, string(first.ID)) != "", alive.name, "GET /v1/stream", "event",
		words{"手机上的事件流立即收到", "the open stream has it at once"})
	arrived := waitUntil(ctx, pushTime, func() bool { return received(d.config.Phones, aliveToken, first.ID) })
	message := d.config.Phones.LastBody(aliveToken)
	d.line(arrived && bytes.Contains(message, []byte(first.ID)) && !bytes.Contains(message, []byte(alertTitle)), "firebase",
		"POST /v1/projects/{p}/messages:send", "200", words{"推送到手机，只含编号，不含内容", "the push reaches the phone with the id and none of the words"})
	forgotten := waitUntil(ctx, pushTime, func() bool { return d.config.Phones.Requests(goneToken) > before })

	got = d.post(ctx, alive, "/v1/alerts/"+string(first.ID)+"/acknowledge", nil)
	d.prove(alive, "POST /v1/alerts/{id}/acknowledge", got, http.StatusOK, true, words{"一名志愿者签收", "one volunteer acknowledges"})
	got = d.call(ctx, d.commander, http.MethodGet, "/v1/alerts/"+string(first.ID), nil)
	d.prove(d.commander, "GET /v1/alerts/{id}", got, http.StatusOK, into[alertState](got).Acknowledged == 1,
		words{"值班所长看到已签收人数", "the commander sees how many acknowledged"})

	tried := d.config.Phones.Requests(goneToken)
	second, _ := d.warn(ctx)
	again := waitUntil(ctx, pushTime, func() bool { return received(d.config.Phones, aliveToken, second.ID) })
	untried := d.config.Phones.Requests(goneToken) == tried
	d.line(forgotten && again && untried, "firebase", "POST /v1/projects/{p}/messages:send", "404",
		words{"另一部手机已卸载：地址被遗忘，不再发送", "another phone is gone: its address is forgotten and not tried again"})
	got = d.call(ctx, gone, http.MethodGet, "/v1/me/inbox", nil)
	both := bytes.Contains(got.body, []byte(first.ID)) && bytes.Contains(got.body, []byte(second.ID))
	d.prove(gone, "GET /v1/me/inbox", got, http.StatusOK, both, words{"没有推送，收件箱里照样有", "without any push, its inbox has both"})
}

type alertState struct {
	ID           models.ID `json:"id"`
	Recipients   int       `json:"recipients"`
	Acknowledged int       `json:"acknowledged"`
}

func (d *day) warn(ctx context.Context) (alertState, answer) {
	got := d.post(ctx, d.commander, "/v1/alerts", map[string]any{
		"kind": "notice", "severity": "high", "title": alertTitle, "body": "发现可疑人员请及时上报，不要单独处置。",
		"audience": map[string]any{
			"roles": []models.Role{models.RoleVolunteer}, "scope": map[string]any{"kind": models.LevelCompound, "id": d.compound.ID},
		},
		"ttl_s": 3600, "requires_ack": true,
	})
	return into[alertState](got), got
}

func received(phones *fcmfake.Server, token string, alert models.ID) bool {
	for _, id := range phones.Received(token) {
		if id == string(alert) {
			return true
		}
	}
	return false
}

// maxHeard is how many events of a stream wait to be looked at; what is more is let go.
const maxHeard = 64

// listen opens an event stream, and once it is open gives a channel that brings the text of each event, until ctx ends.
func (d *day) listen(ctx context.Context, who *actor) <-chan string {
	heard := make(chan string, maxHeard)
	opened := make(chan struct{})
	go func() {
		defer close(heard)
		err := d.follow(ctx, who, opened, heard)
		if err != nil && ctx.Err() == nil {
			_, _ = fmt.Fprintln(d.out, "       the stream:", err)
		}
	}()
	select {
	case <-opened:
	case <-ctx.Done():
	}
	return heard
}

func (d *day) follow(ctx context.Context, who *actor, opened chan<- struct{}, heard chan<- string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, d.base+"/v1/stream", nil)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+who.token.Reveal())
	request.Header.Set("Accept", "text/event-stream")
	response, err := (&http.Client{}).Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	close(opened)
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		if data, found := strings.CutPrefix(lines.Text(), "data:"); found {
			select {
			case heard <- data:
			default:
			}
		}
	}
	return lines.Err()
}

// hear waits for the event that says something, past others that may come before it; "" when there was none.
func hear(heard <-chan string, what string) string {
	for event := range heard {
		if strings.Contains(event, what) {
			return event
		}
	}
	return ""
}
