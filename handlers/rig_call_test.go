package handlers_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"xunfang/auth"
	"xunfang/models"
	"xunfang/store"
)

// caller is a person or a device of the world who can ask for something. nil is nobody: no token.
type caller struct {
	Name    string
	ID      models.ID
	Station models.ID
	Role    models.Role
	Place   models.Place
	Account string // people: signs in with it and testPassword
	Phone   string
	Secret  string // devices
	Device  bool
}

type issuedToken struct {
	text    string
	session models.ID
	until   time.Time
}

// token gives an access token that holds for at least a minute more. It is made as a sign-in
// makes it, session and all, without the slow password.
func (r *rig) token(who *caller) string {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if held := r.issued[who.ID]; r.clock.Now().Before(held.until) {
		return held.text
	}
	made := r.newToken(who)
	r.issued[who.ID] = made
	return made.text
}

// session is the session that token's present token belongs to.
func (r *rig) session(who *caller) models.ID {
	r.token(who)
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.issued[who.ID].session
}

// forget makes the next call begin a new session, after the old one was ended.
func (r *rig) forget(who *caller) {
	r.mutex.Lock()
	delete(r.issued, who.ID)
	r.mutex.Unlock()
}

// newToken begins a further session of its own.
func (r *rig) newToken(who *caller) issuedToken {
	if who.Role == models.RoleReporter {
		return r.receiptToken(who)
	}
	now, session := r.clock.Now(), r.ids.next()
	refresh, err := auth.NewSecret(rand.Reader)
	if err != nil {
		r.t.Fatal(err)
	}
	r.write(func(ctx context.Context, tx *store.Store) error {
		return tx.AddSession(ctx, models.Session{
			ID: session, SubjectID: who.ID, StationID: who.Station, Device: who.Device, Client: "rig",
			CreatedAt: now, LastUsedAt: now, ExpiresAt: now.Add(models.RefreshTokenLife),
		}, models.RefreshToken{
			Hash: auth.HashSecret(refresh), SessionID: session, IssuedAt: now, ExpiresAt: now.Add(models.RefreshTokenLife),
		})
	})
	text, err := r.tokens.Issue(auth.Claims{
		Subject: who.ID, Session: session, Station: who.Station, Device: who.Device,
		Roles: []models.Role{who.Role}, ExpiresAt: now.Add(models.AccessTokenLife),
	}, now)
	if err != nil {
		r.t.Fatal(err)
	}
	return issuedToken{text: text.Reveal(), session: session, until: now.Add(models.AccessTokenLife - time.Minute)}
}

// write changes the database past the API, in one transaction.
func (r *rig) write(change func(ctx context.Context, tx *store.Store) error) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := r.store.Atomically(ctx, func(tx *store.Store) error { return change(ctx, tx) }); err != nil {
		r.t.Fatal(err)
	}
}

// advance moves the clock.
func (r *rig) advance(by time.Duration) { r.clock.advance(by) }

// rawBody is a body sent as it is; every other body is sent as JSON.
type rawBody struct {
	Type string // Content-Type; "" sends none
	Text []byte
}

// without, as the value of a header, leaves out one that the rig would set by itself.
const without = "\x00without"

// call asks as a caller (nil: without a token). Headers come as name, value, name, value. A POST
// gets a new Idempotency-Key unless one is given; those of /v1/auth get none.
func (r *rig) call(who *caller, method, path string, body any, headers ...string) response {
	r.t.Helper()
	token := ""
	if who != nil {
		token = r.token(who)
	}
	return r.callAs(token, method, path, body, headers...)
}

// callAs is call with a token of the test's own; "" for none. It may be used by several goroutines.
func (r *rig) callAs(token, method, path string, body any, headers ...string) response {
	r.t.Helper()
	request := r.request(token, method, path, body, headers...)
	answer, err := r.client.Do(request)
	if err != nil {
		r.t.Errorf("%s %s: %v", method, path, err)
		return response{t: r.t, Header: http.Header{}}
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		r.t.Errorf("%s %s: %v", method, path, err)
	}
	got := response{t: r.t, what: method + " " + path, Status: answer.StatusCode, Header: answer.Header, Text: string(text)}
	if method != http.MethodHead && oneJSON(answer.Header.Get("Content-Type")) {
		if err := got.read(text); err != nil {
			r.t.Errorf("%s %s: answer is neither a JSON object nor an array: %v: %s", method, path, err, text)
		}
	}
	return got
}

// request makes a request ready to be sent, for those that are read as a stream.
func (r *rig) request(token, method, path string, body any, headers ...string) *http.Request {
	r.t.Helper()
	var content io.Reader
	contentType := ""
	switch body := body.(type) {
	case nil:
	case rawBody:
		content, contentType = bytes.NewReader(body.Text), body.Type
	default:
		text, err := json.Marshal(body)
		if err != nil {
			r.t.Fatal(err)
		}
		content, contentType = bytes.NewReader(text), "application/json"
	}
	request, err := http.NewRequest(method, r.base+path, content)
	if err != nil {
		r.t.Fatal(err)
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	if method == http.MethodPost && !strings.HasPrefix(path, "/v1/auth/") {
		request.Header.Set("Idempotency-Key", string(r.ids.next()))
	}
	for at := 0; at+1 < len(headers); at += 2 {
		if headers[at+1] == without {
			request.Header.Del(headers[at])
		} else {
			request.Header.Set(headers[at], headers[at+1])
		}
	}
	return request
}

// response is an answer, read to its end.
//
//nolint:recvcheck // it is a value, but for read, which fills it
type response struct {
	t      *testing.T
	what   string
	Status int
	Header http.Header
	Text   string
	JSON   map[string]any // nil unless the answer is a JSON object
}

// oneJSON says whether a body of this type is one JSON value.
func oneJSON(contentType string) bool {
	kind, _, _ := strings.Cut(contentType, ";")
	return strings.HasSuffix(kind, "json") && !strings.HasSuffix(kind, "ndjson")
}

// read takes the JSON of an answer; the items of an array, which others' protocols want, are named by their number.
func (a *response) read(text []byte) error {
	if !strings.HasPrefix(string(text), "[") {
		return json.Unmarshal(text, &a.JSON)
	}
	items := []any{}
	err := json.Unmarshal(text, &items)
	a.JSON = map[string]any{}
	for at, item := range items {
		a.JSON[strconv.Itoa(at)] = item
	}
	return err
}

// must ends the test unless the status is as wanted.
func (a response) must(status int) response {
	a.t.Helper()
	if a.Status != status {
		a.t.Fatalf("%s: %d, want %d: %s", a.what, a.Status, status, a.Text)
	}
	return a
}

// at finds a value by its path: "items.0.id". nil when it is not there.
func (a response) at(path string) any {
	var found any = a.JSON
	for _, step := range strings.Split(path, ".") {
		switch value := found.(type) {
		case map[string]any:
			found = value[step]
		case []any:
			at, err := strconv.Atoi(step)
			if err != nil || at < 0 || at >= len(value) {
				return nil
			}
			found = value[at]
		default:
			return nil
		}
	}
	return found
}

// text is at for strings; "" when there is none.
func (a response) text(path string) string { text, _ := a.at(path).(string); return text }

// id is text as an id.
func (a response) id(path string) models.ID { return models.ID(a.text(path)) }

// code is the code of a problem.
func (a response) code() models.Code { return models.Code(a.text("code")) }

// items is the list of a list, or nil.
func (a response) items() []any { items, _ := a.JSON["items"].([]any); return items }

// fields lists a problem's errors as "field code".
func (a response) fields() []string {
	named := []string{}
	errors, _ := a.JSON["errors"].([]any)
	for _, entry := range errors {
		if field, ok := entry.(map[string]any); ok {
			named = append(named, fmt.Sprint(field["field"], " ", field["code"]))
		}
	}
	return named
}
