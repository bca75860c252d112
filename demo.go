package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	mathrand "math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"xunfang/auth"
	"xunfang/demo"
	"xunfang/models"
	"xunfang/push/fcmfake"
	"xunfang/station"
	"xunfang/store"
)

// fullScale is how many people live in the station of domain size.
const fullScale = 90_000

// demoCommand starts everything with the demo station, plays its day, and stays up.
type demoCommand struct {
	Addr          string `default:"127.0.0.1:8080" help:"Address of the API; port 0 takes a free one."`
	BrokerAddr    string `default:"127.0.0.1:0" help:"Address of the embedded MQTT broker; port 0 takes a free one."`
	MetricsAddr   string `default:"off" help:"Address of /metrics and /debug/pprof; off switches it off."`
	Data          string `default:"data/demo" help:"Folder of the demo's database, photos, keys and demo-accounts.json."`
	Database      string `help:"Another database than DATA/xunfang.db: mysql://USER:PASSWORD@HOST:PORT/NAME."`
	Seed          uint64 `help:"Makes the keys, passwords and invented residents of a new data folder; the same seed makes the same. Default: a random one."`
	Scale         string `default:"small" enum:"small,full" help:"small, or full: 90,000 residents in their homes."`
	Once          bool   `help:"End after the day: exit status 0 if every step held, 1 otherwise."`
	Lang          string `default:"auto" enum:"auto,en,zh" help:"Language of the day's lines: en, zh, or auto by LANG."`
	CheckContract bool   `help:"Check every request and response against the contract; slow."`
	LogLevel      string `default:"error" enum:"debug,info,warn,error" help:"What the service logs to standard error."`
}

// Run implements the command.
func (c *demoCommand) Run(env *environment) error {
	if err := c.prepareFolder(); err != nil {
		return err
	}
	phones, err := fcmfake.Start()
	if err != nil {
		return err
	}
	defer phones.Close()
	settings, err := c.settings(phones.Endpoint())
	if err != nil {
		return err
	}
	log := newLogger(settings, env.stderr)
	stage, err := c.build(env, settings, log)
	if err != nil {
		return err
	}
	stage.phones = phones
	return stage.run(env)
}

// prepareFolder takes away what an earlier run told tools; it is written again when everything is up.
func (c *demoCommand) prepareFolder() error {
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return err
	}
	err := os.Remove(filepath.Join(c.Data, demo.AccountsFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

func (c *demoCommand) settings(firebase string) (*settings, error) {
	check := map[bool]string{true: "yes", false: "no"}[c.CheckContract]
	made := withDefaults(settings{
		Mode: "development", Listen: c.Addr, MetricsListen: c.MetricsAddr, Data: c.Data, Database: c.Database,
		BrokerListen: c.BrokerAddr, BrokerUser: "xunfang-server", SMS: "console", PublicURL: "http://" + c.Addr,
		CheckContract: check, LogLevel: c.LogLevel, LogFormat: "text",
		FirebaseProject: "xunfang-demo", FirebaseEndpoint: firebase,
		StationIdentityFile: filepath.Join(c.Data, "station-identity.txt"), OpenTipsHere: "yes",
		DoorNetworks: "127.0.0.0/8", UHPPOTEListen: "127.0.0.1:0",
	})
	return made, made.settle()
}

// stage is the demo, built and not yet running.
type stage struct {
	command   *demoCommand
	service   *service
	phones    *fcmfake.Server
	fleet     *demo.Fleet // nil until it runs
	station   models.Description
	passwords map[models.ID]models.Secret
	secrets   map[models.ID]models.Secret
}

// build makes keys, loads the station into the database and puts the service together.
func (c *demoCommand) build(env *environment, settings *settings, log *slog.Logger) (*stage, error) {
	keys, seed, err := c.keys(settings.Keys)
	if err != nil {
		return nil, err
	}
	_, _ = fmt.Fprintf(env.stdout, "巡防 Xunfang %s, demo, seed %d, data in %s\n", version(), seed, c.Data)
	built := &stage{command: c, passwords: map[models.ID]models.Secret{}, secrets: map[models.ID]models.Secret{}}
	built.station, err = station.Read(demo.Station(), station.Options{NFCMAC: nfcMAC(keys), Demo: true})
	if err != nil {
		return nil, err
	}
	if built.station.Station.TipKey, err = demoStationKey(settings.StationIdentityFile); err != nil {
		return nil, err
	}
	_, _ = fmt.Fprintf(env.stdout, "anonymous tips open on this machine: the station's private key is %s\n", settings.StationIdentityFile)
	if err := built.handOut(env.ctx, keys); err != nil {
		return nil, err
	}
	if c.Scale == "full" {
		built.station = demo.Grow(built.station, fullScale, seed)
	}
	opened, err := openStore(env.ctx, settings, keys, log)
	if err != nil {
		return nil, err
	}
	if err = opened.Migrate(env.ctx); err == nil {
		err = built.load(env, opened)
	}
	if err = errors.Join(err, opened.Close(context.WithoutCancel(env.ctx))); err != nil {
		return nil, err
	}
	built.service, err = newService(env.ctx, settings, keys, log)
	return built, err
}

// seedFile keeps the seed of a data folder beside what was made from it.
const seedFile = "demo-seed"

// keys reads the demo's keys, or makes them from the seed.
func (c *demoCommand) keys(path string) (*auth.Keys, uint64, error) {
	keys, err := auth.LoadKeys(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return c.newKeys(path)
	case err != nil:
		return nil, 0, err
	case !keys.Demo():
		return nil, 0, fmt.Errorf("%s holds the keys of a real station: choose another --data", path)
	}
	text, err := os.ReadFile(filepath.Join(c.Data, seedFile))
	if err != nil {
		return nil, 0, err
	}
	seed, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64)
	if err == nil && c.Seed != 0 && c.Seed != seed {
		err = fmt.Errorf("%s was made with seed %d: choose another --data for seed %d", c.Data, seed, c.Seed)
	}
	return keys, seed, err
}

func (c *demoCommand) newKeys(path string) (*auth.Keys, uint64, error) {
	seed := c.Seed
	for seed == 0 {
		seed = mathrand.Uint64N(1_000_000) //nolint:gosec // a number for people to type again, not a secret
	}
	random := [32]byte{}
	copy(random[:], strconv.FormatUint(seed, 10))
	keys, err := auth.GenerateKeys(mathrand.NewChaCha8(random), true)
	if err != nil {
		return nil, 0, err
	}
	if err := os.WriteFile(filepath.Join(c.Data, seedFile), []byte(strconv.FormatUint(seed, 10)+"\n"), 0o600); err != nil {
		return nil, 0, err
	}
	return keys, seed, keys.WriteFile(path)
}

// demoStationKey makes the station's key pair in a new data folder, and gives its public half.
func demoStationKey(path string) (string, error) {
	key, private, err := auth.NewStationIdentity()
	if err != nil {
		return "", err
	}
	if err := auth.WriteStationIdentity(path, key, private); err == nil || !errors.Is(err, os.ErrExist) {
		return key.String(), err
	}
	identity, err := auth.LoadStationIdentity(path)
	if err != nil {
		return "", err
	}
	return identity.Key(), nil
}

// handOut gives every account its password and every device its secret. They come from the keys,
// so that a second run over the same data folder finds them again.
func (s *stage) handOut(ctx context.Context, keys *auth.Keys) error {
	hasher := auth.NewPasswords(runtime.NumCPU(), time.Minute, rand.Reader)
	for at := range s.station.People {
		person := &s.station.People[at]
		if person.Demo = true; person.Account == "" {
			continue
		}
		password := models.Secret("demo-" + readable(keys.CodeMAC("demo_password", string(person.ID))))
		hash, err := hasher.Hash(ctx, password)
		if err != nil {
			return err
		}
		s.passwords[person.ID], person.PasswordHash = password, models.Secret(hash)
	}
	for at := range s.station.Devices {
		device := &s.station.Devices[at]
		mac := keys.CodeMAC("demo_device", string(device.ID))
		secret := models.Secret("demo-" + readable(mac) + readable(mac[16:]))
		s.secrets[device.ID], device.SecretHash, device.Demo = secret, auth.HashSecret(secret), true
	}
	return nil
}

// readable is 60 bits of a hash in letters that are not mistaken for each other.
func readable(hash []byte) string {
	const letters = "abcdefghjkmnpqrstuvwxyz023456789"
	text := make([]byte, 12)
	for at := range text {
		text[at] = letters[hash[at]&31]
	}
	return string(text)
}

// load brings the station into the database; the second time it finds everything there.
func (s *stage) load(env *environment, opened *store.Store) error {
	since, err := demo.Opened(s.station, time.Now())
	if err != nil {
		return err
	}
	report, err := opened.Import(env.ctx, s.station, since, progressTo(env.stderr))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(env.stdout, report)
	return err
}

// run serves, plays the day, and stays up until it is told to stop, or ends after the day.
func (s *stage) run(env *environment) error {
	serving, stop := context.WithCancel(env.ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- s.service.run(serving) }()
	failed, err := s.perform(serving, env.stdout)
	defer func() {
		if s.fleet != nil {
			s.fleet.Stop()
		}
	}()
	if err == nil && !s.command.Once {
		_, _ = fmt.Fprintf(env.stdout, "\nThe demo stays up; Ctrl-C ends it.\n")
		select {
		case <-env.ctx.Done():
		case err = <-ended:
			return err
		}
	}
	stop()
	if err = errors.Join(err, <-ended); err != nil {
		return err
	}
	if failed > 0 {
		return exitCode(1)
	}
	return nil
}

// perform plays the day and says where everything is.
func (s *stage) perform(ctx context.Context, out io.Writer) (failed int, err error) {
	if err := s.awaitReady(ctx); err != nil {
		return 0, err
	}
	broker := "mqtt://" + s.service.broker.Address()
	fleet := demo.NewFleet(broker, s.station.Devices, s.secrets, terminalKeys(s.service.keys))
	if err := fleet.Start(ctx); err != nil {
		return 0, err
	}
	s.fleet = fleet
	board, err := demo.NewBoard(ctx, s.station.Station.TimeZone)
	if err != nil {
		return 0, err
	}
	go func() { _ = board.Run(ctx) }()
	_, _ = fmt.Fprintf(out, "%d controllers are connected to %s\nAPI %s, documentation %s/docs\n",
		len(s.station.Devices), broker, s.service.baseURL(), s.service.baseURL())
	steps, failed, err := demo.Play(ctx, demo.Config{
		BaseURL: s.service.baseURL(), Station: s.station, Passwords: s.passwords, Secrets: s.secrets, Fleet: fleet, Board: board,
		Phones: s.phones,
		NewID:  newID, VerifyAudit: s.verifyAudit, Folder: s.command.Data, Out: out, Chinese: s.chinese(),
	})
	if err != nil {
		return failed, err
	}
	_, _ = fmt.Fprintf(out, "\n%d of %d steps held.\n", steps-failed, steps)
	accounts := demo.NewAccounts(s.station, s.service.baseURL(), broker, s.passwords, s.secrets)
	path, err := accounts.Write(s.command.Data)
	if err != nil || s.command.Once {
		return failed, err
	}
	_, _ = fmt.Fprintf(out, "\nAPI            %s\nDocumentation  %s/docs\nAccounts       %s; the first of each role:\n",
		s.service.baseURL(), s.service.baseURL(), path)
	accounts.Print(out, 2)
	return failed, nil
}

// awaitReady waits until database, broker and push are all up.
func (s *stage) awaitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.service.baseURL()+"/readyz", nil)
		if err != nil {
			return err
		}
		answer, err := http.DefaultClient.Do(request)
		if err == nil {
			body, _ := io.ReadAll(io.LimitReader(answer.Body, 1<<10))
			_ = answer.Body.Close()
			if strings.Contains(string(body), `"ready"`) {
				return nil
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return errors.New("the service did not become ready")
		}
	}
}

func (s *stage) verifyAudit(ctx context.Context) (linked int64, waiting int, holds bool, err error) {
	report, err := s.service.store.VerifyAudit(ctx, time.Now())
	for _, station := range report.Stations {
		linked += station.Seq
		waiting += station.Waiting
	}
	return linked, waiting, report.OK(), err
}

func (s *stage) chinese() bool {
	return s.command.Lang == "zh" || s.command.Lang == "auto" && strings.HasPrefix(os.Getenv("LANG"), "zh")
}
