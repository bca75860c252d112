package main

import (
	"path/filepath"
	"testing"
	"time"

	"xunfang/auth"
	"xunfang/doors"
	"xunfang/models"
)

// A controller whose clock is too far behind has no session: nothing is signed for it, people are told so, and its door
// counts as away. With its clock put right it opens.
func TestADoorWithALateClockIsAway(t *testing.T) {
	s := newSite(t, "sqlite:"+filepath.Join(t.TempDir(), "x.db"), nil)
	server, at := s.serve(nil)
	defer server.stop()
	becomesReady(t, newCaller(at.api), 200, readiness{"ready", "up", "up", "off"})
	lag := 2 * doors.MaxClockSkew
	late, err := doors.NewController(doors.ControllerConfig{
		URL: "mqtt://" + at.broker, DeviceID: s.device, Secret: s.secret, DoorIDs: []models.ID{s.gate},
		Now:    func() time.Time { return time.Now().Add(-lag) },
		Relay:  func(models.ID, models.ID) { t.Error("the door of a controller with a late clock opened") },
		Verify: func(jws string) ([]byte, error) { return auth.VerifyDoorCommand(jws, s.keys.DoorPublicKeys()) },
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := late.Start(); err != nil {
		t.Fatal(err)
	}
	seen := func() string {
		return s.one("SELECT last_seen_at > 0 FROM devices WHERE id = '" + string(s.device) + "'")
	}
	eventually(t, func() bool { return late.Ready() && seen() == "1" }, "its hello")
	resident := s.signedIn(at.api, models.RoleResident)
	got := resident.want(t, 200, "POST", "/v1/doors/"+string(s.gate)+"/open", nil,
		"Idempotency-Key", string(newID()), "Prefer", "wait=5")
	told := struct {
		State     string `json:"state"`
		Confirmed bool   `json:"confirmed_by_device"`
	}{}
	got.read(t, &told)
	if told.State != string(models.CommandFailed) || told.Confirmed {
		t.Errorf("%s", got.body)
	}
	if state := s.one("SELECT online || session_nonce FROM devices WHERE id = '" + string(s.device) + "'"); state != "0" {
		t.Errorf("it counts as there, or has a session: %q", state)
	}
	late.Stop(true)
	right := s.controller("mqtt://"+at.broker, func(models.ID, models.ID) {})
	defer right.Stop(true)
	waitOnline(t, resident, s.gate)
}
