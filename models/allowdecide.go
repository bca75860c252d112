package models

import (
	"slices"
	"time"
)

// OfflineReason is why a controller without network does not open.
type OfflineReason string

// The reasons, in the order in which they are looked for.
const (
	OfflineNoList   OfflineReason = "no_list"      // it never got one
	OfflineClock    OfflineReason = "clock"        // its clock was set since it got the list, or the list is ahead of it
	OfflineExpired  OfflineReason = "list_expired" // the list has ended
	OfflineWait     OfflineReason = "wait"         // a wrong code was typed a moment ago
	OfflineUnsigned OfflineReason = "not_signed"   // no signature of ours on the QR code
	OfflineUnknown  OfflineReason = "unknown"      // no such code in the list
	OfflineDenied   OfflineReason = "denied"       // the pass is revoked, or is not what its QR code says any more
	OfflineDoor     OfflineReason = "other_door"
	OfflineTime     OfflineReason = "not_now"
	OfflineUsedUp   OfflineReason = "used_up"
)

// Holds says whether a list may be decided by; "" when it may. elapsed is the time that went by since the controller got it,
// by a counter that nobody sets: a clock that is set back does not lengthen a list.
func (l AllowList) Holds(elapsed time.Duration, now time.Time) OfflineReason {
	switch {
	case l.Serial == 0:
		return OfflineNoList
	case time.Unix(l.Issued, 0).Sub(now) > AllowListSkew:
		return OfflineClock
	case now.Unix() >= l.Expires || elapsed >= time.Duration(l.Expires-l.Issued)*time.Second:
		return OfflineExpired
	default:
		return ""
	}
}

// OpenByCode decides about a code that was typed with its extension, or scanned; hash is as it would stand in the list. used is
// how often the controller itself opened this door by a pass since, as far as the list does not know of it.
func (l AllowList) OpenByCode(door ID, hash string, used func(pass string) int, now time.Time) (pass string, why OfflineReason) {
	for _, entry := range l.Entries {
		if entry.Hash == hash {
			return entry.Pass, entry.open(door, used(entry.Pass), now)
		}
	}
	return "", OfflineUnknown
}

// OpenBySigned decides about a QR code whose signature holds. What the list says of the pass goes before what the code says:
// the code was signed earlier.
func (l AllowList) OpenBySigned(door ID, signed SignedPass, used func(pass string) int, now time.Time) (pass string, why OfflineReason) {
	pass = PassRef(signed.Pass)
	for _, entry := range l.Entries {
		if entry.Pass == pass {
			return pass, entry.open(door, used(pass), now)
		}
	}
	switch {
	case !l.SignedPasses || slices.Contains(l.Denied, pass):
		return pass, OfflineDenied
	case !slices.Contains(signed.Doors, DoorDigest(door)):
		return pass, OfflineDoor
	case now.Before(signed.StartsAt) || !now.Before(signed.EndsAt):
		return pass, OfflineTime
	case used(pass) >= signed.Uses:
		return pass, OfflineUsedUp
	default:
		return pass, ""
	}
}

func (e AllowEntry) open(door ID, used int, now time.Time) OfflineReason {
	within := func(window [2]int64) bool { return window[0] <= now.Unix() && now.Unix() < window[1] }
	switch {
	case !slices.Contains(e.Doors, door):
		return OfflineDoor
	case !slices.ContainsFunc(e.Times, within):
		return OfflineTime
	case used >= e.Uses:
		return OfflineUsedUp
	default:
		return ""
	}
}
