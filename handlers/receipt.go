package handlers

import (
	"context"
	"math"
	"sync"
	"time"

	"xunfang/api"
	"xunfang/auth"
	"xunfang/models"
)

// CreateReceiptSession answers POST /v1/receipt-sessions. A right receipt and a wrong one take the same slow hash
// and the same look into the database; neither is recorded, for a record would tell when somebody looked.
func (h *Server) CreateReceiptSession(
	ctx context.Context, request api.CreateReceiptSessionRequestObject,
) (api.CreateReceiptSessionResponseObject, error) {
	receipt := auth.NormalizeReceipt(request.Body.Receipt)
	if receipt == "" {
		return nil, models.Unfit("receipt", models.FieldFormat, "16 digits")
	}
	asked, now := api.From(ctx), h.Now() // the request's own time is cut to the minute
	release, err := h.tryReceipt(request.Body.Proof, asked.Neighbour, now)
	if err != nil {
		return nil, err
	}
	hash, err := h.Passwords.ReceiptHash(ctx, h.Keys, receipt)
	if err != nil {
		release()
		return nil, err
	}
	tip, err := h.Store.TipByReceipt(ctx, hash)
	if models.CodeOf(err) == models.CodeNotFound {
		return nil, models.Fail(models.CodeBadCredentials)
	}
	release()
	if err != nil {
		return nil, err
	}
	token, err := h.Tokens.IssueReporter(tip.ID, tip.Place.Station, asked.Now)
	if err != nil {
		return nil, err
	}
	return api.CreateReceiptSession201JSONResponse{
		AccessToken: token.Reveal(), TokenType: "Bearer", ExpiresIn: int((models.ReceiptLife - now.Sub(asked.Now)).Seconds()),
	}, nil
}

// tryReceipt counts a try before it is made; release takes it back. Who is slowed, perhaps by what somebody else behind the same
// address tried, or by somebody who tries everywhere, may solve a proof of work instead of waiting.
func (h *Server) tryReceipt(proof *api.ProofSolution, address string, now time.Time) (release func(), err error) {
	wait := h.receipts.reserve(address, now)
	switch {
	case wait == 0:
		return func() { h.receipts.release(address) }, nil
	case proof == nil:
		return nil, models.Fail(models.CodeTooManyReceipts).After(wait)
	}
	solved, err := h.solved(*proof, now)
	if err != nil {
		return nil, err
	}
	repeated, err := h.proofs.take(solved, [32]byte(h.bodyHash([]byte("receipt"))), now)
	if err == nil && repeated {
		err = models.Fail(models.CodeProofUsed)
	}
	if err != nil {
		return nil, err
	}
	paid := h.receipts.pay(now)
	h.proofs.settle(solved, paid)
	if !paid {
		return nil, models.Fail(models.CodeTooManyReceipts).After(time.Second)
	}
	return func() {}, nil
}

// receiptBook slows those who try receipts: each address by itself, and all together. It knows addresses
// by the hash of the hour only.
type receiptBook struct {
	mutex     sync.Mutex
	addresses map[string]models.ReceiptTries
	tokens    float64 // wrong tries that are free now, over all addresses
	at        time.Time
	paid      float64 // tries for which a proof of work was solved that are free now
	paidAt    time.Time
}

const maxReceiptAddresses = 20_000

// reserve counts a try as wrong before it is made, so that of many at once no more are made than are free; or says
// how long to wait.
func (b *receiptBook) reserve(address string, now time.Time) time.Duration {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if wait := b.addresses[address].Wait(now); wait > 0 {
		return wait
	}
	if b.at.IsZero() {
		b.tokens = models.ReceiptsEverywhere
	}
	b.tokens = math.Min(models.ReceiptsEverywhere, b.tokens+now.Sub(b.at).Seconds()*models.ReceiptsEverywhere)
	b.at = now
	if b.tokens < 1 {
		return time.Second
	}
	b.tokens--
	if _, known := b.addresses[address]; !known && len(b.addresses) >= maxReceiptAddresses {
		b.makeRoom(now)
	}
	b.addresses[address] = b.addresses[address].Tried(now)
	return 0
}

// pay takes one of the tries for those who solved a proof of work: however many they are, the slow hashes of a second are bounded.
func (b *receiptBook) pay(now time.Time) bool {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if b.paidAt.IsZero() {
		b.paid = models.ReceiptsPaid
	}
	b.paid = math.Min(models.ReceiptsPaid, b.paid+now.Sub(b.paidAt).Seconds()*models.ReceiptsPaid)
	b.paidAt = now
	if b.paid < 1 {
		return false
	}
	b.paid--
	return true
}

// tidy forgets who was wrong long ago: an address is not remembered for longer than its hour, hashed as it is.
func (b *receiptBook) tidy(now time.Time) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.drop(now)
}

// drop is tidy under the lock.
func (b *receiptBook) drop(now time.Time) {
	for address, tries := range b.addresses {
		if now.Sub(tries.Last) >= models.ReceiptsForgotten {
			delete(b.addresses, address)
		}
	}
}

// makeRoom drops those who were wrong long ago, else anybody, for the bound over all still holds.
func (b *receiptBook) makeRoom(now time.Time) {
	b.drop(now)
	for address := range b.addresses {
		if len(b.addresses) < maxReceiptAddresses {
			return
		}
		delete(b.addresses, address)
	}
}

// release takes a try back that was right, or was not made.
func (b *receiptBook) release(address string) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.tokens++
	if tries := b.addresses[address]; tries.Wrong > 1 {
		tries.Wrong--
		b.addresses[address] = tries
		return
	}
	delete(b.addresses, address)
}
