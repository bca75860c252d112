package doors

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"xunfang/models"
)

const (
	maxTerminalAnswer = 1 << 20 // bytes; a list has some hundred KB at most
	maxEventBatch     = 100
)

// errServerAway is the error of a question that nobody answered.
var errServerAway = errors.New("doors: the server cannot be reached")

// refusal is an answer that is not the one hoped for.
type refusal struct {
	status int
	what   string
}

func (r refusal) Error() string { return fmt.Sprintf("doors: %s: answered %d", r.what, r.status) }

// reply is what there is to know of an answer beside its body.
type reply struct {
	status int
	etag   string
}

// Refresh tells what was opened without the server, and asks for the list: once more after a new one was stored, which says so.
func (t *Terminal) Refresh(ctx context.Context) error {
	t.refreshing.Lock()
	defer t.refreshing.Unlock()
	if err := t.report(ctx); err != nil {
		return err
	}
	fresh, err := t.fetch(ctx)
	if err == nil && fresh {
		_, err = t.fetch(ctx)
	}
	return err
}

// fetch asks for the list; false: the one held is the latest.
func (t *Terminal) fetch(ctx context.Context) (fresh bool, err error) {
	headers, answer := []string{}, struct {
		JWS string `json:"jws"`
	}{}
	if t.tag != "" {
		headers = []string{"If-None-Match", t.tag}
	}
	got, err := t.signed(ctx, http.MethodGet, "/v1/devices/"+string(t.Device())+"/allow-list", nil, &answer, headers...)
	if err != nil || got.status == http.StatusNotModified {
		return false, err
	}
	if err := t.panel.Accept(answer.JWS, t.known); err != nil {
		return false, err
	}
	t.mutex.Lock()
	t.keyedBy = t.secret // the server keys a list by the secret that was used last, and that is the one we signed in with
	t.mutex.Unlock()
	t.tag, t.known = got.etag, 0
	return true, nil
}

// report tells the uses that the server does not know of, each under a number that it keeps.
func (t *Terminal) report(ctx context.Context) error {
	for untold := t.panel.Untold(); len(untold) > 0; untold = t.panel.Untold() {
		untold = untold[:min(len(untold), maxEventBatch)]
		events := []map[string]any{}
		for _, use := range untold {
			if t.numbers[use.ID] == 0 {
				t.last++
				t.numbers[use.ID] = t.last
			}
			events = append(events, map[string]any{
				"sequence": t.numbers[use.ID], "kind": models.EventAccessGranted, "way": models.WayCode, "door_id": use.DoorID,
				"credential_ref": use.Pass, "occurred_at": use.At.UTC().Format(wireTime), "replayed": true,
			})
		}
		body, err := json.Marshal(map[string]any{"epoch": t.epoch, "events": events})
		if err != nil {
			return err
		}
		t.mutex.Lock()
		secret := t.secret
		t.mutex.Unlock()
		stamp := strconv.FormatInt(t.config.Now().Unix()+t.ahead.Load(), 10) // the events keep the times they had
		_, err = t.signed(ctx, http.MethodPost, "/v1/devices/"+string(t.Device())+"/events", json.RawMessage(body), nil,
			"Xunfang-Timestamp", stamp, "Xunfang-Signature", t.config.Keys.Sign(secret, stamp, body))
		if err != nil {
			return err
		}
		t.known = t.panel.Told(untold[len(untold)-1].ID) // refused ones too: they are not to be sent again
	}
	return nil
}

// Rotate changes the secret, uses the new one, and so ends the old one.
func (t *Terminal) Rotate(ctx context.Context) error {
	answer := struct {
		Secret models.Secret `json:"secret"`
	}{}
	_, err := t.signed(ctx, http.MethodPost, "/v1/devices/"+string(t.Device())+"/rotate-secret", nil, &answer,
		"Idempotency-Key", string(t.config.NewID()))
	if err != nil {
		return err
	}
	t.mutex.Lock()
	t.secret, t.token = answer.Secret, ""
	t.mutex.Unlock()
	t.disconnect(true)
	t.mutex.Lock()
	err = t.connect()
	t.mutex.Unlock()
	if err != nil {
		return err
	}
	return t.Refresh(ctx)
}

// signed asks with the device's token, which it gets where there is none, and once more where it has ended.
func (t *Terminal) signed(ctx context.Context, method, path string, body, answer any, headers ...string) (reply, error) {
	for try := 0; ; try++ {
		token, err := t.Token(ctx)
		if err != nil {
			return reply{}, err
		}
		got, err := t.ask(ctx, method, path, body, answer, append([]string{"Authorization", "Bearer " + token.Reveal()}, headers...)...)
		if refused := (refusal{}); !errors.As(err, &refused) || refused.status != http.StatusUnauthorized || try > 0 {
			return got, err
		}
		t.mutex.Lock()
		t.token = ""
		t.mutex.Unlock()
	}
}

// Token is the device's token, for what a terminal asks beside doors: orders to enrol, reports.
func (t *Terminal) Token(ctx context.Context) (models.Secret, error) {
	t.mutex.Lock()
	token, device, secret := t.token, t.device, t.secret
	t.mutex.Unlock()
	if token != "" {
		return token, nil
	}
	answer := struct {
		Token models.Secret `json:"access_token"`
	}{}
	_, err := t.ask(ctx, http.MethodPost, "/v1/auth/token", map[string]string{
		"grant_type": "device_key", "device_id": string(device), "secret": secret.Reveal(),
	}, &answer)
	if err != nil {
		return "", err
	}
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if t.secret == secret {
		t.token = answer.Token
	}
	return answer.Token, nil
}

// ask sends one request. errServerAway: nobody answered, or it is not there for us just now.
func (t *Terminal) ask(ctx context.Context, method, path string, body, answer any, headers ...string) (reply, error) {
	if t.cut.Load() {
		return reply{}, errServerAway
	}
	content := []byte{}
	if body != nil {
		var err error
		if content, err = json.Marshal(body); err != nil {
			return reply{}, err
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, t.config.Server+path, bytes.NewReader(content))
	if err != nil {
		return reply{}, err
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	for at := 0; at+1 < len(headers); at += 2 {
		request.Header.Set(headers[at], headers[at+1])
	}
	got, err := t.config.Client.Do(request)
	if err != nil {
		return reply{}, fmt.Errorf("%w: %w", errServerAway, err)
	}
	defer func() { _ = got.Body.Close() }()
	if date, err := http.ParseTime(got.Header.Get("Date")); err == nil {
		t.ahead.Store(date.Unix() - t.config.Now().Unix())
	}
	text, err := io.ReadAll(io.LimitReader(got.Body, maxTerminalAnswer))
	switch {
	case err != nil || got.StatusCode >= http.StatusInternalServerError:
		return reply{}, errServerAway
	case got.StatusCode >= http.StatusBadRequest:
		return reply{}, refusal{got.StatusCode, method + " " + path}
	case answer != nil && len(text) > 0:
		err = json.Unmarshal(text, answer)
	}
	return reply{got.StatusCode, got.Header.Get("ETag")}, err
}
