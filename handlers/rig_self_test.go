package handlers_test

import (
	"net/http"
	"slices"
	"testing"

	"xunfang/models"
)

// The rig itself: everybody of the world can sign in, by token and by password.
func TestEverybodyOfTheWorldIsKnown(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		for _, role := range append(slices.Clone(models.PersonRoles), models.RoleDevice) {
			who := rig.as(role)
			me := rig.call(who, http.MethodGet, "/v1/me", nil).must(http.StatusOK)
			if me.id("id") != who.ID || me.text("roles.0.role") != string(role) {
				t.Errorf("%s is %s", role, me.Text)
			}
		}
		signedIn := rig.call(nil, http.MethodPost, "/v1/auth/token", map[string]any{
			"grant_type": "password", "account": rig.Resident.Account, "password": testPassword,
		}).must(http.StatusOK)
		rig.callAs(signedIn.text("access_token"), http.MethodGet, "/v1/me", nil).must(http.StatusOK)
		rig.call(nil, http.MethodPost, "/v1/auth/token", map[string]any{
			"grant_type": "device_key", "device_id": rig.Device.ID, "secret": rig.Device.Secret,
		}).must(http.StatusOK)
		rig.call(nil, http.MethodGet, "/v1/me", nil).must(http.StatusUnauthorized)
	})
}
