package auth

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"xunfang/models"
)

const (
	// SignedPassPrefix begins the text of a signed QR code.
	SignedPassPrefix = "XF2."
	// MaxSignedPass bounds that text: a QR code of version 9 at error correction M holds 262 such letters.
	MaxSignedPass = 260

	signedPassVersion = 1
	signedPassFixed   = 1 + 4 + 16 + 4 + 4 + 2 + 1 // bytes before the doors
	doorDigestBytes   = 8
	// signedPassDomain stands before what is signed. No JWS has a zero byte: the same key can sign both.
	signedPassDomain = "XF2\x00"
)

// ErrSignedPass is the error of a QR code that was not signed by a known door key.
var ErrSignedPass = errors.New("auth: not a signed pass of ours")

// base32 in capitals is what QR codes hold most densely after digits, and no scanner that plays keyboard spoils it.
var signedPassText = base32.StdEncoding.WithPadding(base32.NoPadding)

// SignPass makes the text of a signed QR code with the current door key: XF2. and, in base32, one byte of version, four of the
// SHA-256 of the key's id, the 16 of the pass's id, start and end in seconds (4 each), uses (2), the number of doors (1), eight
// bytes of each door's digest, and the Ed25519 signature over signedPassDomain and all of that.
func (k *Keys) SignPass(pass models.SignedPass) (models.Secret, error) {
	id, err := hex.DecodeString(strings.ReplaceAll(string(pass.Pass), "-", ""))
	starts, ends := pass.StartsAt.Unix(), pass.EndsAt.Unix()
	if err != nil || len(id) != 16 || starts < 0 || ends < 0 || starts > math.MaxUint32 || ends > math.MaxUint32 ||
		pass.Uses < 1 || pass.Uses > math.MaxUint16 || len(pass.Doors) == 0 || len(pass.Doors) > models.MaxSignedDoors {
		return "", fmt.Errorf("auth: signing a pass: out of bounds")
	}
	current := k.ring().door[0]
	body := append([]byte{signedPassVersion}, keyHint(current.kid)...)
	body = append(body, id...)
	body = binary.BigEndian.AppendUint32(body, uint32(starts))
	body = binary.BigEndian.AppendUint32(body, uint32(ends))
	body = binary.BigEndian.AppendUint16(body, uint16(pass.Uses))
	body = append(body, byte(len(pass.Doors))) //nolint:gosec // at most MaxSignedDoors, as looked at above
	for _, door := range pass.Doors {
		mark, err := hex.DecodeString(door)
		if err != nil || len(mark) != doorDigestBytes {
			return "", fmt.Errorf("auth: signing a pass: not a door's digest")
		}
		body = append(body, mark...)
	}
	body = append(body, ed25519.Sign(current.private, append([]byte(signedPassDomain), body...))...)
	return models.Secret(SignedPassPrefix + signedPassText.EncodeToString(body)), nil
}

// VerifyPass is the controller's side: what a QR code says that was signed by one of the keys, and ErrSignedPass for anything
// else. Whether the pass opens this door now is for models.AllowList.OpenBySigned to say.
func VerifyPass(text string, keys map[string]ed25519.PublicKey) (models.SignedPass, error) {
	encoded, ours := strings.CutPrefix(text, SignedPassPrefix)
	if !ours || len(text) > MaxSignedPass {
		return models.SignedPass{}, fmt.Errorf("%w: prefix or length", ErrSignedPass)
	}
	all, err := signedPassText.DecodeString(encoded)
	// Each value has one spelling only: the decoder leaves out line breaks and the last bits.
	if err != nil || signedPassText.EncodeToString(all) != encoded || len(all) < signedPassFixed+ed25519.SignatureSize {
		return models.SignedPass{}, fmt.Errorf("%w: not base32", ErrSignedPass)
	}
	body, signature := all[:len(all)-ed25519.SignatureSize], all[len(all)-ed25519.SignatureSize:]
	doors := body[signedPassFixed:]
	if body[0] != signedPassVersion || len(doors) != doorDigestBytes*int(body[signedPassFixed-1]) || !signedByOne(body, signature, keys) {
		return models.SignedPass{}, fmt.Errorf("%w: the signature does not hold", ErrSignedPass)
	}
	ref, seconds := body[5:21], func(at int) time.Time { return time.Unix(int64(binary.BigEndian.Uint32(body[at:])), 0).UTC() }
	id := hex.EncodeToString(ref)
	pass := models.SignedPass{
		Pass:     models.ID(strings.Join([]string{id[:8], id[8:12], id[12:16], id[16:20], id[20:]}, "-")),
		StartsAt: seconds(21), EndsAt: seconds(25), Uses: int(binary.BigEndian.Uint16(body[29:])),
	}
	for ; len(doors) > 0; doors = doors[doorDigestBytes:] {
		pass.Doors = append(pass.Doors, hex.EncodeToString(doors[:doorDigestBytes]))
	}
	return pass, nil
}

func signedByOne(body, signature []byte, keys map[string]ed25519.PublicKey) bool {
	for kid, public := range keys {
		if bytes.Equal(keyHint(kid), body[1:5]) && len(public) == ed25519.PublicKeySize &&
			ed25519.Verify(public, append([]byte(signedPassDomain), body...), signature) {
			return true
		}
	}
	return false
}

// keyHint finds the key; what convinces is the signature.
func keyHint(kid string) []byte {
	sum := sha256.Sum256([]byte(kid))
	return sum[:4]
}
