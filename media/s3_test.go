package media

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"xunfang/models"
)

func fakeSettings(server *httptest.Server) S3Settings {
	return S3Settings{
		Endpoint: server.Listener.Addr().String(), Bucket: fakeBucket, Region: fakeRegion,
		AccessKey: fakeAccess, SecretKey: fakeSecret, Timeout: 5 * time.Second,
	}
}

func openTestS3(t *testing.T, settings S3Settings) *S3 {
	t.Helper()
	s3, err := NewS3(settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s3.Close() })
	return s3
}

func TestS3KeepsItsPromise(t *testing.T) {
	fake, server := newFakeS3(t)
	s3 := openTestS3(t, fakeSettings(server))
	if err := s3.Check(context.Background()); err != nil {
		t.Error(err)
	}
	keepsItsPromise(t, s3)
	if got := fake.types[blobNamed(2)]; got != ContentPNG {
		t.Errorf("content type %q", got)
	}
	for _, line := range fake.raw {
		if strings.Contains(line, "CANARY") {
			t.Error("the secret key went over the wire")
		}
	}
}

func TestS3OverTLS(t *testing.T) {
	fake := &fakeS3{objects: map[string][]byte{}, types: map[string]string{}}
	server := httptest.NewUnstartedServer(fake)
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError) // the refused handshake
	server.StartTLS()
	t.Cleanup(server.Close)
	settings := fakeSettings(server)
	settings.TLS, settings.Timeout = true, 2*time.Second
	trusting := server.Client().Transport.(*http.Transport).Clone()
	s3, err := newS3(settings, trusting)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s3.Close() })
	keepsItsPromise(t, s3)
	// Without the server's own authority nothing is sent to it.
	before := len(fake.calls)
	if err := openTestS3(t, settings).Put(context.Background(), blobNamed(9), ContentJPEG, []byte("photo")); err == nil || len(fake.calls) != before {
		t.Errorf("a stranger's certificate was taken: %v", err)
	}
}

func TestS3VirtualHost(t *testing.T) {
	_, server := newFakeS3(t)
	settings := fakeSettings(server)
	settings.Endpoint, settings.VirtualHost = "s3.example.test", true
	dialled := atomic.Value{}
	s3, err := newS3(settings, &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		dialled.Store(address)
		return (&net.Dialer{}).DialContext(ctx, network, server.Listener.Addr().String())
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s3.Close() })
	keepsItsPromise(t, s3)
	if dialled.Load() != "photos.s3.example.test:80" {
		t.Errorf("dialled %v", dialled.Load())
	}
}

func TestS3Settings(t *testing.T) {
	good := S3Settings{Endpoint: "s3.example.test", Bucket: fakeBucket, AccessKey: fakeAccess, SecretKey: fakeSecret}
	if s3, err := NewS3(good); err != nil || s3.timeout != s3Timeout {
		t.Errorf("good settings: %v", err)
	}
	if text := fmt.Sprintf("%v %+v %#v", good, good, good); strings.Contains(text, fakeSecret) {
		t.Error("the secret key is printed")
	}
	for name, change := range map[string]func(*S3Settings){
		"no bucket": func(s *S3Settings) { s.Bucket = "" }, "no access key": func(s *S3Settings) { s.AccessKey = "" },
		"no secret key": func(s *S3Settings) { s.SecretKey = "" }, "no endpoint": func(s *S3Settings) { s.Endpoint = "" },
		"a scheme": func(s *S3Settings) { s.Endpoint = "https://s3.example.test" },
	} {
		bad := good
		if change(&bad); bad == good {
			t.Fatal(name)
		}
		if _, err := NewS3(bad); err == nil || strings.Contains(err.Error(), fakeSecret) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestS3Trouble(t *testing.T) {
	refuse := func(status int, code string) func(http.ResponseWriter, *http.Request, int) bool {
		return func(w http.ResponseWriter, _ *http.Request, _ int) bool { s3Fail(w, status, code); return true }
	}
	cases := map[string]struct {
		instead  func(http.ResponseWriter, *http.Request, int) bool
		want     models.Code
		maxCalls int
	}{
		"slow down":   {refuse(503, "SlowDown"), models.CodeBusy, 3 * s3Tries},
		"broken":      {refuse(500, "InternalError"), models.CodeBusy, 3 * s3Tries},
		"too many":    {refuse(429, "TooManyRequests"), models.CodeBusy, 3 * s3Tries},
		"not allowed": {refuse(403, "AccessDenied"), models.CodeInternal, 3},
		"bucket gone": {refuse(404, "NoSuchBucket"), models.CodeInternal, 3},
		"silence":     {silent, models.CodeBusy, 3 * s3Tries},
		"hangs up":    {func(w http.ResponseWriter, _ *http.Request, _ int) bool { hangUp(w); return true }, models.CodeBusy, 3 * s3Tries},
		"no XML in it": {func(w http.ResponseWriter, _ *http.Request, _ int) bool {
			http.Error(w, "<html>", http.StatusBadGateway)
			return true
		}, models.CodeBusy, 3 * s3Tries},
	}
	for name, one := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake, server := newFakeS3(t)
			fake.instead = one.instead
			settings := fakeSettings(server)
			settings.Timeout = 250 * time.Millisecond
			s3, ctx := openTestS3(t, settings), context.Background()
			_, getErr := s3.Get(ctx, blobNamed(1))
			for what, err := range map[string]error{
				"put": s3.Put(ctx, blobNamed(1), ContentJPEG, []byte("photo")), "get": getErr, "delete": s3.Delete(ctx, blobNamed(1)),
			} {
				if models.CodeOf(err) != one.want || strings.Contains(err.Error(), fakeSecret) {
					t.Errorf("%s: want %s, got %v", what, one.want, err)
				}
			}
			fake.guard.Lock()
			defer fake.guard.Unlock()
			if len(fake.calls) > one.maxCalls {
				t.Errorf("%d calls", len(fake.calls))
			}
		})
	}
}

// silent takes the request and never answers. Only a server that has read the body notices a caller who leaves.
func silent(_ http.ResponseWriter, r *http.Request, _ int) bool {
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
	return true
}

func hangUp(w http.ResponseWriter) {
	if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
		_ = conn.Close()
	}
}

// The photo arrived, its acknowledgement did not: the repeated put meets its own photo and is no conflict.
func TestS3LostAnswer(t *testing.T) {
	fake, server := newFakeS3(t)
	fake.instead = func(w http.ResponseWriter, r *http.Request, call int) bool {
		if call > 1 {
			return false
		}
		fake.answer(httptest.NewRecorder(), r)
		hangUp(w)
		return true
	}
	s3 := openTestS3(t, fakeSettings(server))
	if err := s3.Put(context.Background(), blobNamed(1), ContentJPEG, []byte("photo")); err != nil {
		t.Error(err)
	}
	if !bytes.Equal(fake.objects[blobNamed(1)], []byte("photo")) || len(fake.calls) < 2 {
		t.Errorf("%q after %v", fake.objects[blobNamed(1)], fake.calls)
	}
}

// A body that ends early is no photo.
func TestS3CutBody(t *testing.T) {
	fake, server := newFakeS3(t)
	fake.instead = func(w http.ResponseWriter, _ *http.Request, _ int) bool {
		w.Header().Set("Last-Modified", "Tue, 24 Nov 2026 02:00:00 GMT")
		w.Header().Set("Content-Length", "1000")
		_, _ = w.Write([]byte("half"))
		return true
	}
	data, err := openTestS3(t, fakeSettings(server)).Get(context.Background(), blobNamed(1))
	if models.CodeOf(err) != models.CodeBusy || data != nil {
		t.Errorf("%q, %v", data, err)
	}
}

func TestS3Away(t *testing.T) {
	_, server := newFakeS3(t)
	settings := fakeSettings(server)
	server.Close()
	settings.Timeout = 300 * time.Millisecond
	s3 := openTestS3(t, settings)
	if err := s3.Put(context.Background(), blobNamed(1), ContentJPEG, []byte("photo")); models.CodeOf(err) != models.CodeBusy {
		t.Error(err)
	}
	if err := s3.Check(context.Background()); err == nil {
		t.Error("check passed")
	}
	_, other := newFakeS3(t)
	settings = fakeSettings(other)
	settings.Bucket = "another"
	if err := openTestS3(t, settings).Check(context.Background()); err == nil || models.CodeOf(err) == models.CodeBusy {
		t.Errorf("missing bucket: %v", err)
	}
	settings.Bucket, settings.AccessKey = fakeBucket, "stranger"
	if err := openTestS3(t, settings).Put(context.Background(), blobNamed(1), ContentJPEG, []byte("photo")); models.CodeOf(err) != models.CodeInternal {
		t.Errorf("wrong access key: %v", err)
	}
}
