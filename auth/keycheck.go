package auth

import (
	"bytes"
	"fmt"
)

const maxKidLength = 64 // bytes; a thumbprint has 43

// check holds the rules that every set of keys keeps. Errors name the field and never
// its value.
func (r *keyring) check() error {
	places := keyPlaces{kids: map[string]string{}, material: map[string]string{}}
	if err := places.list("access_keys", len(r.access)); err != nil {
		return err
	}
	if err := places.list("door_keys", len(r.door)); err != nil {
		return err
	}
	if err := places.list("data_keys", len(r.data)); err != nil {
		return err
	}
	for at, key := range r.access {
		if err := places.add(fmt.Sprintf("access_keys[%d]", at), key.kid, "seed", key.private.Seed()); err != nil {
			return err
		}
	}
	for at, key := range r.door {
		if err := places.add(fmt.Sprintf("door_keys[%d]", at), key.kid, "seed", key.private.Seed()); err != nil {
			return err
		}
	}
	for at, key := range r.data {
		if err := places.add(fmt.Sprintf("data_keys[%d]", at), key.kid, "key", key.key); err != nil {
			return err
		}
	}
	if err := places.use("index_key", r.index); err != nil {
		return err
	}
	if err := places.use("pepper", r.pepper); err != nil {
		return err
	}
	return places.use("audit_key", r.audit)
}

// keyPlaces remembers where each kid and each key was seen: a key in two places would
// serve two purposes, and a kid in two places would name two keys.
type keyPlaces struct {
	kids     map[string]string
	material map[string]string
}

func (p keyPlaces) list(name string, length int) error {
	switch {
	case length == 0:
		return fmt.Errorf("auth: key file: %s: at least one key is needed", name)
	case length > maxKeysInList:
		return fmt.Errorf("auth: key file: %s: more than %d keys; take out the oldest that are no longer used",
			name, maxKeysInList)
	}
	return nil
}

func (p keyPlaces) add(entry, kid, member string, key []byte) error {
	place := entry + ".kid"
	if !kidWellFormed(kid) {
		return fmt.Errorf("auth: key file: %s: 1 to %d of A-Z a-z 0-9 _ - are needed", place, maxKidLength)
	}
	if first, taken := p.kids[kid]; taken {
		return fmt.Errorf("auth: key file: %s: the same kid as %s", place, first)
	}
	p.kids[kid] = place
	return p.use(entry+"."+member, key)
}

func (p keyPlaces) use(place string, key []byte) error {
	if len(key) != keySize {
		return fmt.Errorf("auth: key file: %s: %d bytes, %d are needed", place, len(key), keySize)
	}
	if bytes.Count(key, key[:1]) == keySize {
		return fmt.Errorf("auth: key file: %s: one byte repeated is no key", place)
	}
	if first, taken := p.material[string(key)]; taken {
		return fmt.Errorf("auth: key file: %s: the same key as %s", place, first)
	}
	p.material[string(key)] = place
	return nil
}

func kidWellFormed(kid string) bool {
	if kid == "" || len(kid) > maxKidLength {
		return false
	}
	for _, c := range []byte(kid) {
		if !base64urlByte(c) {
			return false
		}
	}
	return true
}

func base64urlByte(c byte) bool {
	return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_'
}
