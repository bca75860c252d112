package demo

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"time"

	"xunfang/models"
)

type groupMessage struct {
	ID           models.ID `json:"id"`
	State        string    `json:"state"`
	Acknowledged int       `json:"acknowledged"`
}

// talkInGroup is how the story of the e-bike begins: property posts the theft in the compound's group, the station asks the others to
// look at their own doors, and sees who has read it.
func (d *day) talkInGroup(ctx context.Context) {
	path := "/v1/groups/" + string(d.compound.ID)
	got := d.post(ctx, d.seller, path+"/messages", map[string]any{
		"id": d.newID(), "text": "3 栋楼下一辆电动自行车昨晚被盗，车棚门锁已坏。",
	})
	stolen := into[groupMessage](got)
	d.prove(d.seller, "POST /v1/groups/{id}/messages", got, http.StatusCreated, stolen.State == "kept",
		words{"物业在小区安全群里通报电动自行车被盗", "property posts the stolen e-bike in the compound's group"})
	got = d.post(ctx, d.officer, path+"/messages", map[string]any{
		"id": d.newID(), "text": "请先自行分析；各车棚今天之内检查门锁。", "reply_to": stolen.ID, "notice": true,
		"due_at": wireTime(time.Now().Add(12 * time.Hour)),
	})
	notice := into[groupMessage](got)
	d.prove(d.officer, "POST /v1/groups/{id}/messages", got, http.StatusCreated, notice.ID != "",
		words{"民警发通知，要求签收", "the officer answers with a notice that is to be acknowledged"})
	one := path + "/messages/" + string(notice.ID)
	got = d.call(ctx, d.committee, http.MethodPost, one+"/acknowledge", nil)
	d.prove(d.committee, "POST /v1/groups/{id}/messages/{id}/acknowledge", got, http.StatusOK, true,
		words{"业委会签收", "the owners' committee acknowledges it"})
	got = d.call(ctx, d.officer, http.MethodGet, one+"/acknowledgements", nil)
	roll := into[struct {
		Asked        int `json:"asked"`
		Acknowledged int `json:"acknowledged"`
	}](got)
	d.prove(d.officer, "GET /v1/groups/{id}/messages/{id}/acknowledgements", got, http.StatusOK,
		roll.Acknowledged == 1 && roll.Asked > 1, words{"看得到谁签收了、谁还没有", "it is seen who has, and who has not"})
	got = d.call(ctx, d.commander, http.MethodGet, path+"/export?reason="+url.QueryEscape("电动自行车被盗案"), nil)
	d.prove(d.commander, "GET /v1/groups/{id}/export", got, http.StatusOK, bytes.Contains(got.body, []byte(`"kind":"end"`)),
		words{"值班所长写明理由，导出群里的消息", "the commander exports the group's messages, with a reason on record"})
	got = d.call(ctx, d.stranger, http.MethodGet, path+"/messages", nil)
	d.prove(d.stranger, "GET /v1/groups/{id}/messages", got, http.StatusForbidden, true,
		words{"居民看不到群里的消息", "residents do not read along"})
}
