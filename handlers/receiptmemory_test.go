package handlers

import (
	"testing"
	"time"

	"xunfang/auth"
	"xunfang/models"
)

// What is remembered against abuse goes when its time is over, and does not wait until there is too much of it.
func TestTheMemoryOfUnknownPeopleIsShort(t *testing.T) {
	now := time.Date(2026, 11, 24, 2, 0, 37, 0, time.UTC)
	proofs := proofBook{used: map[string]usedProof{}}
	receipts := receiptBook{addresses: map[string]models.ReceiptTries{}}
	proof := auth.Proof{Text: "challenge", ExpiresAt: now.Add(models.ProofLife)}
	if _, err := proofs.take(proof, [32]byte{1}, now); err != nil {
		t.Fatal(err)
	}
	proofs.settle(proof, true)
	if wait := receipts.reserve("hash", now); wait != 0 {
		t.Fatal(wait)
	}
	for _, row := range []struct {
		after               time.Duration
		challenges, address int
	}{
		{models.ProofLife - time.Millisecond, 1, 1},
		{models.ProofLife, 0, 1},
		{models.ReceiptsForgotten - time.Millisecond, 0, 1},
		{models.ReceiptsForgotten, 0, 0},
	} {
		proofs.tidy(now.Add(row.after))
		receipts.tidy(now.Add(row.after))
		if len(proofs.used) != row.challenges || len(receipts.addresses) != row.address {
			t.Errorf("after %v: %d challenges, %d addresses", row.after, len(proofs.used), len(receipts.addresses))
		}
	}
}
