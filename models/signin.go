package models

import (
	"net/netip"
	"time"
)

// Guessing at a password. One network gets SignInsHere wrong tries at an account within SignInWindow.
// Over all networks an account takes SignInsFree, and after those one per SignInPause: a slow-down that
// wears out a guesser with many addresses. The networks that the holder signed in from within
// SignInTrust are not slowed by what others do.
const (
	SignInWindow = 10 * time.Minute
	SignInsHere  = 10
	SignInsFree  = 40
	SignInPause  = 5 * time.Second
	SignInTrust  = 30 * 24 * time.Hour
)

// SignInTry is a try at an account that failed, or that is still being checked.
type SignInTry struct {
	Network string
	At      time.Time
}

// SignInWait says how long an account still takes no try from a network; tries holds those of
// the last SignInWindow, oldest first; trusted says that the holder signed in from there lately.
func SignInWait(tries []SignInTry, network string, trusted bool, now time.Time) time.Duration {
	wait := time.Duration(0)
	all, here := 0, 0
	for at := len(tries) - 1; at >= 0 && now.Sub(tries[at].At) < SignInWindow; at-- {
		if all++; tries[at].Network != network {
			continue
		}
		if here++; here == SignInsHere {
			wait = SignInWindow - now.Sub(tries[at].At)
		}
	}
	if !trusted && all >= SignInsFree {
		wait = max(wait, SignInPause-now.Sub(tries[len(tries)-1].At))
	}
	return wait
}

// networkBits is what one IPv6 subscriber is given at most (RFC 6177).
const networkBits = 48

// NetworkOf is what counts as one place to sign in from: an IPv4 address, or an IPv6 /48, within
// which one subscriber can have any address. What is no address stands for itself.
func NetworkOf(address string) string {
	parsed, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	parsed = parsed.Unmap().WithZone("")
	if prefix, err := parsed.Prefix(networkBits); err == nil && parsed.Is6() {
		return prefix.String()
	}
	return parsed.String()
}
