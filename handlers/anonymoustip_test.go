package handlers_test

import (
	"context"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"xunfang/api"
	"xunfang/models"
)

func TestAnonymousTipGoesItsWay(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		tip := rig.untold(map[string]any{"occurred_at": instant(rig.clock.Now().Add(-90 * time.Second))})
		got := rig.call(nil, http.MethodPost, "/v1/anonymous-tips", tip).must(201)
		receipt := got.text("receipt")
		if len(receipt) != 16 || strings.ReplaceAll(got.text("receipt_display"), " ", "") != receipt || len(got.JSON) != 2 {
			t.Errorf("the receipt: %s", got.Text)
		}
		listed := rig.call(rig.Officer, http.MethodGet, "/v1/tips", nil).must(200)
		id := listed.text("items.0.id")
		read := rig.call(rig.Officer, http.MethodGet, "/v1/tips/"+id, nil).must(200)
		for name, answer := range map[string]any{
			"description": "售楼部门口有两人在撬自行车锁。", "reporting": "anonymous", "reporter_id": nil, "mine": false,
			"compound_id": string(rig.One.ID()), "sealed": nil, "position.lat": rig.One.At.Lat,
		} {
			if read.at(name) != answer {
				t.Errorf("%s is %v, want %v", name, read.at(name), answer)
			}
		}
		if looks := rig.audit(rig.A, models.OpGetTip); len(looks) != 1 || looks[0].ActorID != rig.Officer.ID {
			t.Errorf("the looks that are recorded: %v", looks)
		}
		rig.advanceTip(rig.Officer, id, map[string]any{"state": "acknowledged", "note": "正在赶往现场"}).must(200)

		token := rig.receiptSession(got.text("receipt_display"))
		mine := rig.callAs(token, http.MethodGet, "/v1/receipt/tip", nil).must(200)
		if mine.text("state") != "acknowledged" || mine.text("steps.1.note") != "正在赶往现场" || strings.Contains(mine.Text, "售楼部") ||
			strings.Contains(mine.Text, id) || strings.Contains(mine.Text, string(rig.Officer.ID)) {
			t.Errorf("by the receipt: %s", mine.Text)
		}
		rig.callAs(token, http.MethodPost, "/v1/receipt/withdrawal", nil).must(200)
		rig.callAs(token, http.MethodPost, "/v1/receipt/withdrawal", nil).must(409)
		if got := rig.call(rig.Officer, http.MethodGet, "/v1/tips/"+id, nil).must(200); got.text("closed_reason") != "withdrawn" {
			t.Errorf("withdrawn: %s", got.Text)
		}
		rig.call(rig.OfficerTwo, http.MethodGet, "/v1/tips/"+id, nil).must(404)
		rig.call(rig.Admin, http.MethodGet, "/v1/tips/"+id, nil).must(404)
	})
}

// Without the private key on this machine the officer's client gets the sealed content, and opens it.
func TestSealedTipIsOpenedElsewhere(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		exact := models.Position{Lat: rig.One.At.Lat + 0.000234, Lng: rig.One.At.Lng}
		_, id := rig.anonymousTip(map[string]any{"position": spot(exact, nil)})
		read := rig.call(rig.Officer, http.MethodGet, "/v1/tips/"+string(id), nil).must(200)
		if read.text("description") != "" || strings.Contains(read.Text, "售楼部") || read.at("position.lat") != rig.One.At.Lat {
			t.Errorf("this machine shows %s", read.Text)
		}
		sealed, err := base64.StdEncoding.DecodeString(read.text("sealed"))
		if err != nil {
			t.Fatal(err)
		}
		plain, err := rig.opener.Open(sealed)
		if err != nil || !strings.Contains(string(plain), "售楼部") {
			t.Errorf("opened: %s, %v", plain, err)
		}
	}, func(settings *rigSettings) { settings.noKey = true })
}

func TestAnonymousTipRepeats(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		tip := rig.untold(nil)
		send := func(tip map[string]any) response { return rig.call(nil, http.MethodPost, "/v1/anonymous-tips", tip) }
		first := send(tip).must(201)
		if again := send(tip).must(200); again.Text != first.Text {
			t.Errorf("the repeat got another receipt")
		}
		other := change(tip, map[string]any{"description": "另一件事"})
		if got := send(other).must(409); got.code() != models.CodeProofUsed {
			t.Errorf("another tip with the same proof: %s", got.Text)
		}
		rig.restart(rigSettings{limits: api.Limits{Off: true}}) // the memory is gone; the database is not
		if again := send(tip).must(200); again.Text != first.Text {
			t.Errorf("after a restart the repeat got another receipt")
		}
		if got := send(other).must(409); got.code() != models.CodeProofUsed {
			t.Errorf("after a restart, another tip with the same proof: %s", got.Text)
		}
		if count := rig.rows()["tips"]; count != 1 {
			t.Errorf("%d tips", count)
		}
		rig.advance(models.ProofLife)
		if got := send(tip).must(422); got.code() != models.CodeProofRefused {
			t.Errorf("the proof has ended: %s", got.Text)
		}
	})
}

func TestAnonymousTipIsOneOfMany(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		tip, receipts := rig.untold(nil), map[string]bool{}
		for _, got := range atOnce(8, func(int) response { return rig.call(nil, http.MethodPost, "/v1/anonymous-tips", tip) }) {
			switch {
			case got.Status == 201 || got.Status == 200:
				receipts[got.text("receipt")] = true
			case got.Status != 409 || got.code() != models.CodeKeyInFlight:
				t.Errorf("%d %s", got.Status, got.Text)
			}
		}
		if count := rig.rows()["tips"]; count != 1 || len(receipts) != 1 {
			t.Errorf("%d tips, receipts %v", count, receipts)
		}
	})
}

func TestAnonymousTipRefusals(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		before := rig.rows()["tips"]
		refused := func(name string, want int, code models.Code, change map[string]any) {
			t.Helper()
			if got := rig.call(nil, http.MethodPost, "/v1/anonymous-tips", rig.untold(change)); got.Status != want || got.code() != code {
				t.Errorf("%s: %d %s", name, got.Status, got.Text)
			}
		}
		proof := rig.proof()
		challenge := proof["challenge"].(string)
		refused("a challenge of nobody's", 422, models.CodeProofRefused,
			map[string]any{"proof": map[string]any{"challenge": challenge[:60] + "AAAA" + challenge[64:], "solution": "1"}})
		wrong := "0"
		for models.ProofHolds(challenge, wrong, 4) {
			wrong += "0"
		}
		refused("not solved", 422, models.CodeProofRefused, map[string]any{"proof": map[string]any{"challenge": challenge, "solution": wrong}})
		refused("in the future", 422, models.CodeUnprocessable, map[string]any{"occurred_at": instant(rig.clock.Now().Add(time.Hour))})
		refused("no such station", 422, models.CodeUnprocessable, map[string]any{"station_id": rig.ids.next()})
		refused("a compound of another station", 422, models.CodeUnprocessable, map[string]any{"compound_id": rig.Three.ID()})
		if _, err := rig.sql.Exec("DELETE FROM station_keys WHERE station_id = ?", string(rig.B)); err != nil {
			t.Fatal(err)
		}
		refused("a station without a key", 503, models.CodeNoStationKey, map[string]any{"station_id": rig.B, "proof": proof})
		if count := rig.rows()["tips"]; count != before {
			t.Errorf("%d tips were written", count-before)
		}
		// What was refused has not used the proof up.
		rig.call(nil, http.MethodPost, "/v1/anonymous-tips", rig.untold(map[string]any{"proof": proof})).must(201)
	})
}

// Wrong receipts cost more and more time, right ones do not, and nobody is locked out.
func TestWrongReceiptsSlowDown(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		receipt, _ := rig.anonymousTip(nil)
		try := func(receipt string) response {
			return rig.call(nil, http.MethodPost, "/v1/receipt-sessions", map[string]any{"receipt": receipt})
		}
		for range models.ReceiptsFree {
			if got := try("0000000000000000").must(401); got.code() != models.CodeBadCredentials {
				t.Errorf("a wrong one: %s", got.Text)
			}
		}
		slowed := try(receipt).must(429) // even a right one
		if slowed.code() != models.CodeTooManyReceipts || slowed.Header.Get("Retry-After") != "2" {
			t.Errorf("slowed: %s %v", slowed.Text, slowed.Header)
		}
		pay := func(receipt string, proof map[string]any) response {
			return rig.call(nil, http.MethodPost, "/v1/receipt-sessions", map[string]any{"receipt": receipt, "proof": proof})
		}
		proof := rig.proof() // who is slowed by what a neighbour tried, or somebody far away, need not wait
		pay(receipt, change(proof, map[string]any{"challenge": "no-challenge-of-ours"})).must(422)
		pay(receipt, proof).must(201)
		if got := pay(receipt, proof).must(409); got.code() != models.CodeProofUsed {
			t.Errorf("a proof used twice: %s", got.Text)
		}
		spent := rig.proof()
		rig.call(nil, http.MethodPost, "/v1/anonymous-tips", rig.untold(map[string]any{"proof": spent})).must(201)
		pay(receipt, spent).must(409)
		pay("0000000000000000", rig.proof()).must(401)
		try(receipt).must(429)          // and it makes nothing worse for others
		for range models.ReceiptsPaid { // however many solve them, the slow hashes of a second are bounded
			if got := pay("0000000000000000", rig.proof()); got.Status == 429 && got.code() == models.CodeTooManyReceipts {
				break
			}
		}
		pay(receipt, rig.proof()).must(429)
		rig.advance(models.ReceiptPause)
		try(receipt).must(201)
		try("123456789012345x").must(422)
		rig.advance(models.ReceiptsForgotten)
		for range models.ReceiptsFree {
			try("0000000000000000").must(401)
		}
	})
}

func TestReceiptTokenIsForOneTipAndShort(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		receipt, id := rig.anonymousTip(nil)
		token := rig.receiptSession(receipt)
		for _, path := range []string{"/v1/me", "/v1/tips", "/v1/tips/" + string(id), "/v1/me/inbox", "/v1/stream"} {
			if got := rig.callAs(token, http.MethodGet, path, nil); got.Status != 403 {
				t.Errorf("%s: %d", path, got.Status)
			}
		}
		rig.call(rig.Resident, http.MethodGet, "/v1/receipt/tip", nil).must(403)
		rig.advance(models.ReceiptLife)
		if got := rig.callAs(token, http.MethodGet, "/v1/receipt/tip", nil).must(401); got.code() != models.CodeTokenExpired {
			t.Errorf("after its life: %s", got.Text)
		}
	})
}

// News reach the address of the receipt in words that say nothing; the same address stays that of its person.
func TestReceiptPushAddress(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		receipt, id := rig.anonymousTip(nil)
		token := rig.receiptSession(receipt)
		address := map[string]any{"kind": "fcm_token", "value": "one-phone", "platform": "android"}
		rig.call(rig.Resident, http.MethodPut, "/v1/me/push-addresses/installation1", address).must(200)
		rig.callAs(token, http.MethodPut, "/v1/receipt/push-address", address).must(204)
		if count := rig.rows()["push_addresses"]; count != 2 {
			t.Errorf("%d addresses", count)
		}
		same := 0
		if err := rig.sql.QueryRow("SELECT COUNT(DISTINCT value_index) FROM push_addresses").Scan(&same); err != nil || same != 2 {
			t.Errorf("the database shows whose phone it is: %v", err)
		}
		rig.advanceTip(rig.Officer, string(id), map[string]any{"state": "acknowledged", "note": "正在赶往现场"}).must(200)
		sent, err := rig.store.ClaimDeliveries(context.Background(), "test", 10, time.Minute, rig.clock.Now())
		if err != nil || len(sent) != 1 || sent[0].AlertKind != models.AlertMessage || sent[0].Address != "one-phone" {
			t.Fatalf("sent: %+v, %v", sent, err)
		}
		results := []models.DeliveryResult{{Delivery: sent[0], State: models.DeliveryFailed, Forget: true}}
		if err := rig.store.FinishDeliveries(context.Background(), "test", results, rig.clock.Now()); err != nil {
			t.Fatal(err)
		}
		if count := rig.rows()["push_addresses"]; count != 1 {
			t.Errorf("%d addresses after it was gone", count)
		}
		rig.callAs(token, http.MethodPut, "/v1/receipt/push-address", address).must(204)
		rig.callAs(token, http.MethodDelete, "/v1/receipt/push-address", nil).must(204)
		if count := rig.rows()["push_addresses"]; count != 1 {
			t.Errorf("%d addresses after it was deleted", count)
		}
	})
}
