package models

import (
	"reflect"
	"testing"
	"time"
)

func TestListsHoldForTheirTime(t *testing.T) {
	now := time.Unix(1_764_000_000, 0)
	list := AllowList{Serial: 1, Issued: now.Unix(), Expires: now.Add(time.Hour).Unix()}
	for name, try := range map[string]struct {
		list    AllowList
		elapsed time.Duration
		at      time.Duration
		want    OfflineReason
	}{
		"none":                             {AllowList{}, 0, 0, OfflineNoList},
		"at once":                          {list, 0, 0, ""},
		"before its end":                   {list, time.Hour - 1, time.Hour - time.Second, ""},
		"at its end":                       {list, 0, time.Hour, OfflineExpired},
		"at its end, clock set back":       {list, time.Hour, 0, OfflineExpired},
		"ahead by what is allowed":         {list, 0, -AllowListSkew, ""},
		"ahead by a second too much":       {list, 0, -AllowListSkew - time.Second, OfflineClock},
		"ahead of a clock in the nineties": {list, 0, -30 * 365 * 24 * time.Hour, OfflineClock},
	} {
		if got := try.list.Holds(try.elapsed, now.Add(try.at)); got != try.want {
			t.Errorf("%s: %q, want %q", name, got, try.want)
		}
	}
}

func TestListsAndSignedCodesDecide(t *testing.T) {
	now, door, other := time.Unix(1_764_000_000, 0), ID("0198c000-0000-7000-8000-0000000000a1"), ID("0198c000-0000-7000-8000-0000000000a2")
	id := ID("0198c000-0000-7000-8000-000000000001")
	window := [2]int64{now.Unix(), now.Add(time.Minute).Unix()}
	entry := AllowEntry{Pass: PassRef(id), Hash: "h", Doors: []ID{door}, Times: [][2]int64{window}, Uses: 2}
	listed := AllowList{Serial: 1, SignedPasses: true, Entries: []AllowEntry{entry}}
	empty, denied, closed := AllowList{SignedPasses: true}, AllowList{SignedPasses: true, Denied: []string{PassRef(id)}}, AllowList{}
	signed := SignedPass{Pass: id, StartsAt: now, EndsAt: now.Add(time.Minute), Uses: 1, Doors: []string{DoorDigest(door)}}
	for name, try := range map[string]struct {
		list       AllowList
		door       ID
		used       int
		at         time.Duration
		byCode, qr OfflineReason
	}{
		"listed":             {listed, door, 1, 0, "", ""}, // two uses in the list go before one in the code
		"listed, used up":    {listed, door, 2, 0, OfflineUsedUp, OfflineUsedUp},
		"listed, elsewhere":  {listed, other, 0, 0, OfflineDoor, OfflineDoor},
		"listed, early":      {listed, door, 0, -time.Second, OfflineTime, OfflineTime},
		"listed, at its end": {listed, door, 0, time.Minute, OfflineTime, OfflineTime},
		"listed, just in":    {listed, door, 0, time.Minute - time.Second, "", ""},
		"signed":             {empty, door, 0, 0, OfflineUnknown, ""},
		"signed, used up":    {empty, door, 1, 0, OfflineUnknown, OfflineUsedUp},
		"signed, elsewhere":  {empty, other, 0, 0, OfflineUnknown, OfflineDoor},
		"signed, early":      {empty, door, 0, -time.Millisecond, OfflineUnknown, OfflineTime},
		"signed, at its end": {empty, door, 0, time.Minute, OfflineUnknown, OfflineTime},
		"denied":             {denied, door, 0, 0, OfflineUnknown, OfflineDenied},
		"no room to deny":    {closed, door, 0, 0, OfflineUnknown, OfflineDenied},
	} {
		used := func(string) int { return try.used }
		if _, got := try.list.OpenByCode(try.door, "h", used, now.Add(try.at)); got != try.byCode {
			t.Errorf("%s: by code %q, want %q", name, got, try.byCode)
		}
		if _, got := try.list.OpenBySigned(try.door, signed, used, now.Add(try.at)); got != try.qr {
			t.Errorf("%s: by QR %q, want %q", name, got, try.qr)
		}
	}
}

func TestAllowTimesAreThoseOfThePass(t *testing.T) {
	zone := time.FixedZone("CST", 8*3600)
	tuesday := time.Date(2026, 11, 24, 0, 0, 0, 0, zone)
	pass := VisitorPass{Kind: PassOneTime, StartsAt: tuesday.Add(time.Millisecond), EndsAt: tuesday.Add(time.Hour + time.Millisecond)}
	want := [][2]int64{{tuesday.Unix() + 1, tuesday.Unix() + 3600}} // never earlier, never later
	if got := pass.AllowTimes(tuesday, tuesday.Add(24*time.Hour), zone); !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	pass = VisitorPass{
		Kind: PassRecurring, StartsAt: tuesday.Add(-48 * time.Hour), EndsAt: tuesday.Add(23*time.Hour + 45*time.Minute),
		Times: PassTimes{Weekdays: []time.Weekday{time.Monday, time.Tuesday}, StartMinute: 23*60 + 30, LengthMinutes: 60},
	}
	at := func(day, minute int) int64 { return tuesday.Add(time.Duration(day*1440+minute) * time.Minute).Unix() }
	want = [][2]int64{{at(-1, 1410), at(0, 30)}, {at(0, 1410), at(0, 1425)}}
	if got := pass.AllowTimes(tuesday, tuesday.Add(24*time.Hour), zone); !reflect.DeepEqual(got, want) {
		t.Errorf("over midnight: %v, want %v", got, want)
	}
	if _, fits := pass.ToSign(); fits {
		t.Error("hours do not fit into a QR code")
	}
	if chance := AllowChance(DefaultCodeRules()); chance > StrangersChance {
		t.Errorf("a stranger's chance without the server is %.2g", chance)
	}
}

func TestSerialsRise(t *testing.T) {
	now := time.UnixMilli(1_764_000_000_000)
	list := DeviceList{Serial: now.UnixMilli() + 5, MadeAt: now}
	if got := list.NextSerial(now); got != list.Serial+1 {
		t.Errorf("the clock was set back: %d after %d", got, list.Serial)
	}
	if got := (DeviceList{Serial: 7}).NextSerial(now); got != now.UnixMilli() {
		t.Errorf("after a restored database: %d", got)
	}
	for after, want := range map[time.Duration]bool{0: false, 3*time.Hour - 1: false, 3 * time.Hour: true, -1: true} {
		if got := list.Stale(AllowListLife, now.Add(after)); got != want {
			t.Errorf("%s after: %t", after, got)
		}
	}
	id := ID("0198c000-0000-7000-8000-00000000000a")
	if back, ok := PassOfRef(PassRef(id)); !ok || back != id || len(PassRef(id)) != 22 {
		t.Errorf("%q %t", back, ok)
	}
	for _, wrong := range []string{"", "card-0007", PassRef(id) + "A", "!" + PassRef(id)[1:]} {
		if _, ok := PassOfRef(wrong); ok {
			t.Errorf("%q names no pass", wrong)
		}
	}
	revoked := VisitorPass{Uses: 1, MaxUses: 1, RevokedAt: now}
	if (VisitorPass{Uses: 1, MaxUses: 1}).Misused(now) || !(VisitorPass{Uses: 2, MaxUses: 1}).Misused(now) ||
		revoked.Misused(now.Add(-1)) || !revoked.Misused(now) {
		t.Error("misused is one too many, or from the revocation on")
	}
}
