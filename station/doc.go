// Package station reads the file that describes a whole station. It imports models and a YAML
// library only; docs/station-file.md is the file's reference.
package station
