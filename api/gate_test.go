package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"xunfang/models"
)

const goodCheckpoint = `{"name":"环岛","position":{"lat":30.52,"lng":105.6,"crs":"WGS84"},"methods":["gps"]}`

func madeCheckpoint(ctx context.Context, r CreateCheckpointRequestObject) (CreateCheckpointResponseObject, error) {
	return CreateCheckpoint201JSONResponse{
		Id: someID, Name: r.Body.Name, Position: r.Body.Position, RadiusM: 40, Methods: r.Body.Methods,
	}, nil
}

func TestTheGateAnswersInOrder(t *testing.T) {
	b := newBench(t, nil)
	b.fake.checkpoint = madeCheckpoint
	key := headerKey + ": " + someKey
	big := `{"name":"` + strings.Repeat("x", defaultMaxBody) + `"}`
	tests := []struct {
		name, method, path, body string
		headers                  []string
		status                   int
		code                     models.Code
		fields                   string
	}{
		{"good", "POST", "/v1/checkpoints", goodCheckpoint, []string{as("officer"), key}, 201, "", ""},
		{"charset", "POST", "/v1/checkpoints", goodCheckpoint, []string{as("officer"), key, "Content-Type: application/json; charset=UTF-8"}, 201, "", ""},
		{"nobody, everything wrong", "POST", "/v1/checkpoints?x=1", "{", []string{"Content-Type: text/xml"}, 401, "unauthenticated", ""},
		{"nobody, too much", "POST", "/v1/checkpoints", big, nil, 401, "unauthenticated", ""},
		{"expired", "GET", "/v1/me", "", []string{as("expired")}, 401, "token_expired", ""},
		{"basic", "GET", "/v1/me", "", []string{"Authorization: Basic Z3Vlc3Q6eA=="}, 401, "unauthenticated", ""},
		{"two tokens", "GET", "/v1/me", "", []string{as("officer"), as("guard")}, 401, "unauthenticated", ""},
		{"authenticator breaks", "GET", "/v1/me", "", []string{as("broken")}, 500, "internal", ""},
		{"wrong role, everything wrong", "POST", "/v1/checkpoints?x=1", "{", []string{as("resident"), "Content-Type: text/xml"}, 403, "forbidden", ""},
		{"media type", "POST", "/v1/checkpoints", goodCheckpoint, []string{as("officer"), key, "Content-Type: text/xml"}, 415, "unsupported_media_type", "Content-Type not_one_of application/json"},
		{"other charset", "POST", "/v1/checkpoints", goodCheckpoint, []string{as("officer"), key, "Content-Type: application/json; charset=gbk"}, 415, "unsupported_media_type", ""},
		{"packed", "POST", "/v1/checkpoints", goodCheckpoint, []string{as("officer"), key, "Content-Encoding: gzip"}, 415, "unsupported_media_type", "Content-Encoding not_one_of identity"},
		{"too large", "POST", "/v1/checkpoints", big, []string{as("officer"), key}, 413, "too_large", "body too_large <= 65536"},
		{"no body", "POST", "/v1/checkpoints", "", []string{as("officer"), key}, 400, "invalid_request", "body required application/json"},
		{"bad JSON", "POST", "/v1/checkpoints", "{", []string{as("officer"), key}, 400, "invalid_json", ""},
		{"bad field", "POST", "/v1/checkpoints", strings.Replace(goodCheckpoint, "30.52", "91", 1), []string{as("officer"), key}, 400, "invalid_request", "position.lat too_large <= 90"},
		{"folded field", "POST", "/v1/checkpoints", strings.Replace(goodCheckpoint, "name", "NAME", 1), []string{as("officer"), key}, 400, "invalid_request", "NAME unknown_field; name required"},
		{"no key", "POST", "/v1/checkpoints", goodCheckpoint, []string{as("officer")}, 400, "idempotency_key_missing", "Idempotency-Key required"},
		{"short key", "POST", "/v1/checkpoints", goodCheckpoint, []string{as("officer"), headerKey + ": abc"}, 400, "invalid_request", "Idempotency-Key too_short >= 8"},
		{"key with a space", "POST", "/v1/checkpoints", goodCheckpoint, []string{as("officer"), headerKey + ": abc def ghi"}, 400, "invalid_request", "Idempotency-Key wrong_format ^[!-~]+$"},
		{"two keys", "POST", "/v1/checkpoints", goodCheckpoint, []string{as("officer"), key, key}, 400, "invalid_request", "Idempotency-Key duplicate_field"},
		{"malformed id", "GET", "/v1/tips/zzz", "", []string{as("officer")}, 404, "not_found", ""},
		{"malformed id, wrong role", "POST", "/v1/tips/zzz/transitions", "{}", []string{as("guard")}, 403, "forbidden", ""},
		{"bad installation", "DELETE", "/v1/me/push-addresses/%00%00%00%00", "", []string{as("officer")}, 400, "invalid_request", "installation_id wrong_format no control characters"},
		{"unknown query", "GET", "/v1/check-ins?limitt=5", "", []string{as("officer")}, 400, "invalid_request", "limitt unknown_field"},
		{"repeated query", "GET", "/v1/check-ins?limit=5&limit=6", "", []string{as("officer")}, 400, "invalid_request", "limit duplicate_field"},
		{"limit", "GET", "/v1/check-ins?limit=101", "", []string{as("officer")}, 400, "invalid_request", "limit too_large <= 100"},
		{"limit text", "GET", "/v1/check-ins?limit=ten", "", []string{as("officer")}, 400, "invalid_request", "limit wrong_type integer"},
		{"limit signed", "GET", "/v1/check-ins?limit=%2B5", "", []string{as("officer")}, 400, "invalid_request", "limit wrong_type integer"},
		{"query id", "GET", "/v1/check-ins?route_id=7", "", []string{as("officer")}, 400, "invalid_request", "route_id wrong_format uuid"},
		{"query time", "GET", "/v1/check-ins?from=yesterday", "", []string{as("officer")}, 400, "invalid_request", "from wrong_format RFC 3339"},
		{"query enum", "GET", "/v1/check-ins?status=good", "", []string{as("officer")}, 400, "invalid_request", "status not_one_of accepted | review | rejected"},
		{"query boolean", "GET", "/v1/me/inbox?unacknowledged=1", "", []string{as("officer")}, 400, "invalid_request", "unacknowledged wrong_type true | false"},
		{"query escape", "GET", "/v1/check-ins?cursor=%zz", "", []string{as("officer")}, 400, "invalid_request", "query bad_encoding RFC 3986"},
		{"query bytes", "GET", "/v1/check-ins?cursor=%ff", "", []string{as("officer")}, 400, "invalid_request", "cursor bad_encoding UTF-8"},
		{"unwanted body", "GET", "/v1/me", `{"a":1}`, []string{as("officer")}, 400, "invalid_request", "body not_allowed"},
		{"last event", "GET", "/v1/stream", "", []string{as("officer"), "Last-Event-ID: 7"}, 400, "invalid_request", "Last-Event-ID wrong_format uuid"},
		{"no such path", "GET", "/v1/nothing", "", nil, 404, "not_found", ""},
		{"path in capitals", "GET", "/V1/ME", "", []string{as("officer")}, 404, "not_found", ""},
		{"slash at the end", "GET", "/v1/me/", "", []string{as("officer")}, 404, "not_found", ""},
		{"method", "PUT", "/v1/me", "", nil, 405, "method_not_allowed", ""},
		{"unknown method", "BREW", "/v1/me", "", nil, 405, "method_not_allowed", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := b.do(t, test.method, test.path, test.body, test.headers...)
			if got.status != test.status {
				t.Fatalf("status %d, want %d: %s", got.status, test.status, got.body)
			}
			if test.code == "" {
				return
			}
			problem := got.problem(t)
			var fields []string
			for _, one := range problem.Errors {
				text := one.Field + " " + one.Code
				if one.Want != nil {
					text += " " + *one.Want
				}
				fields = append(fields, strings.TrimSpace(text))
			}
			if problem.Code != string(test.code) || test.fields != "" && strings.Join(fields, "; ") != test.fields {
				t.Errorf("got %s %q, want %s %q", problem.Code, fields, test.code, test.fields)
			}
			if test.status == 401 && !strings.HasPrefix(got.header.Get("WWW-Authenticate"), "Bearer") {
				t.Error("401 without WWW-Authenticate")
			}
		})
	}
	if allow := b.do(t, "PUT", "/v1/me", "").header.Get("Allow"); !strings.Contains(allow, "GET") {
		t.Errorf("Allow: %q", allow)
	}
}

func TestHandlersGetTheRequest(t *testing.T) {
	b := newBench(t, func(o *Options) { o.TrustedProxies = []string{"0.0.0.0/32"} })
	var got Request
	var deadline time.Duration
	b.fake.openDoor = func(ctx context.Context, r OpenDoorRequestObject) (OpenDoorResponseObject, error) {
		got = From(ctx)
		until, _ := ctx.Deadline()
		deadline = time.Until(until)
		if r.Body != nil {
			t.Error("a body where none was sent")
		}
		return OpenDoor202JSONResponse{Id: someID, DoorId: r.DoorId, State: "sent", RequestedAt: At(got.Now), ExpiresAt: At(got.Now)}, nil
	}
	answer := b.do(t, "POST", "/v1/doors/"+strings.ToUpper(someID)+"/open", "", as("guard"), headerKey+": "+someKey,
		"Prefer: respond-async, wait=5", "Accept-Language: en", "User-Agent: "+strings.Repeat("u", 300),
		"X-Forwarded-For: 6.6.6.6, 203.0.113.9", "X-Request-Id: phone-0001")
	if answer.status != 202 || answer.header.Get("Preference-Applied") != "wait=5" || answer.header.Get("X-Request-Id") != "phone-0001" {
		t.Fatalf("%d %v %s", answer.status, answer.header, answer.body)
	}
	if got.ID != "phone-0001" || got.Operation != models.OpOpenDoor || got.Principal.ID != "person-guard" ||
		!got.Now.Equal(testNow) || got.Language != English || got.IdempotencyKey != someKey ||
		got.BodyHash == [32]byte{} || got.RemoteAddr != "203.0.113.9" || len(got.UserAgent) != 200 || got.Wait != 5*time.Second {
		t.Errorf("%+v", got)
	}
	if deadline < 18*time.Second || deadline > 20*time.Second {
		t.Errorf("deadline in %v", deadline)
	}
	for _, header := range []string{"X-Content-Type-Options", "Cache-Control", "X-Frame-Options", "Referrer-Policy", "Content-Security-Policy"} {
		if answer.header.Get(header) == "" {
			t.Errorf("no %s", header)
		}
	}
}

func TestForwardedForIsNotBelievedFromStrangers(t *testing.T) {
	b := newBench(t, nil)
	b.fake.me = func(ctx context.Context) (GetMeResponseObject, error) {
		if got := From(ctx).RemoteAddr; got != "0.0.0.0" {
			t.Errorf("believed %s", got)
		}
		return nil, models.Fail(models.CodeForbidden)
	}
	b.do(t, "GET", "/v1/me", "", as("guard"), "X-Forwarded-For: 203.0.113.9")
}

func TestBodyHashTellsRequestsApart(t *testing.T) {
	b := newBench(t, nil)
	hashes := map[[32]byte]string{}
	note := func(ctx context.Context) { hashes[From(ctx).BodyHash] = From(ctx).IdempotencyKey }
	b.fake.openDoor = func(ctx context.Context, _ OpenDoorRequestObject) (OpenDoorResponseObject, error) {
		note(ctx)
		return nil, models.Fail(models.CodeNotFound)
	}
	other := strings.Replace(someID, "61", "62", 1)
	for _, request := range [][2]string{
		{someID, ""},
		{someID, ""},
		{other, ""},
		{someID, `{"reason":"a"}`},
		{someID, `{"reason":"b"}`},
		{someID, `{"reason":"b"}`},
	} {
		b.do(t, "POST", "/v1/doors/"+request[0]+"/open", request[1], as("guard"), headerKey+": "+someKey)
	}
	if len(hashes) != 4 {
		t.Errorf("%d hashes, want 4", len(hashes))
	}
}

func multipartBody(t *testing.T, parts ...string) (string, string) {
	t.Helper()
	var body bytes.Buffer
	writer := multipart.NewWriter(&body)
	for _, part := range parts {
		name, content, _ := strings.Cut(part, "=")
		into, err := writer.CreateFormFile(name, "a.jpg")
		if err != nil {
			t.Fatal(err)
		}
		_, _ = into.Write([]byte(content))
	}
	_ = writer.Close()
	return body.String(), "Content-Type: " + writer.FormDataContentType()
}

func TestMultipartIsHeldAgainstTheContract(t *testing.T) {
	b := newBench(t, nil)
	var hashes [][32]byte
	b.fake.media = func(ctx context.Context, r CreateMediaRequestObject) (CreateMediaResponseObject, error) {
		part, err := r.Body.NextPart()
		if err != nil {
			return nil, err
		}
		content, err := io.ReadAll(part)
		hashes = append(hashes, From(ctx).BodyHash)
		return CreateMedia201JSONResponse{
			Id: someID, ContentType: "image/jpeg", Width: 1, Height: 1, Bytes: int64(len(content)), CreatedAt: At(testNow),
		}, err
	}
	for parts, want := range map[string]string{
		"photo=abc":           "",
		"photo=abc;photo=d":   "photo duplicate_field",
		"photo=abc;caption=d": "caption unknown_field",
		"caption=d":           "caption unknown_field; photo required",
	} {
		body, kind := multipartBody(t, strings.Split(parts, ";")...)
		got := b.do(t, "POST", "/v1/media", body, as("volunteer"), headerKey+": "+someKey, kind)
		if want == "" {
			if got.status != 201 || !strings.Contains(got.body, `"bytes":3`) {
				t.Errorf("%s: %d %s", parts, got.status, got.body)
			}
			continue
		}
		var fields []string
		for _, one := range got.problem(t).Errors {
			fields = append(fields, one.Field+" "+one.Code)
		}
		if strings.Join(fields, "; ") != want {
			t.Errorf("%s: %q", parts, fields)
		}
	}
	for range 2 { // a repeat has another boundary and the same hash
		body, kind := multipartBody(t, "photo=abc")
		b.do(t, "POST", "/v1/media", body, as("volunteer"), headerKey+": "+someKey, kind)
	}
	if len(hashes) != 3 || hashes[0] != hashes[1] || hashes[1] != hashes[2] {
		t.Errorf("hashes %x", hashes)
	}
	if got := b.do(t, "POST", "/v1/media", "--x\r\ncut", as("volunteer"), headerKey+": "+someKey, "Content-Type: multipart/form-data; boundary=x"); got.status != 400 {
		t.Errorf("cut off: %d", got.status)
	}
	if got := b.do(t, "POST", "/v1/media", "{}", as("volunteer"), headerKey+": "+someKey); got.status != 415 {
		t.Errorf("JSON: %d", got.status)
	}
}

func TestRefusalsByRoleAreReported(t *testing.T) {
	var reported []string
	b := newBench(t, func(o *Options) {
		o.Refused = func(ctx context.Context, who models.Principal, operation models.Operation, code models.Code) {
			reported = append(reported, fmt.Sprint(who.ID, " ", operation, " ", code, " ", From(ctx).Operation))
		}
	})
	b.do(t, "GET", "/v1/audit-entries", "", as("resident"))
	b.do(t, "GET", "/v1/audit-entries", "")
	b.do(t, "GET", "/v1/audit-entries?x=1", "", as("commander"))
	if len(reported) != 1 || reported[0] != "person-resident listAuditEntries forbidden listAuditEntries" {
		t.Errorf("%q", reported)
	}
}

func TestHeadDoesNotGetPastTheGuard(t *testing.T) {
	b := newBench(t, nil)
	b.fake.me = func(context.Context) (GetMeResponseObject, error) {
		return nil, errors.New("reached")
	}
	for path, want := range map[string]int{"/v1/me": 401, "/v1/stream": 405, "/healthz": 200} {
		if got := b.do(t, "HEAD", path, ""); got.status != want {
			t.Errorf("HEAD %s: %d", path, got.status)
		}
	}
}

func TestAnOperationWithoutItsGuardDoesNotRun(t *testing.T) {
	b := newBench(t, nil)
	b.fake.me = func(context.Context) (GetMeResponseObject, error) {
		t.Error("the handler ran")
		return nil, nil
	}
	// A second, careless registration, as a mistake in routing would be.
	b.app.fiber.Get("/unguarded", func(c *fiber.Ctx) error {
		return NewStrictHandler(b.fake, []StrictMiddlewareFunc{b.app.onlyGuarded}).GetMe(c)
	})
	if got := b.do(t, "GET", "/unguarded", ""); got.status != 500 {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestLimits(t *testing.T) {
	now := testNow
	b := newBench(t, func(o *Options) {
		o.Now = func() time.Time { return now }
		o.Limits = Limits{
			Person: Rate{PerSecond: 1, Burst: 3}, Address: Rate{PerSecond: 1, Burst: 2}, Failures: Rate{PerSecond: 0.5, Burst: 2},
			Operations: map[string]Rate{"openDoor": {PerSecond: 1, Burst: 1}},
		}
	})
	b.fake.list = func(context.Context, ListCheckInsRequestObject) (ListCheckInsResponseObject, error) {
		return ListCheckIns200JSONResponse{Items: []CheckIn{}}, nil
	}
	count := func(times int, method, path string, headers ...string) (last answer, refused int) {
		for range times {
			if last = b.do(t, method, path, "", headers...); last.status == 429 {
				refused++
			}
		}
		return last, refused
	}
	last, refused := count(5, "GET", "/v1/check-ins", as("officer"))
	if refused != 2 || last.header.Get("Retry-After") != "1" || last.problem(t).Code != "rate_limited" {
		t.Errorf("person: %d refused, %v", refused, last.header)
	}
	if _, refused := count(3, "GET", "/v1/check-ins", as("guard")); refused != 0 {
		t.Error("one person's limit reached another")
	}
	if _, refused := count(2, "GET", "/healthz"); refused != 0 {
		t.Error("address: too early")
	}
	if _, refused := count(2, "GET", "/healthz"); refused != 2 {
		t.Error("address: not limited")
	}
	if _, refused := count(2, "POST", "/v1/doors/"+someID+"/open", as("guard")); refused != 1 {
		t.Error("operation: not limited by its own")
	}
	asked := b.auth.asked.Load()
	last, refused = count(6, "GET", "/v1/me", "Authorization: Bearer guess")
	if refused != 4 || last.header.Get("Retry-After") != "2" || b.auth.asked.Load()-asked != 2 {
		t.Errorf("guesses: %d refused, %d verified, %v", refused, b.auth.asked.Load()-asked, last.header)
	}
	now = now.Add(10 * time.Second)
	if _, refused := count(3, "GET", "/v1/check-ins", as("officer")); refused != 0 {
		t.Error("the bucket does not fill up again")
	}
}

func TestLimiterForgetsTheIdleAndKeepsTheBusy(t *testing.T) {
	limiter := newLimiter(Rate{PerSecond: 0.001, Burst: 1}, 10)
	limiter.take("busy", testNow)
	for at := range 1000 {
		limiter.take(fmt.Sprint("noise", at), testNow)
		if limiter.take("busy", testNow) == 0 {
			t.Fatal("noise gave the busy caller a new bucket")
		}
	}
	if kept := len(limiter.young) + len(limiter.old); kept > 20 {
		t.Errorf("%d kept", kept)
	}
}

func TestReplay(t *testing.T) {
	b := newBench(t, nil)
	first := Checkpoint{Id: someID, Name: "环岛", Position: Position{Lat: 1, Lng: 2, Crs: "WGS84"}, Methods: []CheckInMethod{"gps"}}
	body, err := json.Marshal(first)
	if err != nil {
		t.Fatal(err)
	}
	b.fake.checkpoint = func(context.Context, CreateCheckpointRequestObject) (CreateCheckpointResponseObject, error) {
		return nil, fmt.Errorf("in the transaction: %w", &Replay{Status: http.StatusCreated, Body: body, Location: "/v1/x"})
	}
	got := b.do(t, "POST", "/v1/checkpoints", goodCheckpoint, as("officer"), headerKey+": "+someKey)
	if got.status != 201 || got.body != string(body) || got.header.Get("Idempotency-Replayed") != "true" ||
		got.header.Get("Content-Type") != typeJSON || got.header.Get("Location") != "/v1/x" {
		t.Errorf("%d %v %s", got.status, got.header, got.body)
	}
}
