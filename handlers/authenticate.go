package handlers

import (
	"context"
	"sync"
	"time"

	"xunfang/models"
)

// maxSessions bounds the session cache.
const maxSessions = 100_000

// sessionCache keeps who is behind a session for cacheLife, with all their grants.
type sessionCache struct {
	mutex   sync.RWMutex
	entries map[models.ID]sessionEntry
	epoch   uint64 // raised by every drop, so that a load begun before it is not kept
}

type sessionEntry struct {
	principal models.Principal
	until     time.Time
}

// Authenticate finds who is behind an access token. The token says which session; the
// database says whether the session, the account and each role still hold.
func (h *Server) Authenticate(ctx context.Context, token string, now time.Time) (models.Principal, error) {
	claims, err := h.Tokens.Verify(token, now)
	if err != nil {
		return models.Principal{}, err
	}
	return h.principal(ctx, claims.Session, now)
}

// principal gives the one behind a session with the grants in force at now.
func (h *Server) principal(ctx context.Context, session models.ID, now time.Time) (models.Principal, error) {
	h.sessions.mutex.RLock()
	entry, found := h.sessions.entries[session]
	epoch := h.sessions.epoch
	h.sessions.mutex.RUnlock()
	if !found || !now.Before(entry.until) {
		principal, err := h.loadPrincipal(ctx, session, now)
		if err != nil {
			return models.Principal{}, err
		}
		entry = sessionEntry{principal: principal, until: now.Add(cacheLife)}
		h.sessions.put(session, entry, epoch)
	}
	principal := entry.principal
	principal.Grants = models.InForce(principal.Grants, now)
	return principal, nil
}

func (h *Server) loadPrincipal(ctx context.Context, id models.ID, now time.Time) (models.Principal, error) {
	unauthenticated := func(err error) (models.Principal, error) {
		if err == nil || models.CodeOf(err) == models.CodeNotFound {
			err = models.Fail(models.CodeUnauthenticated)
		}
		return models.Principal{}, err
	}
	session, err := h.Store.Session(ctx, id)
	if err != nil || !session.Live(now) {
		return unauthenticated(err)
	}
	principal := models.Principal{ID: session.SubjectID, SessionID: id, StationID: session.StationID, Device: session.Device}
	if session.Device {
		device, err := h.Store.Device(ctx, session.SubjectID)
		if err != nil || device.Disabled() {
			return unauthenticated(err)
		}
		principal.Grants = []models.Grant{device.Grant()}
		return principal, nil
	}
	person, err := h.Store.Person(ctx, session.SubjectID)
	if err != nil || person.Disabled() {
		return unauthenticated(err)
	}
	principal.Grants, err = h.Store.Grants(ctx, person.ID)
	return principal, err
}

func (c *sessionCache) put(session models.ID, entry sessionEntry, epoch uint64) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.epoch != epoch {
		return
	}
	if len(c.entries) >= maxSessions {
		clear(c.entries)
	}
	c.entries[session] = entry
}

// dropAll makes every session be read again: a role or an account changed, which is rare.
func (c *sessionCache) dropAll() {
	c.mutex.Lock()
	c.epoch++
	clear(c.entries)
	c.mutex.Unlock()
}

// ended forgets ended sessions everywhere in this process, at once, and closes their streams.
func (h *Server) ended(sessions ...models.ID) {
	h.sessions.dropAll()
	for _, session := range sessions {
		h.Tokens.Forget(session)
	}
	h.streams.wakeAll()
}

// failureBook slows down guessing at one account, or at one phone however many codes are sent to it:
// after failuresFree failures within failureWindow it takes no more tries until one of them is old.
type failureBook struct {
	mutex sync.Mutex
	times map[string][]time.Time
}

const (
	failuresFree   = 10
	failureWindow  = 10 * time.Minute
	maxFailureKeys = 100_000
)

// wait says how long the key still takes no try.
func (b *failureBook) wait(key string, now time.Time) time.Duration {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.waiting(key, now)
}

func (b *failureBook) waiting(key string, now time.Time) time.Duration {
	times := b.times[key]
	if len(times) < failuresFree {
		return 0
	}
	return max(0, failureWindow-now.Sub(times[len(times)-failuresFree]))
}

// tried notes a try that was made. Where others that came at the same moment have used up what is free,
// it gives how long to wait, and the caller must not tell whether the try held.
func (b *failureBook) tried(key string, held bool, now time.Time) time.Duration {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if wait := b.waiting(key, now); wait > 0 {
		return wait
	}
	if held {
		delete(b.times, key)
		return 0
	}
	if len(b.times) >= maxFailureKeys {
		clear(b.times)
	}
	times := append(b.times[key], now)
	b.times[key] = times[max(0, len(times)-failuresFree):]
	return 0
}
