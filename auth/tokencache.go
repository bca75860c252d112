package auth

import (
	"crypto/sha256"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"xunfang/models"
)

// tokenHash is the SHA-256 of a whole token, signature included: the cache holds no token.
type tokenHash [sha256.Size]byte

const cacheShards = 16 // a power of two that divides verifiedTokens

// tokenCache remembers the claims of verified tokens, a bounded number of them.
type tokenCache struct {
	shards [cacheShards]cacheShard

	// forgettings counts calls of forget. A verification that began before one and
	// ended after it is not remembered: it may be of the session just forgotten.
	forgettings atomic.Uint64
}

// cacheShard has two generations: when the young one is full it becomes the old one and
// the old one is dropped, which costs nothing per entry. What is still in use is carried
// over when it is next asked for.
type cacheShard struct {
	mutex sync.RWMutex
	half  int // entries in a generation, at most
	young generation
	old   generation
}

type generation struct {
	claims   map[tokenHash]Claims
	sessions map[models.ID][]tokenHash // so that forgetting a session looks at its tokens only
}

func newGeneration() generation {
	return generation{claims: map[tokenHash]Claims{}, sessions: map[models.ID][]tokenHash{}}
}

func newTokenCache(size int) *tokenCache {
	cache := &tokenCache{}
	for at := range cache.shards {
		shard := &cache.shards[at]
		shard.half = max(1, size/cacheShards/2)
		shard.young, shard.old = newGeneration(), newGeneration()
	}
	return cache
}

func (c *tokenCache) shard(hash tokenHash) *cacheShard {
	return &c.shards[hash[0]%cacheShards]
}

// get gives claims that still hold at now, with roles that the caller may change.
func (c *tokenCache) get(hash tokenHash, now time.Time) (Claims, bool) {
	shard := c.shard(hash)
	shard.mutex.RLock()
	claims, found := shard.young.claims[hash]
	carry := false
	if !found {
		claims, found = shard.old.claims[hash]
		carry = found
	}
	shard.mutex.RUnlock()
	if !found || !now.Before(claims.ExpiresAt) {
		return Claims{}, false
	}
	if carry {
		shard.carryOver(hash)
	}
	claims.Roles = slices.Clone(claims.Roles)
	return claims, true
}

// put remembers claims unless a session was forgotten since forgettings was read.
func (c *tokenCache) put(hash tokenHash, claims Claims, forgettings uint64) {
	shard := c.shard(hash)
	shard.mutex.Lock()
	defer shard.mutex.Unlock()
	// Read under the lock: forget counts before it takes it, so either we see its
	// count here or it sees our entry.
	if c.forgettings.Load() == forgettings {
		shard.add(hash, claims)
	}
}

func (c *tokenCache) forget(session models.ID) {
	c.forgettings.Add(1)
	for at := range c.shards {
		shard := &c.shards[at]
		shard.mutex.Lock()
		shard.young.forget(session)
		shard.old.forget(session)
		shard.mutex.Unlock()
	}
}

// carryOver looks again under the lock: the session may have been forgotten since.
func (s *cacheShard) carryOver(hash tokenHash) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if claims, found := s.old.claims[hash]; found {
		s.add(hash, claims)
	}
}

func (s *cacheShard) add(hash tokenHash, claims Claims) {
	if _, found := s.young.claims[hash]; found {
		return
	}
	if len(s.young.claims) >= s.half {
		s.old, s.young = s.young, newGeneration()
	}
	s.young.claims[hash] = claims
	s.young.sessions[claims.Session] = append(s.young.sessions[claims.Session], hash)
}

func (g generation) forget(session models.ID) {
	for _, hash := range g.sessions[session] {
		delete(g.claims, hash)
	}
	delete(g.sessions, session)
}
