package models

import (
	"testing"
	"time"
)

func TestSignInWait(t *testing.T) {
	now := time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)
	// tries are count tries a second apart, from each of some networks in turn, the last one ago.
	tries := func(count int, ago time.Duration, networks ...string) []SignInTry {
		made := []SignInTry{}
		for at := range count {
			made = append(made, SignInTry{
				Network: networks[at%len(networks)], At: now.Add(-ago - time.Duration(count-1-at)*time.Second),
			})
		}
		return made
	}
	many := []string{"a", "b", "c", "d", "e"}
	for name, row := range map[string]struct {
		tries   []SignInTry
		network string
		trusted bool
		want    time.Duration
	}{
		"nothing yet":                            {nil, "here", false, 0},
		"nine here":                              {tries(9, 0, "here"), "here", false, 0},
		"ten here":                               {tries(10, 0, "here"), "here", false, SignInWindow - 9*time.Second},
		"ten here are ten for the trusted too":   {tries(10, 0, "here"), "here", true, SignInWindow - 9*time.Second},
		"ten elsewhere":                          {tries(10, 0, "there"), "here", false, 0},
		"ten here, the first about to leave":     {tries(10, SignInWindow-9*time.Second-1, "here"), "here", false, 1},
		"ten here, the first has left":           {tries(10, SignInWindow-9*time.Second, "here"), "here", false, 0},
		"eleven here wait for the second":        {tries(11, 0, "here"), "here", false, SignInWindow - 9*time.Second},
		"39 from everywhere":                     {tries(39, 0, many...), "here", false, 0},
		"40 from everywhere":                     {tries(40, 0, many...), "here", false, SignInPause},
		"40, a moment before the pause is over":  {tries(40, SignInPause-1, many...), "here", false, 1},
		"40, the pause is over":                  {tries(40, SignInPause, many...), "here", false, 0},
		"40, but the holder signed in from here": {tries(40, 0, many...), "here", true, 0},
		"40, all long ago":                       {tries(40, SignInWindow, many...), "here", false, 0},
	} {
		if got := SignInWait(row.tries, row.network, row.trusted, now); got != row.want {
			t.Errorf("%s: %v, want %v", name, got, row.want)
		}
	}
}

// One stranger cannot slow down anybody on another network, however fast they are: their own
// network's bound is below what the account takes from all.
func TestOneStrangerSlowsNobodyElse(t *testing.T) {
	now := time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)
	tries, taken := []SignInTry{}, 0
	for range 3600 {
		now = now.Add(time.Second)
		if SignInWait(tries, "stranger", false, now) == 0 {
			tries, taken = append(tries, SignInTry{Network: "stranger", At: now}), taken+1
		}
		if wait := SignInWait(tries, "holder", false, now); wait > 0 {
			t.Fatalf("after %d tries of the stranger the holder waits %v", taken, wait)
		}
	}
	if most := 6 * SignInsHere; taken != most {
		t.Errorf("the stranger had %d tries within an hour, want %d", taken, most)
	}
}

func TestNetworkOf(t *testing.T) {
	for one, same := range map[[2]string]bool{
		{"203.0.113.7", "203.0.113.7"}:              true,
		{"203.0.113.7", "::ffff:203.0.113.7"}:       true,
		{"203.0.113.7", "203.0.113.8"}:              false,
		{"2001:db8:1:2::1", "2001:db8:1:ffff::9"}:   true,
		{"2001:db8:1::1", "2001:db8:2::1"}:          false,
		{"fe80::1%eth0", "fe80::1%eth1"}:            true,
		{"", "203.0.113.7"}:                         false,
		{"not an address", "not an address either"}: false,
	} {
		if got := NetworkOf(one[0]) == NetworkOf(one[1]); got != same {
			t.Errorf("%q: the same network is %v, want %v", one, got, same)
		}
	}
}
