package handlers_test

import (
	"bytes"
	"net/http"
	"os"
	"strings"
	"testing"

	"xunfang/models"
)

// Voice and film go the way of photos: in parts or at once, cleaned, with a tip, and back as their own type.
func TestVoiceAndFilm(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		shown := []string{}
		for _, name := range []string{"film.mp4", "voice.m4a", "voice.ogg"} {
			data, err := os.ReadFile("../media/testdata/" + name)
			if err != nil || !bytes.Contains(data, []byte("CANARY")) {
				t.Fatalf("control: %s: %v", name, err)
			}
			path := rig.begin(rig.Volunteer, len(data))
			rig.chunk(rig.Volunteer, path, 0, data[:1000]).must(204)
			rig.chunk(rig.Volunteer, path, 1000, data[1000:]).must(204)
			made := rig.call(rig.Volunteer, http.MethodPost, path+"/media", nil).must(201)
			at := map[string]string{"film.mp4": "video/mp4", "voice.m4a": "audio/mp4", "voice.ogg": "audio/ogg"}[name]
			length, _ := made.at("duration_ms").(float64)
			if made.text("content_type") != at || length < 950 || length > 1100 || (made.at("width") == 48.0) != (name == "film.mp4") {
				t.Errorf("%s: %s", name, made.Text)
			}
			again := rig.call(rig.Volunteer, http.MethodPost, path+"/media", nil).must(200)
			if again.Text != made.Text {
				t.Errorf("%s and again %s", made.Text, again.Text)
			}
			got := rig.call(rig.Volunteer, http.MethodGet, "/v1/media/"+made.text("id"), nil).must(200)
			if got.Header.Get("Content-Type") != at || strings.Contains(got.Text, "CANARY") || len(got.Text) < 1000 {
				t.Errorf("%s comes back as %s with %d bytes", name, got.Header.Get("Content-Type"), len(got.Text))
			}
			shown = append(shown, made.text("id"))
			rig.call(rig.Volunteer, http.MethodPost, "/v1/media", photoForm(t, data)).must(201)
			if wrong := rig.call(rig.Volunteer, http.MethodPost, "/v1/media", photoForm(t, data[:len(data)-1])).must(422); wrong.code() != models.CodeNotARecording {
				t.Errorf("%s, cut: %s", name, wrong.Text)
			}
		}
		tip := rig.tip(rig.Volunteer, map[string]any{"media_ids": shown}).must(201)
		seen := rig.call(rig.Officer, http.MethodGet, "/v1/tips/"+tip.text("id"), nil).must(200)
		if seen.text("media_signals.0.media_id") != shown[0] || seen.at("media_signals.0.has_gps") != false {
			t.Errorf("the film's time is not told: %s", seen.Text)
		}
		original := rig.call(rig.Officer, http.MethodGet, "/v1/media/"+shown[0]+"/original?reason=test", nil).must(200)
		if !strings.Contains(original.Text, "CANARY") {
			t.Error("the original is not what came")
		}
	})
}
