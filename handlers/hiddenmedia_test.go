package handlers_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

// hiddenMedia is a file that somebody with an account uploads hidden.
func (r *rig) hiddenMedia(who *caller, data []byte) models.ID {
	r.t.Helper()
	headers := append(append([]string{}, asTus...), "Upload-Length", strconv.Itoa(len(data)))
	path := r.call(who, http.MethodPost, "/v1/uploads?hide_me=true", nil, headers...).must(201).Header.Get("Location")
	r.chunk(who, path, 0, data[:100]).must(204)
	if r.offset(who, path) != "100" {
		r.t.Error("the offset is wrong")
	}
	r.chunk(who, path, 100, data[100:]).must(204)
	made := r.call(who, http.MethodPost, path+"/media", nil, "Idempotency-Key", without).must(201)
	if again := r.call(who, http.MethodPost, path+"/media", nil, "Idempotency-Key", without).must(200); again.Text != made.Text {
		r.t.Errorf("%s, and again %s", made.Text, again.Text)
	}
	given := r.call(who, http.MethodPost, "/v1/uploads?hide_me=true", nil, headers...).must(201).Header.Get("Location")
	r.call(who, http.MethodDelete, given, nil, "Tus-Resumable", "1.0.0").must(204)
	r.call(who, http.MethodDelete, given, nil, "Tus-Resumable", "1.0.0").must(404)
	return made.id("id")
}

// Who hides attaches photos that were uploaded hidden, and nothing that is kept or logged says whose they are.
func TestHiddenMedia(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		named := rig.photo(rig.Volunteer)
		rig.token(rig.Volunteer)
		rig.advance(61*time.Second + 7*time.Millisecond)
		before := rig.everythingKept()
		photo := rig.hiddenMedia(rig.Volunteer, takenPhoto(t))
		tip := rig.tip(rig.Volunteer, map[string]any{
			"hide_me": true, "media_ids": []models.ID{photo}, "position": map[string]any{"lat": 30.5213, "lng": 105.6008, "crs": "WGS84"},
		}).must(201).text("id")
		said := rig.hiddenMedia(rig.Volunteer, picture(t))
		rig.say(rig.Volunteer, tip, map[string]any{"id": rig.untimedID(), "media_ids": []models.ID{said}}).must(201)
		theirs := rig.say(rig.Officer, tip, map[string]any{"media_ids": []models.ID{rig.photo(rig.Officer)}}).must(201)
		for _, media := range []models.ID{photo, said, theirs.id("media_ids.0")} {
			rig.call(rig.Volunteer, http.MethodGet, "/v1/media/"+string(media), nil).must(200)
		}
		// What the person does beside it may be known: that they read photos, though not whose, and wrote, though not what.
		more := map[string]int{"log": 2, "table idempotency_keys": 2}
		for place, text := range rig.everythingKept() {
			if strings.HasPrefix(place, "file ") {
				continue // the tables are what is in it
			}
			if count := strings.Count(text, string(rig.Volunteer.ID)) - strings.Count(before[place], string(rig.Volunteer.ID)); count > more[place] {
				t.Errorf("%s says who it was, %d times more", place, count)
			}
		}
		for _, operation := range []models.Operation{models.OpCreateUpload, models.OpDeleteUpload, models.OpFinishUpload} {
			for _, record := range rig.audit(rig.A, operation) {
				if record.ActorID != "" || record.SessionID != "" || record.At.UnixMilli()%60000 != 0 || record.ID.Time().UnixMilli()%60000 != 0 {
					t.Errorf("%s is recorded with %+v", operation, record)
				}
			}
		}
		rig.nothingTellsWhenMediaCame(t, photo)

		seen := rig.call(rig.Officer, http.MethodGet, "/v1/tips/"+tip, nil).must(200)
		if seen.at("media_signals.0.gps_distance_m") != 100.0 || seen.at("reporter_id") != nil || seen.id("media_ids.0") != photo {
			t.Errorf("the officer sees %s", seen.Text)
		}
		if own := rig.call(rig.Volunteer, http.MethodGet, "/v1/tips/"+tip, nil).must(200); strings.Contains(own.Text, "signals") {
			t.Errorf("the reporter sees %s", own.Text)
		}
		if shown := rig.call(rig.Officer, http.MethodGet, "/v1/media/"+string(photo), nil).must(200); shown.Header.Get("Content-Type") != "image/jpeg" {
			t.Errorf("shown as %s", shown.Header.Get("Content-Type"))
		}
		rig.call(rig.Resident, http.MethodGet, "/v1/media/"+string(photo), nil).must(404)

		// As it came it may say whose phone took it: that is for the two who opened who it was.
		rig.original(rig.Officer, photo).must(404)
		opening := rig.call(rig.Officer, http.MethodPost, "/v1/tips/"+tip+"/identity-openings", map[string]any{"reason": "核实"}).must(201)
		rig.original(rig.Officer, photo).must(404)
		rig.call(rig.Commander, http.MethodPost, "/v1/tips/"+tip+"/identity-openings/"+opening.text("id")+"/approval", nil).must(200)
		if came := rig.original(rig.Officer, photo).must(200); came.Text != string(takenPhoto(t)) {
			t.Errorf("the original has %d bytes", len(came.Text))
		}

		// A photo joins nobody with what they hide.
		fresh := rig.hiddenMedia(rig.Volunteer, picture(t))
		for name, change := range map[string]map[string]any{
			"named, of a hidden one":             {"media_ids": []models.ID{fresh}},
			"hidden, of a named one":             {"media_ids": []models.ID{named}, "hide_me": true},
			"hidden, of somebody else's":         {"media_ids": []models.ID{rig.photo(rig.Resident)}, "hide_me": true},
			"hidden, of somebody hidden already": {"media_ids": []models.ID{photo}, "hide_me": true},
		} {
			if got := rig.tip(rig.Volunteer, change); got.Status != 422 {
				t.Errorf("%s: %d %s", name, got.Status, got.Text)
			}
		}
	})
}

// nothingTellsWhenMediaCame looks that of media of somebody unknown nothing is kept finer than a minute, and no name.
func (r *rig) nothingTellsWhenMediaCame(t *testing.T, media models.ID) {
	t.Helper()
	for _, query := range []string{
		"SELECT COUNT(*) FROM media WHERE id = ? AND created_at % 60000 <> 0",
		"SELECT COUNT(*) FROM uploads WHERE id = ? AND (created_at % 60000 <> 0 OR expires_at % 60000 <> 0 OR ended_at % 60000 <> 0)",
		"SELECT COUNT(*) FROM media_originals WHERE media_id = ? AND (created_at % 60000 <> 0 OR sealer <> 'station')",
		"SELECT COUNT(*) FROM media_signals WHERE media_id = ? AND taken_sealed IS NOT NULL",
		"SELECT COUNT(*) FROM media JOIN people ON people.id = media.owner_id WHERE media.id = ?",
		"SELECT COUNT(*) FROM uploads JOIN people ON people.id = uploads.owner_id WHERE uploads.id = ?",
	} {
		exact := -1
		if err := r.sql.QueryRow(query, string(media)).Scan(&exact); err != nil || exact != 0 {
			t.Errorf("%s: %d, %v", query, exact, err)
		}
	}
	ids := r.column("SELECT id FROM uploads UNION ALL SELECT id FROM upload_parts UNION ALL SELECT id FROM media_originals WHERE sealer = 'station' " +
		"UNION ALL SELECT SUBSTR(blob_name, 9, 36) FROM media_originals WHERE sealer = 'station' " +
		"UNION ALL SELECT SUBSTR(blob_name, 9, 36) FROM media WHERE id = '" + string(media) + "'")
	for _, id := range append(ids, string(media)) {
		if models.ID(id).Time().UnixMilli()%60000 != 0 {
			t.Errorf("the id %s tells that it was made at %s", id, models.ID(id).Time())
		}
	}
}
