package handlers

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"sync"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// deed says what is done, for the audit. decide may fill in what it learns.
type deed struct {
	operation models.Operation
	kind      string    // of the object: door, tip, ...
	id        models.ID // of the object
	role      models.Role
	station   models.ID // "" for the caller's own
	reason    models.Secret
	subjects  []string // salted hashes of names or numbers
	facts     map[string]string
}

// act carries out one decision: decide, its audit entry and, where the request has an
// Idempotency-Key, its first answer are written in one transaction. A refusal is recorded as well.
// decide may be run more than once; it must set everything it leaves behind each time.
// A repeated key comes back as *api.Replay, which the error writer sends as the first answer.
func act[T any](ctx context.Context, h *Server, what *deed, status int, decide func(tx *store.Store) (T, error)) (T, error) {
	key, err := h.takeKey(ctx, what.operation)
	if err != nil {
		var none T
		return none, err
	}
	defer key.release()
	return actOnce(ctx, h, what, key, status, decide)
}

// actOnce is act for an operation that does something before its decision, and so took the key itself.
func actOnce[T any](
	ctx context.Context, h *Server, what *deed, key *idempotencyKey, status int, decide func(tx *store.Store) (T, error),
) (T, error) {
	var answer T
	err := h.Store.Atomically(ctx, func(tx *store.Store) error {
		var err error
		if answer, err = decide(tx); err != nil {
			return err
		}
		if err = tx.Record(ctx, h.entry(ctx, what, nil), what.reason); err != nil {
			return err
		}
		return key.keep(ctx, tx, status, answer)
	})
	if errors.Is(err, errKeyTaken) { // another replica was first: its answer is ours
		return answer, key.replay(ctx)
	}
	if err != nil {
		return answer, h.refused(ctx, what, err)
	}
	return answer, nil
}

var errKeyTaken = errors.New("handlers: the Idempotency-Key was used meanwhile")

// flights holds the keys whose requests are being answered by this process.
type flights struct {
	mutex sync.Mutex
	under map[string]bool
}

// idempotencyKey is one key while its request is answered; the zero one is of a request without a key.
type idempotencyKey struct {
	server   *Server
	answered models.Answered
	alias    models.ID // of the caller: what they do hidden is kept under it
	flight   string
}

// takeKey looks whether the request's key was used: in flight → CodeKeyInFlight, with another body →
// CodeKeyReused, answered → *api.Replay.
func (h *Server) takeKey(ctx context.Context, operation models.Operation) (*idempotencyKey, error) {
	key, err := h.holdKey(ctx, operation)
	if err != nil {
		return nil, err
	}
	if err := key.replay(ctx); err != nil {
		key.release()
		return nil, err
	}
	return key, nil
}

// holdKey is takeKey without the look: for an operation that looks only when it could not do what was asked.
func (h *Server) holdKey(ctx context.Context, operation models.Operation) (*idempotencyKey, error) {
	request := api.From(ctx)
	if request.IdempotencyKey == "" {
		return &idempotencyKey{server: h}, nil
	}
	hash := sha256.Sum256([]byte(request.IdempotencyKey))
	key := &idempotencyKey{
		server: h, alias: request.Principal.Alias, flight: string(request.Principal.ID) + string(operation) + string(hash[:]),
		answered: models.Answered{
			PrincipalID: request.Principal.ID, Operation: operation, KeyHash: hash[:],
			BodyHash: h.bodyHash(request.BodyHash[:]), CreatedAt: request.Now,
		},
	}
	h.flights.mutex.Lock()
	taken := h.flights.under[key.flight]
	h.flights.under[key.flight] = true
	h.flights.mutex.Unlock()
	if taken {
		return nil, models.Fail(models.CodeKeyInFlight).After(minRetry)
	}
	return key, nil
}

// replay gives the first answer as *api.Replay, CodeKeyReused for another body, nil for a new key and for none.
func (k *idempotencyKey) replay(ctx context.Context) error {
	if k.flight == "" {
		return nil
	}
	first, err := k.server.Store.Answered(ctx, k.answered.PrincipalID, k.alias, k.answered.Operation, k.answered.KeyHash)
	if err == nil && first.PrincipalID == k.alias {
		api.Hide(ctx)
	}
	switch {
	case models.CodeOf(err) == models.CodeNotFound:
		return nil
	case err != nil:
		return err
	case !sameBody(first.BodyHash, k.answered.BodyHash):
		return models.Fail(models.CodeKeyReused).WithFields(
			models.FieldError{Field: "Idempotency-Key", Code: models.FieldNotUnique})
	default:
		return &api.Replay{Status: first.Status, Body: first.Answer}
	}
}

// keep writes the first answer in the transaction of its effect.
func (k *idempotencyKey) keep(ctx context.Context, tx *store.Store, status int, answer any) error {
	if k.flight == "" {
		return nil
	}
	body, err := json.Marshal(answer)
	if err != nil {
		return err
	}
	k.answered.Status, k.answered.Answer = status, body
	if asked := api.From(ctx); asked.Anonymous && k.alias != "" { // else the row would say who did it, and when
		k.answered.PrincipalID, k.answered.CreatedAt = k.alias, asked.Now
	}
	if err := tx.KeepAnswer(ctx, k.answered); models.CodeOf(err) == models.CodeAlreadyExists {
		return errKeyTaken
	} else if err != nil {
		return err
	}
	return nil
}

// change replaces the kept answer by the one really given, when that came after the transaction.
func (k *idempotencyKey) change(ctx context.Context, status int, answer any) error {
	if k.flight == "" {
		return nil
	}
	body, err := json.Marshal(answer)
	if err != nil {
		return err
	}
	k.answered.Status, k.answered.Answer = status, body
	return k.server.Store.Atomically(ctx, func(tx *store.Store) error { return tx.UpdateAnswer(ctx, k.answered) })
}

// release lets the key go; the answer, if there was one, is in the database by now.
func (k *idempotencyKey) release() {
	if k.flight == "" {
		return
	}
	k.server.flights.mutex.Lock()
	delete(k.server.flights.under, k.flight)
	k.server.flights.mutex.Unlock()
}
