package handlers_test

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"net/http"
	"strconv"
	"time"

	"xunfang/auth"
	"xunfang/models"
	"xunfang/store"
)

// newStationKey makes the key pair that both stations' anonymous tips are sealed to.
func (r *rig) newStationKey() {
	key, private, err := auth.NewStationIdentity()
	if err != nil {
		r.t.Fatal(err)
	}
	if r.opener, err = auth.ParseStationIdentity(private); err != nil {
		r.t.Fatal(err)
	}
	r.stationKey, r.passwords = key.String(), auth.NewPasswords(2, 5*time.Second, rand.Reader)
}

// restart serves anew from the same database, with nothing in memory.
func (r *rig) restart(settings rigSettings) {
	r.newServer(settings)
	r.serve(settings)
}

// proof takes a proof of work and solves it.
func (r *rig) proof() map[string]any {
	r.t.Helper()
	got := r.call(nil, http.MethodPost, "/v1/proofs-of-work", nil).must(201)
	challenge, bits := got.text("challenge"), int(got.at("zero_bits").(float64))
	for solution := 0; ; solution++ {
		if models.ProofHolds(challenge, strconv.Itoa(solution), bits) {
			return map[string]any{"challenge": challenge, "solution": strconv.Itoa(solution)}
		}
	}
}

// untold is an anonymous tip for station A near compound One, ready to be sent; change may be nil.
func (r *rig) untold(change map[string]any) map[string]any {
	tip := map[string]any{
		"station_id": r.A, "category": "theft", "description": "售楼部门口有两人在撬自行车锁。",
		"position": spot(r.One.At, nil), "proof": r.proof(),
	}
	for field, value := range change {
		tip[field] = value
	}
	return tip
}

// anonymousTip sends one and gives its receipt and the tip's id, which only the database tells.
func (r *rig) anonymousTip(change map[string]any) (receipt string, id models.ID) {
	r.t.Helper()
	receipt = r.call(nil, http.MethodPost, "/v1/anonymous-tips", r.untold(change)).must(201).text("receipt")
	hash, err := r.passwords.ReceiptHash(context.Background(), r.keys, models.Secret(receipt))
	if err != nil {
		r.t.Fatal(err)
	}
	tip, err := r.store.TipByReceipt(context.Background(), hash)
	if err != nil {
		r.t.Fatal(err)
	}
	return receipt, tip.ID
}

// receiptSession exchanges a receipt for a token.
func (r *rig) receiptSession(receipt string) string {
	r.t.Helper()
	return r.call(nil, http.MethodPost, "/v1/receipt-sessions", map[string]any{"receipt": receipt}).must(201).text("access_token")
}

// receiptToken is a token for the tip that stands as the caller, past the slow hash.
func (r *rig) receiptToken(who *caller) issuedToken {
	text, err := r.tokens.IssueReporter(who.ID, who.Station, r.clock.Now())
	if err != nil {
		r.t.Fatal(err)
	}
	return issuedToken{text: text.Reveal(), session: who.ID, until: r.clock.Now().Add(models.ReceiptLife - time.Minute)}
}

// as gives the holder of a role in One; of a receipt there is one when it is first asked for.
func (r *rig) as(role models.Role) *caller {
	if role != models.RoleReporter {
		return r.world.as(role)
	}
	if r.Reporter == nil {
		r.Reporter = r.newReporter()
	}
	return r.Reporter
}

// newReporter writes a tip of station A whose receipt nobody has seen, and gives its holder.
func (r *rig) newReporter() *caller {
	who := &caller{Name: "reporter", ID: r.ids.next(), Station: r.A, Role: models.RoleReporter}
	hash, now := sha256.Sum256([]byte(who.ID)), r.clock.Now().Truncate(models.CoarseTime)
	key, err := auth.ParseStationKey(r.stationKey)
	if err != nil {
		r.t.Fatal(err)
	}
	sealed, err := key.Seal([]byte(`{"description":"有人撬锁"}`))
	if err != nil {
		r.t.Fatal(err)
	}
	r.write(func(ctx context.Context, tx *store.Store) error {
		return tx.AddAnonymousTip(ctx, models.Tip{
			ID: who.ID, OrderID: who.ID, Place: r.One.Place, Category: "theft", Reporting: models.ReportingAnonymous,
			Sealed: sealed, OccurredAt: now, ReceivedAt: now, State: models.TipReceived, BodyHash: hash[:],
		}, hash[:])
	})
	return who
}
