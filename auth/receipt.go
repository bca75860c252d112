package auth

import (
	"context"

	"xunfang/models"
)

// ReceiptHash is how a receipt is kept and found again: argon2id at the cost of a password, of the receipt under the
// pepper, with a salt that the pepper gives. Without the key file no receipt can be tried at all; with it
// each try costs a slow hash. It waits for a slot as a password does: CodeBusy when there is none.
func (p *Passwords) ReceiptHash(ctx context.Context, keys *Keys, receipt models.Secret) ([]byte, error) {
	peppered := models.Secret(keys.CodeMAC("receipt", receipt.Reveal()))
	salt := keys.CodeMAC("receipt_salt", "")[:passwordSalt]
	return p.hash(ctx, peppered, salt, p.cost, passwordHash)
}

// NormalizeReceipt is NormalizeCode; "" for what has not the sixteen digits.
func NormalizeReceipt(text string) models.Secret {
	digits := NormalizeCode(text)
	if len(digits) != models.ReceiptDigits {
		return ""
	}
	for _, c := range []byte(digits) {
		if c < '0' || c > '9' {
			return ""
		}
	}
	return models.Secret(digits)
}
