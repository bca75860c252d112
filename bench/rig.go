package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/valyala/fasthttp"

	"xunfang/auth"
	"xunfang/models"
	"xunfang/store"
)

// rig is both programs, running on one kind of database.
type rig struct {
	asked    options
	database *database
	keys     *auth.Keys
	tokens   *auth.Tokens
	store    *store.Store // for what must be made meanwhile, such as one-time codes
	station  *station
	ours     *process
	bare     *process
	binary   string // the bare program
	broker   string
	metrics  string
	fleet    *fleet // nil until doors are to be opened
	relayed  relayed
	codes    *codeStock
	our      *fasthttp.HostClient
	their    *fasthttp.HostClient
	renewed  time.Time // when the members' tokens were made
}

func newRig(ctx context.Context, asked options, programs *programs, kind string) (made *rig, err error) {
	folder := filepath.Join(programs.folder, kind)
	if err := os.Mkdir(folder, 0o700); err != nil {
		return nil, err
	}
	made = &rig{asked: asked}
	defer func() {
		if err != nil {
			err = errors.Join(err, made.close())
		}
	}()
	if made.keys, err = auth.GenerateKeys(rand.Reader, false); err != nil {
		return made, err
	}
	if err = made.keys.WriteFile(filepath.Join(folder, "keys.json")); err != nil {
		return made, err
	}
	if made.tokens, err = auth.NewTokens(made.keys, "xunfang", "xunfang-app", models.AccessTokenLife); err != nil {
		return made, err
	}
	if made.database, err = newDatabase(ctx, kind, folder); err != nil {
		return made, err
	}
	if err = made.fill(ctx); err != nil {
		return made, err
	}
	return made, made.start(ctx, programs, folder)
}

// fill makes the schema, the neighbourhood and the check-ins.
func (r *rig) fill(ctx context.Context) (err error) {
	r.store, err = store.Open(ctx, store.Config{DSN: r.database.ours, AuditMAC: r.keys.AuditMAC, Vault: r.keys})
	if err != nil {
		return err
	}
	if err = r.store.Migrate(ctx); err != nil {
		return err
	}
	if r.station, err = newStation(ctx, r.database, r.store, r.asked.maxDoors); err != nil {
		return err
	}
	r.codes = &codeStock{rig: r}
	if r.asked.only == caseCover { // it makes stations of its own
		return nil
	}
	return fillCheckIns(ctx, r.database, r.station, r.asked.rows)
}

// start starts both programs: the product as it runs in production, but for the rate limits.
func (r *rig) start(ctx context.Context, programs *programs, folder string) error {
	addresses, err := freeAddresses(4)
	if err != nil {
		return err
	}
	r.broker, r.metrics = addresses[1], addresses[2]
	secret := filepath.Join(folder, "database.dsn")
	if err := os.WriteFile(secret, []byte(r.database.ours), 0o600); err != nil {
		return err
	}
	r.ours, err = startProgram(ctx, programs.ours, addresses[0], nil, "serve",
		"--mode=development", "--limits=off", "--log-level=warn", "--check-contract=no", "--data="+folder,
		"--database-file="+secret, "--listen="+addresses[0], "--broker-listen="+r.broker, "--metrics-listen="+r.metrics)
	if err != nil {
		return err
	}
	r.binary = programs.bare
	r.bare, err = startProgram(ctx, programs.bare, addresses[3],
		[]string{"XUNFANG_BARE_WRITE=" + r.database.bare, "XUNFANG_BARE_READ=" + r.database.list},
		"--listen="+addresses[3], fmt.Sprintf("--prepared=%t", r.asked.prepared))
	if err != nil {
		return err
	}
	r.our, r.their = newClient(addresses[0]), newClient(addresses[3])
	return nil
}

// authorize gives every member a token that outlasts the next rounds.
func (r *rig) authorize() error {
	now := time.Now()
	if now.Sub(r.renewed) < models.AccessTokenLife/2 {
		return nil
	}
	renew := func(who *member) error {
		token, err := r.tokens.Issue(auth.Claims{
			Subject: who.id, Session: who.session, Station: r.station.place.Station, Device: who.device, Roles: who.roles,
		}, now)
		who.bearer = []byte("Bearer " + token.Reveal())
		return err
	}
	errs := []error{renew(&r.station.commander)}
	for _, group := range [][]member{r.station.patrol, r.station.residents, r.station.devices} {
		for at := range group {
			errs = append(errs, renew(&group[at]))
		}
	}
	r.renewed = now
	return errors.Join(errs...)
}

func (r *rig) close() error {
	errs := []error{}
	if r.fleet != nil {
		r.fleet.stop()
	}
	for _, running := range []*process{r.ours, r.bare} {
		if running != nil {
			errs = append(errs, running.stop())
		}
	}
	if r.store != nil {
		errs = append(errs, r.store.Close(context.Background()))
	}
	if r.database != nil {
		errs = append(errs, r.database.close())
	}
	return errors.Join(errs...)
}
