package auth

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
)

// BlindIndex is what an encrypted column is looked up by: 32 bytes, the same for the
// same kind ("phone") and value, and of no use without the index key. Bring the value
// into one form first: "138 0000" and "1380000" are different values.
func (k *Keys) BlindIndex(kind, value string) []byte {
	return kindMAC(k.ring().derived.blindIndex, kind, value).Sum(nil)
}

// CodeMAC is how a code that could be guessed (a visitor's, a text message's) is kept:
// 32 bytes under the pepper, which is not in the database.
func (k *Keys) CodeMAC(kind, value string) []byte {
	return kindMAC(k.ring().derived.codeMAC, kind, value).Sum(nil)
}

// AuditMAC is the 32-byte MAC of one row of the audit.
func (k *Keys) AuditMAC(message []byte) []byte {
	mac := hmac.New(sha256.New, k.ring().derived.auditMAC)
	mac.Write(message)
	return mac.Sum(nil)
}

// AuditHash stands for a name or a number in the audit: 64 hexadecimal digits, the same
// for the same kind and value, and not to be turned back without the audit key.
func (k *Keys) AuditHash(kind, value string) string {
	return hex.EncodeToString(kindMAC(k.ring().derived.auditHash, kind, value).Sum(nil))
}

// kindMAC begins with the length of the kind, so that ("ab", "c") and ("a", "bc") differ.
func kindMAC(key []byte, kind, value string) hash.Hash {
	mac := hmac.New(sha256.New, key)
	var length [8]byte
	binary.BigEndian.PutUint64(length[:], uint64(len(kind)))
	mac.Write(length[:])
	mac.Write([]byte(kind))
	mac.Write([]byte(value))
	return mac
}
