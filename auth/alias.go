package auth

import (
	"encoding/hex"

	"xunfang/models"
)

// Alias is the id under which a person owns what they reported hidden: a version 8 UUID (RFC 9562) made of a blind index.
// It is the same each time, so that they find it again, and nobody without the key file can tell whose it is.
func (k *Keys) Alias(person models.ID) models.ID {
	bits := k.BlindIndex("hidden_reporter", string(person))[:16]
	bits[6], bits[8] = bits[6]&0x0f|0x80, bits[8]&0x3f|0x80
	text := hex.EncodeToString(bits)
	return models.ID(text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:])
}
