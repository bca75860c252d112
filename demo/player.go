package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"xunfang/models"
)

const (
	callTime  = 15 * time.Second // of one request, the longest wait included
	maxAnswer = 16 << 20
	shown     = 300 // bytes of an answer that did not hold
)

// actor is somebody of the station with their phone, or a terminal.
type actor struct {
	name  string
	id    models.ID
	token models.Secret
}

// answer is what came back; status 0 with a problem when nothing did.
type answer struct {
	status  int
	header  http.Header
	body    []byte
	problem error
}

// into decodes the body; a body that does not fit leaves zero values, which no claim holds of.
func into[T any](a answer) T {
	var value T
	if json.Unmarshal(a.body, &value) != nil {
		var zero T
		return zero
	}
	return value
}

// page is any list of the API.
type page[T any] struct {
	Items []T `json:"items"`
}

// words are one line in both languages.
type words struct{ zh, en string }

// player calls the API and prints one line per step.
type player struct {
	base   string
	client *http.Client
	out    io.Writer
	zh     bool
	newID  func() models.ID
	steps  int
	failed int
}

func newPlayer(config Config) *player {
	return &player{
		base: config.BaseURL, out: config.Out, zh: config.Chinese, newID: config.NewID,
		client: &http.Client{Timeout: callTime, Transport: &http.Transport{MaxIdleConnsPerHost: 8}},
	}
}

// call sends one request with a JSON body, or without any for nil.
func (p *player) call(ctx context.Context, who *actor, method, path string, body any, headers ...string) answer {
	var data []byte
	if body != nil {
		var err error
		if data, err = json.Marshal(body); err != nil {
			return answer{problem: err}
		}
		headers = append([]string{"Content-Type", "application/json"}, headers...)
	}
	return p.send(ctx, who, method, path, data, headers...)
}

// post is call for an action without an id of its own.
func (p *player) post(ctx context.Context, who *actor, path string, body any, headers ...string) answer {
	return p.call(ctx, who, http.MethodPost, path, body, append(headers, "Idempotency-Key", string(p.newID()))...)
}

// send sends one request; headers are names and values in turn.
func (p *player) send(ctx context.Context, who *actor, method, path string, body []byte, headers ...string) answer {
	request, err := http.NewRequestWithContext(ctx, method, p.base+path, bytes.NewReader(body))
	if err != nil {
		return answer{problem: err}
	}
	for at := 0; at+1 < len(headers); at += 2 {
		request.Header.Set(headers[at], headers[at+1])
	}
	if who != nil && who.token != "" {
		request.Header.Set("Authorization", "Bearer "+who.token.Reveal())
	}
	if !p.zh {
		request.Header.Set("Accept-Language", "en")
	}
	response, err := p.client.Do(request)
	if err != nil {
		return answer{problem: err}
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	return answer{status: response.StatusCode, header: response.Header, body: content, problem: err}
}

// prove prints the line of a step: it holds when the status is the one wanted and the claim is true.
func (p *player) prove(who *actor, operation string, got answer, want int, claim bool, what words) bool {
	holds := got.problem == nil && got.status == want && claim
	p.line(holds, who.name, operation, fmt.Sprint(got.status), what)
	if !holds {
		switch {
		case got.problem != nil:
			_, _ = fmt.Fprintf(p.out, "       %v\n", got.problem)
		default:
			body := strings.ToValidUTF8(string(got.body[:min(len(got.body), shown)]), "")
			_, _ = fmt.Fprintf(p.out, "       want %d, got %d: %s\n", want, got.status, body)
		}
	}
	return holds
}

// line prints one step and counts it.
func (p *player) line(holds bool, who, operation, result string, what words) {
	p.steps++
	mark, text := "✓", what.en
	if !holds {
		mark = "✗"
		p.failed++
	}
	if p.zh {
		text = what.zh
	}
	_, _ = fmt.Fprintf(p.out, "  %s %2d  %-11s %-44s %-7s %s\n", mark, p.steps, who, operation, result, text)
}

// signIn gives the actor a token.
func (p *player) signIn(ctx context.Context, who *actor, grant map[string]string) answer {
	got := p.call(ctx, nil, http.MethodPost, "/v1/auth/token", grant)
	who.token = models.Secret(into[struct {
		Token string `json:"access_token"`
	}](got).Token)
	return got
}

// waitUntil asks again until it is true, or the time is over.
func waitUntil(ctx context.Context, limit time.Duration, ask func() bool) bool {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		if ask() {
			return true
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return false
		}
	}
}
