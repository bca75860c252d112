package main

import (
	"context"
	"fmt"
	"time"

	"xunfang/store"
)

// auditCommand looks after the audit chain.
type auditCommand struct {
	Verify auditVerifyCommand `cmd:"" help:"Check every entry, link and head; exit status 1 at the first that was altered, removed or inserted."`
}

type auditVerifyCommand struct {
	Storage storageFlags `embed:""`
}

// Run implements the command.
func (c *auditVerifyCommand) Run(env *environment) error {
	return c.Storage.use(env, func(ctx context.Context, opened *store.Store) error {
		report, err := opened.VerifyAudit(ctx, time.Now())
		if err != nil {
			return err
		}
		if _, err := fmt.Fprint(env.stdout, report); err != nil {
			return err
		}
		if !report.OK() {
			return exitCode(1)
		}
		return nil
	})
}
