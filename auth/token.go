package auth

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"xunfang/models"
)

const (
	accessTokenType = "at+jwt" // RFC 9068; so that no other JWT of ours passes for one
	maxTokenLength  = 4 << 10  // bytes
	verifiedTokens  = 1 << 16  // kept by the cache, at most

	// A token may come from a replica whose clock is ahead. There is no leeway at its end.
	maxClockLead = 30 * time.Second
)

// Claims are what an access token says about who carries it. They are what held when
// the token was issued: a session that has ended since, or a role withdrawn, shows only
// where sessions and grants are kept.
type Claims struct {
	Subject   models.ID // person or device
	Session   models.ID
	Station   models.ID // "" for none
	Device    bool
	Roles     []models.Role
	ExpiresAt time.Time // whole seconds, UTC; the token does not hold at this instant any more
}

// Tokens issues and verifies access tokens: JWT (RFC 7519) in the form of RFC 9068,
// signed with EdDSA (RFC 8037). Of RFC 9068 it leaves out jti and client_id, which
// nothing here would read. It may be used by any number of goroutines.
type Tokens struct {
	keys     *Keys
	issuer   string
	audience string
	life     time.Duration
	parser   *jwt.Parser
	verified *tokenCache
}

// NewTokens refuses an empty issuer or audience, which would switch their checks off,
// and a life shorter than a second, which is the resolution of exp.
func NewTokens(keys *Keys, issuer, audience string, life time.Duration) (*Tokens, error) {
	if keys == nil || issuer == "" || audience == "" || life < time.Second {
		return nil, errors.New("auth: tokens need keys, an issuer, an audience and a life of at least a second")
	}
	return &Tokens{
		keys: keys, issuer: issuer, audience: audience, life: life,
		parser: jwt.NewParser(
			jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}),
			jwt.WithStrictDecoding(),
			jwt.WithoutClaimsValidation(), // done by hold, which is given the time
		),
		verified: newTokenCache(verifiedTokens),
	}, nil
}

// Issue signs a token with the current access key. It lasts from now for the life that
// NewTokens was given; claims.ExpiresAt is not read.
func (t *Tokens) Issue(claims Claims, now time.Time) (models.Secret, error) {
	return t.issue(claims, now, t.life)
}

// IssueReporter signs a token that is good for one tip and names nobody: the tip stands where a person and a session
// would. It lasts models.ReceiptLife and cannot be refreshed.
func (t *Tokens) IssueReporter(tip, station models.ID, now time.Time) (models.Secret, error) {
	claims := Claims{Subject: tip, Session: tip, Station: station, Roles: []models.Role{models.RoleReporter}}
	return t.issue(claims, now, models.ReceiptLife)
}

// Reporter says whether the token was issued by IssueReporter.
func (c Claims) Reporter() bool {
	return len(c.Roles) == 1 && c.Roles[0] == models.RoleReporter && !c.Device
}

func (t *Tokens) issue(claims Claims, now time.Time, life time.Duration) (models.Secret, error) {
	wire := wireOf(claims)
	wire.Issuer, wire.Audience = t.issuer, jwt.ClaimStrings{t.audience}
	wire.IssuedAt = jwt.NewNumericDate(now)
	wire.ExpiresAt = jwt.NewNumericDate(now.Add(life))
	if _, err := wire.claims(); err != nil {
		return "", fmt.Errorf("auth: issuing a token: %w", err)
	}
	current := t.keys.ring().access[0]
	token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, wire)
	token.Header["typ"] = accessTokenType
	token.Header["kid"] = current.kid
	signed, err := token.SignedString(current.private)
	if err != nil {
		return "", fmt.Errorf("auth: issuing a token: %w", err)
	}
	if len(signed) > maxTokenLength {
		return "", errors.New("auth: issuing a token: its claims are too long")
	}
	return models.Secret(signed), nil
}

// Verify gives the claims of a token that holds at now. Otherwise the error has
// models.CodeTokenExpired if nothing but its end is against it, and
// models.CodeUnauthenticated for everything else. What was verified is remembered until
// its end, so that only the first of many requests pays for the signature.
func (t *Tokens) Verify(token string, now time.Time) (Claims, error) {
	if len(token) > maxTokenLength {
		return Claims{}, models.Fail(models.CodeUnauthenticated).Because(errors.New("auth: token too long"))
	}
	hash := tokenHash(sha256.Sum256([]byte(token)))
	if claims, found := t.verified.get(hash, now); found {
		return claims, nil
	}
	forgettings := t.verified.forgettings.Load()
	claims, err := t.verify(token, now)
	if err != nil {
		return Claims{}, err
	}
	t.verified.put(hash, claims, forgettings)
	claims.Roles = slices.Clone(claims.Roles)
	return claims, nil
}

// Forget drops every remembered token of a session, at once. The tokens stay rightly
// signed: it is the check of the session that refuses them.
func (t *Tokens) Forget(session models.ID) { t.verified.forget(session) }

func (t *Tokens) verify(token string, now time.Time) (Claims, error) {
	refused := func(cause error) (Claims, error) {
		return Claims{}, models.Fail(models.CodeUnauthenticated).Because(cause)
	}
	for _, c := range []byte(token) { // base64's strict mode still skips line breaks
		if c != '.' && !base64urlByte(c) {
			return refused(errors.New("auth: token has a character of no token"))
		}
	}
	wire := &wireClaims{}
	if _, err := t.parser.ParseWithClaims(token, wire, t.keyOf); err != nil {
		return refused(err)
	}
	claims, err := wire.claims()
	if err != nil {
		return refused(err)
	}
	if wire.IssuedAt.After(now.Add(maxClockLead)) {
		return refused(jwt.ErrTokenUsedBeforeIssued)
	}
	err = t.hold(wire, now)
	if errors.Is(err, jwt.ErrTokenExpired) && t.hold(wire, claims.ExpiresAt.Add(-time.Nanosecond)) == nil {
		return Claims{}, models.Fail(models.CodeTokenExpired) // it held up to its end
	}
	if err != nil {
		return refused(err)
	}
	return claims, nil
}

// hold applies the rules about exp, nbf, iss and aud as they stand at an instant.
func (t *Tokens) hold(wire *wireClaims, at time.Time) error {
	return jwt.NewValidator(
		jwt.WithTimeFunc(func() time.Time { return at }),
		jwt.WithExpirationRequired(), jwt.WithIssuer(t.issuer), jwt.WithAudience(t.audience),
	).Validate(wire)
}

// keyOf finds the key of a header that has alg, typ and kid and nothing else: crit
// (RFC 7515, section 4.1.11) asks for what we do not know, and jwk or jku would bring
// a key along.
func (t *Tokens) keyOf(token *jwt.Token) (any, error) {
	if typ, _ := token.Header["typ"].(string); typ != accessTokenType {
		return nil, errors.New("auth: typ of no access token")
	}
	kid, _ := token.Header["kid"].(string)
	if len(token.Header) != 3 || kid == "" {
		return nil, errors.New("auth: header has other members than alg, typ and kid")
	}
	for _, key := range t.keys.ring().access {
		if key.kid == kid {
			return key.public(), nil
		}
	}
	return nil, errors.New("auth: kid of no access key")
}
