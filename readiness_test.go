package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"xunfang/models"
	"xunfang/push/fcmfake"
)

type readiness struct {
	Status   string `json:"status"`
	Database string `json:"database"`
	Broker   string `json:"broker"`
	Push     string `json:"push"`
}

// becomesReady waits until readiness is as wanted.
func becomesReady(t *testing.T, who *caller, status int, want readiness) {
	t.Helper()
	var last readiness
	eventually(t, func() bool {
		got, err := who.send("GET", "/readyz", nil)
		if err != nil {
			t.Fatal(err)
		}
		last = readiness{}
		got.read(t, &last)
		return got.status == status && last == want
	}, "readiness becomes %d %+v", status, want)
}

func TestReadinessTellsThePartsApart(t *testing.T) {
	dsn := "sqlite:" + filepath.Join(t.TempDir(), "x.db")
	s := newSite(t, dsn, nil)
	fake, err := fcmfake.Start()
	if err != nil {
		t.Fatal(err)
	}
	defer fake.Close()
	t.Run("all well, push off", func(t *testing.T) {
		server, at := s.serve(nil)
		becomesReady(t, newCaller(at.api), 200, readiness{"ready", "up", "up", "off"})
		line := server.logged("push is off: no channel is set; alerts go to inbox and stream only")
		if line["level"] != "WARN" {
			t.Errorf("%v", line)
		}
		server.stop()
	})
	t.Run("push on, broker away", func(t *testing.T) {
		secret := filepath.Join(s.folder, "broker")
		if err := os.WriteFile(secret, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		server, at := s.serve(map[string]string{
			"XUNFANG_MODE": "development", "XUNFANG_FIREBASE_ENDPOINT": fake.Endpoint(), "XUNFANG_FIREBASE_PROJECT": "x",
			"XUNFANG_BROKER": "mqtt://127.0.0.1:1", "XUNFANG_BROKER_PASSWORD_FILE": secret,
		})
		becomesReady(t, newCaller(at.api), 200, readiness{"degraded", "up", "down", "up"})
		resident := s.signedIn(at.api, models.RoleResident)
		got := resident.want(t, 503, "POST", "/v1/doors/"+string(s.gate)+"/open", nil, "Idempotency-Key", string(newID()))
		if got.field("code") != string(models.CodeBrokerUnavailable) {
			t.Errorf("%s", got.body)
		}
		server.logged("the door broker does not answer yet")
		if logLine(server.printed.String(), "push is off: no channel is set; alerts go to inbox and stream only") != nil {
			t.Error("it says that push is off")
		}
		server.stop()
	})
	t.Run("database away", func(t *testing.T) {
		made := s.inside(&lines{})
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- made.run(ctx) }()
		who := newCaller(made.baseURL())
		becomesReady(t, who, 200, readiness{"ready", "up", "up", "off"})
		if err := made.store.Close(t.Context()); err != nil {
			t.Error(err)
		}
		becomesReady(t, who, 503, readiness{"unavailable", "down", "up", "off"})
		who.want(t, 200, "GET", "/healthz", nil) // the process itself is well
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func TestMetricsHaveAListenerOfTheirOwn(t *testing.T) {
	s := newSite(t, "sqlite:"+filepath.Join(t.TempDir(), "x.db"), nil)
	server, at := s.serve(nil)
	app, operator := newCaller(at.api), newCaller(strings.TrimSuffix(at.metrics, "/metrics"))
	app.want(t, 200, "GET", "/healthz", nil)
	got := operator.want(t, 200, "GET", "/metrics", nil)
	if kind := got.header.Get("Content-Type"); !strings.HasPrefix(kind, "text/plain; version=0.0.4") {
		t.Errorf("Content-Type %s", kind)
	}
	for _, line := range []string{"# TYPE xunfang_store_commits gauge", "\nxunfang_doors_connected ", "\nxunfang_store_queued "} {
		if !strings.Contains(string(got.body), line) {
			t.Errorf("the metrics have no %q", line)
		}
	}
	app.want(t, 404, "GET", "/metrics", nil)
	app.want(t, 404, "GET", "/debug/pprof/", nil)
	operator.want(t, 200, "GET", "/debug/pprof/", nil)
	operator.want(t, 404, "GET", "/v1/me", nil)
	operator.want(t, 404, "GET", "/healthz", nil)
	server.stop()
	off, at := s.serve(map[string]string{"XUNFANG_METRICS_LISTEN": "off"})
	if at.metrics != "" {
		t.Errorf("metrics at %s", at.metrics)
	}
	off.stop()
}

func TestTheDocumentationIsServed(t *testing.T) {
	s := newSite(t, "sqlite:"+filepath.Join(t.TempDir(), "x.db"), nil)
	server, at := s.serve(nil)
	app := newCaller(at.api)
	page := app.want(t, 200, "GET", "/docs", nil)
	if kind := page.header.Get("Content-Type"); !strings.HasPrefix(kind, "text/html") || !strings.Contains(string(page.body), "/docs/init.js") {
		t.Errorf("/docs: %s, %d bytes", kind, len(page.body))
	}
	if script := app.want(t, 200, "GET", "/docs/init.js", nil); !strings.Contains(string(script.body), "/openapi.yaml") {
		t.Errorf("the page does not read the contract: %s", script.body)
	}
	if got := app.want(t, 200, "GET", "/openapi.yaml", nil); string(got.body) != string(contract) {
		t.Error("/openapi.yaml is not the contract")
	}
	server.stop()
}
