package auth

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// argonCost is what one hash costs.
type argonCost struct {
	MemoryKiB uint32
	Passes    uint32
	Lanes     uint8
}

// These bounds let costs rise later, and keep a row that somebody altered from taking
// the machine's memory.
const (
	maxMemoryKiB = 64 << 10
	maxPasses    = 8
	maxLanes     = 4
	minSalt      = 8 // bytes, RFC 9106 section 3.1
	maxSalt      = 64
	minHash      = 16
	maxHash      = 64
	maxPHC       = 256
)

var errPHC = errors.New("auth: the stored password hash cannot be read")

// phcOf writes the PHC string: $argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>.
func phcOf(cost argonCost, salt, hash []byte) string {
	encode := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s",
		cost.MemoryKiB, cost.Passes, cost.Lanes, encode(salt), encode(hash))
}

func parsePHC(text string) (cost argonCost, salt, hash []byte, err error) {
	parts := strings.Split(text, "$")
	if len(text) > maxPHC || len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != "v=19" {
		return cost, nil, nil, errPHC
	}
	costs := strings.Split(parts[3], ",")
	if len(costs) != 3 {
		return cost, nil, nil, errPHC
	}
	memory, one := boundedNumber(costs[0], "m=", 8, maxMemoryKiB)
	passes, two := boundedNumber(costs[1], "t=", 1, maxPasses)
	lanes, three := boundedNumber(costs[2], "p=", 1, maxLanes)
	if !one || !two || !three || memory < 8*lanes { // RFC 9106: eight blocks a lane
		return cost, nil, nil, errPHC
	}
	decode := base64.RawStdEncoding.Strict().DecodeString
	if salt, err = decode(parts[4]); err != nil || len(salt) < minSalt || len(salt) > maxSalt {
		return cost, nil, nil, errPHC
	}
	if hash, err = decode(parts[5]); err != nil || len(hash) < minHash || len(hash) > maxHash {
		return cost, nil, nil, errPHC
	}
	return argonCost{MemoryKiB: memory, Passes: passes, Lanes: uint8(lanes)}, salt, hash, nil //nolint:gosec // at most maxLanes
}

func boundedNumber(text, prefix string, least, most uint32) (uint32, bool) {
	digits, found := strings.CutPrefix(text, prefix)
	number, err := strconv.ParseUint(digits, 10, 32)
	if !found || err != nil || uint32(number) < least || uint32(number) > most {
		return 0, false
	}
	return uint32(number), true
}
