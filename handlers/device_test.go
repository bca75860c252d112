package handlers_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"xunfang/models"
)

func TestDeviceSecretIsShownOnce(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		expelled := []models.ID{}
		rig.server.Expel = func(device models.ID) { expelled = append(expelled, device) }
		made := rig.call(rig.Admin, http.MethodPost, "/v1/devices", map[string]any{
			"name": "新终端", "kind": "terminal", "compound_id": rig.One.ID(), "door_ids": []models.ID{rig.One.OtherUnitDoor},
		}).must(201)
		id, secret := made.id("id"), made.text("secret")
		sign := func(secret string) response {
			return rig.call(nil, http.MethodPost, "/v1/auth/token", map[string]any{"grant_type": "device_key", "device_id": id, "secret": secret})
		}
		token := sign(secret).must(200).text("access_token")
		if status := rig.me(token); status != 200 {
			t.Fatal(status)
		}
		rig.callAs(token, http.MethodPost, "/v1/doors/"+string(rig.One.OtherUnitDoor)+"/code-entries", map[string]any{"code": "12345"}).must(200)
		path := "/v1/devices/" + string(id)
		renamed := rig.call(rig.Admin, http.MethodPatch, path, map[string]any{"name": "改名"}).must(200)
		listed := rig.call(rig.Admin, http.MethodGet, "/v1/devices", nil).must(200)
		if renamed.at("secret") != nil || strings.Contains(listed.Text+renamed.Text, secret) || strings.Contains(listed.Text, `"secret"`) {
			t.Errorf("the secret is shown again: %s %s", renamed.Text, listed.Text)
		}
		if rig.me(token) != 200 || len(expelled) != 0 {
			t.Error("a new name ended the device's session or connection")
		}
		rotated := rig.call(rig.Admin, http.MethodPatch, path, map[string]any{"rotate_secret": true}).must(200)
		if fresh := rotated.text("secret"); fresh == "" || fresh == secret {
			t.Fatalf("the new secret is %q", fresh)
		}
		if status := rig.me(token); status != 401 || !slices.Equal(expelled, []models.ID{id}) {
			t.Errorf("after rotation the session answers %d, expelled were %v", status, expelled)
		}
		sign(secret).must(401)
		token = sign(rotated.text("secret")).must(200).text("access_token")
		ctx := context.Background()
		if rig.server.DeviceHolds(ctx, id, models.Secret(secret)) || !rig.server.DeviceHolds(ctx, id, models.Secret(rotated.text("secret"))) {
			t.Error("the broker takes the old secret, or not the new one")
		}
		rig.call(rig.Admin, http.MethodPatch, path, map[string]any{"disabled": true}).must(200)
		if status := rig.me(token); status != 401 || len(expelled) != 2 || rig.server.DeviceHolds(ctx, id, models.Secret(rotated.text("secret"))) {
			t.Errorf("disabled, the session answers %d, expelled %v", status, expelled)
		}
		sign(rotated.text("secret")).must(401)
	})
}

func TestDevicesInScope(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		path := "/v1/devices/" + string(rig.Device.ID)
		rig.call(rig.AdminB, http.MethodPatch, path, map[string]any{"rotate_secret": true}).must(404)
		rig.call(rig.Property, http.MethodPatch, path, map[string]any{"rotate_secret": true}).must(403)
		foreign := rig.call(rig.Admin, http.MethodPatch, path, map[string]any{"door_ids": []models.ID{rig.One.UnitDoor, rig.Two.Gate}}).must(422)
		if strings.Join(foreign.fields(), "") != "door_ids[1] no_such" {
			t.Errorf("another compound's door: %s", foreign.Text)
		}
		rig.call(rig.Admin, http.MethodPost, "/v1/devices", map[string]any{"name": "外", "kind": "camera", "compound_id": rig.Three.ID()}).must(422)
		if rig.me(rig.token(rig.Device)) != 200 {
			t.Error("a refused change ended the device's session")
		}
	})
}
