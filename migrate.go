package main

import (
	"context"
	"fmt"
)

// migrateCommand brings the schema up to date, or shows where it stands.
type migrateCommand struct {
	Up     migrateUpCommand     `cmd:"" help:"Apply all migrations that are missing."`
	Status migrateStatusCommand `cmd:"" help:"List the migrations and which are applied."`
}

type migrateUpCommand struct {
	Storage storageFlags `embed:""`
}

// Run implements the command.
func (c *migrateUpCommand) Run(env *environment) error {
	opened, _, err := c.Storage.open(env)
	if err != nil {
		return err
	}
	defer func() { _ = opened.Close(context.WithoutCancel(env.ctx)) }()
	if err := opened.Migrate(env.ctx); err != nil {
		return err
	}
	_, err = fmt.Fprintln(env.stdout, "the schema is up to date")
	return err
}

type migrateStatusCommand struct {
	Storage storageFlags `embed:""`
}

// Run implements the command.
func (c *migrateStatusCommand) Run(env *environment) error {
	opened, _, err := c.Storage.open(env)
	if err != nil {
		return err
	}
	defer func() { _ = opened.Close(context.WithoutCancel(env.ctx)) }()
	migrations, err := opened.MigrationStatus(env.ctx)
	if err != nil {
		return err
	}
	for _, migration := range migrations {
		state := "missing"
		if migration.Applied {
			state = "applied"
		}
		if _, err := fmt.Fprintf(env.stdout, "%04d %s %s\n", migration.Version, state, migration.Name); err != nil {
			return err
		}
	}
	return nil
}
