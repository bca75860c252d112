package handlers

import (
	"context"
	"sync"
	"time"

	"xunfang/auth"
	"xunfang/models"
)

// maxSessions bounds the session cache.
const maxSessions = 100_000

// sessionCache keeps who is behind a session for cacheLife, with all their grants.
type sessionCache struct {
	mutex   sync.RWMutex
	entries map[models.ID]sessionEntry
	of      map[models.ID]map[models.ID]bool // which sessions in entries a person or device has
	epoch   uint64                           // raised by every drop, so that a load begun before it is not kept
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
	if claims.Reporter() {
		return reporter(claims), nil
	}
	return h.principal(ctx, claims.Session, now)
}

// reporter is the holder of a receipt: no session of anybody's, and no place.
func reporter(claims auth.Claims) models.Principal {
	return models.Principal{
		ID: claims.Subject, StationID: claims.Station,
		Grants: []models.Grant{{Role: models.RoleReporter, PersonID: claims.Subject}},
	}
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

// stillSignedIn says, past the cache, whether a session holds: nil or CodeUnauthenticated. Whoever closes
// an account ends its sessions as well.
func (h *Server) stillSignedIn(ctx context.Context, id models.ID, now time.Time) error {
	session, err := h.Store.Session(ctx, id)
	if models.CodeOf(err) == models.CodeNotFound || err == nil && !session.Live(now) {
		return models.Fail(models.CodeUnauthenticated)
	}
	return err
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
	open, err := h.Store.AccountOpen(ctx, session.SubjectID)
	if err != nil || !open {
		return unauthenticated(err)
	}
	principal.Alias = h.Keys.Alias(session.SubjectID)
	principal.Grants, err = h.Store.Grants(ctx, session.SubjectID)
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
		clear(c.of)
	}
	c.entries[session] = entry
	subject := entry.principal.ID
	if c.of[subject] == nil {
		c.of[subject] = map[models.ID]bool{}
	}
	c.of[subject][session] = true
}

// drop makes the sessions of a person or device be read again.
func (c *sessionCache) drop(subject models.ID) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.epoch++
	for session := range c.of[subject] {
		delete(c.entries, session)
	}
	delete(c.of, subject)
}

// ended makes this process believe nothing older of a person or device whose sessions ended, or whose account
// or roles changed: what is kept of them is read again, and their streams look whether they may go on.
func (h *Server) ended(subject models.ID, sessions ...models.ID) {
	h.sessions.drop(subject)
	for _, session := range sessions {
		h.Tokens.Forget(session)
	}
	h.streams.wake([]models.ID{subject})
	h.tellReplicas(models.WakeEnded, subject)
}
