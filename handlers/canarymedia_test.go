package handlers_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

// canaryWords are planted in the files of somebody without a name, each where phones write such things.
var canaryWords = []string{
	"canary-make-91c4", "canary-model-91c4", "canary-artist-91c4", "canary-about-91c4", "canary-software-91c4", "canary-xmp-91c4",
	"canary-comment-91c4", "canary-wav-91c4", "canary-name-91c4", "canary-agent-91c4",
}

// canaryPhoto is a photo with words in five EXIF tags, in XMP and in a comment.
func canaryPhoto(t *testing.T) []byte {
	t.Helper()
	tags := []struct {
		tag  uint16
		text string
	}{
		{0x010e, "canary-about-91c4"},
		{0x010f, "canary-make-91c4"},
		{0x0110, "canary-model-91c4"},
		{0x0131, "canary-software-91c4"},
		{0x013b, "canary-artist-91c4"},
	}
	little := binary.LittleEndian
	head, texts := []byte("II*\x00\x08\x00\x00\x00"), []byte{}
	head = little.AppendUint16(head, uint16(len(tags)))
	after := uint32(8 + 2 + 12*len(tags) + 4)
	for _, one := range tags {
		head = little.AppendUint16(little.AppendUint16(head, one.tag), 2) // ASCII
		head = little.AppendUint32(head, uint32(len(one.text)+1))
		head = little.AppendUint32(head, after+uint32(len(texts)))
		texts = append(append(texts, one.text...), 0)
	}
	block := append(append(append([]byte("Exif\x00\x00"), head...), 0, 0, 0, 0), texts...)
	photo := picture(t)
	made := bytes.Clone(photo[:2])
	for _, segment := range []struct {
		marker byte
		data   []byte
	}{
		{0xe1, block}, {0xe1, []byte("http://ns.adobe.com/xap/1.0/\x00<x>canary-xmp-91c4</x>")}, {0xfe, []byte("canary-comment-91c4")},
	} {
		size := len(segment.data) + 2
		made = append(append(made, 0xff, segment.marker, byte(size>>8), byte(size)), segment.data...)
	}
	return append(made, photo[2:]...)
}

// canaryVoice is a second of sound with a comment.
func canaryVoice() []byte {
	little, words := binary.LittleEndian, []byte("canary-wav-91c4\x00")
	chunk := func(name string, data []byte) []byte {
		return append(little.AppendUint32([]byte(name), uint32(len(data))), data...)
	}
	format := []byte{1, 0, 1, 0, 0x40, 0x1f, 0, 0, 0x80, 0x3e, 0, 0, 2, 0, 16, 0} // PCM, one channel, 8000 a second, 16 bits
	body := slices.Concat([]byte("WAVE"), chunk("fmt ", format), chunk("LIST", append([]byte("INFO"), chunk("ICMT", words)...)),
		chunk("data", make([]byte, 16_000)))
	return append(little.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}

// The canary of media: what phones write into photos, voice notes and videos, and what they call them, is found nowhere
// outside of what is sealed to the station: neither half way nor afterwards.
func TestNothingTellsWhoSentMedia(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.advance(13*time.Second + 7*time.Millisecond)
		receipt, tip := rig.anonymousTip(nil)
		token := rig.receiptSession(receipt)
		film, err := os.ReadFile("../media/testdata/film.mp4")
		if err != nil || !bytes.Contains(film, []byte("CANARY")) {
			t.Fatalf("control: %v", err)
		}
		headers := []string{
			"Upload-Metadata", "filename " + base64.StdEncoding.EncodeToString([]byte("canary-name-91c4.jpg")),
			"User-Agent", "canary-agent-91c4", "X-Forwarded-For", "203.0.113.91",
		}
		canaries := append([]string{
			"CANARY", base64.StdEncoding.EncodeToString([]byte("canary-name-91c4.jpg")), "203.0.113.91", "127.0.0.1", token,
		}, canaryWords...)
		files := map[string][]byte{"photo": canaryPhoto(t), "voice": canaryVoice(), "film": film}
		half := rig.beginReceipt(token, len(film), headers...).must(201).Header.Get("Location")
		rig.receiptChunk(token, half, 0, film[:len(film)-1], headers...).must(204)
		sent, planted := map[string]models.ID{}, ""
		for name, data := range files {
			sent[name] = rig.receiptMedia(token, data, headers...)
			planted += string(data)
		}
		for _, word := range append([]string{"CANARY"}, canaryWords[:len(canaryWords)-2]...) {
			if !strings.Contains(planted, word) {
				t.Fatalf("control: %s is in no file", word)
			}
		}
		kept := rig.everythingKept()
		rig.addBlobs(kept)
		for _, canary := range canaries {
			for place, text := range kept {
				if strings.Contains(text, canary) {
					t.Errorf("%s holds %q", place, canary)
				}
			}
		}
		for name, media := range sent {
			if got := rig.call(rig.Officer, http.MethodGet, "/v1/media/"+string(media), nil).must(200); slices.ContainsFunc(canaries, func(canary string) bool {
				return strings.Contains(got.Text, canary)
			}) {
				t.Errorf("the clean %s is not clean", name)
			}
			if came := rig.original(rig.Officer, media).must(200); came.Text != string(files[name]) { // so it was there to be found
				t.Errorf("the original %s is not what came", name)
			}
			rig.nothingTellsWhenMediaCame(t, media)
		}
		for _, operation := range []models.Operation{models.OpCreateReceiptUpload, models.OpFinishReceiptUpload} {
			for _, record := range rig.audit(rig.A, operation) {
				if record.ActorID != tip || record.SessionID != "" || record.At.UnixMilli()%60000 != 0 || record.ID.Time().UnixMilli()%60000 != 0 {
					t.Errorf("%s is recorded with %+v", operation, record)
				}
			}
		}
		// The control: the same search finds what lies in the open, in a folder as in a table.
		rig.call(rig.Commander, http.MethodPost, "/v1/checkpoints", map[string]any{
			"name": "canary-control-91c4", "position": somewhere, "methods": []string{"gps"},
		}).must(201)
		open := rig.photo(rig.Volunteer)
		kept = rig.everythingKept()
		rig.addBlobs(kept)
		if !strings.Contains(kept["table checkpoints"], "canary-control-91c4") || !strings.Contains(kept["blobs"], "JFIF") && !strings.Contains(kept["blobs"], "\xff\xd8\xff") {
			t.Errorf("the search does not find what is there (%s)", open)
		}
	})
}

// addBlobs adds every file of the folder of blobs, with its name, to what is kept.
func (r *rig) addBlobs(kept map[string]string) {
	r.t.Helper()
	text := strings.Builder{}
	err := filepath.WalkDir(r.folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path) //nolint:gosec // the test's own
		text.WriteString(path + "\n")
		text.Write(data)
		return err
	})
	if err != nil {
		r.t.Fatal(err)
	}
	kept["blobs"] = text.String()
}
