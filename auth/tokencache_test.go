package auth

import (
	"crypto/sha256"
	"fmt"
	"sync"
	"testing"
	"time"

	"xunfang/models"
)

func remembered(tokens *Tokens, token string, now time.Time) bool {
	_, found := tokens.verified.get(sha256.Sum256([]byte(token)), now)
	return found
}

func TestForgetDropsEveryTokenOfTheSessionAtOnce(t *testing.T) {
	tokens := tokensFrom(t, keysFrom(t, 1))
	var gone, kept []string
	for at := range 40 { // spread over the shards
		now := noon.Add(time.Duration(at) * time.Second)
		gone = append(gone, issue(t, tokens, someClaims(someSession), now))
		kept = append(kept, issue(t, tokens, someClaims(otherSession), now))
	}
	late := noon.Add(time.Minute)
	for _, token := range append(append([]string{}, gone...), kept...) {
		if _, err := tokens.Verify(token, late); err != nil || !remembered(tokens, token, late) {
			t.Fatalf("not remembered: %v", err)
		}
	}
	tokens.Forget(someSession)
	for _, token := range gone {
		if remembered(tokens, token, late) {
			t.Fatal("a token of the session is still remembered")
		}
	}
	for _, token := range kept {
		if !remembered(tokens, token, late) {
			t.Fatal("a token of another session was forgotten")
		}
	}
	if _, err := tokens.Verify(gone[0], late); err != nil {
		t.Errorf("the token is still rightly signed: %v", err)
	}
	tokens.Forget("")
	tokens.Forget(someStation) // of no session: nothing happens
}

func TestVerificationThatOverlapsForgetIsNotRemembered(t *testing.T) {
	cache := newTokenCache(verifiedTokens)
	claims := Claims{Session: someSession, ExpiresAt: noon.Add(time.Minute)}
	before := cache.forgettings.Load()
	cache.forget(someSession)
	cache.put(tokenHash{1}, claims, before)
	if _, found := cache.get(tokenHash{1}, noon); found {
		t.Error("the forgotten session's token came back")
	}
	cache.put(tokenHash{1}, claims, cache.forgettings.Load())
	if _, found := cache.get(tokenHash{1}, noon); !found {
		t.Error("control: nothing is remembered after a forgetting")
	}
}

func TestCacheIsBoundedAndKeepsWhatIsUsed(t *testing.T) {
	const size = 320
	cache := newTokenCache(size)
	put := func(number int) tokenHash {
		hash := tokenHash(sha256.Sum256([]byte(fmt.Sprint(number))))
		session := models.ID(fmt.Sprint("session", number%7))
		cache.put(hash, Claims{Session: session, ExpiresAt: noon.Add(time.Hour)}, cache.forgettings.Load())
		return hash
	}
	used := put(0)
	for number := 1; number < 50*size; number++ {
		put(number)
		if _, found := cache.get(used, noon); !found {
			t.Fatalf("what is asked for all the time was dropped after %d others", number)
		}
	}
	count, listed := 0, 0
	for at := range cache.shards {
		for _, part := range []generation{cache.shards[at].young, cache.shards[at].old} {
			count += len(part.claims)
			for _, hashes := range part.sessions {
				listed += len(hashes)
			}
		}
	}
	if count > size || listed != count {
		t.Errorf("%d tokens kept, %d listed by session, at most %d are allowed", count, listed, size)
	}
	for number := range 7 {
		cache.forget(models.ID(fmt.Sprint("session", number)))
	}
	for at := range cache.shards {
		if len(cache.shards[at].young.claims)+len(cache.shards[at].old.claims) != 0 {
			t.Fatal("a token is left after every session was forgotten")
		}
	}
}

func TestCacheKeepsNothingPastItsEnd(t *testing.T) {
	cache := newTokenCache(verifiedTokens)
	end := noon.Add(time.Minute)
	cache.put(tokenHash{1}, Claims{Session: someSession, ExpiresAt: end}, 0)
	for at, want := range map[time.Time]bool{noon: true, end.Add(-1): true, end: false, end.Add(1): false} {
		if _, found := cache.get(tokenHash{1}, at); found != want {
			t.Errorf("at %v: %v", at, found)
		}
	}
}

func TestCacheUnderManyHands(t *testing.T) {
	tokens := tokensFrom(t, keysFrom(t, 1))
	list := []string{}
	for at := range 8 {
		list = append(list, issue(t, tokens, someClaims(someSession), noon.Add(time.Duration(at)*time.Second)))
	}
	var hands sync.WaitGroup
	for hand := range 8 {
		hands.Go(func() {
			for at := range 200 {
				if hand == 0 && at%20 == 0 {
					tokens.Forget(someSession)
				}
				claims, err := tokens.Verify(list[(hand+at)%len(list)], noon.Add(10*time.Second))
				if err != nil || claims.Roles[0] != models.RoleOfficer {
					t.Errorf("%v, %v", claims.Roles, err)
					return
				}
				claims.Roles[0] = models.RoleAdmin
			}
		})
	}
	hands.Wait()
}
