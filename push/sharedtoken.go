package push

import (
	"context"
	"errors"
	"fmt"
	"time"

	"xunfang/models"
)

// TokenKeeper keeps an access token where all replicas see it.
type TokenKeeper interface {
	// AccessToken reads the token of that name; the zero one when none was ever kept.
	AccessToken(ctx context.Context, name string) (models.AccessToken, error)
	// LeaseAccessToken says whether the caller is the one who fetches the token after that version, until a time.
	LeaseAccessToken(ctx context.Context, name string, version int64, now, until time.Time) (bool, error)
	// FreeAccessToken ends the lease of the caller, who got no token.
	FreeAccessToken(ctx context.Context, name string, version int64) error
	// KeepAccessToken writes the token that follows its Version, and ends the lease.
	KeepAccessToken(ctx context.Context, name string, token models.AccessToken) error
}

// errTokenElsewhere says that another replica fetches the token just now.
var errTokenElsewhere = errors.New("push: an access token is being fetched elsewhere")

const (
	tokenLease = 15 * time.Second // longer than a fetch may take
	tokenSlack = 2 * time.Minute  // before its end a token counts as ended: what is sent must arrive in time
)

// sharedToken is the access token of one provider: fetched once by whichever replica needs it first, and known to all.
type sharedToken struct {
	name   string
	keeper TokenKeeper
	// fetch gets a token and its life. refused says that the provider no longer takes the last one, whatever its life.
	fetch func(ctx context.Context, refused bool) (models.Secret, time.Duration, error)
	now   func() time.Time

	turn  chan struct{} // of one: in this process one looks, the others wait as long as their context allows
	known models.AccessToken
}

func newSharedToken(
	name string, keeper TokenKeeper, now func() time.Time, fetch func(context.Context, bool) (models.Secret, time.Duration, error),
) *sharedToken {
	return &sharedToken{name: name, keeper: keeper, fetch: fetch, now: now, turn: make(chan struct{}, 1)}
}

// get gives a token that the provider has not refused; refused is the one that it has, or "". errTokenElsewhere when another
// replica is about it.
func (t *sharedToken) get(ctx context.Context, refused models.Secret) (models.Secret, error) {
	select {
	case t.turn <- struct{}{}:
		defer func() { <-t.turn }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	if t.good(refused) {
		return t.known.Value, nil
	}
	kept, err := t.keeper.AccessToken(ctx, t.name)
	if err != nil {
		return "", fmt.Errorf("push: %s: %w", t.name, err)
	}
	if t.known = kept; t.good(refused) {
		return kept.Value, nil
	}
	now := t.now()
	leased, err := t.keeper.LeaseAccessToken(ctx, t.name, kept.Version, now, now.Add(tokenLease))
	if err != nil {
		return "", fmt.Errorf("push: %s: %w", t.name, err)
	}
	if !leased {
		return "", errTokenElsewhere
	}
	value, life, err := t.fetch(ctx, refused != "" && kept.Value == refused)
	if err != nil {
		return "", errors.Join(err, t.free(ctx, kept.Version))
	}
	fresh := models.AccessToken{Value: value, ExpiresAt: now.Add(life), Version: kept.Version + 1}
	if err := t.keeper.KeepAccessToken(ctx, t.name, fresh); err != nil {
		return "", fmt.Errorf("push: %s: %w", t.name, err)
	}
	t.known = fresh
	return value, nil
}

// using has something done with the token, and once more with a fresh one where the provider refuses the first. Its error says
// that there was no token; what became of what was done is do's own affair.
func (t *sharedToken) using(ctx context.Context, do func(token models.Secret) (refused bool)) error {
	refused := models.Secret("")
	for range 2 {
		token, err := t.get(ctx, refused)
		if err != nil {
			return err
		}
		if !do(token) {
			return nil
		}
		refused = token
	}
	return nil
}

func (t *sharedToken) good(refused models.Secret) bool {
	return t.known.Value != "" && t.known.Value != refused && t.now().Add(tokenSlack).Before(t.known.ExpiresAt)
}

// free lets the next one try. Should it fail, the lease runs out.
func (t *sharedToken) free(ctx context.Context, version int64) error {
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	return t.keeper.FreeAccessToken(bounded, t.name, version)
}
