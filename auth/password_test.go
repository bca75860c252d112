package auth

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"xunfang/models"
)

func TestPasswordRoundTrip(t *testing.T) {
	passwords := NewPasswords(2, time.Second, stream(1))
	ctx := context.Background()
	const right models.Secret = "巡防小区安全口令"
	phc, err := passwords.Hash(ctx, right)
	if err != nil || !strings.HasPrefix(phc, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Fatalf("%s, %v", phc, err)
	}
	for password, want := range map[models.Secret]bool{
		right: true, right + " ": false, "": false, "password": false,
		models.Secret(strings.Repeat("x", 100_000)): false,
	} {
		if got, err := passwords.Verify(ctx, password, phc); got != want || err != nil {
			t.Errorf("%d bytes: %v, %v", len(password), got, err)
		}
	}
	again, err := passwords.Hash(ctx, right)
	if err != nil || again == phc {
		t.Error("two hashes of one password have one salt")
	}
	if err := passwords.VerifyNobody(ctx, right); err != nil {
		t.Error(err)
	}
}

// Made by the reference program: argon2 (password) with "somesalt", -id -t 2 -m 16 -p 1 -l 32.
func TestVerifyReadsHashesOfTheReferenceProgram(t *testing.T) {
	const phc = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	passwords := NewPasswords(1, time.Second, stream(1))
	for password, want := range map[models.Secret]bool{"password": true, "passwore": false} {
		if got, err := passwords.Verify(context.Background(), password, phc); got != want || err != nil {
			t.Errorf("%v, %v", got, err)
		}
	}
}

func TestHashTakesEightTo128Characters(t *testing.T) {
	passwords := NewPasswords(1, time.Second, stream(1))
	passwords.derive = func(_, _ []byte, _ argonCost, length uint32) []byte { return make([]byte, length) }
	for password, want := range map[models.Secret]models.FieldCode{
		"": models.FieldTooShort, "1234567": models.FieldTooShort, "12345678": "",
		"七个汉字的口令": models.FieldTooShort, "八个汉字的口令吧": "",
		models.Secret(strings.Repeat("字", 128)): "", models.Secret(strings.Repeat("字", 129)): models.FieldTooLong,
		"12345678\xff": models.FieldEncoding,
	} {
		_, err := passwords.Hash(context.Background(), password)
		var ours *models.Error
		switch {
		case want == "" && err != nil:
			t.Errorf("%d bytes: %v", len(password), err)
		case want != "" && (!errors.As(err, &ours) || ours.Code != models.CodeInvalidRequest ||
			ours.Fields[0].Field != "password" || ours.Fields[0].Code != want):
			t.Errorf("%d bytes: want %s, got %v", len(password), want, err)
		}
	}
	zero := phcOf(passwords.cost, make([]byte, passwordSalt), make([]byte, passwordHash)) // every password's here
	for length, want := range map[int]bool{8: true, maxPasswordBytes: true, maxPasswordBytes + 1: false} {
		password := models.Secret(strings.Repeat("x", length))
		if same, err := passwords.Verify(context.Background(), password, zero); same != want || err != nil {
			t.Errorf("%d bytes verify: %v, %v", length, same, err)
		}
	}
	passwords.random = io.LimitReader(stream(1), 15)
	if _, err := passwords.Hash(context.Background(), "12345678"); err == nil {
		t.Error("hashed without a whole salt")
	}
}

func TestPHCIsReadStrictlyAndWithinBounds(t *testing.T) {
	passwords := NewPasswords(1, time.Second, stream(1))
	passwords.derive = func(_, _ []byte, cost argonCost, length uint32) []byte {
		if cost.MemoryKiB > maxMemoryKiB || cost.Passes > maxPasses || cost.Lanes > maxLanes {
			t.Errorf("cost out of bounds: %+v", cost)
		}
		return make([]byte, length)
	}
	const salt, hash = "AAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	for phc, taken := range map[string]bool{
		"$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$" + hash:                      true,
		"$argon2id$v=19$m=65536,t=8,p=4$" + salt + "$" + hash:                      true,
		"$argon2id$v=19$m=65537,t=2,p=1$" + salt + "$" + hash:                      false,
		"$argon2id$v=19$m=4294967295,t=2,p=1$" + salt + "$" + hash:                 false,
		"$argon2id$v=19$m=4294967304,t=2,p=1$" + salt + "$" + hash:                 false,
		"$argon2id$v=19$m=19456,t=9,p=1$" + salt + "$" + hash:                      false,
		"$argon2id$v=19$m=19456,t=0,p=1$" + salt + "$" + hash:                      false,
		"$argon2id$v=19$m=19456,t=2,p=0$" + salt + "$" + hash:                      false,
		"$argon2id$v=19$m=19456,t=2,p=5$" + salt + "$" + hash:                      false,
		"$argon2id$v=19$m=19456,t=2,p=257$" + salt + "$" + hash:                    false,
		"$argon2id$v=19$m=8,t=2,p=4$" + salt + "$" + hash:                          false,
		"$argon2id$v=19$t=2,m=19456,p=1$" + salt + "$" + hash:                      false,
		"$argon2id$v=19$m=19456,t=2,p=1,x=1$" + salt + "$" + hash:                  false,
		"$argon2id$v=19$m=+19456,t=2,p=1$" + salt + "$" + hash:                     false,
		"$argon2id$v=16$m=19456,t=2,p=1$" + salt + "$" + hash:                      false,
		"$argon2i$v=19$m=19456,t=2,p=1$" + salt + "$" + hash:                       false,
		"$argon2id$m=19456,t=2,p=1$" + salt + "$" + hash:                           false,
		"argon2id$v=19$m=19456,t=2,p=1$" + salt + "$" + hash:                       false,
		"$argon2id$v=19$m=19456,t=2,p=1$AAAA$" + hash:                              false,
		"$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$AAAA":                         false,
		"$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$":                             false,
		"$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$" + hash + "=":                false,
		"$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$" + hash[:42] + "B":           false,
		"$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$" + strings.Repeat("A", 1000): false,
		"": false, "$$$$$": false, "12345678": false,
	} {
		same, err := passwords.Verify(context.Background(), "12345678", phc)
		if (err == nil) != taken || same != taken {
			t.Errorf("%s: %v, %v", phc, same, err)
		}
	}
}

func TestNobodyCostsWhatSomebodyCosts(t *testing.T) {
	passwords := NewPasswords(1, time.Second, stream(1))
	phc, err := passwords.Hash(context.Background(), "12345678")
	if err != nil {
		t.Fatal(err)
	}
	type work struct {
		cost                   argonCost
		password, salt, length int
	}
	var done []work
	passwords.derive = func(password, salt []byte, cost argonCost, length uint32) []byte {
		done = append(done, work{cost, len(password), len(salt), int(length)})
		return make([]byte, length) // what a stored hash of noughts would hold
	}
	for _, password := range []models.Secret{"12345678", "wrong", "", models.Secret(strings.Repeat("x", 10_000))} {
		done = nil
		if _, err := passwords.Verify(context.Background(), password, phc); err != nil {
			t.Fatal(err)
		}
		if err := passwords.VerifyNobody(context.Background(), password); err != nil {
			t.Fatal(err)
		}
		if len(done) != 2 || done[0] != done[1] {
			t.Errorf("%d bytes: somebody and nobody cost %+v", len(password), done)
		}
	}
}

func TestAtMostSlotsAreHashedAtATime(t *testing.T) {
	const slots = 3
	synctest.Test(t, func(t *testing.T) {
		passwords := NewPasswords(slots, time.Minute, stream(1))
		var running, most atomic.Int32
		passwords.derive = func(_, _ []byte, _ argonCost, length uint32) []byte {
			if now := running.Add(1); now > most.Load() {
				most.Store(now)
			}
			<-time.After(time.Second) // of the test's own time
			running.Add(-1)
			return make([]byte, length)
		}
		var all sync.WaitGroup
		for range 30 {
			all.Go(func() {
				if err := passwords.VerifyNobody(t.Context(), "12345678"); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if most.Load() != slots || len(passwords.slots) != 0 {
			t.Errorf("%d at a time, %d slots left taken", most.Load(), len(passwords.slots))
		}
	})
}

func TestWhoWaitsTooLongIsToldToComeBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		passwords := NewPasswords(1, 2*time.Second, stream(1))
		release := make(chan struct{})
		passwords.derive = func(_, _ []byte, _ argonCost, length uint32) []byte {
			<-release
			return make([]byte, length)
		}
		var first sync.WaitGroup
		first.Go(func() { _ = passwords.VerifyNobody(context.Background(), "12345678") })
		synctest.Wait()

		began := <-time.After(0)
		_, err := passwords.Hash(context.Background(), "12345678")
		var ours *models.Error
		if !errors.As(err, &ours) || ours.Code != models.CodeBusy || ours.RetryAfter != time.Second {
			t.Errorf("want busy, got %v", err)
		}
		if waited := (<-time.After(0)).Sub(began); waited != 2*time.Second {
			t.Errorf("waited %v", waited)
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := passwords.VerifyNobody(ctx, "12345678"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("want the caller's own deadline, got %v", err)
		}
		close(release)
		first.Wait()
		if err := passwords.VerifyNobody(context.Background(), "12345678"); err != nil {
			t.Errorf("the slot was not given back: %v", err)
		}
		if err := passwords.VerifyNobody(ctx, "12345678"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a caller who is gone was served: %v", err)
		}
	})
}

func BenchmarkPasswordVerify(b *testing.B) {
	passwords := NewPasswords(2, time.Minute, stream(1))
	for b.Loop() {
		if err := passwords.VerifyNobody(context.Background(), "12345678"); err != nil {
			b.Fatal(err)
		}
	}
}
