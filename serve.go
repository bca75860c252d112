package main

import (
	"xunfang/auth"
)

// serveCommand serves the API until it is told to stop.
type serveCommand struct {
	Settings settings `embed:""`
}

// Run implements the command.
func (c *serveCommand) Run(env *environment) error {
	if err := c.Settings.settle(); err != nil {
		return err
	}
	keys, err := auth.LoadKeys(c.Settings.Keys)
	if err != nil {
		return err
	}
	service, err := newService(env.ctx, &c.Settings, keys, newLogger(&c.Settings, env.stderr))
	if err != nil {
		return err
	}
	return service.run(env.ctx)
}
