package handlers_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/store"
)

// However many phones one person has, those of the others ring too.
func TestNobodyCrowdsOutTheOthersPhones(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		for at := range models.MaxCallConsents {
			rig.call(rig.Flatmate, http.MethodPut, rig.consentPath(fmt.Sprint("phone-", at)), map[string]any{"version": "1"}).must(200)
		}
		got := rig.call(rig.Flatmate, http.MethodPut, rig.consentPath("one-more"), map[string]any{"version": "1"})
		if got.Status != 422 || fmt.Sprint(got.fields()) != "[installation_id too_many_items]" {
			t.Errorf("one more phone: %d %s", got.Status, got.Text)
		}
		rig.call(rig.Flatmate, http.MethodPut, rig.consentPath("phone-0"), map[string]any{"version": "2"}).must(200) // its own place
		rig.call(rig.Resident, http.MethodPut, rig.consentPath("one-more"), map[string]any{"version": "1"}).must(200)

		rig.write(func(ctx context.Context, tx *store.Store) error { // from when there was no bound
			for at := range 51 {
				for _, who := range []*caller{rig.Flatmate, rig.Resident} {
					if _, err := tx.GiveCallConsent(ctx, models.CallConsent{
						ID: rig.ids.next(), PersonID: who.ID, Place: rig.One.Home, InstallationID: fmt.Sprintf("old-%02d", 99-at), Version: "1",
						GivenAt: rig.clock.Now(),
					}); err != nil {
						return err
					}
				}
			}
			return nil
		})
		phones, err := rig.store.CallPhones(t.Context(), rig.One.Home.Home, rig.clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		count := map[models.ID]int{}
		for _, phone := range phones {
			count[phone.PersonID]++
		}
		if count[rig.Flatmate.ID] != 50 || count[rig.Resident.ID] != 50 {
			t.Errorf("rings %d and %d phones", count[rig.Flatmate.ID], count[rig.Resident.ID])
		}
		for _, who := range []*caller{rig.Flatmate, rig.Resident} {
			if !slices.Contains(phones[:2], models.CallPhone{PersonID: who.ID, InstallationID: "old-49"}) {
				t.Errorf("the newest phone of %s is not the first: %v", who.Name, phones[:2])
			}
		}
	})
}

// homeRole is the path of the role by which somebody lives in their home.
func (r *rig) homeRole(who *caller) string {
	r.t.Helper()
	roles := fmt.Sprintf("/v1/people/%s/roles", who.ID)
	for _, one := range r.call(r.Admin, http.MethodGet, roles, nil).must(200).items() {
		if fields, is := one.(map[string]any); is && fields["role"] == string(models.RoleResident) && fields["ends_at"] == nil {
			return roles + "/" + fmt.Sprint(fields["id"])
		}
	}
	r.t.Fatal("lives nowhere: ", who.Name)
	return ""
}

// moveIn lets somebody live in home 101 from now on; until is zero for no end.
func (r *rig) moveIn(who *caller, until time.Time) {
	r.t.Helper()
	body := map[string]any{"role": "resident", "scope": map[string]any{"kind": "home", "id": r.One.Home.Home}}
	if !until.IsZero() {
		body["ends_at"] = instant(until)
	}
	r.call(r.Admin, http.MethodPost, fmt.Sprintf("/v1/people/%s/roles", who.ID), body).must(201)
	r.forget(who)
}

// What a household wished, and what somebody consented to, ends with their living there; moving back revives nothing.
func TestMovingBackRevivesNothing(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.ringing(rig.Resident, "phone-r")
		settings := fmt.Sprintf("/v1/homes/%s/call-settings", rig.One.Home.Home)
		rig.call(rig.Resident, http.MethodPut, settings, map[string]any{
			"do_not_disturb_until": at(rig.clock.Now().Add(models.CallQuietMost)), "forward": []any{},
		}).must(200)
		rig.advance(time.Minute)
		rig.call(rig.Admin, http.MethodPatch, rig.homeRole(rig.Resident), map[string]any{}).must(200)
		if got := rig.call(rig.Flatmate, http.MethodGet, settings, nil).must(200); got.at("do_not_disturb_until") == nil {
			t.Errorf("the household goes on: %s", got.Text)
		}
		rig.endHome(rig.Flatmate)
		rig.advance(time.Minute)
		rig.moveIn(rig.Resident, rig.clock.Now().Add(24*time.Hour))
		if got := rig.callHome(rig.Device, nil).must(201); got.text("state") != "forwarded" || len(rig.rung(got.text("id"))) != 0 {
			t.Errorf("moved back, the phone rings: %s", got.Text)
		}
		if got := rig.call(rig.Resident, http.MethodGet, settings, nil).must(200); got.at("do_not_disturb_until") != nil {
			t.Errorf("the former household is not to be disturbed: %s", got.Text)
		}
		rig.call(rig.Resident, http.MethodPut, rig.consentPath("phone-r"), map[string]any{"version": "2026-11"}).must(200)

		rig.advance(25 * time.Hour) // that living there ends by its time
		rig.moveIn(rig.Resident, rig.clock.Now().Add(24*time.Hour))
		if got := rig.callHome(rig.Device, nil).must(201); got.text("state") != "forwarded" {
			t.Errorf("moved back after the end, the phone rings: %s", got.Text)
		}
		rig.call(rig.Resident, http.MethodPut, rig.consentPath("phone-r"), map[string]any{"version": "2026-11"}).must(200)
		rig.advance(25 * time.Hour)
		for range 2 {
			if err := rig.server.EndCallConsents(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		record, err := rig.store.CallConsents(t.Context(), rig.Resident.ID, store.Page{Limit: 10})
		if err != nil || len(record) != 3 {
			t.Fatalf("the record: %v %v", record, err)
		}
		for _, consent := range record {
			if consent.WithdrawnAt.IsZero() {
				t.Errorf("still holds: %+v", consent)
			}
		}
		if ended := len(rig.audit(rig.A, "endCallConsent")); ended != 3 {
			t.Errorf("recorded %d times", ended)
		}
	})
}
