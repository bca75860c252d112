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
	asked, phone := api.From(ctx), models.Secret(request.Body.Phone)
	code, err := auth.NewSMSCode(h.Random)
	if err != nil {
		return nil, err
	}
	person, err := h.Store.PersonByPhone(ctx, phone)
	known := err == nil && !person.Disabled()
	if err != nil && models.CodeOf(err) != models.CodeNotFound {
		return nil, err
	}
	kept := models.SMSCode{
		PhoneIndex: h.Store.PhoneIndex(phone), CodeMAC: h.smsCodeMAC(phone, code),
		SentAt: asked.Now, ExpiresAt: asked.Now.Add(models.SMSCodeLife),
	}
	fresh := false
	err = h.Store.Atomically(ctx, func(tx *store.Store) error {
		if fresh, err = tx.KeepSMSCode(ctx, kept, asked.Now.Add(-models.SMSCodeEvery)); err != nil || !fresh {
			return err
		}
		what := &deed{operation: opCreateSMS, kind: "phone", subjects: []string{h.Keys.AuditHash("phone", phone.Reveal())}}
		what.station = person.StationID
		return tx.Record(ctx, h.entry(ctx, what, nil), "")
	})
	if err != nil {
		return nil, err
	}
	if !fresh {
		return nil, models.Fail(models.CodeSMSTooSoon).After(models.SMSCodeEvery)
	}
	if known {
		h.sendCode(ctx, phone, code, asked.Language)
	}
	return api.CreateSmsCode202JSONResponse{
		ExpiresIn: int(models.SMSCodeLife.Seconds()), RetryAfterS: int(models.SMSCodeEvery.Seconds()),
	}, nil
}

// sendCode leaves the code to the provider beside the request, so that the time of the answer
// does not tell whether the phone is known. A failure is logged; the person asks again after a minute.
func (h *Server) sendCode(ctx context.Context, phone, code models.Secret, locale string) {
	h.beside(ctx, "sms", func(ctx context.Context) error { return h.SMS.SendCode(ctx, phone, code, locale) })
}

func (h *Server) smsCodeMAC(phone, code models.Secret) []byte {
	return h.Keys.CodeMAC("sms_code", phone.Reveal()+":"+code.Reveal())
}

// RevokeToken answers POST /v1/auth/revoke; what it is given may be anything (RFC 7009).
func (h *Server) RevokeToken(ctx context.Context, request api.RevokeTokenRequestObject) (api.RevokeTokenResponseObject, error) {
	now, session := api.From(ctx).Now, models.ID("")
	if claims, err := h.Tokens.Verify(request.Body.Token, now); err == nil {
		session = claims.Session
	} else if token, err := h.Store.RefreshToken(ctx, auth.HashSecret(models.Secret(request.Body.Token))); err == nil {
		session = token.SessionID
	} else if models.CodeOf(err) != models.CodeNotFound {
		return nil, err
	}
	if session != "" {
		what := &deed{operation: opRevokeToken, kind: "session", id: session}
		err := h.Store.Atomically(ctx, func(tx *store.Store) error {
			if held, err := tx.Session(ctx, session); err == nil {
				what.station = held.StationID
			}
			if _, err := tx.RevokeSession(ctx, session, now); err != nil {
				return err
			}
			return tx.Record(ctx, h.entry(ctx, what, nil), "")
		})
		if err != nil {
			return nil, err
		}
		h.ended(session)
	}
	return api.RevokeToken200JSONResponse{}, nil
}

// GetJwks answers GET /.well-known/jwks.json.
func (h *Server) GetJwks(context.Context, api.GetJwksRequestObject) (api.GetJwksResponseObject, error) {
	return decodedJWKS(h.Keys.JWKS())
}
