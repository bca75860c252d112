package main

import (
	"context"

	"xunfang/auth"
	"xunfang/store"
)

// storageFlags are what commands need that only touch the database.
type storageFlags struct {
	Data         string `default:"data" env:"XUNFANG_DATA" help:"Folder of the database and the key file, where not set otherwise."`
	Database     string `env:"XUNFANG_DATABASE" help:"sqlite:FILE or mysql://USER:PASSWORD@HOST:PORT/NAME. Default: sqlite:DATA/xunfang.db."`
	DatabaseFile string `env:"XUNFANG_DATABASE_FILE" help:"File that holds the database setting."`
	Keys         string `env:"XUNFANG_KEYS" help:"Key file. Default: DATA/keys.json."`
}

// open opens the database for a command.
func (f *storageFlags) open(env *environment) (*store.Store, *auth.Keys, error) {
	s := withDefaults(settings{
		Mode: "development", MetricsListen: "off", Data: f.Data, Database: f.Database, DatabaseFile: f.DatabaseFile, Keys: f.Keys,
		Migrate: "no", LogLevel: "warn", LogFormat: "text",
	})
	if err := s.settle(); err != nil {
		return nil, nil, err
	}
	keys, err := auth.LoadKeys(s.Keys)
	if err != nil {
		return nil, nil, err
	}
	opened, err := openStore(env.ctx, s, keys, newLogger(s, env.stderr))
	return opened, keys, err
}

// use opens the database, checks its schema, and closes it after the work.
func (f *storageFlags) use(env *environment, work func(ctx context.Context, opened *store.Store) error) error {
	opened, _, err := f.open(env)
	if err != nil {
		return err
	}
	defer func() { _ = opened.Close(context.WithoutCancel(env.ctx)) }()
	if err := opened.CheckSchema(env.ctx); err != nil {
		return err
	}
	return work(env.ctx, opened)
}

// nfcMAC is the keyed hash under which a tag is kept; handlers compare with the same.
func nfcMAC(keys *auth.Keys) func(uid string) []byte {
	return func(uid string) []byte { return keys.CodeMAC("nfc_uid", uid) }
}
