package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"xunfang/auth"
	"xunfang/models"
	"xunfang/store"
	"xunfang/store/testdb"
)

// eachDatabase runs a test on SQLite, and on MySQL or MariaDB where there is a server; under CI=true there must be.
func eachDatabase(t *testing.T, test func(t *testing.T, dsn string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, "sqlite:"+filepath.Join(t.TempDir(), "xunfang.db")) })
	switch {
	case os.Getenv(testdb.EnvMySQL) != "":
		t.Run("mysql", func(t *testing.T) { test(t, testdb.EmptyMySQL(t)) })
	case os.Getenv("CI") == "true":
		t.Fatal(testdb.EnvMySQL + " is not set, and under CI every test runs on both databases")
	default:
		t.Log(testdb.EnvMySQL + " is not set: SQLite only; see tools/with-mariadb.sh")
	}
}

// site is one installation: a database with a small neighbourhood in it, keys and a data folder.
type site struct {
	t      testing.TB
	dsn    string
	folder string
	keys   *auth.Keys

	station, compound, home, checkpoint models.ID
	gate, device                        models.ID
	secret                              models.Secret // the device's
	people                              map[models.Role]models.ID
}

const password = "correct horse battery staple"

// hashed is the password's hash, made once: it is slow on purpose.
var hashed = sync.OnceValues(func() (string, error) {
	return auth.NewPasswords(1, time.Minute, rand.Reader).Hash(context.Background(), password)
})

// newSite makes an installation; edit may change what is about to be written, and may be nil.
func newSite(t testing.TB, dsn string, edit func(person *models.Person)) *site {
	t.Helper()
	keys, err := auth.GenerateKeys(rand.Reader, false)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := auth.NewSecret(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	made := &site{
		t: t, dsn: dsn, folder: t.TempDir(), keys: keys, secret: secret, people: map[models.Role]models.ID{},
		station: newID(), compound: newID(), home: newID(), checkpoint: newID(), gate: newID(), device: newID(),
	}
	if err := keys.WriteFile(filepath.Join(made.folder, "keys.json")); err != nil {
		t.Fatal(err)
	}
	made.within(func(ctx context.Context, opened *store.Store) {
		if err := opened.Migrate(ctx); err != nil {
			t.Fatal(err)
		}
		made.sql("INSERT INTO stations (id, name, time_zone, lat, lng, created_at) VALUES ('" +
			string(made.station) + "', '慈音派出所', 'Asia/Shanghai', 30.52, 105.6, 1)")
		if err := opened.Atomically(ctx, func(tx *store.Store) error { return made.build(ctx, tx, edit) }); err != nil {
			t.Fatal(err)
		}
	})
	return made
}

// within opens the store for some work and closes it.
func (s *site) within(work func(ctx context.Context, opened *store.Store)) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	opened, err := store.Open(ctx, store.Config{DSN: s.dsn, NewID: newID, AuditMAC: s.keys.AuditMAC, Vault: s.keys})
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() {
		if err := opened.Close(ctx); err != nil {
			s.t.Error(err)
		}
	}()
	work(ctx, opened)
}

// build writes one compound with a gate, a home, a checkpoint and a person for each role.
func (s *site) build(ctx context.Context, tx *store.Store, edit func(*models.Person)) error {
	now := time.Now().Add(-time.Minute)
	compound := models.Place{Station: s.station, Compound: s.compound}
	centre := models.Position{Lat: 30.52, Lng: 105.6}
	if err := tx.AddCompound(ctx, models.Compound{
		ID: s.compound, StationID: s.station, Name: "滨江花园", Kind: "ordinary", Centre: centre, CreatedAt: now,
	}); err != nil {
		return err
	}
	building, err := tx.EnsureBuilding(ctx, models.Building{ID: newID(), Place: compound, Name: "1栋"})
	if err != nil {
		return err
	}
	unit, err := tx.EnsureUnit(ctx, models.Unit{ID: newID(), Place: building.Place, Name: "1单元"})
	if err != nil {
		return err
	}
	home := unit.Place
	home.Home = s.home
	if err := tx.AddHome(ctx, models.Home{ID: s.home, Place: home, Label: "302"}); err != nil {
		return err
	}
	if err := tx.AddDevice(ctx, models.Device{
		ID: s.device, Place: compound, Name: "大门控制器", Kind: "terminal", SecretHash: auth.HashSecret(s.secret), CreatedAt: now,
	}); err != nil {
		return err
	}
	if err := tx.AddDoor(ctx, models.Door{
		ID: s.gate, Place: compound, Name: "大门", Kind: models.DoorGate, DeviceID: s.device, CreatedAt: now,
	}); err != nil {
		return err
	}
	if err := tx.AddCheckpoint(ctx, models.Checkpoint{
		ID: s.checkpoint, Place: compound, Name: "大门岗", At: centre, RadiusM: 50,
		Methods: []models.CheckInMethod{models.MethodGPS}, CreatedAt: now,
	}); err != nil {
		return err
	}
	places := map[models.Role]models.Place{
		models.RoleCommander: {Station: s.station}, models.RoleOfficer: compound, models.RoleVolunteer: compound,
		models.RoleResident: home, models.RoleAdmin: {Station: s.station},
	}
	for role, place := range places {
		if err := s.addPerson(ctx, tx, role, place, now, edit); err != nil {
			return err
		}
	}
	return nil
}

func (s *site) addPerson(
	ctx context.Context, tx *store.Store, role models.Role, place models.Place, now time.Time, edit func(*models.Person),
) error {
	hash, err := hashed()
	if err != nil {
		return err
	}
	person := models.Person{
		ID: newID(), StationID: s.station, Name: models.Secret("人" + string(role)), Phone: models.Secret(phoneOf(role)),
		Account: string(role), PasswordHash: models.Secret(hash), CreatedAt: now,
	}
	if edit != nil {
		edit(&person)
	}
	s.people[role] = person.ID
	if err := tx.AddPerson(ctx, person); err != nil {
		return err
	}
	return tx.AddGrant(ctx, models.Grant{ID: newID(), PersonID: person.ID, Role: role, Place: place, StartsAt: now}, now)
}

// phoneOf is a number that cannot be anybody's: no network begins with 100.
func phoneOf(role models.Role) string {
	return fmt.Sprintf("100%08d", 40_000_017+1117*slices.Index(models.AllRoles, role))
}

// env are the settings of a child on this site, on free ports; more wins over what is usual.
func (s *site) env(more map[string]string) map[string]string {
	env := map[string]string{
		"XUNFANG_MODE": "production", "XUNFANG_LISTEN": "127.0.0.1:0", "XUNFANG_METRICS_LISTEN": "127.0.0.1:0",
		"XUNFANG_BROKER_LISTEN": "127.0.0.1:0", "XUNFANG_DATA": s.folder, "XUNFANG_DATABASE": s.dsn,
	}
	maps.Copy(env, more)
	return env
}

// serve starts the server on this site and waits until it serves.
func (s *site) serve(more map[string]string) (*child, addresses) {
	s.t.Helper()
	started := launch(s.t, s.env(more), "serve")
	return started, started.served()
}

// raw opens the database beside the store, as somebody with its password could.
func (s *site) raw() *sql.DB {
	s.t.Helper()
	driver, source := "mysql", s.dsn
	if path, file := strings.CutPrefix(s.dsn, "sqlite:"); file {
		driver, source = "sqlite", "file:"+path+"?_busy_timeout=10000"
	}
	opened, err := sql.Open(driver, source)
	if err != nil {
		s.t.Fatal(err)
	}
	return opened
}

// sql runs one statement and says how many rows it changed.
func (s *site) sql(statement string, arguments ...any) int64 {
	s.t.Helper()
	opened := s.raw()
	defer closing(s.t, opened)
	result, err := opened.Exec(statement, arguments...)
	if err != nil {
		s.t.Fatalf("%s: %v", statement, err)
	}
	changed, err := result.RowsAffected()
	if err != nil {
		s.t.Fatal(err)
	}
	return changed
}

// column reads one column of text.
func column(t testing.TB, opened *sql.DB, query string, arguments ...any) []string {
	t.Helper()
	rows, err := opened.Query(query, arguments...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer closing(t, rows)
	list := []string{}
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			t.Fatal(err)
		}
		list = append(list, one)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}
