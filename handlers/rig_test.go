package handlers_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"xunfang/api"
	"xunfang/auth"
	"xunfang/doors/hardware"
	"xunfang/handlers"
	"xunfang/media"
	"xunfang/models"
	"xunfang/reports"
	"xunfang/store"
	"xunfang/store/testdb"
)

// rig is the whole service over a real database and a real listener, with a clock that only
// moves when told, doors and SMS that only record, and a small world to act in.
type rig struct {
	*world
	t         *testing.T
	store     *store.Store
	server    *handlers.Server
	app       *api.App
	keys      *auth.Keys
	tokens    *auth.Tokens
	clock     *clock
	ids       *idMaker
	passwords *auth.Passwords
	opener    *auth.StationIdentity // opens what is sealed to station A or B
	doors     *fakeDoors
	sms       *fakeSMS
	woken     *counter // how often the push worker was woken
	metrics   *api.Metrics
	logs      *logBook
	sql       *sql.DB   // the same database, past the store: for looking only
	counting  *sql.Stmt // of rows, once it was asked for
	folder    string    // of the blobs
	base      string    // http://127.0.0.1:port
	client    *http.Client

	mutex      sync.Mutex
	issued     map[models.ID]issuedToken
	stationKey string // the public half of opener
	added      int    // people added after the world was made
}

// publicURL is where the rig's certificates lead.
const publicURL = "https://xunfang.example/suining"

// rigSettings is what a test may change before its rig is made.
type rigSettings struct {
	limits  api.Limits
	streams api.StreamLimits
	pushOn  bool
	noKey   bool // no station's private key is on this machine
	codes   models.CodeRules
	store   func(*store.Config)
}

// each runs the test on SQLite and, where testdb.EnvMySQL is set, on MariaDB: each with a
// database, a server and a world of its own. Nobody is limited unless a setting says so.
func each(t *testing.T, test func(t *testing.T, rig *rig), settings ...func(*rigSettings)) {
	t.Helper()
	made := rigSettings{limits: api.Limits{Off: true}}
	for _, set := range settings {
		set(&made)
	}
	keys := newKeys(t)
	edit := func(config *store.Config) {
		config.AuditMAC, config.Vault = keys.AuditMAC, keys
		if made.store != nil {
			made.store(config)
		}
	}
	testdb.EachWith(t, edit, func(t *testing.T, opened *store.Store) { test(t, newRig(t, opened, keys, made)) })
}

func newKeys(t testing.TB) *auth.Keys {
	t.Helper()
	keys, err := auth.GenerateKeys(rand.Reader, true)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func newRig(t *testing.T, opened *store.Store, keys *auth.Keys, settings rigSettings) *rig {
	t.Helper()
	r := &rig{
		t: t, store: opened, keys: keys, clock: newClock(), doors: newFakeDoors(), sms: &fakeSMS{},
		woken: &counter{}, logs: &logBook{}, issued: map[models.ID]issuedToken{},
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}, Timeout: 30 * time.Second},
	}
	r.metrics = api.NewMetrics()
	r.ids = &idMaker{clock: r.clock}
	r.sql = openSQL(t, opened)
	r.newStationKey()
	r.newServer(settings)
	r.serve(settings)
	r.world = newWorld(t, r)
	return r
}

func (r *rig) newServer(settings rigSettings) {
	contract, err := compileContract()
	if err != nil {
		r.t.Fatal(err)
	}
	if r.tokens, err = auth.NewTokens(r.keys, "xunfang-test", "xunfang-test", models.AccessTokenLife); err != nil {
		r.t.Fatal(err)
	}
	r.folder = r.t.TempDir()
	blobs, err := media.OpenFolder(r.folder)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = blobs.Close() })
	var opener handlers.SealedOpener
	if !settings.noKey {
		opener = r.opener
	}
	r.server = handlers.New(handlers.Config{
		Opener: opener, ProofBits: 4, Codes: settings.codes,
		Store: r.store, Keys: r.keys, Tokens: r.tokens, Passwords: r.passwords,
		Contract: contract, SMS: r.sms, WeChat: fakeWeChat{}, VoiceSecrets: callerSecrets, Doors: r.doors, Photos: cleanPhotos{media.NewCleaner(media.DefaultLimits())},
		Blobs: blobs, Reports: reports.Writer{}, PublicURL: publicURL, PushOn: settings.pushOn, WakePush: r.woken.add, NewID: r.ids.next, Random: rand.Reader,
		Now: r.clock.Now, Logger: r.logs.logger(), Version: "test",
	})
	r.doors.server = r.server
	r.server.Networks = models.DoorNetworks{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("192.168.0.0/16")}
	r.server.Hardware = r.newHardware()
}

// newHardware makes drivers that are quick to give up; they hear events once they run.
func (r *rig) newHardware() *hardware.Hardware {
	return hardware.New(hardware.Config{
		Records: r.server, Networks: r.server.Networks, Now: r.clock.Now, Logger: r.logs.logger(), Timeout: 150 * time.Millisecond,
		Poll: 20 * time.Millisecond, Look: 50 * time.Millisecond, Reload: 20 * time.Millisecond,
	})
}

// serve starts the API on a free port; every request and answer is held against the contract.
func (r *rig) serve(settings rigSettings) {
	compiled, err := compileContract()
	if err != nil {
		r.t.Fatal(err)
	}
	r.app, err = api.New(api.Options{
		Compiled: compiled, Server: r.server, Authenticator: r.server, Now: r.clock.Now, NewID: r.ids.next,
		Logger: r.logs.logger(), Limits: settings.limits, Metrics: r.metrics, Streams: settings.streams, CheckResponses: true,
		Refused: func(ctx context.Context, _ models.Principal, operation models.Operation, code models.Code) {
			r.server.GateRefused(ctx, operation, code)
		},
	})
	if err != nil {
		r.t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		r.t.Fatal(err)
	}
	r.base = "http://" + listener.Addr().String()
	app, ended := r.app, make(chan error, 1) // a restart makes another
	go func() { ended <- app.Listen(listener) }()
	r.t.Cleanup(func() {
		r.wordsInBoth()
		r.client.CloseIdleConnections()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := app.Shutdown(ctx); err != nil {
			r.t.Errorf("the API did not stop well: %v", err)
		}
		if err := <-ended; err != nil {
			r.t.Errorf("the API ended with: %v", err)
		}
		r.doors.pending.Wait()
		if r.t.Failed() {
			r.t.Logf("what went wrong in the server:\n%s", r.logs.worst())
		}
	})
}

// wordsInBoth looks that whatever these alerts said in the test they said in both languages.
func (r *rig) wordsInBoth() {
	kinds := []string{}
	rows, err := r.sql.Query(`SELECT DISTINCT kind FROM alerts WHERE title_en_sealed IS NULL AND kind IN
		('sos_claim', 'sos_left', 'welfare_check', 'reward', 'reward_ending', 'reward_lapsed', 'commendation', 'commendation_revoked')`)
	for err == nil && rows.Next() {
		kinds = append(kinds, "")
		err = rows.Scan(&kinds[len(kinds)-1])
	}
	if rows != nil {
		err = errors.Join(err, rows.Err(), rows.Close())
	}
	if err != nil || len(kinds) > 0 {
		r.t.Errorf("alerts in Chinese alone: %v %v", kinds, err)
	}
}

var readContract = sync.OnceValues(func() ([]byte, error) { return os.ReadFile("../openapi.yaml") })

// compileContract is done once for all rigs: a contract does not change.
var compileContract = sync.OnceValues(func() (*api.Contract, error) {
	text, err := readContract()
	if err != nil {
		return nil, err
	}
	return api.LoadContract(text)
})

func contractText(t testing.TB) []byte {
	t.Helper()
	text, err := readContract()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// openSQL opens the store's database once more, for what no store method tells.
func openSQL(t testing.TB, opened *store.Store) *sql.DB {
	t.Helper()
	driver, dsn := "mysql", opened.Config().DSN
	if path, file := strings.CutPrefix(dsn, "sqlite:"); file {
		driver, dsn = "sqlite", (&url.URL{Scheme: "file", Path: path, RawQuery: "_pragma=busy_timeout(5000)"}).String()
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// cleanPhotos is handlers.Photos over the real cleaner, as the program itself has it.
type cleanPhotos struct{ cleaner *media.Cleaner }

func (p cleanPhotos) Clean(ctx context.Context, data []byte) (models.Media, []byte, error) {
	return p.cleaner.Make(ctx, data)
}

// logBook keeps what the server logs.
type logBook struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (b *logBook) Write(line []byte) (int, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.text.Write(line)
}

func (b *logBook) logger() *slog.Logger {
	return slog.New(slog.NewJSONHandler(b, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// all is everything logged so far, one JSON line an event.
func (b *logBook) all() string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.text.String()
}

// worst is the lines that tell of a failure.
func (b *logBook) worst() string {
	kept := []string{}
	for line := range strings.Lines(b.all()) {
		if strings.Contains(line, `"level":"ERROR"`) || strings.Contains(line, `"level":"WARN"`) {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept[max(0, len(kept)-20):], "")
}
