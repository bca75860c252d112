package handlers

import (
	"context"
	"crypto/sha256"
	"encoding/json"

	"xunfang/api"
	"xunfang/auth"
	"xunfang/models"
	"xunfang/store"
)

// factRefresh is the fact in the audit that says what became of a refresh token.
const factRefresh = "refresh_token"

// refresh changes a refresh token for the next pair. A token that comes a second time ends its whole
// session: either the phone or a thief has the newer one. The one exception is a phone that asks again with
// the same Idempotency-Key within models.RefreshGrace, because the answer was lost.
func (h *Server) refresh(ctx context.Context, presented models.Secret) (api.TokenResponse, error) {
	request := api.From(ctx)
	token, session, err := h.refreshable(ctx, presented)
	if err != nil {
		return api.TokenResponse{}, err
	}
	answer, next, err := h.newTokens(ctx, h.Store, session, request.Now)
	if err != nil {
		return answer, err
	}
	if token.RetryHash, token.Answer, err = retryOf(request.IdempotencyKey, answer); err != nil {
		return answer, err
	}
	given, refusal := answer, error(nil)
	err = h.Store.Atomically(ctx, func(tx *store.Store) error {
		given, refusal = answer, nil
		first, err := tx.UseRefreshToken(ctx, token, request.Now)
		if err != nil {
			return err
		}
		if !first {
			given, refusal, err = h.reused(ctx, tx, session, token.Hash)
			return err
		}
		if err := tx.AddRefreshToken(ctx, next); err != nil {
			return err
		}
		return tx.Record(ctx, h.entry(asHolder(ctx, session), refreshing(session, "rotated"), nil), "")
	})
	if err != nil {
		return api.TokenResponse{}, err
	}
	if refusal != nil {
		h.ended(session.SubjectID, session.ID)
	}
	return given, refusal
}

// refreshable finds a refresh token and its session; one that is unknown or whose time is over is refused.
func (h *Server) refreshable(ctx context.Context, presented models.Secret) (models.RefreshToken, models.Session, error) {
	now, session := api.From(ctx).Now, models.Session{}
	token, err := h.Store.RefreshToken(ctx, auth.HashSecret(presented))
	if err == nil {
		session, err = h.Store.Session(ctx, token.SessionID)
	}
	switch {
	case err == nil && session.Live(now) && now.Before(token.ExpiresAt):
		return token, session, nil
	case err == nil:
		err = h.refused(ctx, refreshing(session, "ended"), models.Fail(models.CodeBadCredentials))
	case models.CodeOf(err) == models.CodeNotFound:
		what := refreshing(session, "unknown")
		if err = h.settleStation(ctx, what, ""); err == nil {
			err = h.refused(ctx, what, models.Fail(models.CodeBadCredentials))
		}
	}
	return token, session, err
}

func refreshing(session models.Session, fact string) *deed {
	return &deed{
		operation: opCreateToken, kind: "session", id: session.ID, station: session.StationID,
		facts: map[string]string{factRefresh: fact},
	}
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

// reused answers a refresh token that was used before: with the answer it got then, or by ending its session.
func (h *Server) reused(
	ctx context.Context, tx *store.Store, session models.Session, hash []byte,
) (answer api.TokenResponse, refusal, err error) {
	request := api.From(ctx)
	used, err := tx.RefreshToken(ctx, hash)
	if err != nil {
		return answer, nil, err
	}
	sum := sha256.Sum256([]byte(request.IdempotencyKey))
	retried := request.IdempotencyKey != "" && len(used.Answer) > 0 && auth.SameBytes(used.RetryHash, sum[:])
	if retried && request.Now.Sub(used.UsedAt) < models.RefreshGrace {
		if err := json.Unmarshal(used.Answer, &answer); err != nil {
			return answer, nil, err
		}
		return answer, nil, tx.Record(ctx, h.entry(asHolder(ctx, session), refreshing(session, "repeated"), nil), "")
	}
	if _, err := tx.RevokeSession(ctx, session.ID, request.Now); err != nil {
		return answer, nil, err
	}
	if err := tx.ForgetRefreshAnswer(ctx, hash); err != nil {
		return answer, nil, err
	}
	refusal = models.Fail(models.CodeBadCredentials)
	return answer, refusal, tx.Record(ctx, h.entry(ctx, refreshing(session, "reused"), refusal), "")
}
