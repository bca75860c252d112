package fcmfake

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func start(t *testing.T) *Server {
	t.Helper()
	server, err := Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	return server
}

func post(t *testing.T, server *Server, body string, header ...string) (int, http.Header, []byte) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.Endpoint()+"/projects/demo/messages:send", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	for at := 0; at < len(header); at += 2 {
		request.Header.Set(header[at], header[at+1])
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, response.Header, content
}

func TestTakesWhatFirebaseTakes(t *testing.T) {
	server := start(t)
	for _, body := range []string{
		`{"message":{"token":"t"}}`,
		`{"message":{"topic":"news","data":{"a":"b"}}}`,
		`{"validate_only":true,"message":{"condition":"'a' in topics"}}`,
		`{"message":{"token":"t","android":{"collapse_key":"k","priority":"HIGH","ttl":"3.5s","notification":{"tag":"x","default_sound":true}}}}`,
		`{"message":{"token":"t","android":{"collapseKey":"k","notification":{"channelId":"x","titleLocArgs":["a"]}}}}`,
		`{"message":{"token":"t","apns":{"headers":{"apns-priority":"10"},"payload":{"aps":{"interruption-level":"time-sensitive"}}}}}`,
		`{"message":{"token":"t","android":{"ttl":"2419200s"}}}`,
	} {
		status, _, answer := post(t, server, body)
		if status != http.StatusOK || !bytes.HasPrefix(answer, []byte(`{"name":"projects/demo/messages/`)) {
			t.Errorf("%s: %d %s", body, status, answer)
		}
	}
}

func TestRefusesWhatFirebaseRefuses(t *testing.T) {
	server := start(t)
	for body, why := range map[string]string{
		``:                                      "Invalid JSON",
		`[]`:                                    "not an object",
		`{}`:                                    "Exactly one of",
		`{"message":{}}`:                        "Exactly one of",
		`{"message":{"token":""}}`:              "Exactly one of",
		`{"message":{"token":"t","topic":"n"}}`: "Exactly one of",
		`{"message":{"token":7}}`:               "not a string",
		`{"message":{"token":"t"},"extra":1}`:   `Unknown name "extra"`,
		`{"message":{"token":"t","titel":"x"}}`: `Unknown name "titel" at 'message'`,
		`{"message":{"token":"t","notification":{"text":"x"}}}`:                        `Unknown name "text" at 'message.notification'`,
		`{"message":{"token":"t","data":{"n":1}}}`:                                     "'message.data.n': not a string",
		`{"message":{"token":"t","data":{"from":"x"}}}`:                                "Invalid data payload key: from",
		`{"message":{"token":"t","data":{"google.x":"x"}}}`:                            "Invalid data payload key",
		`{"message":{"token":"t","android":{"priority":"urgent"}}}`:                    "not one of",
		`{"message":{"token":"t","android":{"ttl":"3600"}}}`:                           "not a duration",
		`{"message":{"token":"t","android":{"ttl":"-1s"}}}`:                            "not a duration",
		`{"message":{"token":"t","android":{"ttl":"2419201s"}}}`:                       "four weeks",
		`{"message":{"token":"t","apns":{"headers":{"apns-priority":"7"}}}}`:           "refused by APNs",
		`{"message":{"token":"t","apns":{"headers":{"apns-expiration":"tomorrow"}}}}`:  "refused by APNs",
		`{"message":{"token":"t","apns":{"headers":{"apns-priority":10}}}}`:            "not a string",
		`{"message":{"token":"t","data":{"a":"` + strings.Repeat("x", 4096) + `"}}}`:   "too big",
		`{"message":{"token":"t","data":{"a":"` + strings.Repeat("x", 70_000) + `"}}}`: "exceeds the limit",
	} {
		status, _, answer := post(t, server, body)
		var read errorBody
		if err := json.Unmarshal(answer, &read); err != nil || status != 400 || read.Error.Status != "INVALID_ARGUMENT" ||
			!strings.Contains(read.Error.Message, why) {
			t.Errorf("%.80s: %d %s, want %s", body, status, answer, why)
		}
	}
	if got := server.Received("t"); len(got) != 0 {
		t.Errorf("received %v", got)
	}
}

func TestErrorsHaveGooglesForm(t *testing.T) {
	server := start(t)
	server.SetRetryAfter(9)
	for behaviour, want := range map[Behaviour]string{
		Unregistered:   `{"error":{"code":404,"message":"Requested entity was not found.","status":"NOT_FOUND","details":[{"@type":"type.googleapis.com/google.firebase.fcm.v1.FcmError","errorCode":"UNREGISTERED"}]}}`,
		Quota:          `{"error":{"code":429,"message":"Quota exceeded for quota metric 'Messages'.","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.firebase.fcm.v1.FcmError","errorCode":"QUOTA_EXCEEDED"}]}}`,
		SenderMismatch: `{"error":{"code":403,"message":"SenderId mismatch","status":"PERMISSION_DENIED","details":[{"@type":"type.googleapis.com/google.firebase.fcm.v1.FcmError","errorCode":"SENDER_ID_MISMATCH"}]}}`,
		Unavailable:    `{"error":{"code":503,"message":"The service is currently unavailable.","status":"UNAVAILABLE","details":[{"@type":"type.googleapis.com/google.firebase.fcm.v1.FcmError","errorCode":"UNAVAILABLE"}]}}`,
		NotFound:       `{"error":{"code":404,"message":"Requested entity was not found.","status":"NOT_FOUND"}}`,
	} {
		server.Script("t", behaviour)
		_, header, answer := post(t, server, `{"message":{"token":"t"}}`)
		if strings.TrimSpace(string(answer)) != want {
			t.Errorf("%s: %s", behaviour, answer)
		}
		if slow := behaviour == Quota || behaviour == Unavailable; slow != (header.Get("Retry-After") == "9") {
			t.Errorf("%s: Retry-After %q", behaviour, header.Get("Retry-After"))
		}
	}
}

func TestScriptsAndRecords(t *testing.T) {
	server := start(t)
	server.Script("t", Internal, OK, Unregistered)
	codes := []int{}
	for at := range 4 {
		status, _, _ := post(t, server, fmt.Sprintf(`{"message":{"token":"t","data":{"alert_id":"a%d"}}}`, at))
		codes = append(codes, status)
	}
	if !slices.Equal(codes, []int{500, 200, 404, 404}) || !slices.Equal(server.Received("t"), []string{"a1"}) || server.Requests("t") != 4 {
		t.Errorf("%v %v", codes, server.Received("t"))
	}
	server.Script("t")
	if status, _, _ := post(t, server, `{"validate_only":true,"message":{"token":"t"}}`); status != 200 || len(server.Received("t")) != 1 {
		t.Error("a dry run was delivered, or the script was not taken back")
	}
	if !strings.Contains(string(server.LastBody("t")), "validate_only") || server.Received("u") != nil || server.Requests("") != 5 {
		t.Error("records")
	}
}

// TestNamesAreUnique: messages that come at once are told apart, as Firebase's are.
func TestNamesAreUnique(t *testing.T) {
	server := start(t)
	server.SetDelay(50 * time.Millisecond) // so that all have come before the first is named
	const messages = 16
	names, all := make(chan string, messages), sync.WaitGroup{}
	for at := range messages {
		all.Go(func() {
			_, _, answer := post(t, server, fmt.Sprintf(`{"message":{"token":"t%d"}}`, at))
			names <- string(answer)
		})
	}
	all.Wait()
	close(names)
	given := map[string]bool{}
	for name := range names {
		given[name] = true
	}
	if len(given) != messages {
		t.Errorf("%d messages, %d names", messages, len(given))
	}
}

func TestBearerAndPaths(t *testing.T) {
	server := start(t)
	server.RequireBearer("x")
	if status, _, answer := post(t, server, `{"message":{"token":"t"}}`); status != 401 || !bytes.Contains(answer, []byte("UNAUTHENTICATED")) {
		t.Errorf("%d %s", status, answer)
	}
	if status, _, _ := post(t, server, `{"message":{"token":"t"}}`, "Authorization", "Bearer x"); status != 200 {
		t.Error(status)
	}
	if status, _, _ := post(t, server, `{"message":{"token":"t"}}`, "Authorization", "Bearer x", "Content-Type", "text/plain"); status != 400 {
		t.Error(status)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Get(server.Endpoint() + "/projects/demo/messages:send")
	if err != nil || response.StatusCode != http.StatusMethodNotAllowed {
		t.Error(response.StatusCode, err)
	}
	_ = response.Body.Close()
}

// TestCloseLetsGo: nothing that is held keeps the server from ending.
func TestCloseLetsGo(t *testing.T) {
	for _, delay := range []time.Duration{0, time.Hour} {
		server := start(t)
		server.Script("t", Silence)
		server.SetDelay(delay)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
			response, err := client.Post(server.Endpoint()+"/projects/demo/messages:send", "application/json", strings.NewReader(`{"message":{"token":"t"}}`))
			if err == nil {
				_ = response.Body.Close()
				t.Error("was answered")
			}
		}()
		for server.Requests("t") == 0 {
			time.Sleep(time.Millisecond)
		}
		server.Close()
		<-ended
	}
}
