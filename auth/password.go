package auth

import (
	"context"
	"fmt"
	"io"
	"time"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"xunfang/models"
)

const (
	minPassword      = 8   // characters
	maxPassword      = 128 // characters
	maxPasswordBytes = maxPassword * utf8.UTFMax

	passwordSalt = 16 // bytes
	passwordHash = 32 // bytes

	busyFor = time.Second // what a caller is told to wait when every slot is taken
)

// Passwords hashes and checks passwords with argon2id (RFC 9106), a bounded number at a
// time: each takes 19 MiB, and without the bound a burst of sign-ins takes the machine.
type Passwords struct {
	slots  chan struct{}
	wait   time.Duration
	random io.Reader
	cost   argonCost
	derive func(password, salt []byte, cost argonCost, length uint32) []byte
}

// NewPasswords hashes at most slots passwords at a time (at least one); who waits longer
// than wait for a slot is refused. Random gives the salts.
func NewPasswords(slots int, wait time.Duration, random io.Reader) *Passwords {
	return &Passwords{
		slots: make(chan struct{}, max(1, slots)), wait: wait, random: random,
		cost: argonCost{MemoryKiB: 19 << 10, Passes: 2, Lanes: 1}, derive: argon2id,
	}
}

func argon2id(password, salt []byte, cost argonCost, length uint32) []byte {
	return argon2.IDKey(password, salt, cost.Passes, cost.MemoryKiB, cost.Lanes, length)
}

// Hash gives the PHC string of a new password of 8 to 128 characters. The error is
// models.CodeInvalidRequest naming "password", models.CodeBusy, or that of ctx.
func (p *Passwords) Hash(ctx context.Context, password models.Secret) (string, error) {
	if err := passwordFits(password); err != nil {
		return "", err
	}
	salt := make([]byte, passwordSalt)
	if _, err := io.ReadFull(p.random, salt); err != nil {
		return "", fmt.Errorf("auth: drawing a salt: %w", err)
	}
	hash, err := p.hash(ctx, password, salt, p.cost, passwordHash)
	if err != nil {
		return "", err
	}
	return phcOf(p.cost, salt, hash), nil
}

// Verify says whether the password is the one of a PHC string. A string that cannot be
// read, or that asks for more than the bounds, is an error and not a wrong password.
func (p *Passwords) Verify(ctx context.Context, password models.Secret, phc string) (bool, error) {
	cost, salt, want, err := parsePHC(phc)
	if err != nil {
		return false, err
	}
	fits := len(password) <= maxPasswordBytes
	if !fits {
		password = "" // hashed all the same, so that it takes the same time
	}
	got, err := p.hash(ctx, password, salt, cost, uint32(len(want))) // #nosec G115 -- bounded by parsePHC
	if err != nil {
		return false, err
	}
	return SameBytes(got, want) && fits, nil
}

// VerifyNobody takes as long as Verify and is for an account that does not exist, so
// that the answer's time does not tell. Its error is that of Verify under the same load.
func (p *Passwords) VerifyNobody(ctx context.Context, password models.Secret) error {
	nobody := phcOf(p.cost, make([]byte, passwordSalt), make([]byte, passwordHash))
	_, err := p.Verify(ctx, password, nobody)
	return err
}

func (p *Passwords) hash(
	ctx context.Context, password models.Secret, salt []byte, cost argonCost, length uint32,
) ([]byte, error) {
	if err := p.enter(ctx); err != nil {
		return nil, err
	}
	defer func() { <-p.slots }()
	return p.derive([]byte(password.Reveal()), salt, cost, length), nil
}

func (p *Passwords) enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("auth: waiting to hash a password: %w", err)
	}
	timer := time.NewTimer(p.wait)
	defer timer.Stop()
	select {
	case p.slots <- struct{}{}:
		return nil
	default: // a free slot is taken even when wait is nothing
	}
	select {
	case p.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("auth: waiting to hash a password: %w", ctx.Err())
	case <-timer.C:
		return models.Fail(models.CodeBusy).After(busyFor)
	}
}

func passwordFits(password models.Secret) error {
	text := password.Reveal()
	wrong := models.FieldError{Field: "password"}
	switch {
	case !utf8.ValidString(text):
		wrong.Code, wrong.Want = models.FieldEncoding, "UTF-8"
	case utf8.RuneCountInString(text) < minPassword:
		wrong.Code, wrong.Want = models.FieldTooShort, fmt.Sprintf(">= %d", minPassword)
	case utf8.RuneCountInString(text) > maxPassword:
		wrong.Code, wrong.Want = models.FieldTooLong, fmt.Sprintf("<= %d", maxPassword)
	default:
		return nil
	}
	return models.Fail(models.CodeInvalidRequest).WithFields(wrong)
}
