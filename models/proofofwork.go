package models

import (
	"crypto/sha256"
	"math/bits"
	"time"
)

// A proof of work stands where a person would have to be known otherwise: to send an anonymous tip costs
// a phone about a second, and who sends many pays for each.
const (
	// ProofBits is how many leading zero bits are asked for: 2^18 hashes on average.
	ProofBits = 18
	// ProofLife is how long a challenge holds. It is long enough for a phone with a weak signal to send the
	// same tip again and be given the same receipt.
	ProofLife = 10 * time.Minute
)

// ProofHolds says whether the solution belongs to the challenge: SHA-256 of "<challenge>:<solution>"
// begins with so many zero bits.
func ProofHolds(challenge, solution string, zeroBits int) bool {
	zeros := 0
	for _, b := range sha256.Sum256([]byte(challenge + ":" + solution)) {
		zeros += bits.LeadingZeros8(b)
		if b != 0 {
			break
		}
	}
	return zeros >= zeroBits
}
