package handlers

import (
	"context"
	"sync"
	"time"

	"xunfang/api"
	"xunfang/auth"
	"xunfang/models"
)

// CreateProofOfWork answers POST /v1/proofs-of-work. Nothing is kept: the challenge carries what is needed, signed.
func (h *Server) CreateProofOfWork(
	ctx context.Context, _ api.CreateProofOfWorkRequestObject,
) (api.CreateProofOfWorkResponseObject, error) {
	zeroBits := h.ProofBits
	if zeroBits == 0 {
		zeroBits = models.ProofBits
	}
	proof, err := h.Keys.NewProof(h.Random, zeroBits, api.From(ctx).Now.Add(models.ProofLife))
	if err != nil {
		return nil, err
	}
	return api.CreateProofOfWork201JSONResponse{
		Algorithm: api.Sha256, Challenge: proof.Text, ZeroBits: proof.ZeroBits, ExpiresAt: api.At(proof.ExpiresAt),
	}, nil
}

// solved reads a proof and says whether it is ours, in time and solved.
func (h *Server) solved(solution api.ProofSolution, now time.Time) (auth.Proof, error) {
	proof, ours := h.Keys.ReadProof(solution.Challenge)
	if !ours || !now.Before(proof.ExpiresAt) || !models.ProofHolds(proof.Text, solution.Solution, proof.ZeroBits) {
		return proof, models.Fail(models.CodeProofRefused)
	}
	return proof, nil
}

// maxProofs bounds the solved challenges that are remembered; each cost its sender a second.
const maxProofs = 50_000

// proofBook remembers which challenges were used, until they end by themselves: it spares the slow hash. What decides,
// past this memory and over replicas, is that no two tips have one receipt.
type proofBook struct {
	mutex sync.Mutex
	used  map[string]usedProof
}

type usedProof struct {
	body  [32]byte
	until time.Time
	kept  bool // its tip is written
}

// take uses a challenge. It says whether the same tip was written with it before; CodeProofUsed when it was
// another one, CodeKeyInFlight while the same is being written, CodeBusy when too much is remembered.
func (b *proofBook) take(proof auth.Proof, body [32]byte, now time.Time) (repeated bool, err error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	used, found := b.used[proof.Text]
	switch {
	case found && used.body != body:
		return false, models.Fail(models.CodeProofUsed)
	case found && !used.kept:
		return false, models.Fail(models.CodeKeyInFlight).After(minRetry)
	case found:
		return true, nil
	}
	if len(b.used) >= maxProofs {
		b.drop(now)
	}
	if len(b.used) >= maxProofs {
		return false, models.Fail(models.CodeBusy).After(minRetry)
	}
	b.used[proof.Text] = usedProof{body: body, until: proof.ExpiresAt, kept: false}
	return false, nil
}

// tidy forgets what has ended. With the key file a receipt can be worked out from its challenge: so no challenge stays
// longer than it must, even in memory.
func (b *proofBook) tidy(now time.Time) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.drop(now)
}

// drop is tidy under the lock.
func (b *proofBook) drop(now time.Time) {
	for text, old := range b.used {
		if !now.Before(old.until) {
			delete(b.used, text)
		}
	}
}

// settle ends what take began: a tip that was not written leaves its challenge for another try.
func (b *proofBook) settle(proof auth.Proof, kept bool) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if !kept {
		delete(b.used, proof.Text)
		return
	}
	used := b.used[proof.Text]
	used.kept = true
	b.used[proof.Text] = used
}
