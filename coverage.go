package main

import (
	"context"
	"fmt"
	"time"

	"xunfang/models"
	"xunfang/store"
)

// coverageCommand looks after the counts of cover.
type coverageCommand struct {
	Recount coverageRecountCommand `cmd:"" help:"Throw away what was counted of some days, and have it counted anew by the server, which may be running meanwhile."`
}

type coverageRecountCommand struct {
	From    time.Time    `help:"First day, of UTC." format:"2006-01-02" required:""`
	To      time.Time    `help:"Last day, of UTC." format:"2006-01-02" required:""`
	Storage storageFlags `embed:""`
}

// Run implements the command.
func (c *coverageRecountCommand) Run(env *environment) error {
	return c.Storage.use(env, func(ctx context.Context, opened *store.Store) error {
		stations, err := opened.Stations(ctx)
		if err != nil {
			return err
		}
		for _, station := range stations {
			days, err := opened.RecountCoverage(ctx, station.ID, models.CoverDay(c.From), models.CoverDay(c.To), time.Now())
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(env.stdout, "%s: %d days are counted anew; days that ended more than %d days ago stay\n",
				station.Name, days, models.CoverOpen/(24*time.Hour))
			if err != nil {
				return err
			}
		}
		return nil
	})
}
