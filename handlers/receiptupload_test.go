package handlers_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/store"
)

var asTus = []string{"Tus-Resumable", "1.0.0", "Idempotency-Key", without}

// beginReceipt begins an upload under a receipt.
func (r *rig) beginReceipt(token string, length int, headers ...string) response {
	r.t.Helper()
	headers = append(append(append([]string{}, asTus...), "Upload-Length", strconv.Itoa(length)), headers...)
	return r.callAs(token, http.MethodPost, "/v1/receipt/uploads", nil, headers...)
}

// receiptChunk sends one part of it.
func (r *rig) receiptChunk(token, path string, offset int, data []byte, headers ...string) response {
	r.t.Helper()
	headers = append([]string{"Tus-Resumable", "1.0.0", "Upload-Offset", strconv.Itoa(offset)}, headers...)
	return r.callAs(token, http.MethodPatch, path, rawBody{Type: offsetBytes, Text: data}, headers...)
}

// receiptMedia sends a file under a receipt and attaches it.
func (r *rig) receiptMedia(token string, data []byte, headers ...string) models.ID {
	r.t.Helper()
	path := r.beginReceipt(token, len(data), headers...).must(201).Header.Get("Location")
	r.receiptChunk(token, path, 0, data, headers...).must(204)
	return r.callAs(token, http.MethodPost, path+"/media", nil, headers...).must(201).id("id")
}

// original is a file as it came, as an officer gets it.
func (r *rig) original(who *caller, media models.ID) response {
	r.t.Helper()
	return r.call(who, http.MethodGet, "/v1/media/"+string(media)+"/original?reason=test", nil)
}

// Photos go to the tip of the receipt, in parts, and the station sees them with their signals.
func TestReceiptMedia(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.advance(10 * time.Minute)
		receipt, tip := rig.anonymousTip(map[string]any{"position": map[string]any{"lat": 30.5213, "lng": 105.6008, "crs": "WGS84"}})
		_, other := rig.anonymousTip(nil)
		token, foreign := rig.receiptSession(receipt), rig.receiptToken(&caller{ID: other, Station: rig.A}).text
		photo := takenPhoto(t)
		path := rig.beginReceipt(token, len(photo), "Upload-Metadata", "filename 5py65a+G").must(201).Header.Get("Location")
		if !strings.HasPrefix(path, "/v1/receipt/uploads/") {
			t.Fatalf("Location: %q", path)
		}
		rig.receiptChunk(token, path, 0, photo[:100]).must(204)
		rig.receiptChunk(token, path, 0, photo[:100]).must(409)
		rig.receiptChunk(foreign, path, 100, photo[100:]).must(404)
		rig.callAs(foreign, http.MethodDelete, path, nil, "Tus-Resumable", "1.0.0").must(404)
		rig.call(rig.Volunteer, http.MethodHead, path, nil, "Tus-Resumable", "1.0.0").must(403)
		rig.callAs(token, http.MethodHead, strings.Replace(path, "/receipt", "", 1), nil, "Tus-Resumable", "1.0.0").must(403)
		rig.callAs(token, http.MethodPost, path+"/media", nil).must(409)
		head := rig.callAs(token, http.MethodHead, path, nil, "Tus-Resumable", "1.0.0").must(200).Header
		if head.Get("Upload-Offset") != "100" || head.Get("Upload-Length") != strconv.Itoa(len(photo)) {
			t.Errorf("HEAD: %v", head)
		}
		rig.callAs(token, http.MethodPost, path, rawBody{Type: offsetBytes, Text: photo[100:]}, "X-HTTP-Method-Override", "PATCH",
			"Tus-Resumable", "1.0.0", "Upload-Offset", "100", "Idempotency-Key", without).must(204)
		rig.callAs(foreign, http.MethodPost, path+"/media", nil).must(404)
		made := rig.callAs(token, http.MethodPost, path+"/media", nil).must(201)
		if again := rig.callAs(token, http.MethodPost, path+"/media", nil).must(200); again.Text != made.Text || len(made.JSON) != 1 {
			t.Errorf("%s, and again %s", made.Text, again.Text)
		}
		rig.callAs(foreign, http.MethodPost, path+"/media", nil).must(404)
		if seen := rig.callAs(token, http.MethodGet, "/v1/receipt/tip", nil).must(200); seen.at("media_count") != 1.0 || strings.Contains(seen.Text, "gps") {
			t.Errorf("the reporter sees %s", seen.Text)
		}
		media := made.text("id")
		rig.callAs(token, http.MethodGet, "/v1/media/"+media, nil).must(403)
		rig.call(rig.Volunteer, http.MethodGet, "/v1/media/"+media, nil).must(404)
		rig.call(rig.OfficerB, http.MethodGet, "/v1/media/"+media, nil).must(404)
		seen := rig.call(rig.Officer, http.MethodGet, "/v1/tips/"+string(tip), nil).must(200)
		if seen.text("media_ids.0") != media || seen.at("media_signals.0.has_gps") != true || seen.at("media_signals.0.gps_distance_m") != 100.0 ||
			seen.at("media_signals.0.taken_minutes_before") != 22.0 || seen.at("reporter_id") != nil {
			t.Errorf("the officer sees %s", seen.Text)
		}
		shown := rig.call(rig.Officer, http.MethodGet, "/v1/media/"+media, nil).must(200)
		if shown.Header.Get("Content-Type") != "image/jpeg" || !strings.HasPrefix(shown.Text, "\xff\xd8") || strings.Contains(shown.Text, "Exif") {
			t.Errorf("it is shown as %s, %d bytes", shown.Header.Get("Content-Type"), len(shown.Text))
		}
		sum := sha256.Sum256(photo)
		came := rig.original(rig.Officer, models.ID(media)).must(200)
		if came.Text != string(photo) || came.Header.Get("Repr-Digest") != "sha-256=:"+base64.StdEncoding.EncodeToString(sum[:])+":" ||
			!strings.HasSuffix(came.Header.Get("Content-Disposition"), `.original"`) {
			t.Errorf("the original: %d bytes, %v", len(came.Text), came.Header)
		}
		if len(rig.audit(rig.A, models.OpGetMedia)) != 3 || len(rig.audit(rig.A, models.OpGetMediaOriginal)) != 1 {
			t.Errorf("looks: %d, %d", len(rig.audit(rig.A, models.OpGetMedia)), len(rig.audit(rig.A, models.OpGetMediaOriginal)))
		}
		rig.minutePasses()
		if told := rig.call(rig.Officer, http.MethodGet, "/v1/me/inbox", nil).must(200); !strings.Contains(told.Text, models.AlertTipMessage) {
			t.Errorf("the officer is not told: %s", told.Text)
		}
		if rows := rig.rows(); rows["media_originals"] != 1 || len(rig.blobs(".part")) != 0 || len(rig.blobs(".sealed")) != 2 || len(rig.blobs(".jpg")) != 0 {
			t.Errorf("kept: %v", rows)
		}
	})
}

// Without the station's private key the server hands out what it cannot read itself, and an officer's client opens it.
func TestReceiptMediaWithoutTheKey(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		_, tip := rig.anonymousTip(nil)
		token := rig.receiptToken(&caller{ID: tip, Station: rig.A}).text
		photo := takenPhoto(t)
		media := rig.receiptMedia(token, photo)
		shown, came := rig.call(rig.Officer, http.MethodGet, "/v1/media/"+string(media), nil).must(200), rig.original(rig.Officer, media).must(200)
		for name, got := range map[string]response{"clean": shown, "original": came} {
			if got.Header.Get("Content-Type") != "application/octet-stream" || !strings.HasPrefix(got.Text, "age-encryption.org/") {
				t.Fatalf("%s: %s %q", name, got.Header.Get("Content-Type"), got.Text[:20])
			}
			plain, err := rig.opener.Open([]byte(got.Text))
			if err != nil {
				t.Fatal(err)
			}
			file, err := models.OpenedFile(plain)
			if sum := sha256.Sum256(file.Data); err != nil || file.ContentType != "image/jpeg" || !bytes.Equal(sum[:], file.SHA256) ||
				bytes.Equal(file.Data, photo) != (name == "original") || bytes.Contains(file.Data, []byte("Exif")) != (name == "original") {
				t.Errorf("%s opens as %s, %d bytes, %v", name, file.ContentType, len(file.Data), err)
			}
		}
		sum := sha256.Sum256([]byte(came.Text))
		if !strings.HasSuffix(came.Header.Get("Content-Disposition"), `.age"`) ||
			came.Header.Get("Repr-Digest") != "sha-256=:"+base64.StdEncoding.EncodeToString(sum[:])+":" {
			t.Errorf("%v", came.Header)
		}
		// Nothing that stands outside of the seal tells this photo from others.
		plain := sha256.Sum256(photo)
		for place, text := range rig.everythingKept() {
			if strings.Contains(text, string(plain[:])) || strings.HasPrefix(place, "table media") && strings.Contains(text, "\n"+strconv.Itoa(len(photo))+"\n") {
				t.Errorf("%s has its hash or its length", place)
			}
		}
		for _, name := range rig.blobs(".sealed") {
			data, err := os.ReadFile(name) //nolint:gosec // the test's own
			if err != nil || len(data)%65_536 > 500 {
				t.Errorf("%d bytes, %v", len(data), err)
			}
			data[len(data)-1] ^= 1
			if err := os.WriteFile(name, data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		rig.original(rig.Officer, media).must(500) // altered
	}, func(settings *rigSettings) { settings.noKey = true })
}

// A tip takes so many files and no more, also of two phones with one receipt; none after its conversation is over.
func TestReceiptMediaIsBounded(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		_, tip := rig.anonymousTip(nil)
		token := rig.receiptToken(&caller{ID: tip, Station: rig.A}).text
		rig.write(func(ctx context.Context, tx *store.Store) error {
			for range models.MaxTipMedia - 1 {
				if err := tx.AttachToTip(ctx, tip, rig.ids.next()); err != nil {
					return err
				}
			}
			return nil
		})
		began, paths := 0, []string{}
		for _, got := range atOnce(4, func(int) response { return rig.beginReceipt(token, 1000) }) {
			if got.Status == 201 {
				began++
				paths = append(paths, got.Header.Get("Location"))
			} else if got.Status != 409 || got.code() != models.CodeTipMediaFull {
				t.Errorf("%d %s", got.Status, got.Text)
			}
		}
		if began != 1 {
			t.Fatalf("%d began", began)
		}
		rig.callAs(token, http.MethodDelete, paths[0], nil, "Tus-Resumable", "1.0.0").must(204)
		rig.beginReceipt(token, models.MaxUploadBytes+1).must(413)
		path := rig.beginReceipt(token, 9).must(201).Header.Get("Location")
		rig.receiptChunk(token, path, 0, []byte("no photo!")).must(204)
		rig.callAs(token, http.MethodPost, path+"/media", nil).must(422)
		rig.receiptMedia(token, picture(t))
		rig.beginReceipt(token, 1).must(409)

		_, ended := rig.anonymousTip(nil)
		late := &caller{ID: ended, Station: rig.A}
		half := rig.beginReceipt(rig.receiptToken(late).text, 9).must(201).Header.Get("Location")
		rig.receiptChunk(rig.receiptToken(late).text, half, 0, make([]byte, 5)).must(204)
		rig.advanceTip(rig.Officer, string(ended), map[string]any{"state": "closed", "reason": "unfounded"}).must(200)
		rig.advance(models.UploadLife)
		rig.receiptChunk(rig.receiptToken(late).text, half, 5, make([]byte, 4)).must(404)
		rig.advance(models.TipTalkAfter - models.UploadLife)
		if got := rig.beginReceipt(rig.receiptToken(late).text, 1).must(409); got.code() != models.CodeConversationOver {
			t.Errorf("%s", got.Text)
		}
		if err := rig.server.ForgetUploads(t.Context()); err != nil {
			t.Fatal(err)
		}
		if rows := rig.rows(); len(rig.blobs(".part")) != 0 || rows["uploads"] != 0 || rows["upload_parts"] != 0 {
			t.Errorf("scraps: %d files, %v", len(rig.blobs(".part")), rows)
		}
	})
}

// A station without a key takes no photos either, before any byte was sent.
func TestReceiptMediaNeedsTheStationsKey(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		_, tip := rig.anonymousTip(nil)
		if _, err := rig.sql.Exec("DELETE FROM station_keys WHERE station_id = ?", string(rig.A)); err != nil {
			t.Fatal(err)
		}
		got := rig.beginReceipt(rig.receiptToken(&caller{ID: tip, Station: rig.A}).text, 9).must(503)
		if got.code() != models.CodeNoStationKey || rig.rows()["uploads"] != 0 {
			t.Errorf("%s", got.Text)
		}
	})
}

// Files that come together are told once, and a later one again.
func TestFilesUnderAReceiptAreToldTogether(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		now := rig.clock.Now()
		rig.advance(now.Truncate(models.FilesTold).Add(models.FilesTold + time.Minute).Sub(now))
		_, tip := rig.anonymousTip(nil)
		token := rig.receiptToken(&caller{ID: tip, Station: rig.A}).text
		photo := picture(t)
		send := func(want int) {
			t.Helper()
			rig.receiptMedia(token, photo)
			rig.minutePasses()
			if told := rig.toldOf(rig.Officer, models.AlertTipMessage, string(tip)); told != want {
				t.Errorf("told %d times, want %d", told, want)
			}
		}
		send(1)
		send(1)
		_, other := rig.anonymousTip(nil) // whose files are told by themselves
		rig.receiptMedia(rig.receiptToken(&caller{ID: other, Station: rig.A}).text, photo)
		send(1)
		if told := rig.toldOf(rig.Officer, models.AlertTipMessage, string(other)); told != 1 {
			t.Errorf("of another tip told %d times", told)
		}
		now = rig.clock.Now()
		rig.advance(now.Truncate(models.FilesTold).Add(models.FilesTold).Sub(now) - time.Minute)
		send(1) // minutePasses goes to the window's end
		send(2)
	})
}
