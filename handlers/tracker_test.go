package handlers_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/store"
)

// newTracker makes a tracker as its owner does and gives id and secret.
func (r *rig) newTracker(who *caller, kind string) (models.ID, string) {
	r.t.Helper()
	body := map[string]any{"id": r.ids.next(), "name": "我的旧手机", "kind": kind}
	made := r.call(who, http.MethodPost, "/v1/me/trackers", body).must(201)
	if made.text("device_identifier") != made.text("id")+"."+made.text("secret") || len(made.text("secret")) != 43 {
		r.t.Fatalf("made as %s", made.Text)
	}
	return made.id("id"), made.text("secret")
}

func (r *rig) ownTracks(id models.ID, secret, body string) response {
	r.t.Helper()
	return r.callAs("", http.MethodPost, "/v1/trackers/owntracks", rawBody{Type: "application/json", Text: []byte(body)},
		"Authorization", basic(id, secret), "X-Limit-U", "jane", "X-Limit-D", "phone")
}

func TestOwnTracksReports(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		began := rig.clock.Now()
		rig.advance(time.Hour)
		rig.walk(rig.A, began, rig.Volunteer)
		id, secret := rig.newTracker(rig.Volunteer, "owntracks")
		for _, one := range []struct {
			name, body string
			rows       int
		}{
			{"a position", fmt.Sprintf(`{"_type":"location","lat":30.5201,"lon":105.6012,"tst":%d,"acc":12,"vel":36,"cog":90,"batt":80,"tid":"xf","conn":"m","m":1,"BSSID":"x","inregions":["a"],"created_at":1}`, began.Unix()), 1},
			{"again", fmt.Sprintf(`{"_type":"location","lat":30.5201,"lon":105.6012,"tst":%d,"acc":12,"vel":36}`, began.Unix()), 1},
			{"the next", fmt.Sprintf(`{"_type":"location","lat":30.5202,"lon":105.6012,"tst":%d}`, began.Unix()+30), 2},
			{"before the round", fmt.Sprintf(`{"_type":"location","lat":30.5202,"lon":105.6012,"tst":%d}`, began.Unix()-30), 2},
			{"not exact", fmt.Sprintf(`{"_type":"location","lat":30.5202,"lon":105.6012,"tst":%d,"acc":500}`, began.Unix()+60), 2},
			{"without a time", `{"_type":"location","lat":30.5202,"lon":105.6012}`, 2},
			{"a way point", `{"_type":"waypoint","lat":30.5202,"lon":105.6012,"tst":1795485600,"rad":50,"desc":"家"}`, 2},
			{"encrypted", `{"_type":"encrypted","data":"x"}`, 2},
			{"nothing", ``, 2},
		} {
			got := rig.ownTracks(id, secret, one.body).must(200)
			if strings.TrimSpace(got.Text) != "[]" {
				t.Errorf("%s is answered with %q", one.name, got.Text)
			}
			if count := rig.rows()["track_points"]; count != one.rows {
				t.Errorf("after %s %d positions are kept, want %d", one.name, count, one.rows)
			}
		}
		got := rig.call(rig.Volunteer, http.MethodGet, "/v1/tracks", nil).must(200)
		if got.at("items.0.speed_mps") != 10.0 || got.text("items.0.source") != "owntracks" || got.at("items.0.position.accuracy_m") != 12.0 {
			t.Errorf("kept as %s", got.Text)
		}
		if records := rig.audit(rig.A, models.OpCreateTracks); len(records) != 1 || records[0].ActorID != rig.Volunteer.ID {
			t.Errorf("recorded within one minute: %+v", records)
		}
		rig.ownTracks(id, secret, `{"_type":"location","lat":"x"}`).must(400)
		rig.ownTracks(id, secret, `[]`).must(400)
	})
}

func TestOsmAndReports(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		began := rig.clock.Now()
		rig.advance(time.Hour)
		rig.walk(rig.A, began, rig.Guard)
		id, secret := rig.newTracker(rig.Guard, "osmand")
		identifier, rows := string(id)+"."+secret, 0
		send := func(name, method, query string, body any, status, more int) {
			t.Helper()
			got := rig.callAs("", method, "/v1/trackers/osmand?"+query, body)
			rows += more
			if count := rig.rows()["track_points"]; got.Status != status || count != rows {
				t.Errorf("%s: %d, %d positions are kept, want %d, %d: %s", name, got.Status, count, status, rows, got.Text)
			}
		}
		at := func(seconds int64) int64 { return began.Unix() + seconds }
		query := func(key string, when any, more string) string {
			return fmt.Sprintf("%s=%s&lat=30.52&lon=105.601&timestamp=%s%s", key, identifier, url.QueryEscape(fmt.Sprint(when)), more)
		}
		client := "&speed=10&bearing=0.0&altitude=300.5&accuracy=12.0&batt=85.0&charge=true"
		send("in the query", http.MethodPost, query("id", at(0), client), nil, 200, 1)
		send("again, in milliseconds", http.MethodGet, query("deviceid", at(0)*1000, client), nil, 200, 0)
		send("as ISO 8601", http.MethodGet, query("id", began.Add(20*time.Second).Format(time.RFC3339), ""), nil, 200, 1)
		send("place in one", http.MethodGet, fmt.Sprintf("id=%s&location=30.52,105.6&timestamp=%d&hdop=1.2", identifier, at(40)), nil, 200, 1)
		form := func(text string) rawBody {
			return rawBody{Type: "application/x-www-form-urlencoded; charset=UTF-8", Text: []byte(text)}
		}
		send("as a form", http.MethodPost, "", form(query("id", at(50), client)), 200, 1)
		send("as a form again", http.MethodPost, "", form(query("id", at(50), client)), 200, 0)
		send("half in the query", http.MethodPost, "id="+identifier, form(fmt.Sprintf("lat=30.52&lon=105.6&timestamp=%d", at(70))), 200, 1)
		send("an empty form", http.MethodPost, query("id", at(70), ""), form(""), 200, 0)
		send("twice in a form", http.MethodPost, "id="+identifier, form(query("id", at(80), "")), 400, 0)
		send("no such place in a form", http.MethodPost, "", form("id="+identifier+"&lat=91&lon=105.601"), 400, 0)
		send("a form of nobody's", http.MethodPost, "", form("lat=30.52&lon=105.601"), 401, 0)
		send("no form", http.MethodPost, "", form("id=%zz"), 400, 0)
		send("too large a form", http.MethodPost, "", form(query("id", at(80), "&x="+strings.Repeat("x", 48<<10))), 413, 0)
		send("neither", http.MethodPost, "", rawBody{Type: "text/plain", Text: []byte(query("id", at(80), ""))}, 415, 0)
		send("no fix", http.MethodGet, query("id", at(60), "&valid=false"), nil, 200, 0)
		send("no place", http.MethodGet, "id="+identifier+"&batt=80", nil, 200, 0)
		send("no time: now", http.MethodGet, "id="+identifier+"&lat=30.52&lon=105.601", nil, 200, 1)
		send("no such time", http.MethodGet, query("id", "yesterday", ""), nil, 400, 0)
		send("no such place", http.MethodGet, "id="+identifier+"&lat=91&lon=105.601", nil, 400, 0)
		send("wrong secret", http.MethodGet, strings.Replace(query("id", at(80), ""), secret, secret[1:]+"x", 1), nil, 401, 0)
		send("no secret", http.MethodGet, "id="+string(id)+"&lat=30.52&lon=105.601", nil, 401, 0)
		send("nobody", http.MethodGet, "lat=30.52&lon=105.601", nil, 401, 0)
		send("JSON", http.MethodPost, "", map[string]any{"device_id": identifier, "location": map[string]any{
			"timestamp": began.Add(100 * time.Second).Format("2006-01-02T15:04:05.000Z"), "is_moving": true, "event": "motionchange", "odometer": 3,
			"coords":  map[string]any{"latitude": 30.52, "longitude": 105.6, "accuracy": 5, "speed": -1, "heading": -1, "altitude": 300},
			"battery": map[string]any{"level": 0.5, "is_charging": false}, "activity": map[string]any{"type": "still"}, "extras": map[string]any{},
		}}, 200, 1)
		got := rig.call(rig.Guard, http.MethodGet, "/v1/tracks", nil).must(200)
		speed, _ := got.at("items.0.speed_mps").(float64)
		if got.at("items.5.speed_mps") != nil || speed < 5.144 || speed > 5.145 || got.text("items.0.source") != "osmand" {
			t.Errorf("kept as %s", got.Text)
		}
		if logs := rig.logs.all(); strings.Contains(logs, secret) || strings.Contains(logs, string(id)) || strings.Contains(logs, secret[1:]) {
			t.Error("the query, and with it the secret, stands in the log")
		}
		if found := rig.everywhere(secret); found != "" {
			t.Errorf("the secret lies open in %s", found)
		}
	})
}

func TestTrackersOfOnesOwn(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		body := map[string]any{"id": rig.ids.next(), "name": "  我的旧手机 ", "kind": "owntracks"}
		create := func(who *caller) response { return rig.call(who, http.MethodPost, "/v1/me/trackers", body) }
		first := create(rig.Volunteer).must(201)
		again := create(rig.Volunteer).must(200)
		if again.at("secret") != nil || again.at("device_identifier") != nil || again.text("name") != "我的旧手机" || first.text("secret") == "" {
			t.Errorf("the repeat got %s", again.Text)
		}
		if foreign := create(rig.Guard).must(422); strings.Join(foreign.fields(), "") != "id not_unique" || strings.Contains(foreign.Text, "旧手机") {
			t.Errorf("somebody else's id: %s", foreign.Text)
		}
		body["name"] = "另一部"
		if other := create(rig.Volunteer).must(409); other.code() != models.CodeAlreadyExists {
			t.Errorf("another under the same id: %s", other.Text)
		}
		for range models.MaxTrackers - 1 {
			rig.newTracker(rig.Volunteer, "osmand")
		}
		body["id"] = rig.ids.next()
		create(rig.Volunteer).must(409)
		list := rig.call(rig.Volunteer, http.MethodGet, "/v1/me/trackers", nil).must(200)
		if len(list.items()) != models.MaxTrackers || strings.Contains(list.Text, "secret") {
			t.Errorf("the list: %s", list.Text)
		}
		rig.call(rig.Guard, http.MethodDelete, "/v1/me/trackers/"+first.text("id"), nil).must(404)
		rig.call(rig.Volunteer, http.MethodDelete, "/v1/me/trackers/"+first.text("id"), nil).must(204)
		rig.call(rig.Volunteer, http.MethodDelete, "/v1/me/trackers/"+first.text("id"), nil).must(404)
		create(rig.Volunteer).must(201)
		if found := rig.everywhere("旧手机"); found != "" {
			t.Errorf("the name lies open in %s", found)
		}
		if records := rig.audit(rig.A, models.OpDeleteMyTracker); len(records) != 3 {
			t.Errorf("%d deletions and refusals are recorded, want 3", len(records))
		}
	})
}

// The fifth tracker from many at once is made once.
func TestTrackersAreBounded(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		token, made := rig.token(rig.Volunteer), 0
		for _, got := range atOnce(12, func(int) response {
			return rig.callAs(token, http.MethodPost, "/v1/me/trackers", map[string]any{"id": rig.ids.next(), "name": "手机", "kind": "osmand"})
		}) {
			if got.Status == 201 {
				made++
			}
		}
		if rows := rig.rows()["trackers"]; made != models.MaxTrackers || rows != made {
			t.Errorf("%d of 12 were made, %d rows", made, rows)
		}
	})
}

func TestWhoMayReport(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		began := rig.clock.Now()
		rig.advance(time.Minute)
		rig.walk(rig.A, began, rig.Volunteer, rig.Guard)
		position := fmt.Sprintf(`{"_type":"location","lat":30.5201,"lon":105.6012,"tst":%d}`, began.Unix())
		id, secret := rig.newTracker(rig.Volunteer, "owntracks")
		other, otherSecret := rig.newTracker(rig.Guard, "osmand")

		rig.ownTracks(other, otherSecret, position).must(401) // of the other kind
		if got := rig.ownTracks(id, otherSecret, position).must(401).Header.Get("WWW-Authenticate"); !strings.HasPrefix(got, `Basic realm="`) {
			t.Errorf("an app is challenged with %q", got)
		}
		rig.callAs("", http.MethodPost, "/v1/trackers/owntracks", rawBody{Type: "application/json", Text: []byte(position)}).must(401)
		rig.callAs(rig.token(rig.Volunteer), http.MethodPost, "/v1/trackers/owntracks", rawBody{Type: "application/json", Text: []byte(position)}).must(401)
		rig.ownTracks(id, secret, position).must(200)
		// A tracker's secret is good for nothing else.
		for _, header := range []string{basic(id, secret), "Bearer " + secret} {
			rig.callAs("", http.MethodGet, "/v1/tracks", nil, "Authorization", header).must(401)
		}

		rig.call(rig.Volunteer, http.MethodDelete, "/v1/me/trackers/"+string(id), nil).must(204)
		rig.ownTracks(id, secret, position).must(401)

		rig.write(func(ctx context.Context, tx *store.Store) error {
			grants, err := tx.Grants(ctx, rig.Guard.ID)
			if err == nil {
				err = tx.EndGrant(ctx, rig.Guard.ID, grants[0].ID, rig.clock.Now())
			}
			return err
		})
		report := fmt.Sprintf("/v1/trackers/osmand?id=%s.%s&lat=30.52&lon=105.6", other, otherSecret)
		if got := rig.callAs("", http.MethodGet, report, nil).must(403); got.code() != models.CodeForbidden {
			t.Errorf("without a role: %s", got.Text)
		}
		if count := rig.rows()["track_points"]; count != 1 {
			t.Errorf("%d positions are kept, want 1", count)
		}
	})
}

// Wrong secrets slow down as wrong passwords do: ten from one network, and then the right one has to wait as well.
func TestWrongSecretsSlowDown(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		id, secret := rig.newTracker(rig.Volunteer, "owntracks")
		fine, fineSecret := rig.newTracker(rig.Volunteer, "owntracks")
		for range models.SignInsHere {
			rig.ownTracks(id, "wrong", `{"_type":"lwt"}`).must(401)
		}
		if got := rig.ownTracks(id, secret, `{"_type":"lwt"}`).must(429); got.code() != models.CodeTooManySignIns || got.Header.Get("Retry-After") == "" {
			t.Errorf("after ten wrong ones: %s", got.Text)
		}
		rig.ownTracks(fine, fineSecret, `{"_type":"lwt"}`).must(200)
		rig.advance(models.SignInWindow)
		for range 3 * models.SignInsHere { // those that are right are never too many
			rig.ownTracks(id, secret, `{"_type":"lwt"}`).must(200)
		}
		refusals := 0
		for _, record := range rig.audit(rig.A, "reportTrack") {
			if record.Outcome == models.AuditRefused {
				refusals++
			}
		}
		if refusals != 1 {
			t.Errorf("%d refusals are recorded within a minute, want 1", refusals)
		}
	})
}
