package hikvision

import (
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"xunfang/models"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	frontDoor = models.ID("0198c000-0000-7000-8000-0000000000a1")
	gate2     = models.ID("0198c000-0000-7000-8000-0000000000a2")
	password  = "a password of the device"
)

// standIn answers as a device does, by the public documents. It checks the digest by itself, by RFC 7616.
type standIn struct {
	t      *testing.T
	server *httptest.Server

	mutex     sync.Mutex
	algorithm string // MD5 or SHA-256
	nonce     int    // of the present challenge
	uses      int    // what a nonce may be used for, before it is stale
	counts    map[string]uint64
	pulses    map[string]int
	bodies    []string // of PUTs with good credentials
	stale     int
	answer    func(w http.ResponseWriter, r *http.Request) bool // instead of the usual; false: the usual after all
	lock      string
	stream    chan string
	boundary  string
}

func newStandIn(t *testing.T) *standIn {
	t.Helper()
	s := &standIn{
		t: t, algorithm: "SHA-256", uses: 100, counts: map[string]uint64{}, pulses: map[string]int{},
		lock: "1,0", stream: make(chan string, 16), boundary: "MIME_boundary",
	}
	s.server = httptest.NewServer(s)
	t.Cleanup(func() { s.server.CloseClientConnections(); s.server.Close() })
	return s
}

// What a test asks of the stand-in, while it answers.
func (s *standIn) locked(what func() int) int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return what()
}

func (s *standIn) sent() int { return s.locked(func() int { return len(s.bodies) }) }

func (s *standIn) pulsed(door string) int { return s.locked(func() int { return s.pulses[door] }) }

func (s *standIn) staleNonces() int { return s.locked(func() int { return s.stale }) }

func (s *standIn) challenges() int { return s.locked(func() int { return s.nonce }) }

func (s *standIn) setLock(list string) { s.locked(func() int { s.lock = list; return 0 }) }

func (s *standIn) digest(parts ...string) string {
	sum := md5.New()
	if s.algorithm == "SHA-256" {
		sum = sha256.New()
	}
	_, _ = io.WriteString(sum, strings.Join(parts, ":"))
	return hex.EncodeToString(sum.Sum(nil))
}

var directive = regexp.MustCompile(`(\w+)=(?:"([^"]*)"|([^,\s]+))`)

// signed checks a request's digest; each nonce counts up and is never used twice with one count.
func (s *standIn) signed(w http.ResponseWriter, r *http.Request) bool {
	header, digested := strings.CutPrefix(r.Header.Get("Authorization"), "Digest ")
	got := map[string]string{}
	for _, match := range directive.FindAllStringSubmatch(header, -1) {
		got[match[1]] = match[2] + match[3]
	}
	stale := ""
	if digested {
		var count uint64
		_, _ = fmt.Sscanf(got["nc"], "%08x", &count)
		want := s.digest(s.digest(got["username"], "device", password), got["nonce"], got["nc"], got["cnonce"], "auth", s.digest(r.Method, r.URL.RequestURI()))
		good := got["response"] == want && got["username"] == "admin" && got["uri"] == r.URL.RequestURI() && got["qop"] == "auth"
		if good && got["nonce"] == fmt.Sprintf("nonce-%d", s.nonce) && count == s.counts[got["nonce"]]+1 && count <= uint64(s.uses) {
			s.counts[got["nonce"]] = count
			return true
		}
		if good {
			stale = ", stale=true"
			s.stale++
		}
	}
	s.nonce++
	w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Digest realm="device", nonce="nonce-%d", qop="auth", algorithm=%s%s`, s.nonce, s.algorithm, stale))
	w.WriteHeader(http.StatusUnauthorized)
	return false
}

func (s *standIn) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mutex.Lock()
	locked := true
	defer func() {
		if locked {
			s.mutex.Unlock()
		}
	}()
	if !s.signed(w, r) {
		return
	}
	if r.Method == http.MethodPut {
		s.bodies = append(s.bodies, string(body))
	}
	if s.answer != nil && s.answer(w, r) {
		return
	}
	switch r.Method + " " + r.URL.RequestURI() {
	case "PUT /ISAPI/AccessControl/RemoteControl/door/1", "PUT /ISAPI/AccessControl/RemoteControl/door/2":
		s.pulses[r.URL.Path[len(r.URL.Path)-1:]]++
		_, _ = io.WriteString(w, `<?xml version="1.0" encoding="UTF-8"?><ResponseStatus version="2.0" xmlns="http://www.isapi.org/ver20/XMLSchema"><requestURL>/ISAPI/AccessControl/RemoteControl/door/1</requestURL><statusCode>1</statusCode><statusString>OK</statusString><subStatusCode>ok</subStatusCode></ResponseStatus>`)
	case "GET /ISAPI/AccessControl/AcsWorkStatus?format=json":
		_, _ = fmt.Fprintf(w, `{"AcsWorkStatus":{"doorLockStatus":[%s],"doorStatus":[4,3],"magneticStatus":[1,0],"cardReaderOnlineStatus":[1]}}`, s.lock)
	case "GET /ISAPI/System/deviceInfo":
		_, _ = io.WriteString(w, `<?xml version="1.0"?><DeviceInfo xmlns="http://www.isapi.org/ver20/XMLSchema"><deviceName>subdoorOne</deviceName><model>DS-K1T671M</model><firmwareVersion>V3.2.30</firmwareVersion></DeviceInfo>`)
	case "GET /ISAPI/System/time":
		_, _ = io.WriteString(w, `<Time xmlns="http://www.isapi.org/ver20/XMLSchema"><timeMode>NTP</timeMode><localTime>2026-11-24T20:00:05+08:00</localTime></Time>`)
	case "GET /ISAPI/Event/notification/alertStream":
		locked = false
		s.mutex.Unlock()
		w.Header().Set("Content-Type", "multipart/mixed; boundary="+s.boundary)
		for {
			select {
			case part := <-s.stream:
				_, _ = io.WriteString(w, part)
				w.(http.Flusher).Flush()
				if part == "" {
					return
				}
			case <-r.Context().Done():
				return
			}
		}
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

// part is one part of the stream as devices write it.
func (s *standIn) part(kind, body string) string {
	return fmt.Sprintf("--"+s.boundary+"\r\nContent-Type: %s; charset=\"UTF-8\"\r\nContent-Length: %d\r\n\r\n%s\r\n", kind, len(body), body)
}

// clock is the one that driver and test look at.
type clock struct {
	mutex sync.Mutex
	at    time.Time
}

func (c *clock) now() time.Time {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.at
}

func (s *standIn) driver(changes ...func(*Config)) (*Driver, *clock) {
	s.t.Helper()
	clock := &clock{at: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)}
	config := Config{
		URL: s.server.URL, User: "admin", Password: password, Now: clock.now,
		Doors:  []Door{{ID: frontDoor, Number: 1, Contact: true}, {ID: gate2, Number: 2, Contact: true}},
		Logger: slog.New(slog.DiscardHandler), Pause: 10 * time.Millisecond,
	}
	for _, change := range changes {
		change(&config)
	}
	driver, err := NewDriver(config)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(driver.Close)
	return driver, clock
}

func command(door models.ID, clock *clock, life time.Duration) models.DoorCommand {
	return models.DoorCommand{ID: "c", DoorID: door, RequestedAt: clock.now(), ExpiresAt: clock.now().Add(life)}
}

// run runs something until the test ends.
func run(t *testing.T, what func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- what(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("ended with %v", err)
		}
	})
}
