package auth

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"filippo.io/age"

	"xunfang/models"
)

// StationKey is the public half of a station's key: what is sealed to it opens only with the private half,
// which need not be where this program runs (age, X25519 and ChaCha20-Poly1305, age-encryption.org/v1).
type StationKey struct{ recipient *age.X25519Recipient }

// ParseStationKey reads a public key: age1…
func ParseStationKey(text string) (StationKey, error) {
	recipient, err := age.ParseX25519Recipient(strings.TrimSpace(text))
	if err != nil {
		return StationKey{}, errors.New("auth: a station's key is an age X25519 recipient: age1…")
	}
	return StationKey{recipient: recipient}, nil
}

// String is the text that ParseStationKey reads.
func (k StationKey) String() string { return k.recipient.String() }

// Seal encrypts to the station. Nobody learns from the result who sealed it.
func (k StationKey) Seal(plain []byte) ([]byte, error) {
	sealed := bytes.Buffer{}
	writer, err := age.Encrypt(&sealed, k.recipient)
	if err == nil {
		_, err = writer.Write(plain)
	}
	if err == nil {
		err = writer.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("auth: sealing to a station: %w", err)
	}
	return sealed.Bytes(), nil
}

// StationIdentity is the private half of one or more stations' keys. It cannot be printed.
type StationIdentity struct{ open func() []age.Identity } //nolint:recvcheck // masked by value too

// NewStationIdentity makes a key pair. The text is what an identity file holds; it is the only copy.
func NewStationIdentity() (StationKey, models.Secret, error) {
	made, err := age.GenerateX25519Identity()
	if err != nil {
		return StationKey{}, "", fmt.Errorf("auth: making a station's key: %w", err)
	}
	return StationKey{recipient: made.Recipient()}, models.Secret(made.String()), nil
}

// ParseStationIdentity reads one private key a line, as age-keygen writes them.
func ParseStationIdentity(text models.Secret) (*StationIdentity, error) {
	identities, err := age.ParseIdentities(strings.NewReader(text.Reveal()))
	if err != nil || len(identities) == 0 {
		return nil, errors.New("auth: an identity file holds lines of AGE-SECRET-KEY-1…") // age's error could quote the key
	}
	return &StationIdentity{open: func() []age.Identity { return identities }}, nil
}

// LoadStationIdentity reads an identity file. It refuses one that others may read.
func LoadStationIdentity(path string) (*StationIdentity, error) {
	data, err := readPrivate(path)
	if err != nil {
		return nil, err
	}
	identity, err := ParseStationIdentity(models.Secret(data))
	if err != nil {
		return nil, fmt.Errorf("%w (in %s)", err, path)
	}
	return identity, nil
}

// WriteStationIdentity writes a private key to a new file with mode 0600; it never overwrites one.
func WriteStationIdentity(path string, key StationKey, private models.Secret) (err error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // #nosec G304 -- the operator names it
	if err != nil {
		return fmt.Errorf("auth: writing a station's key: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if _, err = fmt.Fprintf(file, "# public key: %s\n%s\n", key, private.Reveal()); err != nil {
		return fmt.Errorf("auth: writing a station's key: %w", err)
	}
	return file.Sync()
}

// maxOpened is the longest content that is opened, in bytes.
const maxOpened = 32 << 20

// Open gives back what was sealed to one of the keys; ErrSealed for what was sealed to others, or altered.
func (i *StationIdentity) Open(sealed []byte) ([]byte, error) {
	reader, err := age.Decrypt(bytes.NewReader(sealed), i.open()...)
	if err != nil {
		return nil, fmt.Errorf("%w: it is not to this station's key, or altered", ErrSealed)
	}
	plain, err := io.ReadAll(io.LimitReader(reader, maxOpened+1))
	if err != nil || len(plain) > maxOpened {
		return nil, fmt.Errorf("%w: altered or too long", ErrSealed)
	}
	return plain, nil
}

// Key is the public half of the first private key.
func (i *StationIdentity) Key() string {
	first, ours := i.open()[0].(*age.X25519Identity)
	if !ours {
		return ""
	}
	return first.Recipient().String()
}

// String masks the keys.
func (i StationIdentity) String() string { return maskedKeys }

// GoString masks the keys for %#v.
func (i StationIdentity) GoString() string { return maskedKeys }
