package store

import "xunfang/models"

// Vault seals columns and makes the keyed hashes that stand for secrets; auth.Keys is one.
// The context binds a sealed value to its table, column and row, so that it cannot be moved.
type Vault interface {
	Seal(plain []byte, context string) []byte
	Open(sealed []byte, context string) ([]byte, error)
	BlindIndex(kind, value string) []byte
}

// sealText seals a text; the empty text becomes nil.
func (s *Store) sealText(text models.Secret, column string, id models.ID) []byte {
	if text == "" {
		return nil
	}
	return s.vault.Seal([]byte(text.Reveal()), column+":"+string(id))
}

// openText opens what sealText sealed; nil becomes "".
func (s *Store) openText(sealed []byte, column string, id models.ID) (models.Secret, error) {
	if len(sealed) == 0 {
		return "", nil
	}
	plain, err := s.vault.Open(sealed, column+":"+string(id))
	return models.Secret(plain), err
}
