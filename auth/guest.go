package auth

import (
	"crypto/aes"
	"crypto/cipher"
	"fmt"

	"xunfang/models"
)

// GuestHash is how the random part of a guest page's address is kept, so that the page is found by it and it is not found
// by the page.
func (k *Keys) GuestHash(token models.Secret) []byte { return k.CodeMAC("guest_page", token.Reveal()) }

// SealForGuest encrypts what only who has the address of a guest page is to see: the key follows from the address and the
// pepper, and neither is in the database. The context is bound to it.
func (k *Keys) SealForGuest(token, plain models.Secret, context string) ([]byte, error) {
	aead, err := k.guestCipher(token)
	if err != nil {
		return nil, err
	}
	return aead.Seal(nil, nil, []byte(plain.Reveal()), []byte(context)), nil //nolint:gosec // it draws its nonce itself
}

// OpenForGuest gives back what SealForGuest was given with the same address and context, or ErrSealed.
func (k *Keys) OpenForGuest(token models.Secret, sealed []byte, context string) (models.Secret, error) {
	aead, err := k.guestCipher(token)
	if err != nil {
		return "", err
	}
	plain, err := aead.Open(nil, nil, sealed, []byte(context))
	if err != nil {
		return "", fmt.Errorf("%w: of another page, or altered", ErrSealed)
	}
	return models.Secret(plain), nil
}

func (k *Keys) guestCipher(token models.Secret) (cipher.AEAD, error) {
	block, err := aes.NewCipher(k.CodeMAC("guest_code", token.Reveal())) // 32 bytes: AES-256
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}
