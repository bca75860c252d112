package handlers_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/store"
)

const lookEvery = 30 * time.Second // less than models.HearingBreak

// passes lets time go by as the keeper does, in its steps; the devices named are heard meanwhile.
func (r *rig) passes(by time.Duration, heard ...*caller) {
	r.t.Helper()
	for range int(by / lookEvery) {
		r.advance(lookEvery)
		r.write(func(ctx context.Context, tx *store.Store) error {
			errs := []error{}
			for _, device := range heard {
				hello := models.DeviceHello{Nonce: "nonce of " + string(device.ID), Firmware: "f", At: r.clock.Now()}
				errs = append(errs, tx.DeviceArrived(ctx, device.ID, hello, r.clock.Now()))
			}
			return errors.Join(errs...)
		})
		if err := r.server.WatchDevices(r.t.Context()); err != nil {
			r.t.Fatal(err)
		}
	}
}

func TestASilentDevice(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		gate, others := rig.One.GateDevice, []*caller{rig.One.UnitDevice, rig.One.OtherUnitDevice}
		for _, place := range []*compound{rig.Two, rig.Three} {
			others = append(others, place.GateDevice, place.UnitDevice, place.OtherUnitDevice)
		}
		told := func(silent, back int, why string) {
			t.Helper()
			for _, who := range []*caller{rig.Property, rig.Commander} {
				if one, two := rig.inboxOf(who, models.AlertDoorAlarm), rig.inboxOf(who, models.AlertDeviceBack); one != silent || two != back {
					t.Errorf("%s: %d told of silences, %d of ends", why, one, two)
				}
			}
		}
		all := append([]*caller{gate}, others...)
		rig.passes(time.Minute, all...)
		rig.advance(10 * time.Hour) // the server was down, and so nobody was heard
		rig.passes(models.DeviceSilenceDefault-lookEvery, others...)
		told(0, 0, "the server has not listened long enough")
		rig.passes(lookEvery, all...) // only then does the last one come back
		told(0, 0, "a restart")

		rig.doors.down = errBrokerGone
		rig.passes(10 * time.Minute)
		told(0, 0, "the broker is away: nobody can be heard")
		rig.doors.down = nil
		rig.passes(models.DeviceSilenceDefault, all...)
		told(0, 0, "the broker is back")

		rig.passes(models.DeviceSilenceDefault-lookEvery, others...)
		told(0, 0, "just before")
		rig.passes(lookEvery, others...)
		told(1, 0, "silent")
		shown := rig.call(rig.Property, http.MethodGet, "/v1/devices/"+string(gate.ID), nil).must(200)
		if shown.at("silent") != true || shown.at("online") != false {
			t.Errorf("silent: %s", shown.Text)
		}
		if guard := rig.inboxOf(rig.Guard, models.AlertDoorAlarm); guard != 0 {
			t.Error("the guard was told")
		}
		if err := rig.server.Left(t.Context(), gate.ID, "nonce of "+string(gate.ID)); err != nil { // its will, late
			t.Fatal(err)
		}
		rig.passes(time.Minute, others...)
		told(1, 0, "a will is no word of the device")
		rig.passes(lookEvery, all...)
		told(1, 1, "back")

		rig.passes(6*time.Minute, others...) // it flaps
		rig.passes(lookEvery, all...)
		told(1, 1, "a second silence within the quarter of an hour")
		rig.passes(6*time.Minute, others...)
		for range 2 {
			if err := rig.server.WatchDoors(context.Background()); err != nil { // tells what has waited
				t.Fatal(err)
			}
		}
		rig.passes(10*time.Minute, others...)
		for range 2 {
			if err := rig.server.WatchDoors(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
		told(2, 1, "it stays silent")
		rig.passes(20*time.Minute, others...)
		if err := rig.server.WatchDoors(context.Background()); err != nil {
			t.Fatal(err)
		}
		told(2, 1, "once for each silence")
		rig.call(rig.Admin, http.MethodPatch, "/v1/devices/"+string(gate.ID), map[string]any{"disabled": true}).must(200)
		rig.passes(lookEvery, others...)
		told(2, 1, "disabled: nothing to tell")
		if begun, ended := rig.audit(rig.A, "beginDoorAlarm"), rig.audit(rig.A, "endDeviceSilence"); len(begun) != 3 || len(ended) != 3 {
			t.Errorf("the audit has %d and %d", len(begun), len(ended))
		}
	})
}
