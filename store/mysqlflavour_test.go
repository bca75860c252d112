package store

import "testing"

// TiDB parses SKIP LOCKED and takes no lock: two workers would have the same rows.
func TestWhoSkipsLocked(t *testing.T) {
	for version, want := range map[string]bool{
		"11.8.2-MariaDB-1": true, "10.6.0-MariaDB": true, "5.5.5-10.11.6-MariaDB-log": true, "10.5.21-MariaDB": false,
		"8.0.36": true, "8.4.0-log": true, "9.1.0": true, "5.7.44": false, "8.0.11-TiDB-v7.5.0": false, "": false,
	} {
		if got := flavourOf(version).skips; got != want {
			t.Errorf("%s: %v", version, got)
		}
	}
}
