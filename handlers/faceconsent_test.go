package handlers_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/store"
)

// For a child under 14 a grown-up of the home consents, sees it and withdraws it, until the child is 14.
func TestGuardianConsentsForAChild(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.faceDoor(rig.One.UnitDoor)
		child := rig.addPerson(models.RoleResident, rig.One.Home)
		setBorn := func(who *caller, born string) {
			t.Helper()
			rig.write(func(ctx context.Context, tx *store.Store) error {
				person, err := tx.Person(ctx, who.ID)
				person.IDNumber = models.Secret("510903" + born + "0015")
				if err != nil {
					return err
				}
				return tx.UpdatePerson(ctx, person)
			})
		}
		of := map[string]any{"person_id": child.ID}
		rig.faceConsent(rig.Resident, of).must(422) // whose age nobody knows decides for themself
		setBorn(child, "20121225")
		if got := rig.faceConsent(child, nil).must(422); got.code() != models.CodeGuardianNeeded {
			t.Errorf("a child alone: %s", got.Text)
		}
		rig.faceConsent(rig.Neighbour, map[string]any{"person_id": child.ID, "home_id": rig.One.OtherHome.Home}).must(422)
		rig.faceConsent(rig.Neighbour, of).must(422)
		given := rig.faceConsent(rig.Resident, of).must(201)
		if given.at("by_guardian") != true || given.id("person_id") != child.ID || given.id("given_by") != rig.Resident.ID {
			t.Errorf("recorded as %s", given.Text)
		}
		asked := rig.enrol(rig.Resident, given.text("id"), rig.One.UnitDoor).must(201)
		rig.confirm(rig.Device, asked.text("id"), "enrolled", asked.text("token")).must(200)
		for who, want := range map[*caller]string{rig.Resident: "enrolled", child: "enrolled", rig.Flatmate: ""} {
			if got := rig.faceState(who, asked.text("id")); got != want {
				t.Errorf("%s sees %q, want %q", who.Name, got, want)
			}
		}
		grow := func() {
			t.Helper()
			if err := rig.server.EndGrownFaceConsents(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		birthday := time.Date(2026, time.December, 24, 16, 0, 0, 0, time.UTC) // midnight in China
		rig.advance(birthday.Add(-time.Millisecond).Sub(rig.clock.Now()))
		grow()
		if got := rig.faceState(child, asked.text("id")); got != "enrolled" {
			t.Errorf("a moment before: %q", got)
		}
		rig.advance(time.Millisecond)
		grow()
		if got := rig.faceState(child, asked.text("id")); got != "deletion_requested grown_up" {
			t.Errorf("at 14: %q", got)
		}
		rig.faceConsent(rig.Resident, of).must(422)
		rig.faceConsent(child, nil).must(201)
	})
}

// Who withdraws while the terminal is asked, or confirms, leaves nothing live, whichever comes first.
func TestWithdrawalRacesEnrolment(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.faceDoor(rig.One.UnitDoor)
		token := rig.token(rig.Resident)
		for range 6 {
			consent := rig.faceConsent(rig.Resident, nil).must(201).text("id")
			bodies := []map[string]any{}
			for range 3 {
				bodies = append(bodies, map[string]any{"id": rig.ids.next(), "consent_id": consent, "door_id": rig.One.UnitDoor})
			}
			atOnce(4, func(at int) response {
				if at == 1 {
					return rig.callAs(token, http.MethodDelete, consentsPath+"/"+consent, nil).must(204)
				}
				got := rig.callAs(token, http.MethodPost, enrolmentsPath, bodies[at%3])
				if got.Status != 201 && got.Status != 422 && got.Status != 503 && got.Status != 409 {
					t.Errorf("%d %s", got.Status, got.Text)
				}
				return got
			})
		}
		if live := rig.counted("SELECT COUNT(*) FROM face_enrolments WHERE state <> 'deletion_requested'"); live != 0 {
			t.Errorf("%d outlived their consent", live)
		}
	})
}

// No field of anything that a terminal or a phone says about faces can carry a picture or a template, and what tries is refused
// and stands nowhere.
func TestNoPictureOfAFaceComesIn(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.faceDoor(rig.One.UnitDoor)
		consent := rig.faceConsent(rig.Resident, nil).must(201).text("id")
		asked := rig.enrol(rig.Resident, consent, rig.One.UnitDoor).must(201)
		path := fmt.Sprintf("/v1/devices/%s/enrolments/%s", rig.Device.ID, asked.text("id"))
		bytes := append([]byte("\xff\xd8\xff\xe0face-canary"), make([]byte, 300)...)
		picture := base64.RawURLEncoding.EncodeToString(bytes)
		for name, try := range map[string]struct {
			path string
			who  *caller
			body any
		}{
			"another field":      {path, rig.Device, map[string]any{"result": "failed", "image": picture}},
			"as the token":       {path, rig.Device, map[string]any{"result": "enrolled", "token": picture}},
			"as the result":      {path, rig.Device, map[string]any{"result": picture}},
			"as it is":           {path, rig.Device, rawBody{"image/jpeg", bytes}},
			"as JSON":            {path, rig.Device, rawBody{"application/json", bytes}},
			"as the version":     {consentsPath, rig.Resident, map[string]any{"id": rig.ids.next(), "home_id": rig.One.Home.Home, "version": picture}},
			"with the enrolment": {enrolmentsPath, rig.Resident, map[string]any{"id": rig.ids.next(), "consent_id": consent, "door_id": rig.One.UnitDoor, "face": picture}},
		} {
			if got := rig.call(try.who, http.MethodPost, try.path, try.body); got.Status != 400 && got.Status != 415 && got.Status != 413 {
				t.Errorf("%s: %d %s", name, got.Status, got.Text)
			} else if strings.Contains(got.Text, picture[:20]) {
				t.Errorf("%s: it comes back: %s", name, got.Text)
			}
		}
		for number, field := range []string{"credential_ref", "reason", "face"} {
			event := rig.event(number+1, models.EventAccessGranted, rig.One.UnitDoor, map[string]any{"way": "face", field: picture})
			if got := rig.tell(rig.Device, "a", 0, event); got.Status != 400 {
				t.Errorf("an event with %s: %d %s", field, got.Status, got.Text)
			}
		}
		for _, text := range []string{picture[:20], "face-canary"} {
			if found := rig.everywhere(text); found != "" || strings.Contains(rig.logs.all(), text) {
				t.Errorf("%q is in %q or the log", text, found)
			}
		}
	})
}
