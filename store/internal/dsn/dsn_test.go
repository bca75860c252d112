package dsn

import (
	"strings"
	"testing"
)

func TestMySQL(t *testing.T) {
	tests := map[string]struct{ user, password, net, address, name string }{
		"mysql://u:p@db.example:3307/x":        {"u", "p", "tcp", "db.example:3307", "x"},
		"mysql://u:p@db.example/x":             {"u", "p", "tcp", "db.example:3306", "x"},
		"mysql://u:p%40%2F@[::1]:3306/x":       {"u", "p@/", "tcp", "[::1]:3306", "x"},
		"mysql://u:p@127.0.0.1:1/":             {"u", "p", "tcp", "127.0.0.1:1", ""},
		"u:p@/(@unix(/run/my.sock)/x":          {"u", "p@/(", "unix", "/run/my.sock", "x"},
		"mysql://u:p@unix(/run/my.sock)/x":     {"u", "p", "unix", "/run/my.sock", "x"},
		"u:p@tcp(127.0.0.1:1)/x?tls=preferred": {"u", "p", "tcp", "127.0.0.1:1", "x"},
	}
	for text, want := range tests {
		got, err := MySQL(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got.User != want.user || got.Passwd != want.password || got.Net != want.net || got.Addr != want.address || got.DBName != want.name {
			t.Errorf("%s: got %s %s %s %s %s", text, got.User, got.Passwd, got.Net, got.Addr, got.DBName)
		}
	}
}

func TestMySQLRefuses(t *testing.T) {
	for _, text := range []string{"", "u:secret@host/x", "mysql://", "mysql://u:secret@h:port/x", "u:secret@odd(x)/y?nonsense=%zz"} {
		if settings, err := MySQL(text); err == nil {
			t.Errorf("%q gave %+v", text, settings.Addr)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("printed: %v", err)
		}
	}
}
