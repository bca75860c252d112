package wechatfake

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"
)

// Message is one subscription message that was taken.
type Message struct {
	OpenID, Template, Page, State, Language string
	Data                                    map[string]string
}

// Fake is WeChat for the mini-program AppID.
type Fake struct {
	AppID  string
	Secret string
	// Now tells when tokens end.
	Now func() time.Time
	// Before, where set, may answer a request of that path instead: an errcode other than 0, or an HTTP status other than 200.
	Before func(path string) (errcode, status int)

	server    *httptest.Server
	mutex     sync.Mutex
	codes     map[string]string // js_code → openid, until it is used
	consents  map[[2]string]int // openid, template
	longTerm  map[string]bool   // templates
	templates map[string]bool
	token     string
	tokenEnds time.Time
	tokens    int // made so far
	requests  map[string]int
	messages  []Message
}

// New starts a fake; Close ends it.
func New(appID, secret string, now func() time.Time, templates ...string) *Fake {
	f := &Fake{
		AppID: appID, Secret: secret, Now: now, codes: map[string]string{}, consents: map[[2]string]int{},
		longTerm: map[string]bool{}, templates: map[string]bool{}, requests: map[string]int{},
	}
	for _, template := range templates {
		f.templates[template] = true
	}
	f.server = httptest.NewServer(http.HandlerFunc(f.serve))
	return f
}

// Close ends the server.
func (f *Fake) Close() { f.server.Close() }

// URL is where it answers.
func (f *Fake) URL() string { return f.server.URL }

// Login gives the code that wx.login would give to the person with an openid.
func (f *Fake) Login(openID string) string {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	code := fmt.Sprintf("js-code-%s-%d", openID, f.requests["login"])
	f.requests["login"]++
	f.codes[code] = openID
	return code
}

// Consent is the person's yes to messages of a template.
func (f *Fake) Consent(openID, template string, count int) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.consents[[2]string{openID, template}] += count
}

// LongTerm makes a template one that needs no consent for each message.
func (f *Fake) LongTerm(template string) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.longTerm[template] = true
}

// EndToken makes the present access token worthless before its time.
func (f *Fake) EndToken() {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.token = ""
}

// Messages are those that were taken.
func (f *Fake) Messages() []Message {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return append([]Message{}, f.messages...)
}

// Requests is how often a path was asked for.
func (f *Fake) Requests(path string) int {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.requests[path]
}

// Tokens is how many access tokens were made.
func (f *Fake) Tokens() int {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.tokens
}

func (f *Fake) serve(writer http.ResponseWriter, request *http.Request) {
	if f.Before != nil {
		if errcode, status := f.Before(request.URL.Path); errcode != 0 || status != 0 {
			f.count(request.URL.Path)
			if status != 0 {
				writer.WriteHeader(status)
				return
			}
			say(writer, errcode)
			return
		}
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.requests[request.URL.Path]++
	switch request.Method + " " + request.URL.Path {
	case "GET /sns/jscode2session":
		f.session(writer, request)
	case "POST /cgi-bin/stable_token":
		f.stableToken(writer, request)
	case "POST /cgi-bin/message/subscribe/send":
		f.send(writer, request)
	default:
		say(writer, 43002) // the documents' "POST method needed" stands for every wrong method
	}
}

func (f *Fake) count(path string) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.requests[path]++
}

func say(writer http.ResponseWriter, errcode int) {
	write(writer, map[string]any{"errcode": errcode, "errmsg": fmt.Sprintf("errcode %d rid: 0000", errcode)})
}

func write(writer http.ResponseWriter, answer any) {
	writer.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(writer).Encode(answer)
}

func (f *Fake) session(writer http.ResponseWriter, request *http.Request) {
	query := request.URL.Query()
	openID, known := f.codes[query.Get("js_code")]
	switch {
	case query.Get("appid") != f.AppID:
		say(writer, 40013)
	case query.Get("secret") != f.Secret:
		say(writer, 40125)
	case query.Get("grant_type") != "authorization_code":
		say(writer, 40002)
	case !known:
		say(writer, 40029)
	default:
		delete(f.codes, query.Get("js_code"))
		write(writer, map[string]any{"openid": openID, "session_key": "c2Vzc2lvbi1rZXktb2Y=" + openID, "unionid": "union-" + openID})
	}
}

func (f *Fake) stableToken(writer http.ResponseWriter, request *http.Request) {
	asked := struct {
		GrantType string `json:"grant_type"`
		AppID     string `json:"appid"`
		Secret    string `json:"secret"`
		Force     bool   `json:"force_refresh"`
	}{}
	if json.NewDecoder(request.Body).Decode(&asked) != nil || asked.GrantType != "client_credential" {
		say(writer, 40002)
		return
	}
	if asked.AppID != f.AppID {
		say(writer, 40013)
		return
	}
	if asked.Secret != f.Secret {
		say(writer, 40125)
		return
	}
	const life = 7200 * time.Second
	if now := f.Now(); f.token == "" || asked.Force || !now.Before(f.tokenEnds) {
		f.tokens++
		f.token, f.tokenEnds = fmt.Sprintf("access-token-%d", f.tokens), now.Add(life)
	}
	write(writer, map[string]any{"access_token": f.token, "expires_in": int(f.tokenEnds.Sub(f.Now()).Seconds())})
}

func (f *Fake) send(writer http.ResponseWriter, request *http.Request) {
	asked := struct {
		ToUser   string `json:"touser"`
		Template string `json:"template_id"`
		Page     string `json:"page"`
		State    string `json:"miniprogram_state"`
		Language string `json:"lang"`
		Data     map[string]struct {
			Value string `json:"value"`
		} `json:"data"`
	}{}
	key := [2]string{}
	err := json.NewDecoder(request.Body).Decode(&asked)
	key[0], key[1] = asked.ToUser, asked.Template
	switch {
	case f.token == "" || request.URL.Query().Get("access_token") != f.token:
		say(writer, 40001)
		return
	case err != nil:
		say(writer, 47001)
		return
	case asked.ToUser == "" || asked.ToUser == "gone":
		say(writer, 40003)
		return
	case !f.templates[asked.Template]:
		say(writer, 40037)
		return
	case !fits(asked.Data):
		say(writer, 47003)
		return
	case !f.longTerm[asked.Template] && f.consents[key] == 0:
		say(writer, 43101)
		return
	}
	if !f.longTerm[asked.Template] {
		f.consents[key]--
	}
	data := map[string]string{}
	for keyword, value := range asked.Data {
		data[keyword] = value.Value
	}
	f.messages = append(f.messages, Message{
		OpenID: asked.ToUser, Template: asked.Template, Page: asked.Page, State: asked.State, Language: asked.Language, Data: data,
	})
	write(writer, map[string]any{"errcode": 0, "errmsg": "ok", "msgid": 1_000_000 + len(f.messages)})
}
