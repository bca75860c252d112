package handlers_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/icholy/digest"

	"xunfang/doors/viid"
	"xunfang/handlers"
	"xunfang/models"
)

const (
	viidName   = "51090000001320000001"
	viidSecret = "a long password"
)

// viidCamera is a camera that speaks in the manner of GA/T 1400, at a server of its own.
type viidCamera struct {
	t      *testing.T
	rig    *rig
	server *httptest.Server
	logged *bytes.Buffer
}

type viidSink struct{ server *handlers.Server }

func (v viidSink) Sighted(ctx context.Context, device models.ID, seen viid.Sighting) error {
	return v.server.ViidSighted(ctx, device, seen.Ref, seen.Camera, seen.At, seen.Picture)
}

func (v viidSink) Passed(ctx context.Context, device models.ID, passed viid.Passage) error {
	return v.server.ViidPassed(ctx, device, handlers.ViidPassage(passed))
}

func (v viidSink) Zone(ctx context.Context, device models.ID) (*time.Location, error) {
	return v.server.ViidZone(ctx, device)
}

func (r *rig) viidCamera(t *testing.T, device models.ID, direction string) *viidCamera {
	t.Helper()
	camera := &viidCamera{t: t, rig: r, logged: &bytes.Buffer{}}
	camera.server = httptest.NewServer(viid.New(viid.Config{
		Accounts: []viid.Account{{VIID: viidName, DeviceID: device, Password: viidSecret, Direction: direction}},
		Sink:     viidSink{r.server}, Random: rand.Reader, Now: r.clock.Now, Logger: slog.New(slog.NewTextHandler(camera.logged, nil)),
	}))
	t.Cleanup(camera.server.Close)
	return camera
}

// send gives the HTTP status and the text of the answer; secret "" sends the name alone.
func (c *viidCamera) send(path, secret string, body any) (int, string) {
	c.t.Helper()
	sent, err := json.Marshal(body)
	if err != nil {
		c.t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, c.server.URL+path, bytes.NewReader(sent))
	if err != nil {
		c.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/VIID+JSON;charset=utf-8")
	request.Header.Set("User-Identify", viidName)
	client := &http.Client{}
	if secret != "" {
		client.Transport = &digest.Transport{Username: viidName, Password: secret}
	}
	got, err := client.Do(request)
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = got.Body.Close() }()
	text, err := io.ReadAll(got.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return got.StatusCode, string(text)
}

func (c *viidCamera) want(status int, code, path, secret string, body any) {
	c.t.Helper()
	got, text := c.send(path, secret, body)
	if got != status || code != "" && !strings.Contains(text, `"StatusCode":"`+code+`"`) {
		c.t.Errorf("%s: %d %s, want %d and code %s", path, got, text, status, code)
	}
}

func (c *viidCamera) register() {
	c.t.Helper()
	hello := map[string]any{"RegisterObject": map[string]any{"DeviceID": viidName}}
	// Cameras set their clocks by the answer, and write by their clocks.
	if code, text := c.send("/VIID/System/Register", viidSecret, hello); code != 200 || !strings.Contains(text, `"StatusCode":"0"`) ||
		!strings.Contains(text, `"LocalTime":"`+viidLocal(c.rig.clock.Now())+`"`) {
		c.t.Errorf("register: %d %s", code, text)
	}
}

func viidLocal(at time.Time) string {
	return at.In(time.FixedZone("", 8*3600)).Format("20060102150405")
}

func viidFace(id string, at time.Time, more map[string]any) map[string]any {
	one := map[string]any{
		"FaceID": id, "InfoKind": 1, "DeviceID": viidName, "ShotTime": viidLocal(at), "Name": "canary-name", "IDNumber": "canary-number",
		"SubImageList": map[string]any{"SubImageInfoObject": []any{map[string]any{
			"ImageID": "1", "StoragePath": "/pictures/1", "Data": "canary-picture" + strings.Repeat("QUJD", 50_000) + "canary-end",
		}}},
	}
	for field, value := range more {
		one[field] = value
	}
	return map[string]any{"FaceListObject": map[string]any{"FaceObject": []any{one}}}
}

// Of faces only those that the camera marks become leads, of an approved source, with a time and where the picture is; the picture
// itself is nowhere.
func TestViidFacesAreLeads(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		camera := rig.viidCamera(t, rig.Device.ID, "")
		marked := map[string]any{"IsSuspiciousPerson": "1"}
		camera.want(401, "", "/VIID/Faces", "", viidFace("f0", rig.clock.Now(), marked))
		camera.want(401, "", "/VIID/System/Register", "another password", map[string]any{})
		camera.register()
		camera.want(200, "4", "/VIID/Faces", "", viidFace("f1", rig.clock.Now(), marked)) // no source yet
		rig.concernSource()
		for range 2 {
			camera.want(200, "0", "/VIID/Faces", "", viidFace("f1", rig.clock.Now(), marked))
		}
		camera.want(200, "0", "/VIID/Faces", "", viidFace("f2", rig.clock.Now(), nil)) // somebody who passes
		camera.want(200, "0", "/VIID/Faces", "", viidFace("f3", rig.clock.Now().Add(-time.Hour), marked))
		camera.want(200, "4", "/VIID/Faces", "", viidFace("f4", rig.clock.Now(), map[string]any{"IsSuspiciousPerson": 1, "ShotTime": "now"}))
		list := rig.call(rig.Commander, http.MethodGet, "/v1/concern-reports?reason=checking", nil).must(200)
		if len(list.items()) != 2 || list.text("items.0.kind") != "other" || list.at("items.0.late") != true || list.at("items.1.late") != false {
			t.Fatalf("leads: %s", list.Text)
		}
		id := list.text("items.1.id")
		if got := rig.readConcern(rig.Commander, id).must(200); got.text("picture_ref") != "/pictures/1" || strings.Contains(got.Text, "canary") {
			t.Errorf("the lead: %s", got.Text)
		}
		if rig.inboxHas(rig.Commander.ID, models.AlertConcernReport, id) != 1 || strings.Contains(camera.logged.String(), "canary") {
			t.Errorf("not told, or logged: %s", camera.logged)
		}
		for at := range 25 { // more than anybody could look at
			camera.send("/VIID/Faces", "", viidFace(fmt.Sprint("g", at), rig.clock.Now(), marked))
		}
		if rows := rig.rows()["concern_reports"]; rows > 20 {
			t.Errorf("%d leads of one camera in a minute", rows)
		}
		empty := map[string]any{"FaceListObject": map[string]any{"FaceObject": nil}}
		if code, text := camera.send("/VIID/Faces", "", empty); code != 200 || !strings.Contains(text, `"ResponseStatusObject":[]`) {
			t.Errorf("no faces: %d %s", code, text)
		}
		rig.advance(6 * time.Minute)
		camera.want(401, "", "/VIID/System/Keepalive", "", map[string]any{}) // its registration has run out
		camera.register()
		camera.want(200, "0", "/VIID/System/Keepalive", "", map[string]any{"KeepaliveObject": map[string]any{"DeviceID": viidName}})
		camera.want(200, "0", "/VIID/System/UnRegister", viidSecret, map[string]any{})
		camera.want(401, "", "/VIID/Faces", "", viidFace("f5", rig.clock.Now(), marked))
		for range 10 {
			camera.send("/VIID/System/Register", "another password", map[string]any{})
		}
		camera.want(429, "", "/VIID/System/Register", viidSecret, map[string]any{})
	})
}

// A vehicle that has passed is history: nothing is opened by it, and who keeps a locked one that went out is told once.
func TestViidVehiclesHavePassed(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		barrier := rig.gate()
		camera := rig.viidCamera(t, barrier.ID, "out")
		camera.register()
		id := rig.addVehicle(rig.Resident, nil).must(201).text("id")
		rig.vehicleTo(rig.Resident, id, "lock").must(200)
		rig.advance(time.Minute)
		heard := rig.heardOfVehicle(rig.Resident)
		passed := func(ref, plate string) map[string]any {
			return map[string]any{"MotorVehicleListObject": map[string]any{"MotorVehicleObject": []any{map[string]any{
				"MotorVehicleID": ref, "PlateNo": plate, "PlateReliability": 97, "PassTime": viidLocal(rig.clock.Now()), "LaneNo": 2,
			}}}}
		}
		for range 2 {
			camera.want(200, "0", "/VIID/MotorVehicles", "", passed("v1", "川J10852"))
		}
		camera.want(200, "0", "/VIID/MotorVehicles", "", passed("v2", "")) // without a plate
		camera.want(200, "0", "/VIID/MotorVehicles", "", map[string]any{"MotorVehicleListObject": map[string]any{"MotorVehicleObject": map[string]any{
			"MotorVehicleID": "v4", "HasPlate": 0, "PlateNo": "无牌", "PassTime": viidLocal(rig.clock.Now()), // one, and not in a list
		}}})
		camera.want(200, "4", "/VIID/MotorVehicles", "", passed("v3", "??"))
		list := rig.call(rig.Commander, http.MethodGet, "/v1/arrivals", nil).must(200)
		if len(list.items()) != 1 || list.at("items.0.replayed") != true || list.at("items.0.opened_wrongly") != true || list.text("items.0.lane") != "2" {
			t.Errorf("arrivals: %s", list.Text)
		}
		if told := rig.heardOfVehicle(rig.Resident) - heard; told != 1 {
			t.Errorf("the owner was told %d times", told)
		}
	})
}
