package handlers_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

// takenPhoto is a photo with an EXIF block written byte by byte: 2026-11-24 09:48:30 at 30.5203, 105.6008.
func takenPhoto(t *testing.T) []byte {
	t.Helper()
	block, err := hex.DecodeString("45786966000049492a000800000002006987040001000000260000002588040001000000400000000000000001000390020014000000" +
		"76000000000000000000" + "000000000000" + "0400" +
		"0100020002000000" + "4e000000" + "02000500030000008a000000" + "0300020002000000" + "45000000" + "0400050003000000a2000000" + "00000000")
	if err != nil {
		t.Fatal(err)
	}
	block = append(block, "2026:11:24 09:48:30\x00"...)
	for _, angle := range [][6]uint32{{30, 1, 31, 1, 1308, 100}, {105, 1, 36, 1, 288, 100}} {
		for _, number := range angle {
			block = binary.LittleEndian.AppendUint32(block, number)
		}
	}
	photo := picture(t)
	head := []byte{0xff, 0xe1, byte((len(block) + 2) >> 8), byte(len(block) + 2)}
	return append(append(append(bytes.Clone(photo[:2]), head...), block...), photo[2:]...)
}

// What a photo said of its place and time is told to staff as distance and minutes, and to nobody else.
func TestMediaSignals(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		photo := rig.call(rig.Volunteer, http.MethodPost, "/v1/media", photoForm(t, takenPhoto(t))).must(201)
		plain := rig.call(rig.Volunteer, http.MethodPost, "/v1/media", photoForm(t, picture(t))).must(201)
		if strings.Contains(photo.Text, "gps") {
			t.Errorf("the sender is told: %s", photo.Text)
		}
		rows := map[string]string{}
		sealed := func() string {
			count := ""
			if err := rig.sql.QueryRow("SELECT COUNT(*) FROM media_signals WHERE taken_sealed IS NOT NULL").Scan(&count); err != nil {
				t.Fatal(err)
			}
			return count
		}
		rows["before"] = sealed()
		tip := rig.tip(rig.Volunteer, map[string]any{
			"media_ids": []string{photo.text("id"), plain.text("id")}, "occurred_at": instant(rig.clock.Now()),
			"position": map[string]any{"lat": 30.5213, "lng": 105.6008, "crs": "WGS84"},
		}).must(201)
		rows["after"] = sealed()
		if rows["before"] != "1" || rows["after"] != "0" {
			t.Errorf("what the photo said lies sealed %v times", rows)
		}
		path := "/v1/tips/" + tip.text("id")
		for _, answer := range []response{
			tip, rig.call(rig.Volunteer, http.MethodGet, path, nil).must(200), rig.call(rig.Volunteer, http.MethodGet, "/v1/tips", nil).must(200),
		} {
			if strings.Contains(answer.Text, "signals") || strings.Contains(answer.Text, "gps") {
				t.Errorf("the reporter is told: %s", answer.Text)
			}
		}
		for _, answer := range []response{
			rig.call(rig.Officer, http.MethodGet, path, nil).must(200), rig.call(rig.Commander, http.MethodGet, "/v1/tips", nil).must(200),
		} {
			prefix := "media_signals."
			if answer.at("items") != nil {
				prefix = "items.0.media_signals."
			}
			if answer.at(prefix+"0.has_gps") != true || answer.at(prefix+"0.taken_minutes_before") != 11.0 ||
				answer.at(prefix+"0.gps_distance_m") != 100.0 || answer.text(prefix+"0.media_id") != photo.text("id") || answer.at(prefix+"1") != nil {
				t.Errorf("staff are told %s", answer.Text)
			}
			if strings.Contains(answer.Text, "30.5203") || strings.Contains(answer.Text, "09:48") {
				t.Errorf("the raw values are in it: %s", answer.Text)
			}
		}
	})
}

// What a photo said is not kept for a tip that never comes.
func TestTakenIsForgotten(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.call(rig.Volunteer, http.MethodPost, "/v1/media", photoForm(t, takenPhoto(t))).must(201)
		rig.advance(models.OriginalAlone - time.Second)
		for _, want := range []int{1, 0} {
			if _, err := rig.store.ForgetOld(t.Context(), rig.clock.Now()); err != nil {
				t.Fatal(err)
			}
			if got := rig.rows()["media_signals"]; got != want {
				t.Errorf("%d rows, want %d", got, want)
			}
			rig.advance(2 * time.Second)
		}
	})
}

// The original is what came, sealed on disk, for police in scope with a reason, and every look is recorded.
func TestMediaOriginal(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		came := takenPhoto(t)
		photo := rig.call(rig.Volunteer, http.MethodPost, "/v1/media", photoForm(t, came)).must(201)
		path := "/v1/media/" + photo.text("id") + "/original"
		asked := path + "?reason=" + url.QueryEscape("核实拍摄时间")
		rig.call(rig.Officer, http.MethodGet, asked, nil).must(404) // it belongs to no tip yet
		rig.tip(rig.Volunteer, map[string]any{"media_ids": []string{photo.text("id")}}).must(201)
		for _, one := range rig.blobs(".sealed") {
			if data, err := os.ReadFile(one); err != nil || bytes.Contains(data, []byte("2026:11:24")) || bytes.Contains(data, []byte("JFIF")) {
				t.Errorf("the original lies in the open: %v", err)
			}
		}
		if got := rig.call(rig.Officer, http.MethodGet, path, nil).must(400); got.fields()[0] != "reason required" {
			t.Errorf("%q", got.fields())
		}
		rig.call(rig.Officer, http.MethodGet, path+"?reason=x", nil).must(400)
		rig.call(rig.Volunteer, http.MethodGet, asked, nil).must(403) // it is theirs, and still not to be had
		got := rig.call(rig.Officer, http.MethodGet, asked, nil).must(200)
		sum := sha256.Sum256(came)
		if got.Text != string(came) || got.Header.Get("Repr-Digest") != "sha-256=:"+base64.StdEncoding.EncodeToString(sum[:])+":" ||
			got.Header.Get("Content-Type") != "application/octet-stream" || !strings.HasPrefix(got.Header.Get("Content-Disposition"), "attachment") {
			t.Errorf("%d bytes of %d, %v", len(got.Text), len(came), got.Header)
		}
		records := rig.audit(rig.A, models.OpGetMediaOriginal)
		if len(records) != 3 || records[0].Outcome != models.AuditAllowed || records[0].Reason.Reveal() != "核实拍摄时间" {
			t.Errorf("%d records, the newest %+v", len(records), records[0])
		}
		if strings.Contains(rig.logs.all(), "核实") || strings.Contains(rig.logs.all(), url.QueryEscape("核实")) {
			t.Error("the reason is in the log")
		}
	})
}

// Originals go: those of no tip after a week, those of a tip half a year after its end, both edges.
func TestOriginalsAreForgotten(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		left := func(want int, when string) {
			t.Helper()
			if err := rig.server.ForgetOriginals(context.Background()); err != nil {
				t.Fatal(err)
			}
			if rows, files := rig.rows()["media_originals"], len(rig.blobs(".sealed")); rows != want || files != want {
				t.Errorf("%s: %d rows and %d files, want %d", when, rows, files, want)
			}
		}
		open, over := rig.photo(rig.Volunteer), rig.photo(rig.Volunteer)
		rig.photo(rig.Volunteer)
		rig.tip(rig.Volunteer, map[string]any{"media_ids": []models.ID{open}}).must(201)
		tip := rig.tip(rig.Volunteer, map[string]any{"media_ids": []models.ID{over}}).must(201)
		rig.advance(models.OriginalAlone)
		left(3, "after just a week")
		rig.advance(time.Millisecond)
		left(2, "after a week")
		rig.call(rig.Officer, http.MethodPost, "/v1/tips/"+tip.text("id")+"/transitions", map[string]any{"state": "closed", "reason": "unfounded"}).must(200)
		rig.advance(models.OriginalKept)
		left(2, "after just half a year")
		rig.advance(time.Millisecond)
		left(1, "after half a year")
		rig.call(rig.Officer, http.MethodGet, "/v1/media/"+string(over)+"/original?reason=test", nil).must(404)
		rig.call(rig.Officer, http.MethodGet, "/v1/media/"+string(over), nil).must(200)
		rig.call(rig.Officer, http.MethodGet, "/v1/media/"+string(open)+"/original?reason=test", nil).must(200)
	})
}
