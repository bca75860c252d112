package main

import (
	"fmt"
	"net/http"
	"runtime/debug"
	"time"
)

// release is set by the build: -ldflags "-X main.release=1.2.3".
var release = "0.1.0"

// version is the release with the commit it was built from, where the build knows it.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, setting := range info.Settings {
			if setting.Key == "vcs.revision" && len(setting.Value) >= 12 {
				return release + "+" + setting.Value[:12]
			}
		}
	}
	return release
}

type versionCommand struct{}

// Run implements the command.
func (versionCommand) Run(env *environment) error {
	_, err := fmt.Fprintln(env.stdout, "xunfang", version())
	return err
}

type openapiCommand struct{}

// Run implements the command.
func (openapiCommand) Run(env *environment) error {
	_, err := env.stdout.Write(contract)
	return err
}

type healthcheckCommand struct {
	URL string `default:"http://127.0.0.1:8080/healthz" env:"XUNFANG_HEALTHCHECK_URL" help:"What to ask."`
}

// Run implements the command.
func (c *healthcheckCommand) Run(env *environment) error {
	request, err := http.NewRequestWithContext(env.ctx, http.MethodGet, c.URL, nil)
	if err != nil {
		return err
	}
	answer, err := (&http.Client{Timeout: 3 * time.Second}).Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %s", c.URL, answer.Status)
	}
	_, err = fmt.Fprintln(env.stdout, "ok")
	return err
}
