package main

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"xunfang/auth"
)

// What the server seals opens by the command and the file that the other command made, as a file and as base64.
func TestStationKeyAndOpenSealed(t *testing.T) {
	folder := t.TempDir()
	identity := filepath.Join(folder, "keys", "identity.txt")
	status, printed := runProgram(t, nil, "station-key", "new", identity)
	key, err := auth.ParseStationKey(printed)
	if status != 0 || err != nil {
		t.Fatalf("%d %s: %v", status, printed, err)
	}
	if status, printed := runProgram(t, nil, "station-key", "new", identity); status != 1 || !strings.Contains(printed, "exists") {
		t.Errorf("a second time: %d %s", status, printed)
	}
	sealed, err := key.Seal([]byte(`{"description":"有人撬锁"}   `))
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"tip.age": sealed, "tip.txt": []byte(base64.StdEncoding.EncodeToString(sealed) + "\n")} {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		status, printed := runProgram(t, nil, "open-sealed", "--identity-file", identity, path)
		if status != 0 || printed != `{"description":"有人撬锁"}`+"\n" {
			t.Errorf("%s: %d %q", name, status, printed)
		}
	}
	other := filepath.Join(folder, "other.txt")
	runProgram(t, nil, "station-key", "new", other)
	if status, printed := runProgram(t, nil, "open-sealed", "--identity-file", other, filepath.Join(folder, "tip.age")); status != 1 {
		t.Errorf("by another key: %d %s", status, printed)
	}
}

func TestProductionRefusesAStationsPrivateKeyWithoutConsent(t *testing.T) {
	status, printed := runProgram(t, map[string]string{"XUNFANG_STATION_IDENTITY_FILE": "identity.txt"}, "serve")
	if status != 1 || !strings.Contains(printed, "--station-identity-file") || !strings.Contains(printed, "--open-tips-here=yes") {
		t.Errorf("%d %s", status, printed)
	}
}
