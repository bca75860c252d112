package auth

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

const (
	keyFileVersion = 1
	maxKeyFile     = 256 << 10 // bytes
)

// keyFile is the form on disk. Keys and seeds are 32 bytes in standard padded base64.
type keyFile struct {
	Version    *int       `json:"version"`
	Demo       *bool      `json:"demo"` // asked for, so that nobody runs demo keys by leaving it out
	AccessKeys []seedText `json:"access_keys"`
	DoorKeys   []seedText `json:"door_keys"`
	DataKeys   []keyText  `json:"data_keys"`
	IndexKey   string     `json:"index_key"`
	Pepper     string     `json:"pepper"`
	AuditKey   string     `json:"audit_key"`
}

type seedText struct {
	Kid  string `json:"kid"`
	Seed string `json:"seed"` // the Ed25519 seed (RFC 8032)
}

type keyText struct {
	Kid string `json:"kid"`
	Key string `json:"key"`
}

// LoadKeys reads a key file. It refuses a file that others may read, a field that is
// unknown, given twice, missing or too short, and a kid or key that is there twice; the
// error names the field and never the value.
func LoadKeys(path string) (*Keys, error) {
	data, err := readPrivate(path)
	if err != nil {
		return nil, err
	}
	file, err := parseKeyFile(data)
	if err != nil {
		return nil, fmt.Errorf("%w (in %s)", err, path)
	}
	ring, err := file.ring()
	if err != nil {
		return nil, fmt.Errorf("%w (in %s)", err, path)
	}
	keys, err := ring.finish()
	if err != nil {
		return nil, fmt.Errorf("%w (in %s)", err, path)
	}
	return keys, nil
}

// WriteFile writes the keys to a new file with mode 0600 and waits until it is on the
// disk, since what is sealed under a lost key is lost. It never overwrites a file.
func (k *Keys) WriteFile(path string) (err error) {
	text, err := json.MarshalIndent(k.ring().file(), "", "  ")
	if err != nil {
		return fmt.Errorf("auth: writing keys: %w", err)
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // #nosec G304 -- the operator names it
	if err != nil {
		return fmt.Errorf("auth: writing keys: %w", err)
	}
	_, err = file.Write(append(text, '\n'))
	if err == nil {
		err = file.Sync()
	}
	if closing := file.Close(); err == nil {
		err = closing
	}
	if err != nil {
		_ = os.Remove(path) // ours: O_EXCL made it
		return fmt.Errorf("auth: writing keys: %w", err)
	}
	return syncFolder(filepath.Dir(path))
}

func syncFolder(path string) error {
	folder, err := os.Open(path) // #nosec G304 -- the folder of the key file
	if err != nil {
		return fmt.Errorf("auth: writing keys: %w", err)
	}
	err = folder.Sync()
	if closing := folder.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return fmt.Errorf("auth: writing keys: %w", err)
	}
	return nil
}

func readPrivate(path string) ([]byte, error) {
	// Asked before opening: to open a named pipe would wait for its writer.
	if info, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("auth: key file: %w", err)
	} else if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("auth: key file: %s is no regular file", path)
	}
	file, err := os.Open(path) // #nosec G304 -- the operator names it
	if err != nil {
		return nil, fmt.Errorf("auth: key file: %w", err)
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("auth: key file: %w", err)
	}
	// A group may read, as secrets mounted into a container have it; nobody else may anything.
	if mode := info.Mode().Perm(); mode&0o027 != 0 {
		return nil, fmt.Errorf("auth: key file: %s has mode %04o, others may use it: chmod 600", path, mode)
	}
	data, err := io.ReadAll(io.LimitReader(file, maxKeyFile+1))
	if err != nil {
		return nil, fmt.Errorf("auth: key file: %w", err)
	}
	if len(data) > maxKeyFile {
		return nil, fmt.Errorf("auth: key file: %s is larger than %d bytes", path, maxKeyFile)
	}
	return data, nil
}

func (r *keyring) file() keyFile {
	version, demo := keyFileVersion, r.demo
	encode := base64.StdEncoding.EncodeToString
	file := keyFile{
		Version: &version, Demo: &demo,
		IndexKey: encode(r.index), Pepper: encode(r.pepper), AuditKey: encode(r.audit),
	}
	for _, key := range r.access {
		file.AccessKeys = append(file.AccessKeys, seedText{Kid: key.kid, Seed: encode(key.private.Seed())})
	}
	for _, key := range r.door {
		file.DoorKeys = append(file.DoorKeys, seedText{Kid: key.kid, Seed: encode(key.private.Seed())})
	}
	for _, key := range r.data {
		file.DataKeys = append(file.DataKeys, keyText{Kid: key.kid, Key: encode(key.key)})
	}
	return file
}

func (f keyFile) ring() (*keyring, error) {
	ring := &keyring{demo: *f.Demo}
	var err error
	if ring.access, err = signingKeys("access_keys", f.AccessKeys); err != nil {
		return nil, err
	}
	if ring.door, err = signingKeys("door_keys", f.DoorKeys); err != nil {
		return nil, err
	}
	for at, entry := range f.DataKeys {
		key, err := decodeKey(fmt.Sprintf("data_keys[%d].key", at), entry.Key)
		if err != nil {
			return nil, err
		}
		ring.data = append(ring.data, dataKey{kid: entry.Kid, key: key})
	}
	if ring.index, err = decodeKey("index_key", f.IndexKey); err != nil {
		return nil, err
	}
	if ring.pepper, err = decodeKey("pepper", f.Pepper); err != nil {
		return nil, err
	}
	if ring.audit, err = decodeKey("audit_key", f.AuditKey); err != nil {
		return nil, err
	}
	return ring, nil
}

func signingKeys(list string, entries []seedText) ([]signingKey, error) {
	keys := make([]signingKey, 0, len(entries))
	for at, entry := range entries {
		seed, err := decodeKey(fmt.Sprintf("%s[%d].seed", list, at), entry.Seed)
		if err != nil {
			return nil, err
		}
		keys = append(keys, signingKey{kid: entry.Kid, private: ed25519.NewKeyFromSeed(seed)})
	}
	return keys, nil
}

func decodeKey(place, text string) ([]byte, error) {
	if text == "" {
		return nil, fmt.Errorf("auth: key file: %s: missing", place)
	}
	key, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("auth: key file: %s: not padded standard base64", place)
	}
	if len(key) != keySize {
		return nil, fmt.Errorf("auth: key file: %s: %d bytes, %d are needed", place, len(key), keySize)
	}
	return key, nil
}
