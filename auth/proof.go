package auth

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"xunfang/models"
)

// A challenge is base64url of: version, difficulty, end (Unix seconds, 8 bytes), 16 random bytes, MAC (32 bytes).
// Nothing about it is kept until it is used.
const (
	proofVersion = 1
	proofHead    = 2 + 8 + 16
	proofBytes   = proofHead + 32
)

// Proof is a challenge of ours as it is read back.
type Proof struct {
	Text      string
	ZeroBits  int
	ExpiresAt time.Time
}

// NewProof makes a challenge that asks for so many zero bits and holds until expiresAt.
func (k *Keys) NewProof(random io.Reader, zeroBits int, expiresAt time.Time) (Proof, error) {
	made := make([]byte, proofHead, proofBytes)
	made[0], made[1] = proofVersion, byte(zeroBits)                //nolint:gosec // at most 256
	binary.BigEndian.PutUint64(made[2:], uint64(expiresAt.Unix())) //nolint:gosec // after 1970
	if _, err := io.ReadFull(random, made[10:]); err != nil {
		return Proof{}, fmt.Errorf("auth: drawing a challenge: %w", err)
	}
	made = append(made, k.CodeMAC("proof_of_work", string(made))...)
	return Proof{
		Text: base64.RawURLEncoding.EncodeToString(made), ZeroBits: zeroBits, ExpiresAt: time.Unix(expiresAt.Unix(), 0).UTC(),
	}, nil
}

// ReadProof reads a challenge; false when it is none of ours.
func (k *Keys) ReadProof(text string) (Proof, bool) {
	made, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(made) != proofBytes || made[0] != proofVersion ||
		!SameBytes(made[proofHead:], k.CodeMAC("proof_of_work", string(made[:proofHead]))) {
		return Proof{}, false
	}
	end := int64(binary.BigEndian.Uint64(made[2:])) //nolint:gosec // ours, so after 1970
	return Proof{Text: text, ZeroBits: int(made[1]), ExpiresAt: time.Unix(end, 0).UTC()}, true
}

// receipts is how many receipts there are: each of 16 digits.
const receipts = 10_000_000_000_000_000

// Receipt gives the 16 digits that belong to a challenge, each as likely as any other: the challenge holds 128 random
// bits, and what HMAC makes of them is cut into words of which those past the last whole multiple are passed over.
// So a repeat of the same request is given the same receipt, and nobody keeps it: the challenge is kept nowhere.
func (k *Keys) Receipt(challenge Proof) (models.Secret, error) {
	for at := range maxDraws {
		word := binary.BigEndian.Uint64(k.CodeMAC(fmt.Sprintf("receipt/%d", at), challenge.Text))
		// 2^63 is where fold's space has no overflow; the word's last bit is not needed.
		if number, ok := fold(word>>1, 1<<63, receipts); ok {
			return models.Secret(fmt.Sprintf("%0*d", models.ReceiptDigits, number)), nil
		}
	}
	return "", errors.New("auth: drawing a receipt: no word was small enough")
}
