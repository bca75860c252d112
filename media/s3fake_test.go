package media

import (
	"bufio"
	"bytes"
	"crypto/md5" //nolint:gosec // the S3 protocol's Content-MD5
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
)

const (
	fakeBucket = "photos"
	fakeAccess = "access-key-1"
	fakeSecret = "secret-key-CANARY"
	fakeRegion = "cn-chengdu"
)

// fakeS3 speaks the part of the S3 protocol that photos need, path style and virtual host.
type fakeS3 struct {
	guard   sync.Mutex
	objects map[string][]byte
	types   map[string]string
	calls   []string
	raw     []string // what came over the wire, headers included
	// instead answers a call in the store's place and says so; nil: never.
	instead func(w http.ResponseWriter, r *http.Request, call int) bool
}

func newFakeS3(t *testing.T) (*fakeS3, *httptest.Server) {
	t.Helper()
	fake := &fakeS3{objects: map[string][]byte{}, types: map[string]string{}}
	server := httptest.NewServer(fake)
	t.Cleanup(server.Close)
	return fake, server
}

func (f *fakeS3) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.guard.Lock()
	f.calls = append(f.calls, r.Method)
	f.raw = append(f.raw, fmt.Sprint(r.URL, r.Header))
	call, instead := len(f.calls), f.instead
	f.guard.Unlock()
	if instead != nil && instead(w, r, call) {
		return
	}
	f.answer(w, r)
}

func (f *fakeS3) answer(w http.ResponseWriter, r *http.Request) {
	want := "AWS4-HMAC-SHA256 Credential=" + fakeAccess + "/"
	if got := r.Header.Get("Authorization"); !strings.HasPrefix(got, want) || !strings.Contains(got, "/"+fakeRegion+"/s3/aws4_request") {
		s3Fail(w, http.StatusForbidden, "InvalidAccessKeyId")
		return
	}
	path := r.URL.Path
	if strings.HasPrefix(r.Host, fakeBucket+".") {
		path = "/" + fakeBucket + path
	}
	bucket, key, _ := strings.Cut(path[1:], "/")
	if bucket != fakeBucket {
		s3Fail(w, http.StatusNotFound, "NoSuchBucket")
		return
	}
	f.guard.Lock()
	defer f.guard.Unlock()
	kept, exists := f.objects[key]
	switch {
	case key == "":
	case r.Method == http.MethodPut:
		f.put(w, r, key, exists)
	case r.Method == http.MethodDelete:
		delete(f.objects, key)
		w.WriteHeader(http.StatusNoContent)
	case !exists:
		s3Fail(w, http.StatusNotFound, "NoSuchKey")
	default:
		w.Header().Set("ETag", `"00000000000000000000000000000000"`)
		w.Header().Set("Last-Modified", "Tue, 24 Nov 2026 02:00:00 GMT")
		w.Header().Set("Content-Type", f.types[key])
		w.Header().Set("Content-Length", strconv.Itoa(len(kept)))
		if r.Method == http.MethodGet {
			_, _ = w.Write(kept)
		}
	}
}

func (f *fakeS3) put(w http.ResponseWriter, r *http.Request, key string, exists bool) {
	data, err := io.ReadAll(r.Body)
	if strings.HasPrefix(r.Header.Get("X-Amz-Content-Sha256"), "STREAMING-") {
		data, err = unchunked(data)
	}
	sum := md5.Sum(data) //nolint:gosec // as above
	switch {
	case err != nil:
		s3Fail(w, http.StatusBadRequest, "IncompleteBody")
	case r.Header.Get("Content-Md5") != base64.StdEncoding.EncodeToString(sum[:]):
		s3Fail(w, http.StatusBadRequest, "BadDigest")
	case exists && r.Header.Get("If-None-Match") == "*":
		s3Fail(w, http.StatusPreconditionFailed, "PreconditionFailed")
	default:
		f.objects[key], f.types[key] = data, r.Header.Get("Content-Type")
		w.Header().Set("ETag", `"00000000000000000000000000000000"`)
	}
}

// unchunked takes the aws-chunked framing off: length in hex;chunk-signature=..., bytes, and a last empty chunk.
func unchunked(data []byte) ([]byte, error) {
	out, from := []byte{}, bufio.NewReader(bytes.NewReader(data))
	for {
		line, err := from.ReadString('\n')
		if err != nil {
			return nil, err
		}
		length, signature, _ := strings.Cut(strings.TrimSpace(line), ";")
		size, err := strconv.ParseInt(length, 16, 32)
		if err != nil || !strings.HasPrefix(signature, "chunk-signature=") {
			return nil, fmt.Errorf("chunk %q: %w", line, err)
		}
		if size == 0 {
			return out, nil
		}
		part := make([]byte, size+2)
		if _, err := io.ReadFull(from, part); err != nil {
			return nil, err
		}
		out = append(out, part[:size]...)
	}
}

func s3Fail(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `<?xml version="1.0" encoding="UTF-8"?><Error><Code>%s</Code><Message>no</Message></Error>`, code)
}
