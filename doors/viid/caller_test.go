package viid

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

// Devices answer with the last challenge again (RFC 7616 lets them): they are told that it is used up, and not that their password
// is wrong. Who does not know the password is not told so.
func TestAUsedChallengeIsStale(t *testing.T) {
	const name, secret, path = "51090000001320000001", "a long password", "/VIID/System/Register"
	server := New(Config{
		Accounts: []Account{{VIID: name, Password: secret}}, Random: rand.Reader, Now: time.Now, Sink: nowhere{},
		Logger: slog.New(slog.DiscardHandler),
	})
	send := func(password, nonce string, count int) *httptest.ResponseRecorder {
		request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(`{}`))
		if nonce != "" {
			number := fmt.Sprintf("%08x", count)
			answer := hashed(hashed(name, realm, password), nonce, number, "c", "auth", hashed(http.MethodPost, path))
			request.Header.Set("Authorization", fmt.Sprintf(
				`Digest username="%s", realm="%s", nonce="%s", uri="%s", qop=auth, nc=%s, cnonce="c", response="%s"`,
				name, realm, nonce, path, number, answer))
		}
		got := httptest.NewRecorder()
		server.ServeHTTP(got, request)
		return got
	}
	challenge := func(got *httptest.ResponseRecorder) string { return got.Header().Get("WWW-Authenticate") }
	first := send(secret, "", 0)
	nonce := parameters(challenge(first))["nonce"]
	if first.Code != 401 || nonce == "" || strings.Contains(challenge(first), "stale") {
		t.Fatalf("%d %s", first.Code, challenge(first))
	}
	if got := send(secret, nonce, 1); got.Code != 200 {
		t.Errorf("the first answer: %d", got.Code)
	}
	if got := send(secret, nonce, 2); got.Code != 401 || parameters(challenge(got))["stale"] != "true" {
		t.Errorf("the second: %d %s", got.Code, challenge(got))
	}
	if got := send("another password", nonce, 3); got.Code != 401 || strings.Contains(challenge(got), "stale") {
		t.Errorf("another password: %d %s", got.Code, challenge(got))
	}
}

type nowhere struct{}

func (nowhere) Sighted(context.Context, models.ID, Sighting) error { return nil }

func (nowhere) Passed(context.Context, models.ID, Passage) error { return nil }

func (nowhere) Zone(context.Context, models.ID) (*time.Location, error) { return time.UTC, nil }
