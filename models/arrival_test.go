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
