package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"xunfang/auth"
	"xunfang/models"
)

func TestKeysNewNeverOverwrites(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deeper", "keys.json")
	if status, printed := runProgram(t, nil, "keys", "new", path); status != 0 || !strings.Contains(printed, path) {
		t.Fatalf("%d %s", status, printed)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v %v", info.Mode(), err)
	}
	first, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := auth.LoadKeys(path)
	if err != nil || keys.Demo() {
		t.Errorf("%v, demo %v", err, keys.Demo())
	}
	status, printed := runProgram(t, nil, "keys", "new", path)
	if status != 1 || !strings.Contains(printed, "exists") {
		t.Errorf("a second time: %d %s", status, printed)
	}
	second, err := os.ReadFile(path)
	if err != nil || string(second) != string(first) {
		t.Errorf("the keys were overwritten (%v)", err)
	}
}

func TestOpenapiPrintsTheContract(t *testing.T) {
	want, err := os.ReadFile("openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if status, printed := runProgram(t, nil, "openapi"); status != 0 || printed != string(want) {
		t.Errorf("%d, %d bytes instead of %d", status, len(printed), len(want))
	}
}

func TestVersion(t *testing.T) {
	status, printed := runProgram(t, nil, "version")
	if fields := strings.Fields(printed); status != 0 || len(fields) != 2 || fields[0] != "xunfang" || !strings.HasPrefix(fields[1], release) {
		t.Errorf("%d %q", status, printed)
	}
}

func TestHealthcheck(t *testing.T) {
	s := newSite(t, "sqlite:"+filepath.Join(t.TempDir(), "x.db"), nil)
	server, at := s.serve(nil)
	env := map[string]string{"XUNFANG_HEALTHCHECK_URL": at.api + "/healthz"}
	if status, printed := runProgram(t, env, "healthcheck"); status != 0 || strings.TrimSpace(printed) != "ok" {
		t.Errorf("running: %d %s", status, printed)
	}
	wrong := map[string]string{"XUNFANG_HEALTHCHECK_URL": at.api + "/v1/me"}
	if status, printed := runProgram(t, wrong, "healthcheck"); status != 1 || !strings.Contains(printed, "401") {
		t.Errorf("not well: %d %s", status, printed)
	}
	server.stop()
	if status, printed := runProgram(t, env, "healthcheck"); status != 1 {
		t.Errorf("stopped: %d %s", status, printed)
	}
}

func TestMigrate(t *testing.T) {
	eachDatabase(t, func(t *testing.T, dsn string) {
		empty := emptySite(t, dsn)
		count := func(word string) int {
			status, printed := runProgram(t, empty, "migrate", "status")
			if status != 0 {
				t.Fatalf("%d %s", status, printed)
			}
			return strings.Count(printed, " "+word+" 0")
		}
		steps := count("missing")
		if steps < 8 || count("applied") != 0 {
			t.Errorf("before: %d missing, %d applied", steps, count("applied"))
		}
		empty["XUNFANG_MIGRATE"] = "no"
		if status, printed := runProgram(t, empty, "serve"); status != 1 || !strings.Contains(printed, "run migrate up") {
			t.Errorf("an older schema was served: %d %s", status, printed)
		}
		for range 2 { // the second has nothing to do
			if status, printed := runProgram(t, empty, "migrate", "up"); status != 0 || !strings.Contains(printed, "up to date") {
				t.Fatalf("%d %s", status, printed)
			}
		}
		if count("missing") != 0 || count("applied") != steps {
			t.Errorf("after: %d missing, %d applied", count("missing"), count("applied"))
		}
	})
}

// emptySite is the environment of a database without tables, with keys.
func emptySite(t *testing.T, dsn string) map[string]string {
	t.Helper()
	folder := t.TempDir()
	if status, printed := runProgram(t, nil, "keys", "new", filepath.Join(folder, "keys.json")); status != 0 {
		t.Fatalf("%d %s", status, printed)
	}
	return map[string]string{
		"XUNFANG_DATA": folder, "XUNFANG_DATABASE": dsn, "XUNFANG_LISTEN": "127.0.0.1:0",
		"XUNFANG_METRICS_LISTEN": "off", "XUNFANG_BROKER_LISTEN": "127.0.0.1:0",
	}
}

// The audit of a real run holds; after any hand in the database, verify names the first row it touched.
func TestAuditVerifyNamesTheFirstWrongRow(t *testing.T) {
	eachDatabase(t, func(t *testing.T, dsn string) {
		s := newSite(t, dsn, nil)
		server, at := s.serve(nil)
		officer := s.signedIn(at.api, models.RoleOfficer)
		for range 12 {
			officer.want(t, 200, "POST", "/v1/check-ins", s.batch(newID()))
		}
		officer.want(t, 201, "POST", "/v1/tips", map[string]any{"id": newID(), "category": "other", "description": "灯坏了"})
		eventually(t, func() bool { return allSealed(t, s) }, "the audit is sealed")
		server.stop()
		verify := func(status int, said ...string) {
			t.Helper()
			got, printed := runProgram(t, s.env(nil), "audit", "verify")
			if got != status {
				t.Errorf("exit status %d, wanted %d:\n%s", got, status, printed)
			}
			for _, piece := range said {
				if !strings.Contains(printed, piece) {
					t.Errorf("it does not say %q:\n%s", piece, printed)
				}
			}
		}
		entry := func(seq int) string { return s.linked(seq) }
		verify(0, "the audit holds", "0 waiting")

		s.sql("CREATE TABLE spare AS SELECT * FROM audit_entries")
		restore := func() {
			s.sql("DELETE FROM audit_entries")
			s.sql("INSERT INTO audit_entries SELECT * FROM spare")
			verify(0, "the audit holds")
		}
		for _, seq := range []int{9, 5, 7} { // the first in the chain is named, not the first altered
			if s.sql("UPDATE audit_entries SET outcome = 'refused' WHERE id = ?", entry(seq)) != 1 {
				t.Fatal("nothing was altered")
			}
		}
		verify(1, fmt.Sprintf("altered at seq 5, entry %s", entry(5)))
		restore()

		s.sql("DELETE FROM audit_entries WHERE id = ?", entry(6))
		verify(1, fmt.Sprintf("missing at seq 6, entry %s", entry(6)))
		restore()

		for sealed := range 2 { // a copy of an entry under an id of its own, as one to be linked and as one that was
			intruder := string(newID())
			s.sql("CREATE TABLE made AS SELECT * FROM audit_entries WHERE id = ?", entry(4))
			s.sql("UPDATE made SET id = ?, sealed = ?", intruder, sealed)
			s.sql("INSERT INTO audit_entries SELECT * FROM made")
			s.sql("DROP TABLE made")
			verify(1, "FOUND", "entry "+intruder)
			restore()
		}

		last, err := strconv.Atoi(s.one("SELECT MAX(seq) FROM audit_chain"))
		if err != nil {
			t.Fatal(err)
		}
		hidden := entry(last)
		s.sql("DELETE FROM audit_entries WHERE id = ?", hidden)
		s.sql("DELETE FROM audit_chain WHERE entry_id = ?", hidden)
		verify(1, fmt.Sprintf("seq %d", last))
	})
}

// linked is the entry at a place of the site's chain.
func (s *site) linked(seq int) string {
	return s.one("SELECT entry_id FROM audit_chain WHERE seq = " + strconv.Itoa(seq) + " AND station_id = '" + string(s.station) + "'")
}

// one reads one text.
func (s *site) one(query string) string {
	s.t.Helper()
	opened := s.raw()
	defer closing(s.t, opened)
	found := column(s.t, opened, query)
	if len(found) != 1 {
		s.t.Fatalf("%s gave %d rows", query, len(found))
	}
	return found[0]
}
