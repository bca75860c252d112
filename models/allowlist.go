package models

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"math"
	"slices"
	"strings"
	"time"
)

// What bounds an allow-list: how long a controller may open doors by it, how old it may grow before a new one is made, and what
// may stand in it.
const (
	AllowListLife      = 24 * time.Hour // where nobody set it otherwise
	LeastAllowListLife = time.Hour
	MostAllowListLife  = 72 * time.Hour
	MaxAllowEntries    = 2000
	MaxAllowDenied     = 2000
	AllowListSkew      = 30 * time.Second // how far a list may have been made ahead of the controller's clock
	OfflinePause       = 30 * time.Second // after a wrong code typed without the server
	// MaxSignedDoors bounds the doors in a signed QR code, so that it stays readable on a cheap screen.
	MaxSignedDoors = 8
)

// AllowList is what a controller opens doors by while it cannot reach the server. Nobody's code or name stands in it.
type AllowList struct {
	DeviceID ID    `json:"device_id"`
	Serial   int64 `json:"serial"` // always greater than that of any earlier list of the device
	Issued   int64 `json:"iat"`    // seconds
	Expires  int64 `json:"exp"`
	// CodeKey goes into each hash beside the device's own key; it is the compound's, in base64url.
	CodeKey string `json:"code_key"`
	PauseS  int    `json:"pause_s"`
	// SignedPasses says that QR codes of passes that are not in the list may open. False where not all of what had to be
	// denied, or allowed, found room.
	SignedPasses bool         `json:"signed_passes"`
	Entries      []AllowEntry `json:"entries"`
	Denied       []string     `json:"denied"` // references of passes whose signed QR code opens nothing any more
}

// AllowEntry is one pass in a list.
type AllowEntry struct {
	Pass  string     `json:"pass"` // its reference, see PassRef
	Hash  string     `json:"hash"` // of code and extension together
	Doors []ID       `json:"doors"`
	Times [][2]int64 `json:"times"` // when it opens, in seconds: from, included, until, not
	Uses  int        `json:"uses"`  // that are left
}

// DeviceList is what the server remembers of a device's lists.
type DeviceList struct {
	DeviceID ID
	Serial   int64 // of the latest; 0 before the first
	Digest   []byte
	MadeAt   time.Time
	Held     int64 // the latest that the device said it holds
	HeldAt   time.Time
}

// NextSerial is the serial of a new list: of its time, so that serials go on rising from a database that was restored.
func (l DeviceList) NextSerial(now time.Time) int64 { return max(l.Serial+1, now.UnixMilli()) }

// Stale says whether a list that says the same must be made anew: after an eighth of its life, so that a controller whose
// network goes away has most of it before it.
func (l DeviceList) Stale(life time.Duration, now time.Time) bool {
	return l.Serial == 0 || now.Sub(l.MadeAt) >= life/8 || now.Before(l.MadeAt)
}

// AllowChance bounds how likely a stranger is to open a door within a day by typing at a controller without network: each
// try is code and extension together, one after each pause.
func AllowChance(rules CodeRules) float64 {
	tries := math.Ceil(float64(CodeWindow)/float64(OfflinePause)) + 1
	return tries * MaxAllowEntries / math.Pow10(rules.Digits+rules.Extension)
}

// AllowTimes are the times at which a pass opens that touch [from, until), or its whole window where it has no hours. They
// are not cut off at either: a list that says the same stays the same.
func (p VisitorPass) AllowTimes(from, until time.Time, zone *time.Location) [][2]int64 {
	times := [][2]int64{}
	add := func(starts, ends time.Time) {
		starts, ends = latest(starts, p.StartsAt), earliest(ends, p.EndsAt)
		if starts.Before(ends) && ends.After(from) {
			times = append(times, [2]int64{ceilSeconds(starts), ends.Unix()})
		}
	}
	if p.Times.IsZero() {
		add(p.StartsAt, p.EndsAt)
		return times
	}
	for day := DateIn(from, zone).Add(-1); day.At(0, zone).Before(until); day = day.Add(1) {
		if slices.Contains(p.Times.Weekdays, day.Weekday()) {
			add(day.At(p.Times.StartMinute, zone), day.At(p.Times.StartMinute+p.Times.LengthMinutes, zone))
		}
	}
	return times
}

func latest(one, other time.Time) time.Time {
	if one.After(other) {
		return one
	}
	return other
}

func earliest(one, other time.Time) time.Time {
	if one.Before(other) {
		return one
	}
	return other
}

// ceilSeconds never lets a window begin early.
func ceilSeconds(at time.Time) int64 { return at.Add(time.Second - 1).Unix() }

// PassRef is what names a pass to controllers: its id in 22 letters.
func PassRef(pass ID) string {
	bits, err := hex.DecodeString(strings.ReplaceAll(string(pass), "-", ""))
	if err != nil {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(bits)
}

// PassOfRef is the pass that a reference names; false for what is none.
func PassOfRef(ref string) (ID, bool) {
	bits, err := base64.RawURLEncoding.Strict().DecodeString(ref)
	if err != nil || len(bits) != 16 {
		return "", false
	}
	text := hex.EncodeToString(bits)
	return ID(strings.Join([]string{text[:8], text[8:12], text[12:16], text[16:20], text[20:]}, "-")), true
}

// SignedPass is what a signed QR code says of a pass.
type SignedPass struct {
	Pass     ID
	StartsAt time.Time // in seconds
	EndsAt   time.Time
	Uses     int
	Doors    []string // their digests
}

// DoorDigest is what names a door in a QR code: the first 8 bytes of the SHA-256 of its id, in hexadecimal.
func DoorDigest(door ID) string {
	sum := sha256.Sum256([]byte(door))
	return hex.EncodeToString(sum[:8])
}

// ToSign is what is signed of a pass; false for one that gets no signed QR code: a group's, one with hours, which a QR code has
// no room for, or one with many doors.
func (p VisitorPass) ToSign() (SignedPass, bool) {
	if p.Kind == PassGroup || !p.Times.IsZero() || len(p.DoorIDs) == 0 || len(p.DoorIDs) > MaxSignedDoors {
		return SignedPass{}, false
	}
	signed := SignedPass{
		Pass: p.ID, StartsAt: time.Unix(ceilSeconds(p.StartsAt), 0).UTC(), EndsAt: time.Unix(p.EndsAt.Unix(), 0).UTC(), Uses: p.MaxUses,
	}
	for _, door := range p.DoorIDs {
		signed.Doors = append(signed.Doors, DoorDigest(door))
	}
	return signed, true
}

// Misused says, after a use without the server was counted, whether it was one too many, or came after the pass was revoked.
func (p VisitorPass) Misused(at time.Time) bool {
	return p.Uses > p.MaxUses || !p.RevokedAt.IsZero() && !at.Before(p.RevokedAt)
}
