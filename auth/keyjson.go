package auth

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// parseKeyFile reads the file strictly. encoding/json alone lets the last of two equal
// members win, and takes "PEPPER" for "pepper"; a key file that can be read in two ways
// is refused instead.
func parseKeyFile(data []byte) (keyFile, error) {
	walk := json.NewDecoder(bytes.NewReader(data))
	if err := checkMembers(walk, "", 0); err != nil {
		return keyFile{}, err
	}
	if _, err := walk.Token(); !errors.Is(err, io.EOF) {
		return keyFile{}, errors.New("auth: key file: more after the end of the JSON object")
	}
	var file keyFile
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&file); err != nil {
		return keyFile{}, withoutValue(err)
	}
	switch {
	case file.Version == nil:
		return keyFile{}, errors.New("auth: key file: version: missing")
	case *file.Version != keyFileVersion:
		return keyFile{}, fmt.Errorf("auth: key file: version: only %d is known", keyFileVersion)
	case file.Demo == nil:
		return keyFile{}, errors.New("auth: key file: demo: missing, true or false is needed")
	}
	return file, nil
}

// withoutValue keeps the place of a JSON error and drops the text that it quotes.
func withoutValue(err error) error {
	var wrongType *json.UnmarshalTypeError
	if errors.As(err, &wrongType) {
		return fmt.Errorf("auth: key file: %s: a %s is needed", wrongType.Field, wrongType.Type.Kind())
	}
	if name, unknown := strings.CutPrefix(err.Error(), "json: unknown field "); unknown {
		return fmt.Errorf("auth: key file: unknown field %s", name)
	}
	return errors.New("auth: key file: not valid JSON")
}

const maxKeyFileDepth = 4

func checkMembers(decoder *json.Decoder, path string, depth int) error {
	token, err := decoder.Token()
	if err != nil {
		return fmt.Errorf("auth: key file: not valid JSON near byte %d", decoder.InputOffset())
	}
	open, nested := token.(json.Delim)
	if !nested {
		return nil
	}
	if depth == maxKeyFileDepth {
		return fmt.Errorf("auth: key file: %s: nested too deep", path)
	}
	seen := map[string]bool{}
	for at := 0; decoder.More(); at++ {
		inner := fmt.Sprintf("%s[%d]", path, at)
		if open == '{' {
			token, err := decoder.Token()
			if err != nil {
				return fmt.Errorf("auth: key file: not valid JSON near byte %d", decoder.InputOffset())
			}
			name, _ := token.(string)
			inner = strings.TrimPrefix(path+"."+name, ".")
			if seen[name] {
				return fmt.Errorf("auth: key file: %s: given twice", inner)
			}
			if name != strings.ToLower(name) {
				return fmt.Errorf("auth: key file: %s: names are in lower case", inner)
			}
			seen[name] = true
		}
		if err := checkMembers(decoder, inner, depth+1); err != nil {
			return err
		}
	}
	if _, err := decoder.Token(); err != nil { // the closing bracket
		return fmt.Errorf("auth: key file: not valid JSON near byte %d", decoder.InputOffset())
	}
	return nil
}
