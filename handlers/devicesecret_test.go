package handlers_test

import (
	"context"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/eclipse/paho.golang/paho"

	"xunfang/auth"
	"xunfang/doors"
	"xunfang/models"
	"xunfang/store"
)

// The old secret holds until the new one is used, wherever that is, and ten minutes at most.
func TestASecretIsRotated(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		device, ctx := rig.One.GateDevice, context.Background()
		path := "/v1/devices/" + string(device.ID)
		rotate := func(who *caller) string {
			return rig.call(who, http.MethodPost, path+"/rotate-secret", nil).must(201).text("secret")
		}
		holds := func(secret string) bool { return rig.server.DeviceHolds(ctx, device.ID, models.Secret(secret)) }
		first := device.Secret
		lost := rotate(device) // its answer never came
		second := rotate(device)
		if !holds(first) || holds(lost) || !holds(first) {
			t.Fatal("the secret in use does not hold, or one that nobody has")
		}
		rig.tell(device, "a", 0, rig.event(1, models.EventOther, "", nil)).must(200) // signed by the old key
		if !holds(second) || holds(first) || !holds(second) {
			t.Error("after the new one was used, the old one still holds")
		}
		rig.deviceSignsIn(device.ID, first).must(401)
		rig.call(device, http.MethodGet, "/v1/me", nil).must(200) // a rotation ends no session
		third := rotate(rig.Admin)
		rig.deviceSignsIn(device.ID, second).must(200)
		device.Secret = third
		rig.tell(device, "a", 0, rig.event(2, models.EventOther, "", nil)).must(200) // signing is using
		rig.deviceSignsIn(device.ID, second).must(401)
		fourth := rotate(device)
		rig.advance(models.SecretOverlap - time.Millisecond)
		if !holds(third) {
			t.Error("ended too early")
		}
		rig.advance(time.Millisecond)
		if holds(third) || !holds(fourth) {
			t.Error("the old one outlives its time, or the new one does not hold")
		}
		if retired := rig.audit(rig.A, "retireDeviceSecret"); len(retired) != 2 {
			t.Errorf("the audit has %d", len(retired))
		}
		rig.call(rig.Admin, http.MethodPatch, path, map[string]any{"disabled": true}).must(200)
		rig.call(rig.Admin, http.MethodPost, path+"/rotate-secret", nil).must(409)
	})
}

// connects opens a real connection to a real broker, and gives when it was cut.
func (r *rig) connects(broker *doors.Broker, device models.ID, secret string) <-chan struct{} {
	r.t.Helper()
	dialer, cut := net.Dialer{}, make(chan struct{})
	socket, err := dialer.DialContext(r.t.Context(), "tcp", broker.Address())
	if err != nil {
		r.t.Fatal(err)
	}
	client := paho.NewClient(paho.ClientConfig{
		Conn: socket, OnClientError: func(error) { close(cut) }, OnServerDisconnect: func(*paho.Disconnect) { close(cut) },
	})
	_, err = client.Connect(r.t.Context(), &paho.Connect{
		ClientID: string(device), CleanStart: true, KeepAlive: 20, UsernameFlag: true, Username: string(device), PasswordFlag: true, Password: []byte(secret),
	})
	if err != nil {
		_ = socket.Close()
		r.t.Fatalf("not let in: %v", err)
	}
	return cut
}

// A device's connection is cut at once where it is disabled, and on every other replica by its next look.
func TestARevokedDeviceIsCutOff(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		broker, err := doors.NewBroker(doors.BrokerConfig{
			Address: "127.0.0.1:0", ServerUser: "server", ServerPassword: "a password of the server", Logger: rig.logs.logger(),
			CheckDevice: rig.server.DeviceHolds,
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := broker.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(broker.Close)
		rig.server.Expel, rig.server.Connected = broker.Expel, broker.Connected
		look := func() {
			t.Helper()
			if err := rig.server.CheckConnections(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		isCut := func(cut <-chan struct{}, begun time.Time, why string) {
			t.Helper()
			select {
			case <-cut:
				t.Logf("%s: cut after %s", why, time.Since(begun).Round(time.Microsecond))
			case <-time.After(5 * time.Second):
				t.Errorf("%s, and the connection stands", why)
			}
		}
		stays := func(cut <-chan struct{}, why string) {
			t.Helper()
			select {
			case <-cut:
				t.Fatalf("%s, and the connection was cut", why)
			case <-time.After(50 * time.Millisecond):
			}
		}
		gate, unit := rig.One.GateDevice, rig.One.UnitDevice
		here, there := rig.connects(broker, gate.ID, gate.Secret), rig.connects(broker, unit.ID, unit.Secret)
		look()
		stays(there, "all is well")
		begun := time.Now()
		rig.call(rig.Admin, http.MethodPatch, "/v1/devices/"+string(gate.ID), map[string]any{"disabled": true}).must(200)
		isCut(here, begun, "disabled here")

		token := rig.token(unit)
		rig.call(unit, http.MethodGet, "/v1/me", nil).must(200)      // now it is cached
		rig.write(func(ctx context.Context, tx *store.Store) error { // as another replica does
			device, err := tx.Device(ctx, unit.ID)
			if err != nil {
				return err
			}
			device = device.Rotated(auth.HashSecret("the next"), rig.clock.Now())
			return tx.UpdateDevice(ctx, device)
		})
		look()
		stays(there, "both secrets hold")
		rig.write(func(ctx context.Context, tx *store.Store) error {
			device, err := tx.Device(ctx, unit.ID)
			if err != nil {
				return err
			}
			device.DisabledAt = rig.clock.Now()
			return tx.UpdateDevice(ctx, device)
		})
		begun = time.Now()
		look()
		isCut(there, begun, "disabled by another replica")
		rig.advance(time.Minute)
		if status := rig.me(token); status != 401 {
			t.Errorf("a minute after, its token answers %d", status)
		}
	})
}
