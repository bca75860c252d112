package api

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Rate is a token bucket: PerSecond tokens flow in, at most Burst lie in it.
type Rate struct {
	PerSecond float64
	Burst     int
}

// Limits sets how fast callers may call. The zero value takes the defaults, which are
// meant to stop a broken or hostile client and not a busy one.
type Limits struct {
	Off      bool // nobody is limited: for measuring only
	Person   Rate // each person or device; default 50/s, burst 200
	Address  Rate // each address, on what needs no token; default 20/s, burst 100
	Failures Rate // bad tokens from one address; default 5/s, burst 50
	// Operations replaces the limit of single operations, the contract's x-rate-limit included.
	Operations map[string]Rate
}

// callersKept bounds how many callers one limiter remembers, twice over.
const callersKept = 20_000

func (l Limits) withDefaults() Limits {
	set := func(have *Rate, otherwise Rate) {
		if have.PerSecond <= 0 || have.Burst < 1 {
			*have = otherwise
		}
	}
	set(&l.Person, Rate{PerSecond: 50, Burst: 200})
	set(&l.Address, Rate{PerSecond: 20, Burst: 100})
	set(&l.Failures, Rate{PerSecond: 5, Burst: 50})
	return l
}

// limiter holds a bucket for each caller, in two generations: when the young one is full
// it becomes the old one, and what nobody asked for in the meantime is forgotten. A caller
// who keeps calling is moved along, so that nobody gets a new bucket by making noise.
type limiter struct {
	rate  Rate
	keep  int
	mutex sync.Mutex
	young map[string]*rate.Limiter
	old   map[string]*rate.Limiter
}

func newLimiter(each Rate, keep int) *limiter {
	return &limiter{rate: each, keep: keep, young: map[string]*rate.Limiter{}}
}

// take takes one token from the caller's bucket. It returns 0, or how long to wait
// until there is one again; then nothing was taken.
func (l *limiter) take(caller string, now time.Time) time.Duration {
	bucket := l.bucket(caller)
	reservation := bucket.ReserveN(now, 1)
	wait := reservation.DelayFrom(now)
	if wait > 0 {
		reservation.CancelAt(now)
	}
	return wait
}

// spent says how long to wait until there is a token, without taking one.
func (l *limiter) spent(caller string, now time.Time) time.Duration {
	missing := 1 - l.bucket(caller).TokensAt(now)
	if missing <= 0 {
		return 0
	}
	return time.Duration(missing / l.rate.PerSecond * float64(time.Second))
}

func (l *limiter) bucket(caller string) *rate.Limiter {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if bucket, ok := l.young[caller]; ok {
		return bucket
	}
	bucket, ok := l.old[caller]
	if !ok {
		bucket = rate.NewLimiter(rate.Limit(l.rate.PerSecond), l.rate.Burst)
	}
	if len(l.young) >= l.keep {
		l.old, l.young = l.young, map[string]*rate.Limiter{}
	}
	l.young[caller] = bucket
	return bucket
}
