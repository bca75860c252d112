package doors

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestMosquitto(t *testing.T) { scenarios(t, mosquitto(t)) }

// mosquitto starts an external broker in a temporary folder and gives its address.
func mosquitto(t testing.TB) string {
	t.Helper()
	binary, passwd := program("mosquitto"), program("mosquitto_passwd")
	if binary == "" || passwd == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("mosquitto is not installed: no external broker was tried")
		}
		t.Skip("mosquitto is not installed: no external broker was tried")
	}
	folder := t.TempDir()
	passwords, acl, conf := filepath.Join(folder, "passwords"), filepath.Join(folder, "acl"), filepath.Join(folder, "mosquitto.conf")
	port := freePort(t)
	write := func(name, text string) {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	blocks := page(t) // the configuration that docs/door-protocol.md gives, elsewhere and on a free port
	text := strings.NewReplacer("listener 1883", fmt.Sprintf("listener %d", port),
		"/etc/mosquitto/passwords", passwords, "/etc/mosquitto/acl", acl,
	).Replace(blocks["mosquitto.conf"][0]) + "\nlog_dest none\n"
	if os.Geteuid() == 0 {
		text += "user root\n" // else it becomes a user who cannot read the temporary folder
	}
	write(conf, text)
	write(acl, blocks["acl"][0]+"\n")
	lines := serverUser + ":" + serverPassword.Reveal() + "\n"
	for deviceID, secret := range accounts() {
		lines += string(deviceID) + ":" + secret.Reveal() + "\n"
	}
	write(passwords, lines)
	if output, err := exec.Command(passwd, "-U", passwords).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	broker := exec.Command(binary, "-c", conf)
	if err := broker.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = broker.Process.Kill()
		_ = broker.Wait()
	})
	address := fmt.Sprintf("127.0.0.1:%d", port)
	eventually(t, "mosquitto listens", func() bool {
		connection, err := net.Dial("tcp", address)
		if err != nil {
			return false
		}
		return connection.Close() == nil
	})
	return "mqtt://" + address
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

func freePort(t testing.TB) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().(*net.TCPAddr).Port
}
