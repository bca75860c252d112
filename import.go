package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"xunfang/auth"
	"xunfang/models"
	"xunfang/station"
	"xunfang/store"
)

// importCommand loads a station description.
type importCommand struct {
	File      string       `arg:"" help:"Station description (YAML, see docs/station-file.md)."`
	Secrets   string       `help:"Where to write the passwords of new accounts and the secrets of new devices, as JSON with mode 0600. An existing file is never overwritten." placeholder:"OUT.json"`
	NoSecrets bool         `help:"Make no passwords and secrets: new accounts and devices get theirs from an administrator later."`
	DryRun    bool         `help:"Tell what would be done, and change nothing."`
	Storage   storageFlags `embed:""`
}

// Run implements the command.
func (c *importCommand) Run(env *environment) error {
	text, err := readStationFile(c.File)
	if err != nil {
		return err
	}
	// First without the keys, so that a file can be checked where there is no database.
	if _, err := station.Read(text, station.Options{}); err != nil {
		return c.tellMistakes(env, err)
	}
	opened, keys, err := c.Storage.open(env)
	if err != nil {
		return err
	}
	defer func() { _ = opened.Close(context.WithoutCancel(env.ctx)) }()
	if err := opened.CheckSchema(env.ctx); err != nil {
		return err
	}
	description, err := station.Read(text, station.Options{NFCMAC: nfcMAC(keys)})
	if err != nil {
		return c.tellMistakes(env, err)
	}
	if key := description.Station.TipKey; key != "" {
		if _, err := auth.ParseStationKey(key); err != nil {
			return fmt.Errorf("tip_key: %w", err)
		}
	}
	return c.load(env, opened, description)
}

// readStationFile reads no more than can be a description.
func readStationFile(path string) ([]byte, error) {
	file, err := os.Open(path) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	return io.ReadAll(io.LimitReader(file, station.MaxBytes+1))
}

// tellMistakes prints every mistake as FILE:LINE, which editors can follow.
func (c *importCommand) tellMistakes(env *environment, err error) error {
	var mistakes station.Mistakes
	if !errors.As(err, &mistakes) {
		return err
	}
	for _, mistake := range mistakes.List {
		_, _ = fmt.Fprintf(env.stderr, "%s:%d: %s\n", c.File, mistake.Line, mistake.Text)
	}
	if mistakes.More > 0 {
		_, _ = fmt.Fprintf(env.stderr, "and %d more\n", mistakes.More)
	}
	_, _ = fmt.Fprintf(env.stderr, "%d mistakes; nothing was changed\n", len(mistakes.List)+mistakes.More)
	return exitCode(1)
}

// load compares, makes secrets, keeps them, and only then writes to the database.
func (c *importCommand) load(env *environment, opened *store.Store, description models.Description) error {
	report, err := opened.PlanImport(env.ctx, description, time.Now())
	if err != nil {
		return c.tellConflicts(env, err)
	}
	people, devices, err := opened.MissingSecrets(env.ctx, description)
	if err != nil {
		return err
	}
	secrets := len(people) + len(devices)
	switch {
	case c.DryRun:
		_, err := fmt.Fprintf(env.stdout, "%saccounts without a password: %d, devices without a secret: %d\nnothing was changed (--dry-run)\n",
			report, len(people), len(devices))
		return err
	case secrets > 0 && c.Secrets == "" && !c.NoSecrets:
		return fmt.Errorf("%d accounts have no password and %d devices no secret yet: name a file for the new ones with "+
			"--secrets OUT.json, or leave them without with --no-secrets; nothing was changed", len(people), len(devices))
	case secrets > 0 && !c.NoSecrets:
		made, err := makeSecrets(env.ctx, &description, people, devices)
		if err != nil {
			return err
		}
		if err := made.writeNew(c.Secrets); err != nil {
			return fmt.Errorf("--secrets: %w; nothing was changed", err)
		}
	}
	report, err = opened.Import(env.ctx, description, time.Now(), progressTo(env.stderr))
	if err != nil {
		c.dropUnused(env, opened, description, secrets)
		return c.tellConflicts(env, err)
	}
	if _, err := fmt.Fprint(env.stdout, report); err != nil || secrets == 0 || c.NoSecrets {
		return err
	}
	_, err = fmt.Fprintf(env.stdout, "%d passwords and %d device secrets are in %s: hand them out, then delete it\n",
		len(people), len(devices), c.Secrets)
	return err
}

// tellConflicts prints each thing that stands in the way.
func (c *importCommand) tellConflicts(env *environment, err error) error {
	var ours *models.Error
	if !errors.As(err, &ours) || ours.Code != models.CodeAlreadyExists || len(ours.Fields) == 0 {
		return err
	}
	for _, field := range ours.Fields {
		_, _ = fmt.Fprintf(env.stderr, "%s: must be unique: %s\n", field.Field, field.Want)
	}
	_, _ = fmt.Fprintln(env.stderr, "the database holds other things of the same name, made through the API or under another key;",
		"nothing was changed")
	return exitCode(1)
}

// dropUnused removes the secrets of an import that failed, once it is certain that none of them holds.
func (c *importCommand) dropUnused(env *environment, opened *store.Store, description models.Description, secrets int) {
	if secrets == 0 || c.NoSecrets {
		return
	}
	ctx := context.WithoutCancel(env.ctx)
	people, devices, err := opened.MissingSecrets(ctx, description)
	if err == nil && len(people)+len(devices) == secrets {
		err = os.Remove(c.Secrets)
	} else if err == nil {
		err = errors.New("some of them are in use")
	}
	if err != nil {
		_, _ = fmt.Fprintf(env.stderr, "keep %s: %v\n", c.Secrets, err)
	}
}

// progressTo prints a line for each tenth of a large import.
func progressTo(out io.Writer) func(done, total int) {
	const large = 5000
	shown := 0
	return func(done, total int) {
		if tenth := done * 10 / max(total, 1); total >= large && tenth != shown {
			shown = tenth
			_, _ = fmt.Fprintf(out, "%d of %d rows\n", done, total)
		}
	}
}
