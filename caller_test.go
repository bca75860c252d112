package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptrace"
	"testing"
	"time"

	"xunfang/models"
)

// caller is an app, or a device, that talks to the API with connections of its own.
type caller struct {
	base   string
	client *http.Client
	token  string
}

func newCaller(base string) *caller {
	return &caller{base: base, client: &http.Client{Transport: &http.Transport{}, Timeout: patience}}
}

// at is another caller with the same token, after a restart on another port.
func (c *caller) at(base string) *caller {
	moved := newCaller(base)
	moved.token = c.token
	return moved
}

func (c *caller) close() { c.client.CloseIdleConnections() }

// answer is a whole answer.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) read(t testing.TB, into any) {
	t.Helper()
	if err := json.Unmarshal(a.body, into); err != nil {
		t.Fatalf("%v: %d %s", err, a.status, a.body)
	}
}

// field gives one text of the answer's object.
func (a answer) field(name string) string {
	fields := map[string]any{}
	_ = json.Unmarshal(a.body, &fields) // what is no object has no field
	text, _ := fields[name].(string)
	return text
}

// unanswered is the error of a request to which no whole answer came.
type unanswered struct {
	error
	reused bool // it was sent on a connection that had carried an answer before
}

// Unwrap gives what happened.
func (u unanswered) Unwrap() error { return u.error }

// send sends one request; headers come in pairs. An error means that no whole answer came.
func (c *caller) send(method, path string, body any, headers ...string) (answer, error) {
	if body == nil {
		return c.sendBytes(method, path, nil, headers...)
	}
	text, err := json.Marshal(body)
	if err != nil {
		return answer{}, err
	}
	return c.sendBytes(method, path, text, append([]string{"Content-Type", "application/json"}, headers...)...)
}

// sendBytes is send of a body as it is; nil for none.
func (c *caller) sendBytes(method, path string, body []byte, headers ...string) (answer, error) {
	var content io.Reader
	if body != nil {
		content = bytes.NewReader(body)
	}
	reused := false
	traced := httptrace.WithClientTrace(context.Background(), &httptrace.ClientTrace{
		GotConn: func(got httptrace.GotConnInfo) { reused = got.Reused },
	})
	request, err := http.NewRequestWithContext(traced, method, c.base+path, content)
	if err != nil {
		return answer{}, err
	}
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	for at := 0; at+1 < len(headers); at += 2 {
		request.Header.Set(headers[at], headers[at+1])
	}
	response, err := c.client.Do(request)
	if err != nil {
		return answer{}, unanswered{err, reused}
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		err = unanswered{err, reused}
	}
	return answer{response.StatusCode, response.Header, text}, err
}

// want sends and expects a status.
func (c *caller) want(t testing.TB, status int, method, path string, body any, headers ...string) answer {
	t.Helper()
	got, err := c.send(method, path, body, headers...)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	if got.status != status {
		t.Fatalf("%s %s: %d, wanted %d: %s", method, path, got.status, status, got.body)
	}
	return got
}

// signedIn is a caller for a person of the site.
func (s *site) signedIn(base string, role models.Role) *caller {
	s.t.Helper()
	made := newCaller(base)
	made.token = made.want(s.t, 200, "POST", "/v1/auth/token", map[string]any{
		"grant_type": "password", "account": string(role), "password": password,
	}).field("access_token")
	return made
}

// terminal is a caller for the device of the site.
func (s *site) terminal(base string) *caller {
	s.t.Helper()
	made := newCaller(base)
	made.token = made.want(s.t, 200, "POST", "/v1/auth/token", map[string]any{
		"grant_type": "device_key", "device_id": string(s.device), "secret": s.secret.Reveal(),
	}).field("access_token")
	return made
}

// stamp is how times stand on the wire.
func stamp(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000Z") }

// checkIn is one item of a batch at the site's checkpoint.
func (s *site) checkIn(id models.ID) map[string]any {
	return map[string]any{
		"id": id, "checkpoint_id": s.checkpoint, "method": "gps", "captured_at": stamp(time.Now()),
		"position": map[string]any{"lat": 30.52, "lng": 105.6, "crs": "WGS84", "accuracy_m": 5},
	}
}

// batch is the body of POST /v1/check-ins.
func (s *site) batch(ids ...models.ID) map[string]any {
	items := []any{}
	for _, id := range ids {
		items = append(items, s.checkIn(id))
	}
	return map[string]any{"items": items}
}

// pass is the body of POST /v1/visitor-passes.
func (s *site) pass() map[string]any {
	return map[string]any{
		"visitor_name": "来访者", "starts_at": stamp(time.Now().Add(-time.Minute)), "ends_at": stamp(time.Now().Add(time.Hour)),
		"home_id": s.home, "door_ids": []models.ID{s.gate},
	}
}

// alert is the body of POST /v1/alerts to the volunteers of the compound.
func (s *site) alert() map[string]any {
	return map[string]any{
		"kind": "notice", "severity": "high", "title": "请注意", "body": "有人撬锁",
		"audience": map[string]any{"roles": []string{"volunteer"}, "scope": map[string]any{"kind": "compound", "id": s.compound}},
	}
}
