package handlers_test

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // tus asks for it
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"xunfang/models"
)

const offsetBytes = "application/offset+octet-stream"

// begin starts an upload as a tus client does and gives its address.
func (r *rig) begin(who *caller, length int) string {
	r.t.Helper()
	made := r.call(who, http.MethodPost, "/v1/uploads", nil, "Tus-Resumable", "1.0.0", "Upload-Length", strconv.Itoa(length),
		"Upload-Metadata", "filename 5py65a+G5paH5Lu2LmpwZw==,filetype aW1hZ2UvanBlZw==", "Idempotency-Key", without).must(201)
	return made.Header.Get("Location")
}

// chunk sends one part of an upload.
func (r *rig) chunk(who *caller, path string, offset int, data []byte, headers ...string) response {
	r.t.Helper()
	headers = append([]string{"Tus-Resumable", "1.0.0", "Upload-Offset", strconv.Itoa(offset)}, headers...)
	return r.call(who, http.MethodPatch, path, rawBody{Type: offsetBytes, Text: data}, headers...)
}

func (r *rig) offset(who *caller, path string) string {
	r.t.Helper()
	return r.call(who, http.MethodHead, path, nil, "Tus-Resumable", "1.0.0").must(200).Header.Get("Upload-Offset")
}

// TestTus goes through the protocol by the letter of tus 1.0.0.
func TestTus(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		about := rig.call(nil, http.MethodOptions, "/v1/uploads", nil).must(204).Header
		for name, want := range map[string]string{
			"Tus-Resumable": "1.0.0", "Tus-Version": "1.0.0", "Tus-Max-Size": "31457280",
			"Tus-Extension": "creation,expiration,termination,checksum", "Tus-Checksum-Algorithm": "sha1,sha256",
		} {
			if got := about.Get(name); got != want {
				t.Errorf("OPTIONS: %s is %q, want %q", name, got, want)
			}
		}
		photo := picture(t)
		path := rig.begin(rig.Volunteer, len(photo))
		if !strings.HasPrefix(path, "/v1/uploads/") {
			t.Fatalf("Location: %q", path)
		}
		head := rig.call(rig.Volunteer, http.MethodHead, path, nil, "Tus-Resumable", "1.0.0").must(200)
		expires, err := time.Parse(http.TimeFormat, head.Header.Get("Upload-Expires"))
		if head.Header.Get("Upload-Offset") != "0" || head.Header.Get("Upload-Length") != strconv.Itoa(len(photo)) ||
			head.Header.Get("Cache-Control") != "no-store" || head.Header.Get("Tus-Resumable") != "1.0.0" || head.Text != "" ||
			err != nil || !expires.Equal(rig.clock.Now().Add(models.UploadLife)) {
			t.Errorf("HEAD: %v", head.Header)
		}
		first := rig.chunk(rig.Volunteer, path, 0, photo[:100]).must(204)
		if first.Header.Get("Upload-Offset") != "100" || first.Header.Get("Tus-Resumable") != "1.0.0" || first.Header.Get("Upload-Expires") == "" {
			t.Errorf("PATCH: %v", first.Header)
		}
		sum1, sum256 := sha1.Sum(photo[100:200]), sha256.Sum256(photo[100:200]) //nolint:gosec // tus asks for it
		for name, one := range map[string]struct {
			status int
			code   models.Code
			got    response
		}{
			"again":              {409, models.CodeUploadOffset, rig.chunk(rig.Volunteer, path, 0, photo[:100])},
			"with a gap":         {409, models.CodeUploadOffset, rig.chunk(rig.Volunteer, path, 101, photo[101:110])},
			"beyond the end":     {413, models.CodeTooLarge, rig.chunk(rig.Volunteer, path, 100, append(bytes.Clone(photo[100:]), 0))},
			"wrong sum":          {460, models.CodeUploadChecksum, rig.chunk(rig.Volunteer, path, 100, photo[100:201], "Upload-Checksum", "sha1 "+base64.StdEncoding.EncodeToString(sum1[:]))},
			"unknown sum":        {400, models.CodeInvalidRequest, rig.chunk(rig.Volunteer, path, 100, photo[100:200], "Upload-Checksum", "md5 AAAA")},
			"sum of no length":   {400, models.CodeInvalidRequest, rig.chunk(rig.Volunteer, path, 100, photo[100:200], "Upload-Checksum", "sha1 AAAA")},
			"other version":      {412, models.CodeTusVersion, rig.chunk(rig.Volunteer, path, 100, photo[100:200], "Tus-Resumable", "0.2.2")},
			"no version":         {412, models.CodeTusVersion, rig.chunk(rig.Volunteer, path, 100, photo[100:200], "Tus-Resumable", without)},
			"no offset":          {400, models.CodeInvalidRequest, rig.chunk(rig.Volunteer, path, 100, photo[100:200], "Upload-Offset", without)},
			"negative offset":    {400, models.CodeInvalidRequest, rig.chunk(rig.Volunteer, path, 100, photo[100:200], "Upload-Offset", "-1")},
			"other type":         {415, models.CodeUnsupportedMedia, rig.chunk(rig.Volunteer, path, 100, photo[100:200], "Content-Type", "image/jpeg")},
			"no type, no bytes":  {415, models.CodeUnsupportedMedia, rig.chunk(rig.Volunteer, path, 100, nil, "Content-Type", without)},
			"somebody else":      {404, models.CodeNotFound, rig.chunk(rig.Resident, path, 100, photo[100:200])},
			"missing":            {404, models.CodeNotFound, rig.chunk(rig.Resident, "/v1/uploads/"+string(rig.ids.next()), 100, photo[100:200])},
			"not all there":      {409, models.CodeWrongState, rig.call(rig.Volunteer, http.MethodPost, path+"/media", nil)},
			"too large a part":   {413, models.CodeTooLarge, rig.chunk(rig.Volunteer, path, 100, make([]byte, 4<<20+1))},
			"too large a file":   {413, models.CodeTooLarge, rig.call(rig.Volunteer, http.MethodPost, "/v1/uploads", nil, "Tus-Resumable", "1.0.0", "Upload-Length", "31457281")},
			"no length":          {400, models.CodeInvalidRequest, rig.call(rig.Volunteer, http.MethodPost, "/v1/uploads", nil, "Tus-Resumable", "1.0.0")},
			"new, other version": {412, models.CodeTusVersion, rig.call(rig.Volunteer, http.MethodPost, "/v1/uploads", nil, "Upload-Length", "1")},
		} {
			if one.got.Status != one.status || one.got.code() != one.code || one.got.Header.Get("Tus-Resumable") == "" && one.status != 409 {
				t.Errorf("%s: %d %s, want %d %s: %v", name, one.got.Status, one.got.code(), one.status, one.code, one.got.Header)
			}
			if one.status == 412 && one.got.Header.Get("Tus-Version") != "1.0.0" {
				t.Errorf("%s: no Tus-Version", name)
			}
		}
		if rig.offset(rig.Volunteer, path) != "100" {
			t.Errorf("what was refused moved the offset to %s", rig.offset(rig.Volunteer, path))
		}
		rig.chunk(rig.Volunteer, path, 100, nil).must(204)
		rig.chunk(rig.Volunteer, path, 100, photo[100:200], "Upload-Checksum", "sha256 "+base64.StdEncoding.EncodeToString(sum256[:])).must(204)
		// A mini-program cannot send PATCH.
		rig.call(rig.Volunteer, http.MethodPost, path, rawBody{Type: offsetBytes, Text: photo[200:]}, "X-HTTP-Method-Override", "PATCH",
			"Tus-Resumable", "1.0.0", "Upload-Offset", "200").must(204)
		if rig.offset(rig.Volunteer, path) != strconv.Itoa(len(photo)) {
			t.Error("not complete")
		}
		rig.call(rig.Resident, http.MethodPost, path+"/media", nil).must(404)
		media := rig.call(rig.Volunteer, http.MethodPost, path+"/media", nil).must(201)
		again := rig.call(rig.Volunteer, http.MethodPost, path+"/media", nil).must(200)
		if media.text("content_type") != "image/jpeg" || media.Text != again.Text || !strings.HasSuffix(path, media.text("id")) {
			t.Errorf("%s, and again %s", media.Text, again.Text)
		}
		rig.call(rig.Resident, http.MethodPost, path+"/media", nil).must(404)
		rig.call(rig.Volunteer, http.MethodGet, "/v1/media/"+media.text("id"), nil).must(200)
		rig.tip(rig.Volunteer, map[string]any{"media_ids": []string{media.text("id")}}).must(201)
		rig.call(rig.Volunteer, http.MethodHead, path, nil, "Tus-Resumable", "1.0.0").must(404)
		if len(rig.blobs(".part")) != 0 {
			t.Error("the parts are still there")
		}
	})
}

// blobs are the files of the rig's folder with an ending.
func (r *rig) blobs(ending string) []string {
	r.t.Helper()
	found := []string{}
	err := filepath.WalkDir(r.folder, func(path string, entry os.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(entry.Name(), ending) {
			found = append(found, path)
		}
		return err
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return found
}

// What lies on disk of an upload tells nothing.
func TestUploadPartsAreSealed(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		path := rig.begin(rig.Volunteer, 100)
		rig.chunk(rig.Volunteer, path, 0, []byte("canary-7f3a lies here in the open")).must(204)
		parts := rig.blobs(".part")
		if len(parts) != 1 {
			t.Fatalf("%d parts", len(parts))
		}
		data, err := os.ReadFile(parts[0])
		if err != nil || bytes.Contains(data, []byte("canary")) {
			t.Errorf("the part is in the open, or cannot be read: %v", err)
		}
		if strings.Contains(rig.logs.all(), "5py65a") {
			t.Error("the file's name is in the log")
		}
	})
}

// Of parts that begin at one offset exactly one is kept, whichever.
func TestConcurrentParts(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		path := rig.begin(rig.Volunteer, 1000)
		token := rig.token(rig.Volunteer)
		statuses, group := make([]int, 12), sync.WaitGroup{}
		for at := range statuses {
			group.Go(func() {
				body := rawBody{Type: offsetBytes, Text: bytes.Repeat([]byte{byte('a' + at)}, 500)}
				statuses[at] = rig.callAs(token, http.MethodPatch, path, body, "Tus-Resumable", "1.0.0", "Upload-Offset", "0").Status
			})
		}
		group.Wait()
		count := map[int]int{}
		for _, status := range statuses {
			count[status]++
		}
		if count[204] != 1 || count[409] != 11 || rig.offset(rig.Volunteer, path) != "500" || len(rig.blobs(".part")) != 1 {
			t.Errorf("%v, offset %s, %d files", count, rig.offset(rig.Volunteer, path), len(rig.blobs(".part")))
		}
	})
}

// Two that finish one upload get one media.
func TestConcurrentFinish(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		photo := picture(t)
		path := rig.begin(rig.Volunteer, len(photo))
		rig.chunk(rig.Volunteer, path, 0, photo).must(204)
		token, statuses, group := rig.token(rig.Volunteer), make([]int, 4), sync.WaitGroup{}
		for at := range statuses {
			group.Go(func() { statuses[at] = rig.callAs(token, http.MethodPost, path+"/media", nil).Status })
		}
		group.Wait()
		count := map[int]int{}
		for _, status := range statuses {
			count[status]++
		}
		if count[201] != 1 || count[201]+count[200]+count[503] != 4 {
			t.Errorf("%v", count)
		}
		rig.call(rig.Volunteer, http.MethodPost, path+"/media", nil).must(200)
		if rig.rows()["media"] != 1 || len(rig.blobs(".jpg")) != 1 {
			t.Errorf("%d media, %d files", rig.rows()["media"], len(rig.blobs(".jpg")))
		}
	})
}

func TestUploadsAreBounded(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		const size = 20 << 20
		paths := []string{}
		for range models.MaxUploads {
			paths = append(paths, rig.begin(rig.Volunteer, size))
		}
		more := func(length int) response {
			return rig.call(rig.Volunteer, http.MethodPost, "/v1/uploads", nil, "Tus-Resumable", "1.0.0", "Upload-Length", strconv.Itoa(length))
		}
		if got := more(1).must(429); got.code() != models.CodeTooManyUploads || got.Header.Get("Retry-After") == "" {
			t.Errorf("%s", got.Text)
		}
		rig.call(rig.Resident, http.MethodDelete, paths[0], nil, "Tus-Resumable", "1.0.0").must(404)
		more(1).must(429)
		rig.call(rig.Volunteer, http.MethodDelete, paths[0], nil, "Tus-Resumable", "1.0.0").must(204)
		rig.call(rig.Volunteer, http.MethodDelete, paths[0], nil, "Tus-Resumable", "1.0.0").must(404)
		rig.call(rig.Volunteer, http.MethodHead, paths[0], nil, "Tus-Resumable", "1.0.0").must(404)
		more(size + 1).must(429) // five again, and a byte too many
		more(size).must(201)
		rig.call(rig.Volunteer, http.MethodPost, paths[1], nil, "X-HTTP-Method-Override", "DELETE", "Tus-Resumable", "1.0.0").must(204)
		if records := rig.audit(rig.A, models.OpDeleteUpload); len(records) != 4 {
			t.Errorf("%d records of giving up, want two done and two refused", len(records))
		}
	})
}

// An upload that nobody finishes is gone after a day, files and rows.
func TestUploadsExpire(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		ctx := t.Context()
		path := rig.begin(rig.Volunteer, 100)
		rig.chunk(rig.Volunteer, path, 0, make([]byte, 60)).must(204)
		rig.advance(models.UploadLife - time.Millisecond)
		rig.chunk(rig.Volunteer, path, 60, make([]byte, 10)).must(204)
		rig.advance(time.Millisecond)
		rig.chunk(rig.Volunteer, path, 70, make([]byte, 10)).must(404)
		rig.call(rig.Volunteer, http.MethodPost, path+"/media", nil).must(404)
		rig.advance(models.UploadSwept)
		for _, want := range []int{2, 0} {
			if err := rig.server.ForgetUploads(ctx); err != nil {
				t.Fatal(err)
			}
			rows := rig.rows()
			if len(rig.blobs(".part")) != want || rows["upload_parts"] != want || (rows["uploads"] == 0) != (want == 0) {
				t.Errorf("%d files, %v", len(rig.blobs(".part")), rows)
			}
			rig.advance(time.Millisecond)
		}
	})
}

// What is no media ends its upload, with nothing left of it.
func TestUselessUpload(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		for at, data := range [][]byte{[]byte("PK\x03\x04 an archive"), []byte("plain text"), make([]byte, 1000)} {
			path := rig.begin(rig.Volunteer, len(data))
			rig.chunk(rig.Volunteer, path, 0, data).must(204)
			rig.call(rig.Volunteer, http.MethodPost, path+"/media", nil).must(422)
			rig.call(rig.Volunteer, http.MethodPost, path+"/media", nil).must(404)
			if rows := rig.rows(); rows["media"] != 0 || len(rig.blobs(".part")) != 0 {
				t.Errorf("%d: %s", at, fmt.Sprint(rows))
			}
		}
	})
}
