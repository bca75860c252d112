package handlers

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"time"

	"xunfang/api"
	"xunfang/auth"
	"xunfang/models"
	"xunfang/store"
)

// The operations that need no token; their names stand in the audit.
const (
	opCreateToken models.Operation = "createToken"
	opRevokeToken models.Operation = "revokeToken"
	opCreateSMS   models.Operation = "createSmsCode"
)

// CreateToken answers POST /v1/auth/token.
func (h *Server) CreateToken(ctx context.Context, request api.CreateTokenRequestObject) (api.CreateTokenResponseObject, error) {
	grant, err := request.Body.ValueByDiscriminator()
	if err != nil {
		return nil, models.Fail(models.CodeInvalidRequest).Because(err)
	}
	var answer api.TokenResponse
	switch grant := grant.(type) {
	case api.PasswordGrant:
		answer, err = h.signInByPassword(ctx, grant)
	case api.SmsCodeGrant:
		answer, err = h.signInBySMS(ctx, grant)
	case api.DeviceGrant:
		answer, err = h.signInDevice(ctx, grant)
	case api.RefreshGrant:
		answer, err = h.refresh(ctx, models.Secret(grant.RefreshToken))
	}
	if err != nil {
		return nil, err
	}
	return api.CreateToken200JSONResponse(answer), nil
}

func (h *Server) signInByPassword(ctx context.Context, grant api.PasswordGrant) (api.TokenResponse, error) {
	now, what, key := api.From(ctx).Now, h.signIn("account", grant.Account), "account:"+grant.Account
	if wait := h.failures.wait(key, now); wait > 0 {
		return api.TokenResponse{}, models.Fail(models.CodeTooManySignIns).After(wait)
	}
	person, err := h.Store.PersonByAccount(ctx, grant.Account)
	holds := false
	switch {
	case err == nil && person.PasswordHash != "":
		holds, err = h.Passwords.Verify(ctx, models.Secret(grant.Password), person.PasswordHash.Reveal())
	case err == nil || models.CodeOf(err) == models.CodeNotFound:
		err = h.Passwords.VerifyNobody(ctx, models.Secret(grant.Password)) // takes as long as a real one
	}
	if err != nil {
		return api.TokenResponse{}, err
	}
	holds = holds && !person.Disabled()
	if wait := h.failures.tried(key, holds, now); wait > 0 {
		return api.TokenResponse{}, models.Fail(models.CodeTooManySignIns).After(wait)
	}
	if !holds {
		return api.TokenResponse{}, h.refused(ctx, what, models.Fail(models.CodeBadCredentials))
	}
	return h.openSession(ctx, what, models.Session{
		SubjectID: person.ID, StationID: person.StationID, Client: value(grant.Client),
	})
}

func (h *Server) signInBySMS(ctx context.Context, grant api.SmsCodeGrant) (api.TokenResponse, error) {
	now, phone := api.From(ctx).Now, models.Secret(grant.Phone)
	what := h.signIn("phone", grant.Phone)
	index, held := h.Store.PhoneIndex(phone), false
	key := "phone:" + string(index)
	if wait := h.failures.wait(key, now); wait > 0 {
		return api.TokenResponse{}, models.Fail(models.CodeTooManySignIns).After(wait)
	}
	err := h.Store.Atomically(ctx, func(tx *store.Store) error {
		var err error
		held, err = tx.UseSMSCode(ctx, index, h.smsCodeMAC(phone, models.Secret(auth.NormalizeCode(grant.Code))), now)
		return err
	})
	if err != nil {
		return api.TokenResponse{}, err
	}
	person, err := h.Store.PersonByPhone(ctx, phone)
	if err != nil && models.CodeOf(err) != models.CodeNotFound {
		return api.TokenResponse{}, err
	}
	held = held && err == nil && !person.Disabled()
	if wait := h.failures.tried(key, held, now); wait > 0 {
		return api.TokenResponse{}, models.Fail(models.CodeTooManySignIns).After(wait)
	}
	if !held {
		return api.TokenResponse{}, h.refused(ctx, what, models.Fail(models.CodeBadCredentials))
	}
	return h.openSession(ctx, what, models.Session{
		SubjectID: person.ID, StationID: person.StationID, Client: value(grant.Client),
	})
}

func (h *Server) signInDevice(ctx context.Context, grant api.DeviceGrant) (api.TokenResponse, error) {
	what := &deed{operation: opCreateToken, kind: "device", id: grant.DeviceId, role: models.RoleDevice}
	device, err := h.Store.Device(ctx, grant.DeviceId)
	if err != nil && models.CodeOf(err) != models.CodeNotFound {
		return api.TokenResponse{}, err
	}
	what.station = device.Place.Station
	if err != nil || device.Disabled() || !auth.SameSecret(device.SecretHash, models.Secret(grant.Secret)) {
		return api.TokenResponse{}, h.refused(ctx, what, models.Fail(models.CodeBadCredentials))
	}
	return h.openSession(ctx, what, models.Session{SubjectID: device.ID, StationID: device.Place.Station, Device: true})
}

// signIn is the deed of signing in; the name or number that was tried stands in it as a salted hash.
func (h *Server) signIn(kind, tried string) *deed {
	return &deed{operation: opCreateToken, kind: "session", subjects: []string{h.Keys.AuditHash(kind, tried)}}
}

// openSession starts a session and makes its first pair of tokens.
func (h *Server) openSession(ctx context.Context, what *deed, session models.Session) (api.TokenResponse, error) {
	now := api.From(ctx).Now
	session.ID = h.NewID()
	session.CreatedAt, session.LastUsedAt, session.ExpiresAt = now, now, now.Add(models.RefreshTokenLife)
	if what.kind == "session" {
		what.id = session.ID
	}
	what.station = session.StationID
	answer, token, err := h.newTokens(ctx, session, now)
	if err != nil {
		return answer, err
	}
	request := api.From(ctx)
	request.Principal = models.Principal{ID: session.SubjectID, SessionID: session.ID, StationID: session.StationID}
	err = h.Store.Atomically(ctx, func(tx *store.Store) error {
		if err := tx.AddSession(ctx, session, token); err != nil {
			return err
		}
		return tx.Record(ctx, h.entry(api.With(ctx, request), what, nil), "")
	})
	return answer, err
}

// newTokens makes an access token and the next refresh token of a session.
func (h *Server) newTokens(ctx context.Context, session models.Session, now time.Time) (api.TokenResponse, models.RefreshToken, error) {
	refresh, err := auth.NewSecret(h.Random)
	if err != nil {
		return api.TokenResponse{}, models.RefreshToken{}, err
	}
	claims := auth.Claims{
		Subject: session.SubjectID, Session: session.ID, Station: session.StationID, Device: session.Device,
		Roles: []models.Role{models.RoleDevice}, ExpiresAt: now.Add(models.AccessTokenLife),
	}
	if !session.Device {
		grants, err := h.Store.Grants(ctx, session.SubjectID)
		if err != nil {
			return api.TokenResponse{}, models.RefreshToken{}, err
		}
		claims.Roles = models.Principal{Grants: models.InForce(grants, now)}.Roles()
	}
	access, err := h.Tokens.Issue(claims, now)
	answer := api.TokenResponse{
		AccessToken: access.Reveal(), RefreshToken: refresh.Reveal(), TokenType: "Bearer",
		ExpiresIn: int(models.AccessTokenLife.Seconds()),
	}
	next := models.RefreshToken{
		Hash: auth.HashSecret(refresh), SessionID: session.ID, IssuedAt: now, ExpiresAt: now.Add(models.RefreshTokenLife),
	}
	return answer, next, err
}

// refresh changes a refresh token for the next pair. A token that comes a second time ends its whole
// session: either the phone or a thief has the newer one. The one exception is a phone that asks again with
// the same Idempotency-Key within models.RefreshGrace, because the answer was lost.
func (h *Server) refresh(ctx context.Context, presented models.Secret) (api.TokenResponse, error) {
	request := api.From(ctx)
	now, answer := request.Now, api.TokenResponse{}
	token, err := h.Store.RefreshToken(ctx, auth.HashSecret(presented))
	if models.CodeOf(err) == models.CodeNotFound {
		return answer, models.Fail(models.CodeBadCredentials)
	}
	if err != nil {
		return answer, err
	}
	session, err := h.Store.Session(ctx, token.SessionID)
	if err != nil {
		return answer, err
	}
	if !session.Live(now) || !now.Before(token.ExpiresAt) {
		return answer, models.Fail(models.CodeBadCredentials)
	}
	what := &deed{operation: opCreateToken, kind: "session", id: session.ID, station: session.StationID}
	answer, next, err := h.newTokens(ctx, session, now)
	if err != nil {
		return answer, err
	}
	if token.RetryHash, token.Answer, err = retryOf(request.IdempotencyKey, answer); err != nil {
		return answer, err
	}
	first := false
	err = h.Store.Atomically(ctx, func(tx *store.Store) error {
		if first, err = tx.UseRefreshToken(ctx, token, now); err != nil || !first {
			return err
		}
		return tx.AddRefreshToken(ctx, next)
	})
	if err != nil || first {
		return answer, err
	}
	return h.reused(ctx, what, presented, request)
}

// retryOf is what is kept of an answer so that the same Idempotency-Key can get it again.
func retryOf(key string, answer api.TokenResponse) (hash, body []byte, err error) {
	if key == "" {
		return nil, nil, nil
	}
	sum := sha256.Sum256([]byte(key))
	body, err = json.Marshal(answer) //nolint:gosec // the store seals it
	return sum[:], body, err
}

// reused answers a refresh token that was used before.
func (h *Server) reused(ctx context.Context, what *deed, presented models.Secret, request api.Request) (api.TokenResponse, error) {
	answer := api.TokenResponse{}
	used, err := h.Store.RefreshToken(ctx, auth.HashSecret(presented))
	if err != nil {
		return answer, err
	}
	sum := sha256.Sum256([]byte(request.IdempotencyKey))
	retried := request.IdempotencyKey != "" && len(used.Answer) > 0 && auth.SameBytes(used.RetryHash, sum[:])
	if retried && request.Now.Sub(used.UsedAt) < models.RefreshGrace {
		return answer, json.Unmarshal(used.Answer, &answer)
	}
	err = h.Store.Atomically(ctx, func(tx *store.Store) error {
		_, err := tx.RevokeSession(ctx, used.SessionID, request.Now)
		return err
	})
	if err != nil {
		return answer, err
	}
	h.ended(used.SessionID)
	what.facts = map[string]string{"refresh_token": "reused"}
	return answer, h.refused(ctx, what, models.Fail(models.CodeBadCredentials))
}
