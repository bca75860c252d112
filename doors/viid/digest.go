package viid

import (
	"crypto/md5" //nolint:gosec // the digest that devices speak; it is no more than a door before a network of their own
	"crypto/subtle"
	"encoding/hex"
	"strings"
	"time"

	"xunfang/models"
)

const (
	realm     = "xunfang-viid"
	nonceLife = time.Minute
	maxNonces = 1024
)

// parameters reads what follows "Digest " (RFC 7616): name=value with or without quotes.
func parameters(header string) map[string]string {
	rest, is := cutFold(header, "Digest ")
	read := map[string]string{}
	for is && rest != "" && len(read) < 20 {
		name, after, found := strings.Cut(rest, "=")
		if !found {
			break
		}
		var value string
		if quoted, is := strings.CutPrefix(after, `"`); is {
			value, after, _ = strings.Cut(quoted, `"`)
			_, rest, _ = strings.Cut(after, ",")
		} else {
			value, rest, _ = strings.Cut(after, ",")
		}
		read[strings.ToLower(strings.TrimSpace(name))] = strings.TrimSpace(value)
	}
	return read
}

func cutFold(text, prefix string) (string, bool) {
	if len(text) < len(prefix) || !strings.EqualFold(text[:len(prefix)], prefix) {
		return "", false
	}
	return text[len(prefix):], true
}

// digestFits says whether the answer to a challenge was made with the password: MD5 with qop=auth, or without a qop as RFC 2069
// has it, which older devices speak.
func digestFits(given map[string]string, method string, password models.Secret) bool {
	secret := hashed(given["username"], realm, password.Reveal())
	request := hashed(method, given["uri"])
	want := hashed(secret, given["nonce"], request)
	if given["qop"] != "" {
		if given["qop"] != "auth" || given["nc"] == "" || given["cnonce"] == "" {
			return false
		}
		want = hashed(secret, given["nonce"], given["nc"], given["cnonce"], "auth", request)
	}
	return given["realm"] == realm && subtle.ConstantTimeCompare([]byte(strings.ToLower(given["response"])), []byte(want)) == 1
}

func hashed(parts ...string) string {
	sum := md5.Sum([]byte(strings.Join(parts, ":"))) //nolint:gosec // as above
	return hex.EncodeToString(sum[:])
}
