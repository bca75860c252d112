package fcmfake

import (
	"crypto/subtle"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// The most that a Fake reads, in bytes, and remembers: tokens, alert ids per token.
const (
	maxBody     = 64 << 10
	maxTokens   = 200_000
	maxPerToken = 10_000 // 200 kills of the program send one phone more than a thousand
)

// Fake is an http.Handler for POST /v1/projects/{project}/messages:send. It may be used by any number
// of callers at once.
type Fake struct {
	mux      *http.ServeMux
	form     check // of a request
	failures map[Behaviour]failure
	closed   chan struct{}
	once     sync.Once

	mu         sync.Mutex
	tokens     map[string]*token
	requests   int
	taken      int // messages that were given a name
	delay      time.Duration
	retryAfter int
	bearer     string
}

// token is what is known of one phone.
type token struct {
	script   []Behaviour // still to come; the last one stays
	requests int
	taken    []Delivered // in order
	body     []byte      // of the last request that had the right form
}

// New makes a Fake that takes every message for every token.
func New() *Fake {
	fake := &Fake{
		mux: http.NewServeMux(), form: requestForm(), failures: failures(), closed: make(chan struct{}),
		tokens: map[string]*token{}, retryAfter: 1,
	}
	fake.mux.HandleFunc("POST /v1/projects/{project}/messages:send", fake.send)
	return fake
}

// Script says how the next requests for a token are answered, one each; the last one stays.
// Without behaviours the token is OK again.
func (f *Fake) Script(address string, behaviours ...Behaviour) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if known := f.token(address); known != nil {
		known.script = append([]Behaviour{}, behaviours...)
	}
}

// SetDelay says how long every answer takes.
func (f *Fake) SetDelay(delay time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.delay = delay
}

// SetRetryAfter sets the Retry-After of Quota and Unavailable, in seconds; 0 leaves the header out.
func (f *Fake) SetRetryAfter(seconds int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.retryAfter = seconds
}

// RequireBearer makes every request need the access token; "" needs none.
func (f *Fake) RequireBearer(accessToken string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.bearer = accessToken
}

// Received lists the alert ids (data.alert_id) that a token was sent, in order, repeats included;
// the last 10,000.
func (f *Fake) Received(address string) []string {
	var alerts []string
	for _, one := range f.Delivered(address) {
		alerts = append(alerts, one.AlertID)
	}
	return alerts
}

// LastBody is the last well-formed request for a token, as it was sent.
func (f *Fake) LastBody(address string) []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	if known := f.tokens[address]; known != nil {
		return append([]byte{}, known.body...)
	}
	return nil
}

// Requests counts the requests for a token; for "" all of them, the malformed too.
func (f *Fake) Requests(address string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	if address == "" {
		return f.requests
	}
	if known := f.tokens[address]; known != nil {
		return known.requests
	}
	return 0
}

// ServeHTTP implements http.Handler.
func (f *Fake) ServeHTTP(response http.ResponseWriter, request *http.Request) {
	f.mux.ServeHTTP(response, request)
}

// Close lets go of the requests that are held in silence or delay.
func (f *Fake) Close() { f.once.Do(func() { close(f.closed) }) }

func (f *Fake) send(response http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(io.LimitReader(request.Body, maxBody+1))
	if err != nil || len(body) > maxBody {
		writeInvalid(response, &violation{"", "Request payload size exceeds the limit"})
		return
	}
	delay, allowed := f.arrive(request)
	if !allowed {
		failure{
			code: http.StatusUnauthorized, status: "UNAUTHENTICATED", message: "Request had invalid authentication credentials.",
		}.write(response, 0)
		return
	}
	if kind := request.Header.Get("Content-Type"); !strings.HasPrefix(kind, "application/json") {
		writeInvalid(response, &violation{"", "Content-Type is not application/json"})
		return
	}
	read, problem := parse(body, f.form)
	if problem != nil {
		writeInvalid(response, problem)
		return
	}
	behaviour, retryAfter := f.next(read.Message.Token, body)
	if delay > 0 && !f.hold(request, delay) {
		panic(http.ErrAbortHandler)
	}
	switch behaviour {
	case OK:
		name := f.take(read, request.PathValue("project"), false)
		writeJSON(response, http.StatusOK, map[string]string{"name": name})
	case Lost:
		f.take(read, request.PathValue("project"), true)
		panic(http.ErrAbortHandler)
	case Portal:
		response.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(response, "<html>Sign in to the network</html>")
	case Silence:
		f.hold(request, 0)
		panic(http.ErrAbortHandler)
	case Reset:
		panic(http.ErrAbortHandler) // net/http cuts the connection, or the stream in HTTP/2
	default:
		f.failures[behaviour].write(response, retryAfter)
	}
}

// hold waits; it says whether the time passed before the client left or the fake was closed.
// A delay of 0 is for ever.
func (f *Fake) hold(request *http.Request, delay time.Duration) bool {
	var passed <-chan time.Time
	if delay > 0 {
		timer := time.NewTimer(delay)
		defer timer.Stop()
		passed = timer.C
	}
	select {
	case <-passed:
		return true
	case <-request.Context().Done():
	case <-f.closed:
	}
	return false
}

func (f *Fake) arrive(request *http.Request) (time.Duration, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.requests++
	given := []byte(request.Header.Get("Authorization"))
	return f.delay, f.bearer == "" || subtle.ConstantTimeCompare(given, []byte("Bearer "+f.bearer)) == 1
}

func (f *Fake) next(address string, body []byte) (Behaviour, int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	behaviour, known := OK, f.token(address)
	if known == nil {
		return behaviour, f.retryAfter
	}
	known.requests++
	known.body = body
	if len(known.script) > 0 {
		behaviour = known.script[0]
	}
	if len(known.script) > 1 {
		known.script = known.script[1:]
	}
	if _, fails := f.failures[behaviour]; !fails && behaviour != Portal && behaviour != Silence && behaviour != Reset && behaviour != Lost {
		behaviour = OK
	}
	return behaviour, f.retryAfter
}

func (f *Fake) take(read envelope, project string, unsaid bool) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.taken++
	name := fmt.Sprintf("projects/%s/messages/0:%d%%fake", project, f.taken)
	if known := f.token(read.Message.Token); known != nil && !read.ValidateOnly && !read.DryRun {
		one := read.delivered(name)
		one.Unsaid = unsaid
		known.taken = append(known.taken, one)
		known.taken = known.taken[max(0, len(known.taken)-maxPerToken):]
	}
	return name
}

// token finds or makes what is known of an address; nil for none, and for one too many.
func (f *Fake) token(address string) *token {
	known := f.tokens[address]
	if known == nil && address != "" && len(f.tokens) < maxTokens {
		known = &token{}
		f.tokens[address] = known
	}
	return known
}
