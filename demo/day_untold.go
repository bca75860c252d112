package demo

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"xunfang/models"
)

type proofState struct {
	Challenge string `json:"challenge"`
	ZeroBits  int    `json:"zero_bits"`
}

// tellUntold has somebody whom nobody knows send a tip, and see by their receipt what became of it.
func (d *day) tellUntold(ctx context.Context) {
	nobody, text := &actor{name: "nobody"}, "地下车库有人夜里换电动车电池。编号 "+string(d.newID())
	pressed := time.Now()
	got := d.call(ctx, nil, http.MethodPost, "/v1/proofs-of-work", nil)
	proof := into[proofState](got)
	solution, tries := "", 0
	for ; got.status == http.StatusCreated && solution == "" && ctx.Err() == nil; tries++ {
		if one := strconv.Itoa(tries); models.ProofHolds(proof.Challenge, one, proof.ZeroBits) {
			solution = one
		}
	}
	d.prove(nobody, "POST /v1/proofs-of-work", got, http.StatusCreated, solution != "",
		words{"不登录：手机先解一道题", bracket("without an account: the phone solves a puzzle first; tries", tries)})
	got = d.call(ctx, nil, http.MethodPost, "/v1/anonymous-tips", map[string]any{
		"station_id": d.config.Station.Station.ID, "category": "theft", "description": text, "position": position(d.compound.Centre),
		"proof": map[string]string{"challenge": proof.Challenge, "solution": solution},
	})
	took := time.Since(pressed)
	receipt := into[struct {
		Receipt string `json:"receipt"`
	}](got).Receipt
	d.prove(nobody, "POST /v1/anonymous-tips", got, http.StatusCreated, len(receipt) == models.ReceiptDigits && took < tipTime, words{
		fmt.Sprintf("匿名线索送达，得到 16 位回执，全程 %d 毫秒", took.Milliseconds()),
		fmt.Sprintf("a tip without a name, and a receipt of 16 digits, in %d ms", took.Milliseconds()),
	})
	got = d.call(ctx, d.officer, http.MethodGet, "/v1/tips?limit=100", nil)
	id, known := models.ID(""), true
	for _, tip := range into[page[struct {
		ID          models.ID  `json:"id"`
		Description string     `json:"description"`
		Reporting   string     `json:"reporting"`
		Reporter    *models.ID `json:"reporter_id"`
	}]](got).Items {
		if tip.Description == text {
			id, known = tip.ID, tip.Reporting != "anonymous" || tip.Reporter != nil
		}
	}
	d.prove(d.officer, "GET /v1/tips", got, http.StatusOK, id != "" && !known,
		words{"民警读到内容，读不到是谁", "the officer reads what it says, and not whose it is"})
	got = d.post(ctx, d.officer, "/v1/tips/"+string(id)+"/transitions", map[string]string{"state": "acknowledged", "note": "今晚安排蹲守。"})
	if got.status != http.StatusOK {
		d.prove(d.officer, "POST /v1/tips/{id}/transitions", got, http.StatusOK, false, words{"民警没有签收", "it was not acknowledged"})
	}
	got = d.call(ctx, nil, http.MethodPost, "/v1/receipt-sessions", map[string]string{"receipt": receipt})
	nobody.token = models.Secret(into[struct {
		Token string `json:"access_token"`
	}](got).Token)
	d.prove(nobody, "POST /v1/receipt-sessions", got, http.StatusCreated, nobody.token != "",
		words{"凭回执查看，只能看这一条", "the receipt opens this one tip"})
	got = d.call(ctx, nobody, http.MethodGet, "/v1/receipt/tip", nil)
	answered := bytes.Contains(got.body, []byte("今晚安排蹲守")) && !bytes.Contains(got.body, []byte(d.officer.id))
	d.prove(nobody, "GET /v1/receipt/tip", got, http.StatusOK, into[lockState](got).State == "acknowledged" && answered,
		words{"看到进展和派出所的答复", "and shows how far it is, with the station's answer"})
}
