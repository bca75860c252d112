package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"xunfang/models"
)

// doorPageBlock is the first fenced block with a label in docs/door-protocol.md.
func doorPageBlock(t testing.TB, label string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("docs", "door-protocol.md"))
	if err != nil {
		t.Fatal(err)
	}
	for at, part := range strings.Split("\n"+string(text), "\n```") {
		info, body, _ := strings.Cut(part, "\n")
		if _, named, _ := strings.Cut(info, " "); at%2 == 1 && named == label {
			return body
		}
	}
	t.Fatalf("the page has no block %q", label)
	return ""
}

// program looks in the path and where distributions put servers.
func program(name string) string {
	for _, place := range []string{name, "/usr/sbin/" + name, "/usr/local/sbin/" + name} {
		if found, err := exec.LookPath(place); err == nil {
			return found
		}
	}
	return ""
}

// mosquitto starts an external broker that is set up as the page says, with the site's device and the server as
// its users; it gives its address and the file of the server's password.
func (s *site) mosquitto() (url, passwordFile string) {
	t := s.t
	t.Helper()
	broker, passwd := program("mosquitto"), program("mosquitto_passwd")
	if broker == "" || passwd == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("mosquitto is not installed, and under CI it is needed")
		}
		t.Skip("mosquitto is not installed: no external broker was tried")
	}
	folder, serverPassword := t.TempDir(), "the-server-at-an-external-broker"
	write := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	passwords := write("passwords", fmt.Sprintf("server:%s\n%s:%s\n", serverPassword, s.device, s.secret.Reveal()))
	if output, err := exec.Command(passwd, "-U", passwords).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	acl := write("acl", doorPageBlock(t, "acl")+"\n")
	port := freePort(t)
	conf := strings.NewReplacer("listener 1883", fmt.Sprintf("listener %d", port),
		"/etc/mosquitto/passwords", passwords, "/etc/mosquitto/acl", acl,
	).Replace(doorPageBlock(t, "mosquitto.conf")) + "\nlog_dest none\n"
	if os.Geteuid() == 0 {
		conf += "user root\n" // else it becomes a user who cannot read the temporary folder
	}
	started := exec.Command(broker, "-c", write("mosquitto.conf", conf))
	if err := started.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = started.Process.Kill()
		_ = started.Wait()
	})
	address := fmt.Sprintf("127.0.0.1:%d", port)
	eventually(t, func() bool {
		connection, err := net.Dial("tcp", address)
		return err == nil && connection.Close() == nil
	}, "mosquitto listens")
	return "mqtt://" + address, write("server", serverPassword+"\n")
}

func freePort(t testing.TB) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer closing(t, listener)
	return listener.Addr().(*net.TCPAddr).Port
}

// The resident's button, the server, a broker of its own, and the controller's relay.
func TestADoorOpensThroughMosquitto(t *testing.T) {
	s := newSite(t, "sqlite:"+filepath.Join(t.TempDir(), "x.db"), nil)
	url, passwordFile := s.mosquitto()
	server, at := s.serve(map[string]string{"XUNFANG_BROKER": url, "XUNFANG_BROKER_PASSWORD_FILE": passwordFile})
	s.opens(at, url)
	server.stop()
}

func TestADoorOpensThroughTheEmbeddedBroker(t *testing.T) {
	s := newSite(t, "sqlite:"+filepath.Join(t.TempDir(), "x.db"), nil)
	server, at := s.serve(nil)
	s.opens(at, "mqtt://"+at.broker)
	server.stop()
}

// opens opens the site's gate from afar, once, and finds it in the record.
func (s *site) opens(at addresses, broker string) {
	t := s.t
	t.Helper()
	pulses := atomic.Int64{}
	controller := s.controller(broker, func(door, _ models.ID) {
		if door == s.gate {
			pulses.Add(1)
		}
	})
	defer controller.Stop(true)
	becomesReady(t.(*testing.T), newCaller(at.api), 200, readiness{"ready", "up", "up", "off"})
	resident := s.signedIn(at.api, models.RoleResident)
	waitOnline(t, resident, s.gate)
	path, key := "/v1/doors/"+string(s.gate)+"/open", string(newID())
	got := resident.want(t, 200, "POST", path, nil, "Idempotency-Key", key, "Prefer", "wait=5")
	command := struct {
		ID        models.ID `json:"id"`
		State     string    `json:"state"`
		Confirmed bool      `json:"confirmed_by_device"`
	}{}
	got.read(t, &command)
	if command.State != "opened" || !command.Confirmed {
		t.Errorf("%s", got.body)
	}
	again := resident.want(t, 200, "POST", path, nil, "Idempotency-Key", key, "Prefer", "wait=5")
	if string(again.body) != string(got.body) || again.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("a repeated key: %s", again.body)
	}
	if pulses.Load() != 1 || controller.Pulses(command.ID) != 1 {
		t.Errorf("the relay moved %d times", pulses.Load())
	}
	passages := s.one("SELECT COUNT(*) FROM access_events WHERE way = 'remote' AND outcome = 'granted' AND command_id = '" + string(command.ID) + "'")
	if passages != "1" {
		t.Errorf("%s passages were recorded", passages)
	}
}
