package handlers_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"

	"xunfang/models"
)

// What a phone writes into a photo (here a comment and an EXIF block) does not survive; the rest of the
// photo is what comes back.
func TestPhotoLosesItsMetadata(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		plain := picture(t)
		secret := "Exif\x00\x00 at 30.52N 105.60E by phone 4711"
		segment := append([]byte{0xff, 0xe1, 0, byte(len(secret) + 2)}, secret...)
		tagged := append(append(bytes.Clone(plain[:2]), segment...), plain[2:]...)
		made := rig.call(rig.Volunteer, http.MethodPost, "/v1/media", photoForm(t, tagged)).must(201)
		if made.text("content_type") != "image/jpeg" || made.at("width") != 64.0 || made.at("height") != 48.0 {
			t.Errorf("the photo is %s", made.Text)
		}
		got := rig.call(rig.Volunteer, http.MethodGet, "/v1/media/"+made.text("id"), nil).must(200)
		sum := sha256.Sum256([]byte(got.Text))
		if made.text("sha256") != hex.EncodeToString(sum[:]) || got.Header.Get("Content-Type") != "image/jpeg" {
			t.Errorf("%s came back as %s of sum %x", made.Text, got.Header.Get("Content-Type"), sum)
		}
		if strings.Contains(got.Text, "4711") || strings.Contains(got.Text, "Exif") {
			t.Error("the metadata is still in it")
		}
	})
}

func TestWhatIsNoPhoto(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		before := rig.rows()
		rig.play(t,
			scenario{
				name: "text", who: rig.Volunteer, method: http.MethodPost, path: "/v1/media",
				body: photoForm(t, []byte("not a picture at all")), want: 422, code: models.CodeNotAPicture,
			},
			scenario{
				name: "half a picture", who: rig.Volunteer, method: http.MethodPost, path: "/v1/media",
				body: photoForm(t, picture(t)[:300]), want: 422, code: models.CodeNotAPicture,
			},
			scenario{
				name: "over 10 MiB", who: rig.Volunteer, method: http.MethodPost, path: "/v1/media",
				body: photoForm(t, make([]byte, 10<<20+1)), want: 413, code: models.CodeTooLarge,
			},
			scenario{
				name: "JSON", who: rig.Volunteer, method: http.MethodPost, path: "/v1/media",
				body: map[string]any{"photo": "x"}, want: 415, code: models.CodeUnsupportedMedia,
			},
		)
		sameRows(t, before, rig.rows())
	})
}
