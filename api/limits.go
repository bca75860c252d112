package api

import (
	"time"

	"xunfang/models"
)

// limits holds the buckets of the whole server: the general ones, and one for each
// operation that has its own limit.
type limits struct {
	off        bool
	person     *limiter
	address    *limiter
	failures   *limiter
	operations map[models.Operation]*limiter
}

func newLimits(wanted Limits, contract *Contract) *limits {
	wanted = wanted.withDefaults()
	made := &limits{
		off:        wanted.Off,
		person:     newLimiter(wanted.Person, callersKept),
		address:    newLimiter(wanted.Address, callersKept),
		failures:   newLimiter(wanted.Failures, callersKept),
		operations: map[models.Operation]*limiter{},
	}
	for _, operation := range contract.operations {
		if own, ok := wanted.Operations[string(operation.id)]; ok {
			made.operations[operation.id] = newLimiter(own, callersKept)
		} else if operation.rate != nil {
			made.operations[operation.id] = newLimiter(*operation.rate, callersKept)
		}
	}
	return made
}

// allow takes a token for the operation, or says when there will be one.
func (l *limits) allow(operation *operation, caller string, now time.Time) error {
	if l.off {
		return nil
	}
	use := l.operations[operation.id]
	switch {
	case use != nil:
	case operation.public:
		use = l.address
	default:
		use = l.person
	}
	if wait := use.take(caller, now); wait > 0 {
		return models.Fail(models.CodeRateLimited).After(wait)
	}
	return nil
}

// failing says how long an address must wait that sent too many bad tokens.
func (l *limits) failing(address string, now time.Time) time.Duration {
	if l.off {
		return 0
	}
	return l.failures.spent(address, now)
}

// failed counts a bad token.
func (l *limits) failed(address string, now time.Time) {
	if !l.off {
		l.failures.take(address, now)
	}
}
