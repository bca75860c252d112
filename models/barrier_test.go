package models

import (
	"slices"
	"testing"
	"time"
)

func TestWhatABarrierDoes(t *testing.T) {
	const in, out = DirectionIn, DirectionOut
	sure, low := ConfidenceLow, ConfidenceLow-0.001
	for _, one := range []struct {
		direction  string
		confidence float64
		tag        bool
		facts      BarrierFacts
		decision   string
		reason     BarrierReason
	}{
		{out, sure, false, BarrierFacts{Resident: true}, "open", BarrierResident},
		{out, sure, false, BarrierFacts{Resident: true, Locked: true}, "hold", BarrierLocked},
		{out, low, false, BarrierFacts{Resident: true, Locked: true}, "hold", BarrierLocked},
		{out, sure, false, BarrierFacts{Locked: true}, "hold", BarrierLocked}, // its owner has moved out
		{out, sure, false, BarrierFacts{Locked: true, Pass: true}, "hold", BarrierLocked},
		{out, low, true, BarrierFacts{Resident: true, Locked: true}, "hold", BarrierLocked},
		{out, low, false, BarrierFacts{LikeLocked: true}, "hold", BarrierLikeLocked},
		{out, low, false, BarrierFacts{LikeLocked: true, Resident: true}, "hold", BarrierLikeLocked},
		{out, low, false, BarrierFacts{LikeLocked: true, Pass: true}, "hold", BarrierLikeLocked},
		{out, sure, false, BarrierFacts{LikeLocked: true}, "open", BarrierUnknownPlate},
		{out, sure, false, BarrierFacts{LikeLocked: true, Resident: true}, "open", BarrierResident},
		{out, low, true, BarrierFacts{LikeLocked: true}, "open", BarrierUnknownPlate},
		{out, low, false, BarrierFacts{}, "hold", BarrierLowConfidence},
		{out, sure, false, BarrierFacts{}, "open", BarrierUnknownPlate},
		{out, 0, true, BarrierFacts{}, "open", BarrierUnknownPlate},
		{out, low, false, BarrierFacts{Pass: true}, "open", BarrierVisitorPass},
		{in, sure, false, BarrierFacts{Resident: true, Locked: true}, "open", BarrierResident},
		{in, low, false, BarrierFacts{Resident: true}, "open", BarrierResident},
		{in, sure, false, BarrierFacts{Pass: true}, "open", BarrierVisitorPass},
		{in, sure, false, BarrierFacts{}, "hold", BarrierUnknownPlate},
		{in, low, false, BarrierFacts{LikeLocked: true}, "hold", BarrierLowConfidence},
		{in, sure, false, BarrierFacts{Locked: true}, "hold", BarrierUnknownPlate},
	} {
		decision, reason := DecideAtBarrier(Reading{one.direction, one.confidence, one.tag}, one.facts)
		if decision != one.decision || reason != one.reason {
			t.Errorf("%+v: %s %s", one, decision, reason)
		}
	}
}

// A list decides as the server does, holds to its end, and never lets a locked vehicle out, however old it is.
func TestABarrierDecidesByItsList(t *testing.T) {
	hash := func(mark Secret) string { return "#" + mark.Reveal() }
	now := time.Unix(1000, 0)
	list := PlateList{Expires: 1001, Residents: []string{hash("川J10852"), hash("川J20000"), hash("川J30000")}, Locked: []string{hash("川J10852")}}
	slices.Sort(list.Residents)
	for _, one := range []struct {
		direction  string
		mark       Secret
		confidence float64
		at         time.Time
		reason     BarrierReason
	}{
		{DirectionOut, "川J10852", 1, now, BarrierLocked},
		{DirectionOut, "川J10852", 1, now.Add(time.Second), BarrierLocked},
		{DirectionOut, "川J1O852", 0.5, now, BarrierLikeLocked},
		{DirectionOut, "川J1O852", 0.5, now.Add(365 * 24 * time.Hour), BarrierLikeLocked},
		{DirectionOut, "川J20000", 1, now, BarrierResident},
		{DirectionOut, "川J20000", 1, now.Add(time.Second), BarrierUnknownPlate}, // out it may
		{DirectionIn, "川J20000", 1, now, BarrierResident},
		{DirectionIn, "川J10852", 1, now, BarrierResident},
		{DirectionIn, "川J99999", 1, now, BarrierUnknownPlate},
	} {
		_, reason := list.DecideOffline(Reading{one.direction, one.confidence, false}, one.mark, hash, one.at)
		if reason != one.reason {
			t.Errorf("%s %s %v: %s", one.direction, one.mark.Reveal(), one.confidence, reason)
		}
	}
	if decision, _ := list.DecideOffline(Reading{DirectionIn, 1, false}, "川J20000", hash, now.Add(time.Second)); decision != DecisionHold {
		t.Error("an ended list lets somebody in")
	}
}

func TestReleaseWordIsGuessedAtWithinBounds(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	fresh := ReleaseWord{MAC: []byte{1}, Until: now.Add(ReleaseWordLife)}
	if used, outcome := fresh.Try(true, fresh.Until.Add(-1)); outcome != ReleaseDone || len(used.MAC) != 0 {
		t.Error("the right word", outcome)
	} else if _, again := used.Try(true, now); again != ReleaseWrong {
		t.Error("used twice", again)
	}
	if _, outcome := fresh.Try(true, fresh.Until); outcome != ReleaseWrong {
		t.Error("after its end", outcome)
	}
	if _, outcome := (ReleaseWord{Until: fresh.Until}).Try(true, now); outcome != ReleaseWrong {
		t.Error("where there is none", outcome)
	}
	word, at := fresh, now
	for wrong := range MaxReleaseTries {
		if wrong > ReleaseTriesFree-1 {
			at = at.Add(ReleasePause)
			if _, outcome := word.Try(true, at.Add(-1)); outcome != ReleaseWait {
				t.Errorf("try %d within the pause: %s", wrong, outcome)
			}
		}
		next, outcome := word.Try(false, at)
		if word = next; outcome != ReleaseWrong || word.TriesLeft(at) != MaxReleaseTries-wrong-1 {
			t.Errorf("try %d: %s, %d left", wrong, outcome, word.TriesLeft(at))
		}
	}
	over := now.Add(ReleaseDay)
	if _, outcome := word.Try(true, over.Add(-1)); outcome != ReleaseOver || word.Wait(over.Add(-1)) != 1 {
		t.Error("within the day", outcome)
	}
	if _, outcome := word.Try(true, over.Add(-time.Hour)); outcome != ReleaseOver {
		t.Error(outcome)
	}
	fresh.Wrong, fresh.WrongFrom, fresh.WrongAt, fresh.Until = word.Wrong, word.WrongFrom, word.WrongAt, over.Add(1)
	if _, outcome := fresh.Try(true, over); outcome != ReleaseDone {
		t.Error("on the next day", outcome)
	}
}

func TestLockedThen(t *testing.T) {
	at := func(second int64) time.Time { return time.Unix(second, 0) }
	locked := Vehicle{Locked: true, LockedAt: at(10), UnlockedAt: at(5)}
	was := Vehicle{LockedAt: at(10), UnlockedAt: at(20)}
	for name, one := range map[string]struct{ got, want bool }{
		"before": {locked.LockedThen(at(9)), false}, "since": {locked.LockedThen(at(10)), true}, "now": {locked.LockedThen(at(99)), true},
		"was": {was.LockedThen(at(19)), true}, "until": {was.LockedThen(at(20)), false}, "never": {Vehicle{}.LockedThen(at(1)), false},
	} {
		if one.got != one.want {
			t.Error(name)
		}
	}
}

// The last reading decides, one that comes late does not, and what people decided stands for the same mark.
func TestArrivalAfterReadings(t *testing.T) {
	lockedVehicle := Found{Vehicle: Vehicle{ID: "locked", OwnerID: "owner", Locked: true}}
	free := Found{Resident: true, Vehicle: Vehicle{ID: "free"}}
	now := time.Unix(1000, 0)
	read := func(sequence int, mark Secret, found Found) (PlateRead, Found) {
		decision, reason := DecideAtBarrier(Reading{DirectionOut, 1, false}, found.Facts())
		return PlateRead{Sequence: sequence, Mark: mark, Confidence: 1, Decision: decision, Reason: reason, ReadAt: now}, found
	}
	after := func(arrival Arrival, sequence int, mark Secret, found Found) Arrival {
		one, known := read(sequence, mark, found)
		return arrival.After(one, known, now)
	}
	misread := after(Arrival{Direction: DirectionOut}, 1, "free", free)
	corrected := after(misread, 2, "locked", lockedVehicle)
	if corrected.Decision != DecisionHold || corrected.Reason != BarrierLocked || !corrected.OpenedWrongly || corrected.OwnerID != "owner" {
		t.Errorf("corrected: %+v", corrected)
	}
	if late := after(corrected, 1, "free", free); late.Decision != DecisionHold || late.Reads != 3 {
		t.Errorf("late: %+v", late)
	}
	held := after(Arrival{Direction: DirectionOut}, 1, "locked", lockedVehicle)
	if held.OpenedWrongly || held.CheckRelease(now) != nil || held.CheckRelease(now.Add(ArrivalHeld)) == nil {
		t.Errorf("held: %+v", held)
	}
	for reason, stands := range map[BarrierReason]bool{
		BarrierReleased: true, BarrierOverridden: true, BarrierUnlocked: false, BarrierGuard: false,
	} {
		again := after(held.Decided(reason, now), 2, "locked", lockedVehicle)
		if (again.Decision == DecisionOpen) != stands {
			t.Errorf("%s: %+v", reason, again)
		}
	}
	if other := after(held.Decided(BarrierReleased, now), 2, "other", lockedVehicle); other.Decision != DecisionHold || !other.OpenedWrongly {
		t.Errorf("released, and then another locked one: %+v", other)
	}
	if held.CheckAdmission("川J1", now) == nil || held.CheckOverride(now) != nil || misread.CheckOverride(now) == nil {
		t.Error("who may decide")
	}
	unclear := Arrival{Direction: DirectionOut, Decision: DecisionHold, Reason: BarrierLikeLocked, ReadAt: now}
	if unclear.CheckAdmission("", now) == nil || unclear.CheckAdmission("川J1", now) != nil {
		t.Error("the guard says what they see")
	}
}
