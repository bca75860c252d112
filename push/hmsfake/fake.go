// Package hmsfake answers like Huawei's Push Kit for one app: the token service and messages:send, as the public documents
// describe them. For tests.
package hmsfake

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
)

// Fake is Push Kit for the app AppID.
type Fake struct {
	AppID, Secret string
	// Before, where set, answers a message instead: an HTTP status and a result code, or 0 to let it through. What follows the
	// code after a space is its msg.
	Before func(token string) (status int, code string)

	server   *httptest.Server
	mutex    sync.Mutex
	access   string
	accesses int
	received map[string][]string // token → bodies
}

// New starts a fake; Close ends it.
func New(appID, secret string) *Fake {
	f := &Fake{AppID: appID, Secret: secret, received: map[string][]string{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /oauth2/v3/token", f.token)
	mux.HandleFunc("POST /v1/{app}/messages:send", f.send)
	f.server = httptest.NewServer(mux)
	return f
}

// Close ends the server.
func (f *Fake) Close() { f.server.Close() }

// URL is where both services answer.
func (f *Fake) URL() string { return f.server.URL }

// Received are the messages that were taken for a phone's token.
func (f *Fake) Received(token string) []string {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return append([]string{}, f.received[token]...)
}

// Accesses is how many access tokens were given.
func (f *Fake) Accesses() int {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.accesses
}

// EndAccess makes the present access token worthless.
func (f *Fake) EndAccess() {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.access = ""
}

func (f *Fake) token(writer http.ResponseWriter, request *http.Request) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if request.FormValue("grant_type") != "client_credentials" || request.FormValue("client_id") != f.AppID ||
		request.FormValue("client_secret") != f.Secret {
		writer.WriteHeader(http.StatusBadRequest)
		write(writer, map[string]any{"error": 1101, "sub_error": 20155, "error_description": "invalid client"})
		return
	}
	f.accesses++
	f.access = fmt.Sprintf("hms-access-%d", f.accesses)
	write(writer, map[string]any{"access_token": f.access, "expires_in": 3600, "token_type": "Bearer"})
}

func (f *Fake) send(writer http.ResponseWriter, request *http.Request) {
	whole := map[string]json.RawMessage{}
	asked := struct {
		Data    string
		Token   []string
		Android struct {
			Urgency, TTL string
		}
	}{}
	if json.NewDecoder(request.Body).Decode(&whole) != nil || json.Unmarshal(whole["message"], &asked) != nil {
		say(writer, http.StatusBadRequest, "80100003")
		return
	}
	if len(asked.Token) != 1 {
		say(writer, http.StatusBadRequest, "80300010")
		return
	}
	if f.Before != nil {
		if status, code := f.Before(asked.Token[0]); status != 0 {
			say(writer, status, code)
			return
		}
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	switch {
	case f.access == "" || request.Header.Get("Authorization") != "Bearer "+f.access:
		say(writer, http.StatusUnauthorized, "80200001")
	case request.PathValue("app") != f.AppID:
		say(writer, http.StatusBadRequest, "80300002")
	default:
		f.received[asked.Token[0]] = append(f.received[asked.Token[0]], string(whole["message"]))
		say(writer, http.StatusOK, "80000000")
	}
}

// say writes Push Kit's answer; without a code a page that is none of its own.
func say(writer http.ResponseWriter, status int, code string) {
	if code == "" {
		writer.WriteHeader(status)
		_, _ = writer.Write([]byte("<html>"))
		return
	}
	code, message, own := strings.Cut(code, " ")
	if !own {
		message = "said by the fake"
	}
	writer.Header().Set("Content-Type", "application/json")
	writer.WriteHeader(status)
	write(writer, map[string]any{"code": code, "msg": message, "requestId": "157440955549500001002006"})
}

func write(writer http.ResponseWriter, answer any) { _ = json.NewEncoder(writer).Encode(answer) }
