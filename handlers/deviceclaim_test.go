package handlers_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/store"
)

const claimNonce = "AAECAwQFBgcICQoLDA0ODw"

func (r *rig) claimCode(device models.ID) string {
	r.t.Helper()
	return r.call(r.Admin, http.MethodPost, "/v1/devices/"+string(device)+"/claim-codes", nil).must(201).text("claim_code")
}

func (r *rig) claimDevice(code, nonce string) response {
	r.t.Helper()
	return r.call(nil, http.MethodPost, "/v1/device-claims", map[string]any{
		"claim_code": code, "nonce": nonce, "firmware": "acme-3", "model": "AC-200",
	})
}

func (r *rig) deviceSignsIn(device models.ID, secret string) response {
	r.t.Helper()
	return r.call(nil, http.MethodPost, "/v1/auth/token", map[string]any{"grant_type": "device_key", "device_id": device, "secret": secret})
}

// A device comes by its secret by a code; what stood on the old secret ends.
func TestADeviceIsClaimed(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		expelled := []models.ID{}
		rig.server.Expel = func(device models.ID) { expelled = append(expelled, device) }
		device := rig.One.GateDevice
		path, old := "/v1/devices/"+string(device.ID), rig.token(device)
		void := rig.claimCode(device.ID)
		code := rig.claimCode(device.ID)
		for name, wrong := range map[string]string{"no code": "1", "replaced": void, "of nobody": "0000000000000000"} {
			if got := rig.claimDevice(wrong, claimNonce).must(422); strings.Join(got.fields(), "") != "claim_code no_such" {
				t.Errorf("%s: %s", name, got.Text)
			}
		}
		if rig.me(old) != 200 || len(expelled) != 0 {
			t.Error("wrong codes ended the device's session")
		}
		claimed := rig.claimDevice(code[:4]+" "+code[4:8]+"-"+code[8:], claimNonce).must(201)
		secret := claimed.text("secret")
		if claimed.id("device_id") != device.ID || len(secret) != 43 || secret == device.Secret {
			t.Fatalf("claimed: %s", claimed.Text)
		}
		if again := rig.claimDevice(code, claimNonce).must(201); again.Text != claimed.Text || len(expelled) != 1 {
			t.Errorf("the answer was lost, and again it is %s, expelled %v", again.Text, expelled)
		}
		rig.claimDevice(code, "another-nonce-of-22-or-more").must(422)
		if rig.me(old) != 401 {
			t.Error("the session from before still holds")
		}
		rig.deviceSignsIn(device.ID, device.Secret).must(401)
		rig.deviceSignsIn(device.ID, secret).must(200)
		shown := rig.call(rig.Admin, http.MethodGet, path, nil).must(200)
		if shown.text("firmware") != "acme-3" || shown.text("model") != "AC-200" || strings.Contains(shown.Text, secret) {
			t.Errorf("shown: %s", shown.Text)
		}
		rig.call(rig.Admin, http.MethodPatch, path, map[string]any{"rotate_secret": true}).must(200)
		rig.claimDevice(code, claimNonce).must(422) // that secret is worth nothing by now
		late := rig.claimCode(device.ID)
		rig.advance(models.DeviceClaimLife)
		rig.claimDevice(late, claimNonce).must(422)
		rig.call(rig.Admin, http.MethodPatch, path, map[string]any{"disabled": true}).must(200)
		rig.call(rig.Admin, http.MethodPost, path+"/claim-codes", nil).must(409)
		entries := rig.audit(rig.A, "createDeviceClaim")
		kinds := map[string]int{}
		for _, entry := range entries {
			kinds[string(entry.Outcome)+" "+string(entry.ActorRole)]++
			if entry.ObjectID == device.ID && entry.ActorID != device.ID {
				t.Errorf("by whom: %+v", entry)
			}
		}
		if kinds["allowed device"] < 2 || kinds["refused device"] != 3 { // a code that does not exist is of no station
			t.Errorf("the audit has %v", kinds)
		}
	})
}

// Two devices enter one code at once: one of them gets the secret.
func TestOneOfManyClaims(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		code, waiting, mutex, secrets := rig.claimCode(rig.One.GateDevice.ID), sync.WaitGroup{}, sync.Mutex{}, []string{}
		for at := range 8 {
			waiting.Go(func() {
				got := rig.claimDevice(code, strings.Repeat(string(rune('a'+at)), 22))
				mutex.Lock()
				defer mutex.Unlock()
				if got.Status == 201 {
					secrets = append(secrets, got.text("secret"))
				} else if got.Status != 422 {
					t.Errorf("%d %s", got.Status, got.Text)
				}
			})
		}
		waiting.Wait()
		if len(secrets) != 1 {
			t.Fatalf("%d got a secret", len(secrets))
		}
		rig.deviceSignsIn(rig.One.GateDevice.ID, secrets[0]).must(200)
	})
}

func TestClaimsAreForgotten(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.claimCode(rig.One.GateDevice.ID)
		count := func() int { return rig.rows()["device_claims"] }
		for _, step := range []struct {
			by   time.Duration
			want int
		}{{models.DeviceClaimKept - time.Minute, 1}, {2 * time.Minute, 0}} {
			rig.advance(step.by)
			for range 3 {
				if _, err := rig.store.ForgetOld(context.Background(), rig.clock.Now()); err != nil {
					t.Fatal(err)
				}
			}
			if count() != step.want {
				t.Errorf("after %s there are %d", step.by, count())
			}
		}
	})
}

// What a device says of itself, and who reads it.
func TestADeviceTellsHowItIs(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		device, now := rig.One.GateDevice, rig.clock.Now()
		path := "/v1/devices/" + string(device.ID)
		hello := models.DeviceHello{Nonce: "n", Firmware: "acme-2.4.1", At: now.Add(-1500 * time.Millisecond)}
		if err := rig.server.Arrived(t.Context(), device.ID, hello); err != nil {
			t.Fatal(err)
		}
		rig.advance(time.Minute)
		hello.At = hello.At.Add(time.Minute)
		if err := rig.server.Arrived(t.Context(), device.ID, hello); err != nil { // the same connection
			t.Fatal(err)
		}
		rig.call(device, http.MethodPut, path+"/health", map[string]any{"battery_percent": 9, "supply_mv": 11800, "model": "AC-200"}).must(204)
		rig.call(device, http.MethodPut, path+"/health", map[string]any{"battery_percent": 8}).must(204)
		rig.call(device, http.MethodPut, "/v1/devices/"+string(rig.One.UnitDevice.ID)+"/health", map[string]any{}).must(404)
		rig.call(device, http.MethodPut, path+"/health", map[string]any{"battery_percent": 101}).must(400)
		for who, driver := range map[*caller]bool{rig.Admin: true, rig.Property: false} {
			got := rig.call(who, http.MethodGet, path, nil).must(200)
			if got.text("firmware") != "acme-2.4.1" || got.text("model") != "AC-200" || got.at("clock_drift_ms") != -1500.0 ||
				got.text("connected_at") != instant(now) || got.at("online") != true || got.at("silent") != false ||
				got.at("health.battery_percent") != 8.0 || got.at("health.supply_mv") != nil || (got.at("driver") != nil) != driver {
				t.Errorf("%s", got.Text)
			}
		}
		for query, want := range map[string]int{
			"firmware=acme-2.4.1": 1, "firmware=acme": 0, "online=false&firmware=acme-2.4.1": 0, "kind=camera": 0, "online=true&kind=terminal&firmware=acme-2.4.1": 1,
		} {
			if got := rig.call(rig.Admin, http.MethodGet, "/v1/devices?"+query, nil).must(200); len(got.items()) != want {
				t.Errorf("%s: %s", query, got.Text)
			}
		}
		if err := rig.server.Left(t.Context(), device.ID, "n"); err != nil {
			t.Fatal(err)
		}
		if got := rig.call(rig.Admin, http.MethodGet, path, nil).must(200); got.at("connected_at") != nil || got.at("online") != false {
			t.Errorf("after it left: %s", got.Text)
		}
		// Disabled, what it still says at a broker that does not know yet counts for nothing.
		rig.write(func(ctx context.Context, tx *store.Store) error {
			disabled, err := tx.Device(ctx, device.ID)
			disabled.DisabledAt = rig.clock.Now()
			if err == nil {
				err = tx.UpdateDevice(ctx, disabled)
			}
			return err
		})
		event := models.AccessEvent{DoorID: rig.One.Gate, DeviceEventID: rig.ids.next(), OccurredAt: rig.clock.Now(), Way: models.WayForced}
		if rig.server.Arrived(t.Context(), device.ID, hello) != nil || rig.server.Happened(t.Context(), device.ID, event) != nil {
			t.Error("a disabled device makes an error")
		}
		got := rig.call(rig.Admin, http.MethodGet, path, nil).must(200)
		if got.at("online") != false || rig.rows()["device_events"] != 0 || rig.inboxOf(rig.Guard, models.AlertDoorAlarm) != 0 {
			t.Errorf("disabled, and believed: %s", got.Text)
		}
	})
}
