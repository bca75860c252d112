package auth

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"xunfang/models"
)

// forge signs any header and payload with a key, the way a thief of that key would.
func forge(t testing.TB, private ed25519.PrivateKey, header, payload map[string]any) string {
	t.Helper()
	encode := func(members map[string]any) string {
		text, err := json.Marshal(members)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(text)
	}
	signed := encode(header) + "." + encode(payload)
	return signed + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(private, []byte(signed)))
}

func TestVerifyRefusesWhatOneMemberMakesWrong(t *testing.T) {
	keys := keysFrom(t, 1)
	tokens := tokensFrom(t, keys)
	good := issue(t, tokens, someClaims(someSession), noon)
	type object = map[string]any
	at := func(d time.Duration) int64 { return noon.Add(d).Unix() }
	for name, test := range map[string]struct {
		change func(header, payload object)
		want   models.Code
	}{
		"nothing":               {func(_, _ object) {}, ""},
		"typ JWT":               {func(h, _ object) { h["typ"] = "JWT" }, models.CodeUnauthenticated},
		"typ of a door command": {func(h, _ object) { h["typ"] = doorCommandType }, models.CodeUnauthenticated},
		"no typ":                {func(h, _ object) { delete(h, "typ") }, models.CodeUnauthenticated},
		"crit":                  {func(h, _ object) { h["crit"] = []string{"b64"}; h["b64"] = false }, models.CodeUnauthenticated},
		"empty crit":            {func(h, _ object) { h["crit"] = []string{} }, models.CodeUnauthenticated},
		"null crit":             {func(h, _ object) { h["crit"] = nil }, models.CodeUnauthenticated},
		"jwk":                   {func(h, _ object) { h["jwk"] = object{"kty": "OKP"} }, models.CodeUnauthenticated},
		"unknown kid":           {func(h, _ object) { h["kid"] = "other" }, models.CodeUnauthenticated},
		"no kid":                {func(h, _ object) { delete(h, "kid") }, models.CodeUnauthenticated},
		"kid of a door key":     {func(h, _ object) { h["kid"] = keys.ring().door[0].kid }, models.CodeUnauthenticated},
		"kid of another type":   {func(h, _ object) { h["kid"] = 1 }, models.CodeUnauthenticated},
		"alg none":              {func(h, _ object) { h["alg"] = "none" }, models.CodeUnauthenticated},
		"alg Ed25519":           {func(h, _ object) { h["alg"] = "Ed25519" }, models.CodeUnauthenticated},
		"no alg":                {func(h, _ object) { delete(h, "alg") }, models.CodeUnauthenticated},
		"wrong iss":             {func(_, p object) { p["iss"] = "https://other.example" }, models.CodeUnauthenticated},
		"no iss":                {func(_, p object) { delete(p, "iss") }, models.CodeUnauthenticated},
		"wrong aud":             {func(_, p object) { p["aud"] = []string{"other"} }, models.CodeUnauthenticated},
		"no aud":                {func(_, p object) { delete(p, "aud") }, models.CodeUnauthenticated},
		"empty aud":             {func(_, p object) { p["aud"] = "" }, models.CodeUnauthenticated},
		"no exp":                {func(_, p object) { delete(p, "exp") }, models.CodeUnauthenticated},
		"null exp":              {func(_, p object) { p["exp"] = nil }, models.CodeUnauthenticated},
		"exp as text":           {func(_, p object) { p["exp"] = "tomorrow" }, models.CodeUnauthenticated},
		"exp before iat":        {func(_, p object) { p["exp"] = at(-time.Hour) }, models.CodeUnauthenticated},
		"no iat":                {func(_, p object) { delete(p, "iat") }, models.CodeUnauthenticated},
		"iat 30 s ahead":        {func(_, p object) { p["iat"] = at(30 * time.Second) }, ""},
		"iat 31 s ahead":        {func(_, p object) { p["iat"] = at(31 * time.Second) }, models.CodeUnauthenticated},
		"nbf ahead":             {func(_, p object) { p["nbf"] = at(time.Minute) }, models.CodeUnauthenticated},
		"no sub":                {func(_, p object) { delete(p, "sub") }, models.CodeUnauthenticated},
		"sub of no id":          {func(_, p object) { p["sub"] = "root" }, models.CodeUnauthenticated},
		"no sid":                {func(_, p object) { delete(p, "sid") }, models.CodeUnauthenticated},
		"sid of no id":          {func(_, p object) { p["sid"] = "1" }, models.CodeUnauthenticated},
		"no station":            {func(_, p object) { delete(p, "station_id") }, ""},
		"station of no id":      {func(_, p object) { p["station_id"] = "1" }, models.CodeUnauthenticated},
		"unknown role":          {func(_, p object) { p["roles"] = []string{"emperor"} }, models.CodeUnauthenticated},
		"many roles": {func(_, p object) {
			p["roles"] = strings.Split(strings.Repeat("guard ", 13)+"guard", " ")
		}, models.CodeUnauthenticated},
		"as long as can be": {func(_, p object) { p["x"] = strings.Repeat("x", 2400) }, ""},
		"too long":          {func(_, p object) { p["x"] = strings.Repeat("x", 3000) }, models.CodeUnauthenticated},
		"expired": {func(_, p object) {
			p["iat"], p["exp"] = at(-time.Hour), at(-time.Minute)
		}, models.CodeTokenExpired},
		"expired and wrong iss": {func(_, p object) {
			p["iat"], p["exp"], p["iss"] = at(-time.Hour), at(-time.Minute), "x"
		}, models.CodeUnauthenticated},
		"expired and wrong aud": {func(_, p object) {
			p["iat"], p["exp"], p["aud"] = at(-time.Hour), at(-time.Minute), "x"
		}, models.CodeUnauthenticated},
		"expired before nbf": {func(_, p object) {
			p["iat"], p["exp"], p["nbf"] = at(-time.Hour), at(-time.Minute), at(-time.Second)
		}, models.CodeUnauthenticated},
		"expired without sid": {func(_, p object) {
			p["iat"], p["exp"] = at(-time.Hour), at(-time.Minute)
			delete(p, "sid")
		}, models.CodeUnauthenticated},
	} {
		t.Run(name, func(t *testing.T) {
			header, payload := part(t, good, 0), part(t, good, 1)
			test.change(header, payload)
			token := forge(t, keys.ring().access[0].private, header, payload)
			for range 2 { // a refused token is not remembered as a good one
				claims, err := tokens.Verify(token, noon)
				if models.CodeOf(err) != test.want {
					t.Fatalf("want %q, got %v", test.want, err)
				}
				if err != nil && (claims.Subject != "" || strings.Contains(err.Error(), token)) {
					t.Error("a refusal gives claims or shows the token")
				}
			}
		})
	}
}

func TestVerifyRefusesOtherSignatures(t *testing.T) {
	keys := keysFrom(t, 1)
	tokens := tokensFrom(t, keys)
	good := issue(t, tokens, someClaims(someSession), noon)
	header, payload := part(t, good, 0), part(t, good, 1)
	public := keys.ring().access[0].public()
	pkix, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	hmacWith := func(key []byte) string {
		token := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims(payload))
		token.Header["typ"], token.Header["kid"] = header["typ"], header["kid"]
		signed, err := token.SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return signed
	}
	none := jwt.NewWithClaims(jwt.SigningMethodNone, jwt.MapClaims(payload))
	none.Header["typ"], none.Header["kid"] = header["typ"], header["kid"]
	unsigned, err := none.SignedString(jwt.UnsafeAllowNoneSignatureType)
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(good, ".")
	admin := part(t, good, 1)
	admin["roles"] = []string{"admin"}
	tampered := strings.Split(forge(t, keys.ring().access[0].private, header, admin), ".")[1]
	other := keysFrom(t, 2)
	for name, token := range map[string]string{
		"alg none":                    unsigned,
		"HS256 with the public key":   hmacWith(public),
		"HS256 with its encoding":     hmacWith(pkix),
		"another installation's key":  forge(t, other.ring().access[0].private, header, payload),
		"the door key":                forge(t, keys.ring().door[0].private, header, payload),
		"tampered payload":            parts[0] + "." + tampered + "." + parts[2],
		"no signature":                parts[0] + "." + parts[1] + ".",
		"two parts":                   parts[0] + "." + parts[1],
		"four parts":                  good + "." + parts[2],
		"nothing":                     "",
		"dots":                        "..",
		"trailing line break":         good + "\n",
		"trailing return":             good + "\r\n",
		"trailing space":              good + " ",
		"leading space":               " " + good,
		"padding":                     good + "==",
		"line break in the signature": parts[0] + "." + parts[1] + "." + parts[2][:9] + "\n" + parts[2][9:],
		"trailing letters":            good + "AAAA",
		"standard alphabet":           strings.NewReplacer("-", "+", "_", "/").Replace(good) + "+",
		"NUL":                         good + "\x00",
		"too long":                    strings.Repeat("a", maxTokenLength+1),
		"as long as can be":           strings.Repeat("a", maxTokenLength),
		"null header":                 "bnVsbA." + parts[1] + "." + parts[2],
		"null payload":                parts[0] + ".bnVsbA." + parts[2],
	} {
		if _, err := tokens.Verify(token, noon); models.CodeOf(err) != models.CodeUnauthenticated {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := tokens.Verify(good, noon); err != nil {
		t.Errorf("control: the token itself: %v", err)
	}
}

func TestEveryLetterOfATokenCounts(t *testing.T) {
	tokens := tokensFrom(t, keysFrom(t, 1))
	good := issue(t, tokens, someClaims(someSession), noon)
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	for at := range good {
		all := at == len(good)-1 // the last letter has four bits that no byte needs
		for _, c := range letters {
			altered := good[:at] + string(c) + good[at+1:]
			if altered == good || !all && c > 'B' {
				continue
			}
			if _, err := tokens.Verify(altered, noon); models.CodeOf(err) != models.CodeUnauthenticated {
				t.Fatalf("letter %d as %c: %v", at, c, err)
			}
		}
	}
	// Negative control: without strict decoding the last letter has other spellings.
	loose := 0
	for _, c := range letters {
		_, err := jwt.NewParser(jwt.WithoutClaimsValidation()).Parse(good[:len(good)-1]+string(c), tokens.keyOf)
		if err == nil {
			loose++
		}
	}
	if loose < 2 {
		t.Error("the last letter has one spelling anyway: this test shows nothing")
	}
}
