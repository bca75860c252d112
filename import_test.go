package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"xunfang/auth"
	"xunfang/demo"
	"xunfang/models"
	"xunfang/store"
)

// importing is a data folder with keys and an empty database, and a station file.
type importing struct {
	t             testing.TB
	data, station string
}

func newImporting(t testing.TB) *importing {
	t.Helper()
	folder := t.TempDir()
	made := &importing{t: t, data: filepath.Join(folder, "data"), station: filepath.Join(folder, "station.yaml")}
	for _, arguments := range [][]string{{"keys", "new", filepath.Join(made.data, "keys.json")}, {"migrate", "up", "--data", made.data}} {
		if status, output := made.run(arguments...); status != 0 {
			t.Fatalf("%v: %s", arguments, output)
		}
	}
	made.write(string(demo.Station()))
	return made
}

func (i *importing) write(text string) {
	i.t.Helper()
	if err := os.WriteFile(i.station, []byte(text), 0o600); err != nil {
		i.t.Fatal(err)
	}
}

func (i *importing) run(arguments ...string) (status int, output string) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	both := bytes.Buffer{}
	status = run(ctx, arguments, &both, &both)
	return status, both.String()
}

// load runs the command and checks its exit status and some of its words.
func (i *importing) load(want int, words string, flags ...string) {
	i.t.Helper()
	status, output := i.run(append([]string{"import", i.station, "--data", i.data}, flags...)...)
	if status != want || !regexp.MustCompile(words).MatchString(output) {
		i.t.Errorf("import %v: exit status %d, want %d and %q:\n%s", flags, status, want, words, output)
	}
}

// use opens the database as the server would.
func (i *importing) use(work func(ctx context.Context, opened *store.Store, keys *auth.Keys)) {
	i.t.Helper()
	flags := storageFlags{Data: i.data}
	opened, keys, err := flags.open(&environment{ctx: i.t.Context(), stdout: os.Stdout, stderr: os.Stderr})
	if err != nil {
		i.t.Fatal(err)
	}
	defer func() { _ = opened.Close(context.WithoutCancel(i.t.Context())) }()
	work(i.t.Context(), opened, keys)
}

func (i *importing) stations() (count int) {
	i.t.Helper()
	i.use(func(ctx context.Context, opened *store.Store, _ *auth.Keys) {
		stations, err := opened.Stations(ctx)
		if err != nil {
			i.t.Error(err)
		}
		count = len(stations)
	})
	return count
}

func TestImportFromFileToSignIn(t *testing.T) {
	site := newImporting(t)
	secrets := filepath.Join(filepath.Dir(site.data), "secrets.json")

	site.load(1, `accounts have no password and .* --secrets OUT.json.*nothing was changed`)
	site.load(0, `compounds +66 added(.|\n)*nothing was changed \(--dry-run\)`, "--dry-run")
	if site.stations() != 0 {
		t.Fatal("something was written")
	}
	site.load(0, `compounds +66 added(.|\n)*passwords and \d+ device secrets are in`, "--secrets", secrets)
	made := readSecrets(t, secrets)
	site.use(func(ctx context.Context, opened *store.Store, keys *auth.Keys) { theyHold(ctx, t, made, opened, keys) })

	site.load(0, `people +56 unchanged`)
	site.write(strings.Replace(string(demo.Station()), "name: 兰亭苑\n", "name: 兰亭新苑\n", 1))
	site.load(0, `compounds +1 updated, 65 unchanged`, "--secrets", secrets)
	site.write(string(demo.Station()) + "  - {key: newcomer, name: 新来的, account: newcomer}\n")
	site.load(1, `--secrets: .*exists; nothing was changed`, "--secrets", secrets)
	site.load(0, `people +1 added`, "--no-secrets")
	if after := readSecrets(t, secrets); fmt.Sprint(after) != fmt.Sprint(made) {
		t.Error("the file of secrets was overwritten")
	}
	if status, output := site.run("audit", "verify", "--data", site.data); status != 0 {
		t.Errorf("audit verify: %s", output)
	}
}

func readSecrets(t *testing.T, path string) (made newSecrets) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &made); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v %v", info.Mode(), err)
	}
	return made
}

// theyHold checks that the secrets are those in the database, and that a tag's UID is kept as
// check-ins look for it.
func theyHold(ctx context.Context, t *testing.T, made newSecrets, opened *store.Store, keys *auth.Keys) {
	t.Helper()
	if len(made.People) < 30 || len(made.Devices) < 30 {
		t.Errorf("%d passwords, %d secrets", len(made.People), len(made.Devices))
	}
	seen := map[string]bool{}
	for _, one := range made.People {
		seen[one.Password] = true
		if !regexp.MustCompile(`^[a-km-np-z2-9]{16}$`).MatchString(one.Password) {
			t.Errorf("password %q", one.Password)
		}
	}
	if len(seen) != len(made.People) {
		t.Error("a password was given twice")
	}
	first := made.People[0]
	person, err := opened.PersonByAccount(ctx, first.Account)
	if err != nil || person.ID != first.PersonID || person.Demo {
		t.Fatalf("%v %+v", err, person)
	}
	passwords := auth.NewPasswords(1, time.Minute, rand.Reader)
	if holds, err := passwords.Verify(ctx, models.Secret(first.Password), person.PasswordHash.Reveal()); err != nil || !holds {
		t.Errorf("the password of %s does not hold: %v", first.Key, err)
	}
	if holds, _ := passwords.Verify(ctx, models.Secret(made.People[1].Password), person.PasswordHash.Reveal()); holds {
		t.Error("another's password holds too")
	}
	device, err := opened.Device(ctx, made.Devices[0].DeviceID)
	if err != nil || !auth.SameSecret(device.SecretHash, models.Secret(made.Devices[0].Secret)) {
		t.Errorf("the secret of %s does not hold: %v", made.Devices[0].Key, err)
	}
	points, err := opened.StationCheckpoints(ctx, person.StationID)
	uid := regexp.MustCompile(`nfc_uid: (\w+)`).FindSubmatch(demo.Station())
	found := false
	for _, point := range points {
		found = found || bytes.Equal(point.NFCMAC, keys.CodeMAC("nfc_uid", string(uid[1])))
	}
	if err != nil || !found {
		t.Errorf("no checkpoint has the tag %s: %v", uid[1], err)
	}
}

func TestImportTellsMistakesByLineAndChangesNothing(t *testing.T) {
	site := newImporting(t)
	site.write(strings.NewReplacer("key: commander,", "key: Commander,", "direction: north_south", "direction: up").Replace(string(demo.Station())))
	status, output := site.run("import", site.station, "--data", site.data, "--no-secrets")
	lines := strings.Split(strings.TrimSpace(output), "\n")
	if status != 1 || len(lines) != 5 || lines[4] != "4 mistakes; nothing was changed" ||
		!regexp.MustCompile(`^\S+station\.yaml:\d+: direction: wants`).MatchString(lines[0]) {
		t.Errorf("exit status %d:\n%s", status, output)
	}
	if site.stations() != 0 {
		t.Error("something was written")
	}
	site.station += ".missing"
	site.load(1, `no such file`, "--no-secrets")
}

func TestImportOfAConflictLeavesNoSecrets(t *testing.T) {
	site := newImporting(t)
	site.load(0, `66 added`, "--no-secrets")
	secrets := filepath.Join(filepath.Dir(site.data), "secrets.json")
	site.write(strings.Replace(string(demo.Station()), "key: wutong\n", "key: wutong-2\n", 1))
	site.load(1, `compounds\[wutong-2\]\.name: must be unique: .*(.|\n)*nothing was changed`, "--secrets", secrets)
	if _, err := os.Stat(secrets); !os.IsNotExist(err) {
		t.Errorf("a file of secrets was left: %v", err)
	}
}

func TestImportWantsTheSchema(t *testing.T) {
	site := newImporting(t)
	if err := os.Remove(filepath.Join(site.data, "xunfang.db")); err != nil {
		t.Fatal(err)
	}
	site.load(1, `migrate up`, "--no-secrets")
}
