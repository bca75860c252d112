package api

import (
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

func TestDocumentationNeedsNoOutsideHost(t *testing.T) {
	b := newBench(t, nil)
	page := b.do(t, "GET", "/docs", "")
	if page.status != 200 || !strings.Contains(page.header.Get("Content-Security-Policy"), "script-src 'self';") {
		t.Fatalf("%d %v", page.status, page.header)
	}
	if strings.Contains(page.body, "://") || regexp.MustCompile(`<script>|\son\w+=|style=`).MatchString(page.body) {
		t.Error("an outside host or an inline script")
	}
	links := regexp.MustCompile(`(?:src|href)="(/[^"]+)"`).FindAllStringSubmatch(page.body, -1)
	if len(links) != 3 {
		t.Errorf("links %q", links)
	}
	for _, link := range links {
		if got := b.do(t, "GET", link[1], ""); got.status != 200 || got.body == "" || got.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %d", link[1], got.status)
		}
	}
	contract := b.do(t, "GET", "/openapi.yaml", "")
	if contract.body != string(contractBytes(t)) || contract.header.Get("Content-Type") != "application/yaml" {
		t.Errorf("contract: %v", contract.header)
	}
	if got := b.do(t, "GET", "/openapi.yaml", "", "If-None-Match: "+contract.header.Get("ETag")); got.status != 304 || got.body != "" {
		t.Errorf("ETag: %d", got.status)
	}
	if got := b.do(t, "GET", "/errors", ""); !strings.Contains(got.body, `id="token_expired"`) {
		t.Error("the page of codes lacks one")
	}
}

func TestOtherOrigins(t *testing.T) {
	b := newBench(t, func(o *Options) { o.Origins = []string{"https://board.example"} })
	ask := []string{"Access-Control-Request-Method: POST"}
	good := b.do(t, "OPTIONS", "/v1/tips", "", append(ask, "Origin: https://board.example")...)
	if good.status != 204 || good.header.Get("Access-Control-Allow-Origin") != "https://board.example" ||
		!strings.Contains(good.header.Get("Access-Control-Allow-Headers"), headerKey) {
		t.Errorf("%d %v", good.status, good.header)
	}
	bad := b.do(t, "OPTIONS", "/v1/tips", "", append(ask, "Origin: https://evil.example")...)
	if bad.status != 405 || bad.header.Get("Access-Control-Allow-Origin") != "" || bad.header.Get("Vary") == "" {
		t.Errorf("%d %v", bad.status, bad.header)
	}
	if got := b.do(t, "GET", "/v1/me", "", "Origin: https://board.example"); got.status != 401 ||
		got.header.Get("Access-Control-Allow-Origin") == "" || got.header.Get("Access-Control-Allow-Credentials") != "" {
		t.Errorf("%d %v", got.status, got.header)
	}
}

func TestMetrics(t *testing.T) {
	metrics := NewMetrics()
	b := newBench(t, func(o *Options) { o.Metrics = metrics })
	b.do(t, "GET", "/healthz", "")
	b.do(t, "GET", "/v1/me", "")
	b.do(t, "GET", "/nowhere", "")
	recorder := httptest.NewRecorder()
	metrics.Handler().ServeHTTP(recorder, httptest.NewRequest("GET", "/metrics", nil))
	for _, want := range []string{
		`xunfang_http_requests_total{operation="getHealth",status="200"} 1`,
		`xunfang_http_requests_total{operation="getMe",status="401"} 1`,
		`xunfang_http_requests_total{operation="none",status="404"} 1`,
		`xunfang_http_request_seconds_count{operation="getMe"} 1`,
		"xunfang_http_requests_in_flight 0",
	} {
		if !strings.Contains(recorder.Body.String(), want) {
			t.Errorf("no %s", want)
		}
	}
}
