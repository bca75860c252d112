package handlers_test

import (
	"net/http"
	"testing"
	"time"

	"xunfang/models"
)

// offline is a batch of a phone with a wrong wall clock: its monotonic clock is right.
type offline struct {
	rig  *rig
	boot time.Time     // when it was started
	off  time.Duration // of its wall clock
}

func (o offline) reading() int64 { return o.rig.clock.Now().Sub(o.boot).Milliseconds() }

func (o offline) records(change map[string]any) map[string]any {
	item := o.rig.here(map[string]any{
		"captured_at": at(o.rig.clock.Now().Add(o.off)), "boot_id": "boot-1", "monotonic_ms": o.reading(),
	})
	for field, value := range change {
		item[field] = value
	}
	return item
}

func (o offline) sends(who *caller, items ...map[string]any) response {
	o.rig.t.Helper()
	return o.rig.call(who, http.MethodPost, "/v1/check-ins", map[string]any{"items": items, "clock": map[string]any{
		"boot_id": "boot-1", "monotonic_ms": o.reading(), "wall_at": at(o.rig.clock.Now().Add(o.off)),
	}})
}

// A phone whose clock is two years behind, its battery dead in between, sends three days later: the list has the time at
// which it happened, beside what the phone's clock showed, and is in the order in which it happened.
func TestAWrongClockIsPutRight(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		phone := offline{rig: rig, boot: rig.clock.Now().Add(-time.Hour), off: -2 * 366 * 24 * time.Hour}
		wall, happened := rig.clock.Now().Add(phone.off), rig.clock.Now()
		item := phone.records(nil)
		rig.advance(time.Hour)
		right := rig.here(nil)
		rig.checkIn(rig.Auxiliary, right).must(200)
		rig.advance(71 * time.Hour)
		got := phone.sends(rig.Volunteer, item).must(200)
		if got.text("items.0.status") != "accepted" || reasonsAt(got, 0) != "clock_skew" || got.text("items.0.occurred_at") != at(happened) {
			t.Errorf("the verdict: %s", got.Text)
		}
		list := rig.call(rig.Commander, http.MethodGet, "/v1/check-ins", nil).must(200)
		if list.id("items.0.id") != right["id"] || list.id("items.1.id") != item["id"] {
			t.Errorf("the order: %s", list.Text)
		}
		if list.text("items.1.occurred_at") != at(happened) || list.text("items.1.captured_at") != at(wall) {
			t.Errorf("kept as %s", list.Text)
		}
		within := "from=" + at(happened) + "&to=" + at(happened.Add(time.Millisecond))
		if got := rig.call(rig.Commander, http.MethodGet, "/v1/check-ins?"+within, nil).must(200); len(got.items()) != 1 {
			t.Errorf("found by when it happened: %s", got.Text)
		}
		// The controls: the same without the readings, and of another start.
		bare := phone.records(map[string]any{"id": rig.ids.next()})
		delete(bare, "monotonic_ms")
		if got := phone.sends(rig.Volunteer, bare).must(400); got.fields()[0] != "items[0].captured_at too_old" {
			t.Errorf("without the reading: %s", got.Text)
		}
		other := phone.records(map[string]any{"id": rig.ids.next(), "boot_id": "boot-0"})
		phone.sends(rig.Volunteer, other).must(400)
	})
}

// The same batch again, later and with other readings: the first time stays.
func TestARepeatKeepsTheFirstTime(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		phone := offline{rig: rig, boot: rig.clock.Now().Add(-time.Hour), off: 24 * time.Hour}
		item := phone.records(nil)
		first := phone.sends(rig.Volunteer, item).must(200)
		rig.advance(time.Hour)
		item["monotonic_ms"] = 0
		again := phone.sends(rig.Volunteer, item).must(200)
		if again.at("items.0.duplicate") != true || again.text("items.0.occurred_at") != first.text("items.0.occurred_at") {
			t.Errorf("the repeat: %s", again.Text)
		}
	})
}

// The rotating code is held against the corrected time: a wrong wall clock accuses nobody.
func TestRotatingCodeUnderAWrongClock(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		point := rig.turning("北门")
		screen := rig.screen(rig.call(rig.Guard, http.MethodGet, secretPath(point), nil).must(200))
		phone := offline{rig: rig, boot: rig.clock.Now().Add(-time.Hour), off: 24 * time.Hour}
		item := phone.records(map[string]any{
			"checkpoint_id": point, "method": "rotating_qr", "code": screen.shows(rig.clock.Now()),
		})
		delete(item, "position")
		rig.advance(models.MaxOffline)
		if got := phone.sends(rig.Volunteer, item).must(200); got.text("items.0.status") != "accepted" || reasonsAt(got, 0) != "clock_skew" {
			t.Errorf("corrected: %s", got.Text)
		}
		item["id"] = rig.ids.next()
		delete(item, "boot_id")
		if got := phone.sends(rig.Volunteer, item).must(200); got.text("items.0.status") != "rejected" || reasonsAt(got, 0) != "clock_skew replayed_code" {
			t.Errorf("the control, not corrected: %s", got.Text)
		}
	})
}
