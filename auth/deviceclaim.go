package auth

import (
	"encoding/base64"
	"io"

	"xunfang/models"
)

// NewDeviceClaimCode draws the code by which a device comes by its secret: sixteen digits, for keypads.
func NewDeviceClaimCode(random io.Reader) (models.Secret, error) {
	return NewDigits(random, models.DeviceClaimDigits)
}

// NormalizeDeviceClaim is NormalizeReceipt: both have sixteen digits.
func NormalizeDeviceClaim(text string) models.Secret { return NormalizeReceipt(text) }

// DeviceClaimSecret is the secret of whoever uses a claim with a nonce. Asked again with the same one, it is the same; it is
// kept nowhere, and without the key file and the nonce, which is not kept either, nobody finds it.
func (k *Keys) DeviceClaimSecret(claim models.ID, nonce models.Secret) models.Secret {
	return models.Secret(base64.RawURLEncoding.EncodeToString(k.CodeMAC("device_secret", string(claim)+"/"+nonce.Reveal())))
}
