package handlers_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

const enrolmentsPath, consentsPath = "/v1/me/face-enrolments", "/v1/me/face-consents"

// faceDoor lets a door be entered by face, and by code.
func (r *rig) faceDoor(door models.ID) {
	r.t.Helper()
	r.call(r.Admin, http.MethodPut, "/v1/doors/"+string(door)+"/ways", map[string]any{"ways": []string{"face", "code"}}).must(200)
}

func (r *rig) faceConsent(who *caller, change map[string]any) response {
	r.t.Helper()
	body := map[string]any{"id": r.ids.next(), "home_id": r.One.Home.Home, "version": "2026-11"}
	for field, value := range change {
		body[field] = value
	}
	return r.call(who, http.MethodPost, consentsPath, body)
}

func (r *rig) enrol(who *caller, consent string, door models.ID) response {
	r.t.Helper()
	return r.call(who, http.MethodPost, enrolmentsPath, map[string]any{"id": r.ids.next(), "consent_id": consent, "door_id": door})
}

func (r *rig) confirm(device *caller, enrolment, result, token string) response {
	r.t.Helper()
	body := map[string]any{"result": result}
	if token != "" {
		body["token"] = token
	}
	return r.call(device, http.MethodPost, fmt.Sprintf("/v1/devices/%s/enrolments/%s", device.ID, enrolment), body)
}

func (r *rig) orders(device *caller) response {
	r.t.Helper()
	return r.call(device, http.MethodGet, fmt.Sprintf("/v1/devices/%s/enrolment-orders", device.ID), nil).must(200)
}

// enrolled takes a person through consent and enrolment, and gives the ids of both.
func (r *rig) enrolled(who *caller, device *caller, door models.ID) (consent, enrolment string) {
	r.t.Helper()
	consent = r.faceConsent(who, nil).must(201).text("id")
	asked := r.enrol(who, consent, door).must(201)
	r.confirm(device, asked.text("id"), "enrolled", asked.text("token")).must(200)
	return consent, asked.text("id")
}

func (r *rig) faceState(who *caller, enrolment string) string {
	r.t.Helper()
	got := r.call(who, http.MethodGet, enrolmentsPath, nil).must(200)
	for at := range got.items() {
		if got.text(fmt.Sprintf("items.%d.id", at)) == enrolment {
			return strings.TrimSuffix(got.text(fmt.Sprintf("items.%d.state", at))+" "+got.text(fmt.Sprintf("items.%d.reason", at)), " ")
		}
	}
	return ""
}

func (r *rig) settleFaces() {
	r.t.Helper()
	if err := r.server.SettleFaces(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
}

// From the consent to the terminal's word, and back to nothing when it is withdrawn.
func TestFaceIsEnrolledAndDeleted(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.enrol(rig.Resident, rig.faceConsent(rig.Resident, nil).must(201).text("id"), rig.One.UnitDoor).must(422) // not by face yet
		rig.faceDoor(rig.One.UnitDoor)
		text := rig.call(rig.Resident, http.MethodGet, "/v1/face-consent-texts/current", nil).must(200)
		if text.text("version") != "2026-11" || text.text("zh") == "" || text.text("en") == "" {
			t.Errorf("the text: %s", text.Text)
		}
		consent := rig.call(rig.Resident, http.MethodGet, consentsPath, nil).must(200).text("items.0.id")
		rig.faceConsent(rig.Resident, nil).must(409) // one holds already
		if got := rig.faceConsent(rig.Resident, map[string]any{"version": "2025-01"}).must(422); strings.Join(got.fields(), "") != "version not_allowed" {
			t.Errorf("other words: %s", got.Text)
		}
		body := map[string]any{"id": rig.ids.next(), "consent_id": consent, "door_id": rig.One.UnitDoor}
		asked := rig.call(rig.Resident, http.MethodPost, enrolmentsPath, body).must(201)
		id, token := asked.text("id"), asked.text("token")
		if again := rig.call(rig.Resident, http.MethodPost, enrolmentsPath, body).must(201); again.text("token") != token {
			t.Errorf("a repeat: %s, first: %s", again.Text, asked.Text)
		}
		foreign := change(body, map[string]any{"consent_id": rig.faceConsent(rig.Flatmate, nil).must(201).text("id")})
		if got := rig.call(rig.Flatmate, http.MethodPost, enrolmentsPath, foreign).must(422); strings.Join(got.fields(), "") != "id not_unique" || strings.Contains(got.Text, token) {
			t.Errorf("somebody else's id: %s", got.Text)
		}
		order, sum := rig.orders(rig.Device), sha256.Sum256([]byte(token))
		if len(order.items()) != 1 || order.text("items.0.order") != "enrol" || order.text("items.0.token_sha256") != hex.EncodeToString(sum[:]) ||
			strings.Contains(order.Text, token) || strings.Contains(order.Text, string(rig.Resident.ID)) || strings.Contains(order.Text, string(rig.One.Home.Home)) {
			t.Errorf("the terminal is told %s", order.Text)
		}
		for _, wrong := range []string{"", strings.Repeat("x", 22)} {
			rig.confirm(rig.Device, id, "enrolled", wrong).must(422)
		}
		rig.confirm(rig.One.GateDevice, id, "enrolled", token).must(404)
		for range 2 {
			if got := rig.confirm(rig.Device, id, "enrolled", token).must(200); got.text("state") != "enrolled" {
				t.Errorf("confirmed: %s", got.Text)
			}
		}
		if left := rig.orders(rig.Device); len(left.items()) != 0 || rig.counted("SELECT COUNT(*) FROM face_enrolments WHERE token_sealed IS NOT NULL") != 0 {
			t.Errorf("afterwards %s", left.Text)
		}
		rig.enrol(rig.Resident, consent, rig.One.UnitDoor).must(409)

		credential := order.text("items.0.credential_ref")
		passed := rig.event(1, models.EventAccessGranted, rig.One.UnitDoor, map[string]any{"way": "face", "credential_ref": credential})
		unknown := rig.event(2, models.EventAccessGranted, rig.One.UnitDoor, map[string]any{"way": "face", "credential_ref": "of-nobody"})
		rig.wantResults(rig.tell(rig.Device, "a", 0, passed, unknown), "[]", "1 accepted", "2 accepted")
		for who, want := range map[*caller]int{rig.Resident: 1, rig.Flatmate: 0} {
			if got := rig.call(who, http.MethodGet, "/v1/access-events?way=face", nil).must(200); len(got.items()) != want {
				t.Errorf("%s sees %s", who.Name, got.Text)
			}
		}
		if found := rig.inTable("device_events", credential); found != "" {
			t.Errorf("an event keeps the credential in %s", found)
		}

		rig.call(rig.Flatmate, http.MethodDelete, consentsPath+"/"+consent, nil).must(404)
		for range 2 {
			rig.call(rig.Resident, http.MethodDelete, consentsPath+"/"+consent, nil).must(204)
		}
		if got := rig.orders(rig.Device); len(got.items()) != 1 || got.text("items.0.order") != "delete" || got.at("items.0.token_sha256") != nil {
			t.Errorf("to be deleted: %s", got.Text)
		}
		if got := rig.faceState(rig.Resident, id); got != "deletion_requested withdrawn" {
			t.Errorf("the person sees %q", got)
		}
		if got := rig.confirm(rig.Device, id, "enrolled", token).must(200); got.text("state") != "deletion_requested" {
			t.Errorf("a late word: %s", got.Text)
		}
		rig.enrol(rig.Resident, consent, rig.One.UnitDoor).must(422)
		for range 2 {
			rig.confirm(rig.Device, id, "deleted", "").must(200)
		}
		if got := rig.faceState(rig.Resident, id); got != "deleted withdrawn" || len(rig.orders(rig.Device).items()) != 0 {
			t.Errorf("in the end %q", got)
		}
		kept := rig.call(rig.Resident, http.MethodGet, consentsPath, nil).must(200)
		if kept.text("items.0.end_reason") != "withdrawn" || kept.text("items.0.version") != "2026-11" || kept.text("items.0.given_at") == "" {
			t.Errorf("the record: %s", kept.Text)
		}
		rig.faceConsent(rig.Resident, nil).must(201)
		if got := rig.call(rig.Resident, http.MethodGet, consentsPath, nil).must(200); len(got.items()) != 2 {
			t.Errorf("a new consent is a new record: %s", got.Text)
		}
		if found := rig.everywhere(token); found != "" || strings.Contains(rig.logs.all(), token) || strings.Contains(rig.logs.all(), credential) {
			t.Errorf("the token or the credential is in %q or the log", found)
		}
	})
}

// Whoever moves out, or whose account is closed, leaves nothing behind: the orders are there with the decision, without any keeper.
func TestMovingOutDeletesFaces(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.faceDoor(rig.One.UnitDoor)
		_, one := rig.enrolled(rig.Resident, rig.Device, rig.One.UnitDoor)
		_, two := rig.enrolled(rig.Flatmate, rig.Device, rig.One.UnitDoor)
		roles := fmt.Sprintf("/v1/people/%s/roles", rig.Resident.ID)
		grant := rig.call(rig.Admin, http.MethodGet, roles, nil).must(200).text("items.0.id")
		leaves := rig.clock.Now().Add(time.Hour)
		rig.call(rig.Admin, http.MethodPatch, roles+"/"+grant, map[string]any{"ends_at": instant(leaves)}).must(200)
		if got := len(rig.orders(rig.Device).items()); got != 0 {
			t.Errorf("%d orders an hour before", got)
		}
		rig.call(rig.Admin, http.MethodPatch, roles+"/"+grant, map[string]any{"ends_at": instant(rig.clock.Now())}).must(200)
		if got := rig.orders(rig.Device); len(got.items()) != 1 || got.text("items.0.enrolment_id") != one {
			t.Errorf("after moving out: %s", got.Text)
		}
		if got := len(rig.audit(rig.A, "endFaceConsent")); got != 1 {
			t.Errorf("recorded %d times", got)
		}
		rig.call(rig.Admin, http.MethodPatch, "/v1/people/"+string(rig.Flatmate.ID), map[string]any{"disabled": true}).must(200)
		if got := rig.orders(rig.Device); len(got.items()) != 2 {
			t.Errorf("after the account was closed: %s", got.Text)
		}
		if figures := rig.call(rig.Property, http.MethodGet, "/v1/face-figures?compound_id="+string(rig.One.ID()), nil).must(200); figures.at("deleting") != 2.0 ||
			figures.at("enrolled") != 0.0 || figures.at("overdue") != 0.0 {
			t.Errorf("the figures: %s", figures.Text)
		}

		rig.advance(models.FaceDeletionTold[0] - time.Second)
		rig.settleFaces()
		if got := rig.inboxHas(rig.Property.ID, models.AlertFaceDeletion, string(rig.Device.ID)); got != 0 {
			t.Errorf("told %d times too early", got)
		}
		told := time.Duration(0)
		for at, after := range models.FaceDeletionTold {
			rig.advance(after - told)
			told = after
			rig.settleFaces()
			rig.settleFaces()
			for _, who := range []*caller{rig.Property, rig.Admin} {
				if got := rig.inboxHas(who.ID, models.AlertFaceDeletion, string(rig.Device.ID)); got != at+1 {
					t.Errorf("%s after %s was told %d times", who.Name, after, got)
				}
			}
		}
		rig.advance(30 * 24 * time.Hour)
		rig.settleFaces()
		if rig.inboxHas(rig.Property.ID, models.AlertFaceDeletion, string(rig.Device.ID)) != len(models.FaceDeletionTold) ||
			rig.inboxHas(rig.Commander.ID, models.AlertFaceDeletion, string(rig.Device.ID)) != 0 || len(rig.orders(rig.Device).items()) != 2 {
			t.Error("the telling has no end, police were told, or the order is gone")
		}
		listed := rig.call(rig.Admin, http.MethodGet, "/v1/face-orders", nil).must(200)
		if len(listed.items()) != 2 || listed.at("items.0.overdue") != true || strings.Contains(listed.Text, string(rig.Resident.ID)) {
			t.Errorf("the administrator sees %s", listed.Text)
		}
		rig.confirm(rig.Device, two, "deleted", "").must(200)
		rig.confirm(rig.Device, one, "deleted", "").must(200)
		rig.advance(models.FaceEnrolmentKept + time.Second)
		if _, err := rig.store.ForgetOld(t.Context(), rig.clock.Now()); err != nil || rig.rows()["face_enrolments"] != 0 || rig.rows()["face_consents"] != 2 {
			t.Errorf("kept: %d enrolments, %d consents, %v", rig.rows()["face_enrolments"], rig.rows()["face_consents"], err)
		}
	})
}

// What ends by time or by a change of the terminal: a lease, a token, the words, the door's ways, the terminal itself.
func TestFacesEndByTimeAndWithTheirTerminal(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.faceDoor(rig.One.UnitDoor)
		consent := rig.faceConsent(rig.Resident, nil).must(201).text("id")
		first := rig.enrol(rig.Resident, consent, rig.One.UnitDoor).must(201).text("id")
		second := rig.enrol(rig.Resident, consent, rig.One.UnitDoor).must(201).text("id")
		if got := rig.faceState(rig.Resident, first); got != "deletion_requested replaced" {
			t.Errorf("a second request leaves the first %q", got)
		}
		rig.advance(models.FaceTokenLife + models.FaceConfirmLife - time.Millisecond)
		rig.settleFaces()
		if got := rig.faceState(rig.Resident, second); got != "requested" {
			t.Errorf("a moment before: %q", got)
		}
		rig.advance(time.Millisecond)
		rig.settleFaces()
		if got := rig.faceState(rig.Resident, second); got != "deletion_requested expired" {
			t.Errorf("nobody came: %q", got)
		}

		third := rig.enrol(rig.Resident, consent, rig.One.UnitDoor).must(201)
		rig.confirm(rig.Device, third.text("id"), "enrolled", third.text("token")).must(200)
		newer := models.FaceConsentText{Version: "2026-12", From: rig.clock.Now()}
		rig.server.FaceTexts = append(models.FaceConsentTexts[:1:1], newer)
		renewed := rig.faceConsent(rig.Resident, map[string]any{"version": "2026-12"}).must(201).text("id")
		if got := rig.faceState(rig.Resident, third.text("id")); got != "enrolled" {
			t.Errorf("consenting to the new words leaves it %q", got)
		}
		record := rig.call(rig.Resident, http.MethodGet, consentsPath, nil).must(200)
		if record.text("items.0.id") != renewed || record.text("items.1.end_reason") != "superseded" || record.text("items.1.version") != "2026-11" {
			t.Errorf("the record: %s", record.Text)
		}
		rig.server.FaceTexts = append(rig.server.FaceTexts, models.FaceConsentText{Version: "2027-01", From: rig.clock.Now()})
		rig.advance(models.FaceConsentGrace - time.Millisecond)
		rig.settleFaces()
		if got := rig.faceState(rig.Resident, third.text("id")); got != "enrolled" {
			t.Errorf("within the grace %q", got)
		}
		rig.advance(time.Millisecond)
		rig.settleFaces()
		if got := rig.faceState(rig.Resident, third.text("id")); got != "deletion_requested superseded" {
			t.Errorf("past the grace %q", got)
		}
		rig.server.FaceTexts = nil

		path := "/v1/doors/" + string(rig.One.UnitDoor) + "/ways"
		_, fourth := rig.enrolled(rig.Resident, rig.Device, rig.One.UnitDoor)
		if got := rig.call(rig.Admin, http.MethodPut, path, map[string]any{"ways": []string{"face", "button"}}).must(422); got.code() != models.CodeFaceOnly {
			t.Errorf("face alone: %s", got.Text)
		}
		if got := rig.call(rig.Admin, http.MethodPost, "/v1/doors", map[string]any{
			"name": "侧门", "kind": "gate", "compound_id": rig.One.ID(), "ways": []string{"face"},
		}, "Idempotency-Key", "side-door").must(422); got.code() != models.CodeFaceOnly {
			t.Errorf("a new door by face alone: %s", got.Text)
		}
		if got := rig.faceState(rig.Resident, fourth); got != "enrolled" {
			t.Errorf("a refused change did something: %q", got)
		}
		rig.call(rig.Admin, http.MethodPut, path, map[string]any{"ways": []string{"code"}}).must(200)
		if got := rig.faceState(rig.Resident, fourth); got != "deletion_requested terminal_gone" {
			t.Errorf("face is off: %q", got)
		}
		rig.faceDoor(rig.One.UnitDoor)
		live := rig.call(rig.Resident, http.MethodGet, consentsPath, nil).must(200).text("items.0.id")
		fifth := rig.enrol(rig.Resident, live, rig.One.UnitDoor).must(201).text("id")
		rig.call(rig.Admin, http.MethodPatch, "/v1/devices/"+string(rig.Device.ID), map[string]any{"disabled": true}).must(200)
		if got := rig.faceState(rig.Resident, fifth); got != "deletion_requested terminal_gone" {
			t.Errorf("the terminal is closed: %q", got)
		}
		rig.enrol(rig.Resident, live, rig.One.UnitDoor).must(422)
	})
}
