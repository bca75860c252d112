package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"

	"github.com/alecthomas/kong"
)

// contract is openapi.yaml, served as it stands.
//
//go:embed openapi.yaml
var contract []byte

// commands are the words after xunfang; each is one file.
type commands struct {
	Serve       serveCommand       `cmd:"" help:"Serve the API."`
	Demo        demoCommand        `cmd:"" help:"Start everything with the demo station, play its day, and stay up."`
	Migrate     migrateCommand     `cmd:"" help:"Bring the database's schema up to date, or show where it stands."`
	Import      importCommand      `cmd:"" help:"Load a station description into the database; can be run again after edits."`
	Openapi     openapiCommand     `cmd:"" help:"Print the contract (openapi.yaml)."`
	Keys        keysCommand        `cmd:"" help:"Make a key file."`
	StationKey  stationKeyCommand  `cmd:"" help:"Make the key that a station's anonymous tips are sealed to."`
	OpenSealed  openSealedCommand  `cmd:"" help:"Open what was sealed to a station's key, where its private half is."`
	Audit       auditCommand       `cmd:"" help:"Verify the audit chain."`
	Coverage    coverageCommand    `cmd:"" help:"Count the cover anew."`
	Healthcheck healthcheckCommand `cmd:"" help:"Ask a running server whether it is alive; for containers."`
	Version     versionCommand     `cmd:"" help:"Print the version."`
}

// environment is what a command is given beside its flags.
type environment struct {
	ctx    context.Context //nolint:containedctx // the library calls Run without one
	stdout io.Writer
	stderr io.Writer
}

// exitCode is an error that has been told already and only ends the program.
type exitCode int

func (e exitCode) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// run is the program: 0 when it went well, 1 when the command failed, 2 when it was called wrongly.
func run(ctx context.Context, arguments []string, stdout, stderr io.Writer) int {
	code := -1
	parser, err := kong.New(&commands{},
		kong.Name("xunfang"),
		kong.Description("巡防 Xunfang: the mobile backend of a neighbourhood police station."),
		kong.Writers(stdout, stderr),
		kong.Exit(func(status int) { code = status }),
		kong.UsageOnError(),
	)
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "xunfang:", err)
		return 2
	}
	called, err := parser.Parse(arguments)
	if code >= 0 { // --help has been answered
		return code
	}
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "xunfang:", err)
		return 2
	}
	err = called.Run(&environment{ctx: ctx, stdout: stdout, stderr: stderr})
	var status exitCode
	switch {
	case err == nil:
		return 0
	case errors.As(err, &status):
		return int(status)
	default:
		_, _ = fmt.Fprintln(stderr, "xunfang:", err)
		return 1
	}
}
