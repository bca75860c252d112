package handlers_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/store"
)

func (r *rig) addVehicle(who *caller, more map[string]any) response {
	r.t.Helper()
	body := map[string]any{"kind": "car", "plate": "川J·10852", "colour": "白", "model": "小牛 N1"}
	for field, value := range more {
		if body[field] = value; value == nil {
			delete(body, field)
		}
	}
	made := r.pendingVehicle(who, body)
	if made.Status == http.StatusCreated { // as property does, in whichever compound
		r.write(func(ctx context.Context, tx *store.Store) error {
			return tx.ConfirmVehicle(ctx, models.Vehicle{ID: made.id("id"), ConfirmedAt: r.clock.Now()})
		})
	}
	return made
}

func (r *rig) pendingVehicle(who *caller, body map[string]any) response {
	r.t.Helper()
	return r.call(who, http.MethodPost, "/v1/vehicles", body)
}

func (r *rig) confirmVehicle(who *caller, id string, confirmed bool) response {
	r.t.Helper()
	return r.call(who, http.MethodPut, "/v1/vehicles/"+id+"/confirmation", map[string]any{"confirmed": confirmed})
}

func (r *rig) vehicleTo(who *caller, id, path string) response {
	r.t.Helper()
	return r.call(who, http.MethodPost, "/v1/vehicles/"+id+"/"+path, nil)
}

// heardOfVehicle counts what a person was told about vehicles, and looks that no plate is in it.
func (r *rig) heardOfVehicle(who *caller) int {
	r.t.Helper()
	inbox := r.call(who, http.MethodGet, "/v1/me/inbox", nil).must(200)
	if strings.Contains(inbox.Text, "10852") {
		r.t.Errorf("a message names the plate: %s", inbox.Text)
	}
	return strings.Count(inbox.Text, `"kind":"vehicle"`)
}

// The owner sees all of a vehicle, the gate what it needs, who lives with the owner what is shared; nobody else anything.
func TestVehicleIsSeenByWhoMay(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		made := rig.addVehicle(rig.Resident, nil).must(201)
		path := "/v1/vehicles/" + made.text("id")
		if made.text("plate") != "川J10852" || made.at("locked") != false || made.at("mine") != true {
			t.Errorf("made: %s", made.Text)
		}
		rig.call(rig.Flatmate, http.MethodGet, path, nil).must(404)
		rig.vehicleTo(rig.Flatmate, made.text("id"), "lock").must(404)
		if seen := rig.call(rig.Flatmate, http.MethodGet, "/v1/vehicles", nil).must(200); len(seen.items()) != 0 {
			t.Errorf("the flatmate sees what is not shared: %s", seen.Text)
		}
		for _, who := range []*caller{rig.Guard, rig.Property} {
			for _, answer := range []response{
				rig.call(who, http.MethodGet, path, nil).must(200), rig.call(who, http.MethodGet, "/v1/vehicles?locked=false", nil).must(200),
			} {
				if strings.Contains(answer.Text, "10852") || strings.Contains(answer.Text, "小牛") ||
					strings.Contains(answer.Text, string(rig.One.Home.Home)) || !strings.Contains(answer.Text, `"plate_tail":"0852"`) {
					t.Errorf("%s sees %s", who.Role, answer.Text)
				}
			}
		}
		if looks := rig.audit(rig.A, models.OpGetVehicle); len(looks) != 3 { // the flatmate's is a refusal
			t.Errorf("%d looks are recorded", len(looks))
		}
		rig.call(rig.Resident, http.MethodPatch, path, map[string]any{"shared": true, "colour": ""}).must(200)
		shared := rig.call(rig.Flatmate, http.MethodGet, path, nil).must(200)
		if shared.text("plate") != "川J10852" || shared.at("mine") != false || shared.at("colour") != nil {
			t.Errorf("shared: %s", shared.Text)
		}
		rig.call(rig.Flatmate, http.MethodDelete, path, nil).must(404)
		rig.vehicleTo(rig.Flatmate, made.text("id"), "lock").must(200)
		rig.vehicleTo(rig.Flatmate, made.text("id"), "lock").must(200) // again: nothing new
		if rig.heardOfVehicle(rig.Resident) != 1 || rig.heardOfVehicle(rig.Flatmate) != 0 || rig.heardOfVehicle(rig.Neighbour) != 0 {
			t.Errorf("told: %d %d", rig.heardOfVehicle(rig.Resident), rig.heardOfVehicle(rig.Flatmate))
		}
		rig.call(rig.Resident, http.MethodDelete, path, nil).must(409)
		rig.vehicleTo(rig.Resident, made.text("id"), "unlock").must(200)
		rig.endHome(rig.Resident)
		rig.call(rig.Flatmate, http.MethodGet, path, nil).must(404)
		if seen := rig.call(rig.Flatmate, http.MethodGet, "/v1/vehicles", nil).must(200); len(seen.items()) != 0 {
			t.Errorf("the flatmate sees the vehicle of who has moved out: %s", seen.Text)
		}
		rig.advance(models.VehicleKept - time.Hour)
		rig.forgetOld()
		if rig.rows()["vehicles"] != 1 {
			t.Error("forgotten too early")
		}
		rig.advance(2 * time.Hour)
		rig.forgetOld()
		if rig.rows()["vehicles"] != 0 {
			t.Error("the vehicle of who has moved out is kept")
		}
	})
}

// endHome ends a person's roles now, and with them their sessions' principals.
func (r *rig) endHome(who *caller) {
	r.t.Helper()
	if _, err := r.sql.Exec("UPDATE role_grants SET ends_at = ? WHERE person_id = ?", r.clock.Now().UnixMilli(), string(who.ID)); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) forgetOld() {
	r.t.Helper()
	for {
		touched, err := r.store.ForgetOld(r.t.Context(), r.clock.Now())
		if err != nil {
			r.t.Fatal(err)
		}
		if touched == 0 {
			return
		}
	}
}

func TestVehicleIsRefused(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.addVehicle(rig.Resident, nil).must(201)
		for name, one := range map[string]struct {
			who    *caller
			more   map[string]any
			status int
			field  string
		}{
			"no plate":          {rig.Resident, map[string]any{"plate": nil}, 422, "plate required"},
			"no plate of GA 36": {rig.Resident, map[string]any{"plate": "川JO2345"}, 422, "plate wrong_format"},
			"neither":           {rig.Resident, map[string]any{"kind": "e_bike", "plate": nil}, 422, "plate required"},
			"one's own again":   {rig.Resident, map[string]any{"plate": "川 j10852"}, 422, "plate not_unique"},
			"another's home":    {rig.Resident, map[string]any{"plate": "川J20000", "home_id": rig.One.OtherHome.Home}, 422, "home_id no_such"},
		} {
			got := rig.addVehicle(one.who, one.more)
			if got.Status != one.status || one.field != "" && fmt.Sprint(got.fields()) != "["+one.field+"]" ||
				strings.Contains(got.Text, string(rig.Resident.ID)) {
				t.Errorf("%s: %d %s", name, got.Status, got.Text)
			}
		}
		rig.addVehicle(rig.Stranger, nil).must(201) // in another compound
		for at := range models.MaxVehicles {
			got := rig.addVehicle(rig.Neighbour, map[string]any{"kind": "e_bike", "plate": nil, "tag": fmt.Sprintf("TAG%d", at)})
			got.must(201)
		}
		rig.addVehicle(rig.Neighbour, map[string]any{"plate": "川J30000"}).must(422)
	})
}
