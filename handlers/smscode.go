package handlers

import (
	"context"

	"xunfang/api"
	"xunfang/auth"
	"xunfang/models"
	"xunfang/store"
)

// CreateSmsCode answers POST /v1/auth/sms-codes. Whether the phone is known changes nothing
// that can be seen: the code is kept either way, and it is sent beside the request.
func (h *Server) CreateSmsCode(
	ctx context.Context, request api.CreateSmsCodeRequestObject,
) (api.CreateSmsCodeResponseObject, error) {
	asked, phone := api.From(ctx), models.CanonicalPhone(models.Secret(request.Body.Phone))
	if !h.placeBeside() { // a code that could not be sent must not be promised
		return nil, models.Fail(models.CodeBusy).After(minRetry)
	}
	handedOn := false
	defer func() {
		if !handedOn {
			h.leaveBeside()
		}
	}()
	person, code, err := h.newSMSCode(ctx, phone)
	if err != nil {
		return nil, err
	}
	if handedOn = person.ID != "" && !person.Disabled(); handedOn {
		// Beside the request, so that the time of the answer does not tell that the phone is known. A
		// failure is logged; the person asks again after a minute.
		h.beside(ctx, "sms", func(ctx context.Context) error { return h.SMS.SendCode(ctx, phone, code, asked.Language) })
	}
	return api.CreateSmsCode202JSONResponse{
		ExpiresIn: int(models.SMSCodeLife.Seconds()), RetryAfterS: int(models.SMSCodeEvery.Seconds()),
	}, nil
}

// newSMSCode draws and keeps the next code of a phone, and gives its holder, if it has one.
func (h *Server) newSMSCode(ctx context.Context, phone models.Secret) (models.Person, models.Secret, error) {
	now := api.From(ctx).Now
	code, err := auth.NewSMSCode(h.Random)
	if err != nil {
		return models.Person{}, "", err
	}
	person, err := h.Store.PersonByPhone(ctx, phone)
	if err != nil && models.CodeOf(err) != models.CodeNotFound {
		return person, "", err
	}
	what := &deed{operation: opCreateSMS, kind: "phone", subjects: []string{h.Keys.AuditHash("phone", phone.Reveal())}}
	if err := h.settleStation(ctx, what, person.StationID); err != nil {
		return person, "", err
	}
	var refusal error
	err = h.Store.Atomically(ctx, func(tx *store.Store) error {
		before, err := tx.TakeSMSCode(ctx, h.Store.PhoneIndex(phone))
		first := models.CodeOf(err) == models.CodeNotFound
		if err != nil && !first {
			return err
		}
		var next models.SMSCode
		if next, refusal = before.Next(h.smsCodeMAC(phone, code), now); refusal != nil {
			return nil //nolint:nilerr // nothing is written, and the refusal is recorded below
		}
		if refusal, err = keepSMSCode(ctx, tx, first, before, next); err != nil || refusal != nil {
			return err
		}
		return tx.Record(ctx, h.entry(ctx, what, nil), "")
	})
	if err == nil && refusal != nil {
		err = h.slowed(ctx, what, refusal)
	}
	return person, code, err
}

// keepSMSCode writes a phone's next code. Of two at the same moment one is refused.
func keepSMSCode(ctx context.Context, tx *store.Store, first bool, before, next models.SMSCode) (refusal, err error) {
	kept := true
	if first {
		if err = tx.AddSMSCode(ctx, next); models.CodeOf(err) == models.CodeAlreadyExists {
			kept, err = false, nil
		}
	} else {
		kept, err = tx.PutSMSCode(ctx, before, next)
	}
	if err == nil && !kept {
		refusal = models.Fail(models.CodeSMSTooSoon).After(models.SMSCodeEvery)
	}
	return refusal, err
}

func (h *Server) smsCodeMAC(phone, code models.Secret) []byte {
	return h.Keys.CodeMAC("sms_code", phone.Reveal()+":"+code.Reveal())
}

// RevokeToken answers POST /v1/auth/revoke; what it is given may be anything (RFC 7009).
func (h *Server) RevokeToken(ctx context.Context, request api.RevokeTokenRequestObject) (api.RevokeTokenResponseObject, error) {
	session, err := h.sessionOf(ctx, models.Secret(request.Body.Token))
	switch {
	case models.CodeOf(err) == models.CodeNotFound:
		return api.RevokeToken200JSONResponse{}, nil
	case err != nil:
		return nil, err
	}
	now, ended := api.From(ctx).Now, false
	what := &deed{operation: opRevokeToken, kind: "session", id: session.ID, station: session.StationID}
	err = h.Store.Atomically(ctx, func(tx *store.Store) error {
		if ended, err = tx.RevokeSession(ctx, session.ID, now); err != nil || !ended {
			return err
		}
		return tx.Record(ctx, h.entry(asHolder(ctx, session), what, nil), "")
	})
	if err != nil {
		return nil, err
	}
	if ended {
		h.ended(session.SubjectID, session.ID)
	}
	return api.RevokeToken200JSONResponse{}, nil
}

// sessionOf finds the session that an access token or a refresh token belongs to; CodeNotFound when there is none.
func (h *Server) sessionOf(ctx context.Context, token models.Secret) (models.Session, error) {
	if claims, err := h.Tokens.Verify(token.Reveal(), api.From(ctx).Now); err == nil {
		return h.Store.Session(ctx, claims.Session)
	}
	refresh, err := h.Store.RefreshToken(ctx, auth.HashSecret(token))
	if err != nil {
		return models.Session{}, err
	}
	return h.Store.Session(ctx, refresh.SessionID)
}

// GetJwks answers GET /.well-known/jwks.json.
func (h *Server) GetJwks(context.Context, api.GetJwksRequestObject) (api.GetJwksResponseObject, error) {
	return decodedJWKS(h.Keys.JWKS())
}
