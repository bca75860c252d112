package api

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
)

// exchange sends raw bytes and reads until the server closes or falls silent.
func exchange(t *testing.T, address, raw string) string {
	t.Helper()
	return exchangeWithin(t, address, raw, 60*time.Millisecond)
}

func exchangeWithin(t *testing.T, address, raw string, silence time.Duration) string {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.Write([]byte(raw)); err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	piece := make([]byte, 4096)
	for {
		_ = conn.SetReadDeadline(time.Now().Add(silence))
		count, err := conn.Read(piece)
		got.Write(piece[:count])
		if err != nil {
			return got.String()
		}
	}
}

// smuggled is a second request hidden in the first; its path is one that answers.
const smuggled = "GET /healthz HTTP/1.1\r\nHost: smuggled\r\n\r\n"

func TestMalformedRequestsAreRefused(t *testing.T) {
	b := newBench(t, nil)
	address := b.listen(t)
	chunk := fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(smuggled), smuggled)
	tests := map[string]string{
		"two lengths":              "POST /v1/auth/revoke HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabcde",
		"two lengths, one hides":   "POST /v1/auth/revoke HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: " + fmt.Sprint(len(smuggled)) + "\r\n\r\n" + smuggled,
		"length and chunks":        "POST /v1/auth/revoke HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk,
		"xchunked":                 "POST /v1/auth/revoke HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n" + smuggled,
		"xchunked and length":      "POST /v1/auth/revoke HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nTransfer-Encoding: xchunked\r\n\r\n" + smuggled,
		"chunked twice":            "POST /v1/auth/revoke HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n" + chunk,
		"bare line feeds":          "POST /v1/auth/revoke HTTP/1.1\nHost: x\nContent-Length: 0\n\n" + smuggled,
		"NUL in a header":          "GET /v1/me HTTP/1.1\r\nHost: x\r\nX-A: a\x00b\r\n\r\n",
		"NUL in the path":          "GET /v1/\x00me HTTP/1.1\r\nHost: x\r\n\r\n",
		"no host":                  "GET /healthz HTTP/1.1\r\n\r\n",
		"space before the colon":   "GET /v1/me HTTP/1.1\r\nHost : x\r\n\r\n",
		"folded header":            "GET /v1/me HTTP/1.1\r\nHost: x\r\nX-A: a\r\n Content-Length: 9\r\n\r\n",
		"negative length":          "POST /v1/auth/revoke HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n" + smuggled,
		"signed length":            "POST /v1/auth/revoke HTTP/1.1\r\nHost: x\r\nContent-Length: +0\r\n\r\n" + smuggled,
		"length with words":        "POST /v1/auth/revoke HTTP/1.1\r\nHost: x\r\nContent-Length: 0 0\r\n\r\n" + smuggled,
		"negative chunk":           "POST /v1/auth/revoke HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n" + smuggled,
		"no version":               "GET /healthz\r\n\r\n",
		"headers without an end":   "GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("y", readBufferSize) + "\r\n\r\n",
		"nothing but noise":        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
		"far too long to be taken": "POST /v1/auth/revoke HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n",
	}
	for name, raw := range tests {
		t.Run(name, func(t *testing.T) {
			got := exchange(t, address, raw)
			if count := strings.Count(got, "HTTP/1.1 "); count > 1 {
				t.Fatalf("%d answers:\n%s", count, got)
			}
			if strings.Contains(got, " 200 ") {
				t.Errorf("taken:\n%s", got)
			}
			if got != "" && (!strings.Contains(got, typeProblem) || !strings.Contains(got, `"request_id":"0`)) {
				t.Errorf("no problem:\n%s", got)
			}
		})
	}
	// The control: two honest requests on one connection are two answers.
	if got := exchange(t, address, smuggled+smuggled); strings.Count(got, "HTTP/1.1 200 OK") != 2 {
		t.Errorf("control: %s", got)
	}
}

func TestTooLargeIsAnswered(t *testing.T) {
	b := newBench(t, nil)
	address := b.listen(t)
	head := "POST /v1/auth/revoke HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
	slightly := exchange(t, address, head+"Content-Length: 70000\r\n\r\n"+strings.Repeat("x", 70000))
	vastly := exchangeWithin(t, address, head+"Content-Length: 5000000\r\n\r\n", 3*time.Second) // it waits for the rest first
	for name, got := range map[string]string{"slightly": slightly, "vastly": vastly} {
		if !strings.HasPrefix(got, "HTTP/1.1 413 ") || !strings.Contains(got, `"code":"too_large"`) {
			t.Errorf("%s: %s", name, got)
		}
	}
	headers := exchange(t, address, "GET /v1/me HTTP/1.1\r\nHost: x\r\nX: "+strings.Repeat("y", 2*readBufferSize)+"\r\n\r\n")
	if !strings.HasPrefix(headers, "HTTP/1.1 431 ") || !strings.Contains(headers, `"code":"too_large"`) {
		t.Errorf("headers: %s", headers)
	}
}

// keptStrings sends several requests over one connection and gives what the handler kept.
func keptStrings(t *testing.T, config ...func(*fiber.Config)) []string {
	t.Helper()
	b := newBench(t, nil, config...)
	var kept []string
	b.fake.push = func(ctx context.Context, r PutPushAddressRequestObject) (PutPushAddressResponseObject, error) {
		kept = append(kept, r.InstallationId, From(ctx).UserAgent)
		return PutPushAddress200JSONResponse{
			InstallationId: r.InstallationId, Kind: r.Body.Kind, Platform: r.Body.Platform,
			Locale: "zh-CN", AppVersion: "1.4.0", UpdatedAt: At(testNow),
		}, nil
	}
	conn, err := net.Dial("tcp", b.listen(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	body := `{"kind":"fcm_token","value":"dGVzdA:APA91bExample","platform":"android","locale":"zh-CN","app_version":"1.4.0"}`
	for at := range 4 {
		_, _ = fmt.Fprintf(conn, "PUT /v1/me/push-addresses/phone-%04d HTTP/1.1\r\nHost: x\r\nUser-Agent: agent-%04d\r\n"+
			"Authorization: Bearer guard\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", at, at, len(body), body)
		piece := make([]byte, 8192)
		_ = conn.SetReadDeadline(time.Now().Add(2 * time.Second))
		if count, err := conn.Read(piece); err != nil && !errors.Is(err, io.EOF) || !strings.HasPrefix(string(piece[:count]), "HTTP/1.1 200") {
			t.Fatalf("%v %s", err, piece[:count])
		}
	}
	return kept
}

func TestStringsOutliveTheirRequest(t *testing.T) {
	whole := func(kept []string) bool {
		for at := range 4 {
			if kept[2*at] != fmt.Sprintf("phone-%04d", at) || kept[2*at+1] != fmt.Sprintf("agent-%04d", at) {
				return false
			}
		}
		return true
	}
	if kept := keptStrings(t); !whole(kept) {
		t.Errorf("kept %q", kept)
	}
	if kept := keptStrings(t, func(c *fiber.Config) { c.Immutable = false }); whole(kept) {
		t.Error("the control kept its strings too: this test proves nothing")
	}
}

// A client that sends all of a body before it listens must still hear that it is too large.
func TestATooLargeBodyIsAnsweredAndNotReset(t *testing.T) {
	address := newBench(t, nil).listen(t)
	const size = 12 << 20
	for _, path := range []string{"/v1/media", "/v1/auth/revoke", "/v1/nothing"} {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		_, err = fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", path, size)
		if err == nil {
			_, err = conn.Write(make([]byte, size))
		}
		if err != nil {
			t.Errorf("%s: cut off while sending: %v", path, err)
		}
		_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
		answer := make([]byte, 12)
		if _, err := io.ReadFull(conn, answer); err != nil || string(answer) != "HTTP/1.1 413" {
			t.Errorf("%s: %q %v", path, answer, err)
		}
		_ = conn.Close()
	}
}
