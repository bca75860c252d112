package demo

import (
	"bytes"
	_ "embed"
)

//go:embed station.yaml
var stationFile []byte

// Station is the demo station's description, in the format of docs/station-file.md.
func Station() []byte { return bytes.Clone(stationFile) }
