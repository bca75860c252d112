package handlers

import (
	"context"
	"slices"
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
	case api.WeChatGrant:
		answer, err = h.signInByWeChat(ctx, grant)
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
	asked := api.From(ctx)
	person, err := h.Store.PersonByAccount(ctx, grant.Account)
	if err != nil && models.CodeOf(err) != models.CodeNotFound {
		return api.TokenResponse{}, err
	}
	what, err := h.signIn(ctx, "account", grant.Account, person.StationID)
	if err != nil {
		return api.TokenResponse{}, err
	}
	book, key, network := &h.holders, string(person.ID), models.NetworkOf(asked.RemoteAddr)
	if person.ID == "" {
		book, key = &h.nobodies, grant.Account
	}
	if wait := book.reserve(key, network, asked.Now); wait > 0 {
		return api.TokenResponse{}, h.slowed(ctx, what, models.Fail(models.CodeTooManySignIns).After(wait))
	}
	holds, err := h.passwordHolds(ctx, person, models.Secret(grant.Password))
	if err != nil {
		book.release(key, network, asked.Now)
		return api.TokenResponse{}, err
	}
	if !holds || person.Disabled() {
		return api.TokenResponse{}, h.refused(ctx, what, models.Fail(models.CodeBadCredentials))
	}
	book.succeeded(key, network, asked.Now)
	session := models.Session{SubjectID: person.ID, StationID: person.StationID, Client: value(grant.Client)}
	return h.openSession(ctx, what, session, func(tx *store.Store) (bool, error) {
		now, err := lockedPerson(ctx, tx, person.ID)
		return now.PasswordHash == person.PasswordHash && !now.Disabled(), err
	})
}

// passwordHolds takes as long for nobody, and for somebody without a password, as for a real one.
func (h *Server) passwordHolds(ctx context.Context, person models.Person, password models.Secret) (bool, error) {
	if person.PasswordHash == "" {
		return false, h.Passwords.VerifyNobody(ctx, password)
	}
	return h.Passwords.Verify(ctx, password, person.PasswordHash.Reveal())
}

// signInBySMS takes the code, counts a wrong one, begins the session and records it in one transaction.
func (h *Server) signInBySMS(ctx context.Context, grant api.SmsCodeGrant) (api.TokenResponse, error) {
	answer, phone := api.TokenResponse{}, models.CanonicalPhone(models.Secret(grant.Phone))
	person, err := h.Store.PersonByPhone(ctx, phone)
	if err != nil && models.CodeOf(err) != models.CodeNotFound {
		return answer, err
	}
	what, err := h.signIn(ctx, "phone", phone.Reveal(), person.StationID)
	if err != nil {
		return answer, err
	}
	mac := h.smsCodeMAC(phone, models.Secret(auth.NormalizeCode(grant.Code)))
	var refusal error
	err = h.Store.Atomically(ctx, func(tx *store.Store) error {
		if refusal, err = trySMSCode(ctx, tx, h.Store.PhoneIndex(phone), mac, api.From(ctx).Now); err != nil {
			return err
		}
		if refusal == nil {
			now, err := lockedPerson(ctx, tx, person.ID)
			if err != nil {
				return err
			}
			if now.ID == "" || now.Disabled() || now.Phone != phone {
				refusal = models.Fail(models.CodeBadCredentials)
			}
		}
		switch models.CodeOf(refusal) {
		case "":
			session := models.Session{SubjectID: person.ID, StationID: person.StationID, Client: value(grant.Client)}
			answer, err = h.startSession(ctx, tx, what, session)
			return err
		case models.CodeTooManySignIns: // nothing was changed; recorded below, not each time
			return nil
		default:
			return tx.Record(ctx, h.entry(ctx, what, refusal), "")
		}
	})
	if err == nil && models.CodeOf(refusal) == models.CodeTooManySignIns {
		return answer, h.slowed(ctx, what, refusal)
	}
	if err != nil {
		return api.TokenResponse{}, err
	}
	return answer, refusal
}

// trySMSCode says whether the code of a phone holds, and keeps what became of it.
func trySMSCode(ctx context.Context, tx *store.Store, phoneIndex, mac []byte, now time.Time) (refusal, err error) {
	before, err := tx.TakeSMSCode(ctx, phoneIndex)
	if err != nil && models.CodeOf(err) != models.CodeNotFound {
		return nil, err
	}
	after, refusal := before.Try(mac, now)
	if err != nil { // no code was ever sent there
		return refusal, nil
	}
	if kept, err := tx.PutSMSCode(ctx, before, after); err != nil {
		return nil, err
	} else if !kept {
		return nil, models.Fail(models.CodeBusy).After(minRetry)
	}
	return refusal, nil
}

func (h *Server) signInDevice(ctx context.Context, grant api.DeviceGrant) (api.TokenResponse, error) {
	what := &deed{operation: opCreateToken, kind: "device", id: grant.DeviceId, role: models.RoleDevice}
	device, err := h.Store.Device(ctx, grant.DeviceId)
	if err != nil && models.CodeOf(err) != models.CodeNotFound {
		return api.TokenResponse{}, err
	}
	known := err == nil
	if err := h.settleStation(ctx, what, device.Place.Station); err != nil {
		return api.TokenResponse{}, err
	}
	if !known {
		return api.TokenResponse{}, h.refused(ctx, what, models.Fail(models.CodeBadCredentials))
	}
	shown := func(hash []byte) bool { return auth.SameSecret(hash, models.Secret(grant.Secret)) }
	if err := h.shows(ctx, device, api.From(ctx).Now, shown); err != nil {
		return api.TokenResponse{}, h.refused(ctx, what, err)
	}
	session := models.Session{SubjectID: device.ID, StationID: device.Place.Station, Device: true}
	return h.openSession(ctx, what, session, func(tx *store.Store) (bool, error) {
		if err := tx.LockDevice(ctx, device.ID); err != nil {
			return false, err
		}
		now, err := tx.Device(ctx, device.ID)
		return slices.ContainsFunc(now.SecretHashes(api.From(ctx).Now), shown), err
	})
}

// lockedPerson reads a person as they stand in the transaction; for nobody the zero one.
func lockedPerson(ctx context.Context, tx *store.Store, id models.ID) (models.Person, error) {
	if id == "" {
		return models.Person{}, nil
	}
	if err := tx.LockPerson(ctx, id); err != nil {
		return models.Person{}, err
	}
	return tx.Person(ctx, id)
}

// openSession starts a session in a transaction of its own, if what was shown still holds in it: a
// password changed meanwhile has ended the sessions there were, and must not leave one behind.
func (h *Server) openSession(
	ctx context.Context, what *deed, session models.Session, holds func(tx *store.Store) (bool, error),
) (api.TokenResponse, error) {
	answer := api.TokenResponse{}
	err := h.Store.Atomically(ctx, func(tx *store.Store) error {
		still, err := holds(tx)
		if err != nil {
			return err
		}
		if !still {
			return models.Fail(models.CodeBadCredentials)
		}
		answer, err = h.startSession(ctx, tx, what, session)
		return err
	})
	if models.CodeOf(err) == models.CodeBadCredentials {
		return api.TokenResponse{}, h.refused(ctx, what, err)
	}
	return answer, err
}

// startSession writes a new session with its first pair of tokens, and records it.
func (h *Server) startSession(
	ctx context.Context, tx *store.Store, what *deed, session models.Session,
) (api.TokenResponse, error) {
	now := api.From(ctx).Now
	session.ID = h.NewID()
	session.CreatedAt, session.LastUsedAt, session.ExpiresAt = now, now, now.Add(models.RefreshTokenLife)
	if what.kind == "session" {
		what.id = session.ID
	}
	answer, token, err := h.newTokens(ctx, tx, session, now)
	if err != nil {
		return answer, err
	}
	if err := tx.AddSession(ctx, session, token); err != nil {
		return answer, err
	}
	return answer, tx.Record(ctx, h.entry(asHolder(ctx, session), what, nil), "")
}

// asHolder is the request as that of the holder of a session.
func asHolder(ctx context.Context, session models.Session) context.Context {
	request := api.From(ctx)
	request.Principal = models.Principal{ID: session.SubjectID, SessionID: session.ID, StationID: session.StationID}
	return api.With(ctx, request)
}

// newTokens makes an access token and the next refresh token of a session.
func (h *Server) newTokens(
	ctx context.Context, from *store.Store, session models.Session, now time.Time,
) (api.TokenResponse, models.RefreshToken, error) {
	refresh, err := auth.NewSecret(h.Random)
	if err != nil {
		return api.TokenResponse{}, models.RefreshToken{}, err
	}
	claims := auth.Claims{
		Subject: session.SubjectID, Session: session.ID, Station: session.StationID, Device: session.Device,
		Roles: []models.Role{models.RoleDevice}, ExpiresAt: now.Add(models.AccessTokenLife),
	}
	if !session.Device {
		grants, err := from.Grants(ctx, session.SubjectID)
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
