package main

import (
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"

	"xunfang/auth"
)

// keysCommand makes key files.
type keysCommand struct {
	New keysNewCommand `cmd:"" help:"Make a new key file; an existing one is never overwritten."`
}

type keysNewCommand struct {
	File string `arg:"" default:"data/keys.json" help:"Where to write it (mode 0600). Keep a copy apart from the database's backups: without it nothing sealed can be read."`
}

// Run implements the command.
func (c *keysNewCommand) Run(env *environment) error {
	keys, err := auth.GenerateKeys(rand.Reader, false)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(c.File), 0o700); err != nil {
		return err
	}
	if err := keys.WriteFile(c.File); err != nil {
		return err
	}
	_, err = fmt.Fprintln(env.stdout, "wrote", c.File)
	return err
}
