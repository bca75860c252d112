package main

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"xunfang/auth"
	"xunfang/models"
)

// stationKeyCommand makes the key that a station's anonymous tips are sealed to.
type stationKeyCommand struct {
	New stationKeyNewCommand `cmd:"" help:"Make a station's key pair; an existing file is never overwritten."`
}

type stationKeyNewCommand struct {
	File string `arg:"" help:"Where to write the private half (mode 0600). Keep it with the officers and not on the server; without it no anonymous tip can be read."`
}

// Run implements the command. The public half goes to standard output, for tip_key in the station file.
func (c *stationKeyNewCommand) Run(env *environment) error {
	key, private, err := auth.NewStationIdentity()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(c.File), 0o700); err != nil {
		return err
	}
	if err := auth.WriteStationIdentity(c.File, key, private); err != nil {
		return err
	}
	_, err = fmt.Fprintln(env.stdout, key)
	return err
}

// openSealedCommand is what an officer's client does, for one sealed content. A file comes out as it went in.
type openSealedCommand struct {
	File         string `arg:"" optional:"" help:"The sealed content: an age file, or the base64 text of the field sealed. Default: standard input."`
	IdentityFile string `required:"" help:"The private half, made by station-key new."`
}

// maxSealedFile is the longest sealed file that is read, in bytes.
const maxSealedFile = 64 << 20

// Run implements the command.
func (c *openSealedCommand) Run(env *environment) error {
	identity, err := auth.LoadStationIdentity(c.IdentityFile)
	if err != nil {
		return err
	}
	from := io.Reader(os.Stdin)
	if c.File != "" {
		file, err := os.Open(c.File)
		if err != nil {
			return err
		}
		defer func() { _ = file.Close() }()
		from = file
	}
	sealed, err := io.ReadAll(io.LimitReader(from, maxSealedFile+1))
	if err != nil {
		return err
	}
	if len(sealed) > maxSealedFile {
		return errors.New("the sealed content is too long")
	}
	if !strings.HasPrefix(string(sealed), "age-encryption.org/") {
		if sealed, err = base64.StdEncoding.DecodeString(strings.TrimSpace(string(sealed))); err != nil {
			return errors.New("the sealed content is neither an age file nor base64")
		}
	}
	plain, err := identity.Open(sealed)
	if err != nil {
		return err
	}
	if file, err := models.OpenedFile(plain); err == nil { // a photo, a voice note or a video
		_, err = env.stdout.Write(file.Data)
		return err
	}
	_, err = fmt.Fprintln(env.stdout, strings.TrimRight(string(plain), " ")) // tips are filled up with spaces
	return err
}
