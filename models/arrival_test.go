package models

import (
	"testing"
	"time"
)

// Somebody who covers half of the plate does not make a locked vehicle one that the guard may let out.
func TestAnUncertainReadingUnlocksNothing(t *testing.T) {
	now := time.Unix(1000, 0)
	locked := Found{Vehicle: Vehicle{ID: "locked", OwnerID: "owner", Locked: true}}
	after := func(arrival Arrival, mark Secret, found Found, confidence float64, tag bool) Arrival {
		read := PlateRead{Sequence: arrival.LastSequence + 1, Mark: mark, Tag: tag, Confidence: confidence, ReadAt: now}
		read.Decision, read.Reason = DecideAtBarrier(read.Reading(DirectionOut), found.Facts())
		return arrival.After(read, found, now)
	}
	held := after(Arrival{Direction: DirectionOut}, "川J10852", locked, 0.97, false)
	for name, mark := range map[string]Secret{"half of it": "川J1", "another": "渝A88888"} {
		covered := after(held, mark, Found{}, ConfidenceLow-0.01, false)
		if covered.Reason != BarrierLocked || covered.OwnerID != "owner" || covered.Reads != 2 || covered.CheckAdmission("渝A88888", now) == nil {
			t.Errorf("%s: %+v", name, covered)
		}
	}
	if sure := after(held, "渝A88888", Found{}, ConfidenceLow, false); sure.Decision != DecisionOpen || sure.VehicleID != "" {
		t.Errorf("read right in the end: %+v", sure)
	}
	like := after(Arrival{Direction: DirectionOut}, "川J1O852", Found{LikeID: "locked"}, 0.5, false)
	if covered := after(like, "川J1", Found{}, 0.3, false); covered.LikeID != "locked" {
		t.Errorf("nobody would tell the owner: %+v", covered)
	}
	if sure := after(like, "渝A88888", Found{}, 0.9, false); sure.LikeID != "" {
		t.Errorf("another one after all: %+v", sure)
	}
}

// A locked e-bike that was told by its tag stays held whatever plate a camera reads beside it; a tag, or people, may say otherwise.
func TestNoPlateReplacesALockedTag(t *testing.T) {
	now := time.Unix(1000, 0)
	locked := Found{Vehicle: Vehicle{ID: "locked", OwnerID: "owner", Locked: true}}
	after := func(arrival Arrival, mark Secret, found Found, tag, replayed bool, decision string) Arrival {
		read := PlateRead{Sequence: arrival.LastSequence + 1, Mark: mark, Tag: tag, Confidence: 0.99, ReadAt: now, Replayed: replayed}
		if read.Decision, read.Reason = DecideAtBarrier(read.Reading(DirectionOut), found.Facts()); decision != "" {
			read.Decision = decision
		}
		return arrival.After(read, found, now)
	}
	held := after(Arrival{Direction: DirectionOut}, "E280", locked, true, false, "")
	for name, plate := range map[string]Arrival{
		"another's":     after(held, "川J22222", Found{}, false, false, ""),
		"another's too": after(held, "川J33333", Found{Vehicle: Vehicle{ID: "other", Locked: true}}, false, false, ""),
		"held offline":  after(held, "川J22222", Found{}, false, true, DecisionHold),
	} {
		if plate.Reason != BarrierLocked || plate.VehicleID != "locked" || plate.Mark != "E280" || plate.Reads != 2 || plate.Opened {
			t.Errorf("%s: %+v", name, plate)
		}
	}
	if out := after(held, "川J22222", Found{}, false, true, DecisionOpen); !out.OpenedWrongly || out.VehicleID != "locked" {
		t.Errorf("let go by the barrier alone: %+v", out)
	}
	if other := after(held, "E281", Found{}, true, false, ""); other.Decision != DecisionOpen || other.VehicleID != "" {
		t.Errorf("another tag: %+v", other)
	}
	released := held.Decided(BarrierReleased, now)
	if again := after(released, "E280", locked, true, false, ""); again.Reason != BarrierReleased {
		t.Errorf("released, and read again: %+v", again)
	}
}
