package api

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"xunfang/models"
)

const (
	someID    = "01939c1e-8a00-7000-8000-000000000061"
	someKey   = "01939c1e-8a00-7000-8000-0000000000ff"
	someStamp = "2026-11-24T02:00:00.000Z"
)

var testNow = time.Date(2026, 11, 24, 2, 10, 0, 0, time.UTC)

// fakeServer answers what a test sets; anything else panics, which is a 500.
type fakeServer struct {
	StrictServerInterface
	me         func(ctx context.Context) (GetMeResponseObject, error)
	push       func(ctx context.Context, r PutPushAddressRequestObject) (PutPushAddressResponseObject, error)
	checkIns   func(ctx context.Context, r CreateCheckInsRequestObject) (CreateCheckInsResponseObject, error)
	checkpoint func(ctx context.Context, r CreateCheckpointRequestObject) (CreateCheckpointResponseObject, error)
	openDoor   func(ctx context.Context, r OpenDoorRequestObject) (OpenDoorResponseObject, error)
	media      func(ctx context.Context, r CreateMediaRequestObject) (CreateMediaResponseObject, error)
	list       func(ctx context.Context, r ListCheckInsRequestObject) (ListCheckInsResponseObject, error)
	stream     func(ctx context.Context, r GetStreamRequestObject) (GetStreamResponseObject, error)
	socket     func(ctx context.Context) (GetStreamSocketResponseObject, error)
	token      func(ctx context.Context, r CreateTokenRequestObject) (CreateTokenResponseObject, error)
}

func (f *fakeServer) GetMe(ctx context.Context, _ GetMeRequestObject) (GetMeResponseObject, error) {
	return f.me(ctx)
}

func (f *fakeServer) PutPushAddress(ctx context.Context, r PutPushAddressRequestObject) (PutPushAddressResponseObject, error) {
	return f.push(ctx, r)
}

func (f *fakeServer) CreateCheckIns(ctx context.Context, r CreateCheckInsRequestObject) (CreateCheckInsResponseObject, error) {
	return f.checkIns(ctx, r)
}

func (f *fakeServer) CreateCheckpoint(ctx context.Context, r CreateCheckpointRequestObject) (CreateCheckpointResponseObject, error) {
	return f.checkpoint(ctx, r)
}

func (f *fakeServer) OpenDoor(ctx context.Context, r OpenDoorRequestObject) (OpenDoorResponseObject, error) {
	return f.openDoor(ctx, r)
}

func (f *fakeServer) CreateMedia(ctx context.Context, r CreateMediaRequestObject) (CreateMediaResponseObject, error) {
	return f.media(ctx, r)
}

func (f *fakeServer) ListCheckIns(ctx context.Context, r ListCheckInsRequestObject) (ListCheckInsResponseObject, error) {
	return f.list(ctx, r)
}

func (f *fakeServer) GetStream(ctx context.Context, r GetStreamRequestObject) (GetStreamResponseObject, error) {
	return f.stream(ctx, r)
}

func (f *fakeServer) GetStreamSocket(ctx context.Context, _ GetStreamSocketRequestObject) (GetStreamSocketResponseObject, error) {
	return f.socket(ctx)
}

func (f *fakeServer) CreateToken(ctx context.Context, r CreateTokenRequestObject) (CreateTokenResponseObject, error) {
	return f.token(ctx, r)
}

func (f *fakeServer) GetHealth(context.Context, GetHealthRequestObject) (GetHealthResponseObject, error) {
	return GetHealth200JSONResponse{Status: "ok", Version: "test"}, nil
}

// fakeAuth knows tokens that are named after a role.
type fakeAuth struct{ asked atomic.Int64 }

func (f *fakeAuth) Authenticate(_ context.Context, token string, _ time.Time) (models.Principal, error) {
	f.asked.Add(1)
	role := models.Role(token)
	switch {
	case token == "expired":
		return models.Principal{}, models.Fail(models.CodeTokenExpired)
	case token == "broken":
		return models.Principal{}, io.ErrUnexpectedEOF
	case !role.Known():
		return models.Principal{}, models.Fail(models.CodeUnauthenticated)
	}
	return models.Principal{
		ID: models.ID("person-" + token), StationID: someID,
		Grants: []models.Grant{{Role: role, Place: models.Place{Station: someID}}},
	}, nil
}

// lines keeps what was logged.
type lines struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (l *lines) Write(piece []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.Write(piece)
}

func (l *lines) String() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.String()
}

type bench struct {
	app  *App
	fake *fakeServer
	auth *fakeAuth
	log  *lines
}

func contractBytes(t testing.TB) []byte {
	t.Helper()
	raw, err := os.ReadFile("../openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// newBench makes an app over the real contract with everything else faked.
func newBench(t testing.TB, change func(*Options), config ...func(*fiber.Config)) *bench {
	t.Helper()
	made := &bench{fake: &fakeServer{}, auth: &fakeAuth{}, log: &lines{}}
	var count atomic.Int64
	options := Options{
		Contract: contractBytes(t), Server: made.fake, Authenticator: made.auth,
		Now: func() time.Time { return testNow },
		NewID: func() models.ID {
			return models.ID("01939c1e-8a00-7000-8000-" + leftPad(strconv.FormatInt(count.Add(1), 10)))
		},
		Logger: slog.New(slog.NewJSONHandler(made.log, nil)), CheckResponses: true,
	}
	if change != nil {
		change(&options)
	}
	app, err := newApp(options, func(c *fiber.Config) {
		for _, one := range config {
			one(c)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	made.app = app
	return made
}

func leftPad(number string) string { return strings.Repeat("0", 12-len(number)) + number }

type answer struct {
	status int
	header http.Header
	body   string
}

func (a answer) problem(t testing.TB) problemBody {
	t.Helper()
	if kind := a.header.Get("Content-Type"); kind != typeProblem {
		t.Fatalf("content type %q, body %s", kind, a.body)
	}
	var body problemBody
	if err := json.Unmarshal([]byte(a.body), &body); err != nil {
		t.Fatal(err)
	}
	if body.Status != a.status || body.RequestID != a.header.Get("X-Request-Id") || body.RequestID == "" ||
		body.Title == "" || body.Detail == "" || body.Type != "/errors#"+body.Code {
		t.Fatalf("problem does not fit its answer: %d %v %+v", a.status, a.header, body)
	}
	return body
}

// do sends a request; headers come as "Name: value".
func (b *bench) do(t testing.TB, method, path, body string, headers ...string) answer {
	t.Helper()
	request := httptest.NewRequest(method, path, strings.NewReader(body))
	if body == "" {
		request = httptest.NewRequest(method, path, http.NoBody)
	} else {
		request.Header.Set("Content-Type", typeJSON)
	}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		if name == "Content-Type" {
			request.Header.Del(name)
		}
		request.Header.Add(name, value)
	}
	response, err := b.app.Test(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{status: response.StatusCode, header: response.Header, body: string(text)}
}

// listen serves on a free port until the test ends.
func (b *bench) listen(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- b.app.Listen(listener) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := b.app.Shutdown(ctx); err != nil {
			t.Error(err)
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return listener.Addr().String()
}

func as(role models.Role) string { return "Authorization: Bearer " + string(role) }
