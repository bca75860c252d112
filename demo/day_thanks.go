package demo

import (
	"bytes"
	"context"
	"net/http"

	"xunfang/models"
)

type pointEntry struct {
	AboutID models.ID `json:"about_id"`
	Points  int       `json:"points"`
	Capped  bool      `json:"capped"` // after too many runs of the demo in one day
}

type pointState struct {
	Points int          `json:"points"`
	Items  []pointEntry `json:"items"`
}

type thanksState struct {
	ID     models.ID `json:"id"`
	State  string    `json:"state"`
	Number *string   `json:"number"`
	Code   string    `json:"claim_code"`
	Amount int       `json:"amount_cents"`
}

// earned is how many points the reporter has.
func (d *day) earned(ctx context.Context) int {
	return into[pointState](d.call(ctx, d.seller, http.MethodGet, "/v1/me/points", nil)).Points
}

// earnedBy is the newest entry for something.
func earnedBy(got answer, about models.ID) pointEntry {
	for _, entry := range into[pointState](got).Items {
		if entry.AboutID == about {
			return entry
		}
	}
	return pointEntry{}
}

// commend has the officer propose and the commander grant a commendation, with its certificate.
func (d *day) commend(ctx context.Context, tip models.ID) {
	before := d.earned(ctx)
	got := d.post(ctx, d.officer, "/v1/commendations", map[string]any{
		"person_id": d.seller.id, "reason": "发现有人撬盗自行车锁后及时报告，协助抓获嫌疑人",
		"about": map[string]any{"kind": "tip", "id": tip},
	})
	proposed := into[thanksState](got)
	d.prove(d.officer, "POST /v1/commendations", got, http.StatusCreated, proposed.State == "proposed",
		words{"民警提请表彰", "the officer proposes a commendation"})
	path := "/v1/commendations/" + string(proposed.ID)
	got = d.post(ctx, d.commander, path+"/decision", map[string]string{"decision": "approve", "reason": "事迹属实"})
	granted := into[thanksState](got)
	d.prove(d.commander, "POST /v1/commendations/{id}/decision", got, http.StatusOK,
		granted.State == "granted" && granted.Number != nil && d.earned(ctx) == before+50,
		words{"所长批准，编号入册，加 50 分", "the commander grants it, numbered, with 50 points"})
	got = d.call(ctx, d.seller, http.MethodGet, path+"/certificate", nil)
	d.prove(d.seller, "GET /v1/commendations/{id}/certificate", got, http.StatusOK,
		bytes.HasPrefix(got.body, []byte("%PDF-")) && bytes.Contains(got.body, []byte("%%EOF")) && len(got.body) > 4<<10,
		words{"荣誉证书（PDF），可直接打印", "the certificate, a PDF ready to be printed"})
}

// reward has money proposed by one, approved by another, claimed once and paid.
func (d *day) reward(ctx context.Context, tip models.ID) {
	const cents = 20_000
	got := d.post(ctx, d.officer, "/v1/rewards", map[string]any{
		"reason": "线索属实，协助破案", "shares": []any{map[string]any{"tip_id": tip, "amount_cents": cents}},
	})
	proposed := into[page[thanksState]](got)
	if !d.prove(d.officer, "POST /v1/rewards", got, http.StatusCreated, len(proposed.Items) == 1 && proposed.Items[0].State == "proposed",
		words{"民警提请奖励 200 元", "the officer proposes a reward of 200 yuan"}) {
		return
	}
	path := "/v1/rewards/" + string(proposed.Items[0].ID)
	approval := map[string]string{"decision": "approve", "reason": "同意"}
	got = d.post(ctx, d.officer, path+"/decision", approval)
	d.prove(d.officer, "POST /v1/rewards/{id}/decision", got, http.StatusForbidden, problemCode(got) == models.CodeSecondPerson,
		words{"提请人不能自己批准", "who proposed it may not approve it"})
	got = d.post(ctx, d.commander, path+"/decision", approval)
	told := inboxAbout(d.call(ctx, d.seller, http.MethodGet, "/v1/me/inbox", nil), proposed.Items[0].ID)
	d.prove(d.commander, "POST /v1/rewards/{id}/decision", got, http.StatusOK, into[thanksState](got).State == "notified" && told == 1,
		words{"所长批准，提供人收到通知", "the commander approves it, and the reporter is told"})
	got = d.post(ctx, d.seller, path+"/claim-code", nil)
	code := map[string]string{"claim_code": into[thanksState](got).Code}
	d.prove(d.seller, "POST /v1/rewards/{id}/claim-code", got, http.StatusCreated, code["claim_code"] != "",
		words{"提供人取得一次性领取码", "the reporter gets a one-time claim code"})
	got = d.post(ctx, d.seller, "/v1/reward-claims", code)
	d.prove(d.seller, "POST /v1/reward-claims", got, http.StatusCreated, into[thanksState](got).Amount == cents,
		words{"凭码领取", "and claims the reward by it"})
	got = d.post(ctx, d.seller, "/v1/reward-claims", code)
	d.prove(d.seller, "POST /v1/reward-claims", got, http.StatusConflict, true,
		words{"再用一次：已经领过", "once more: it is claimed already"})
	got = d.post(ctx, d.commander, path+"/payment", map[string]string{"voucher": "演示-0001"})
	d.prove(d.commander, "POST /v1/rewards/{id}/payment", got, http.StatusOK, into[thanksState](got).State == "paid",
		words{"付款入账", "it is paid and entered"})
}
