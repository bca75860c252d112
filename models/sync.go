package models

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// The bounds of a sync.
const (
	SyncTokenKept = 7 * 24 * time.Hour // a phone that was away for longer begins anew
	MaxSyncTokens = 8                  // of one person; a phone needs two: the one it has, and the one on its way to it
	MaxSyncPage   = 500                // objects and tombstones of one answer
	MaxSyncBytes  = 512 << 10          // objects of one answer as JSON; a single larger one goes alone
	SyncShiftDays = 7                  // days after today whose shifts a phone knows the times of
	SyncRoundsOld = 3                  // days before today whose rounds a phone has: as long as it may keep facts about them
	SyncRoundsNew = 2                  // days after today whose rounds a phone has: as far ahead as they are made
)

// SyncKind is a kind of object that phones keep.
type SyncKind string

// The kinds.
const (
	SyncSquad      SyncKind = "squad"
	SyncPerson     SyncKind = "person"
	SyncShift      SyncKind = "shift"
	SyncRound      SyncKind = "round"
	SyncRoundPlan  SyncKind = "round_plan"
	SyncRoute      SyncKind = "route"
	SyncStreetPost SyncKind = "street_post"
	SyncCheckpoint SyncKind = "checkpoint"
)

// SyncKinds lists them in the order in which a phone needs them. Manifests name them by their place: new ones go last.
var SyncKinds = []SyncKind{
	SyncSquad, SyncPerson, SyncShift, SyncRound, SyncRoundPlan, SyncRoute, SyncStreetPost, SyncCheckpoint,
}

// SyncKey names one object on a phone.
type SyncKey struct {
	Kind SyncKind
	ID   ID
}

// SyncHash tells one state of an object from another.
type SyncHash [12]byte

// SyncObject is one object as its owner is to have it.
type SyncObject struct {
	SyncKey
	Body []byte // its JSON; the same object always has the same
}

// Manifest is what a phone has: every object with the state in which it was sent.
type Manifest map[SyncKey]SyncHash

// SyncToken stands for a manifest. It is one person's, and means nothing to anybody else.
type SyncToken struct {
	ID       ID
	PersonID ID
	ParentID ID // the token that the phone came with; "" when it came with none
	Has      Manifest
}

// SyncStep is one answer: what to add or replace, what to remove, and what the phone has after that.
type SyncStep struct {
	Changed []SyncObject
	Gone    []SyncKey
	More    bool // there was more than fits
	Has     Manifest
}

// Next is the next step from what a phone has to what it needs. What has gone comes first: people whom the phone must
// not show any longer do not wait for the rest. The new manifest holds what was sent and nothing else, so that
// whatever changes between two steps is found by the second.
func (m Manifest) Next(needed []SyncObject, limit, maxBytes int) SyncStep {
	step, wanted := SyncStep{Has: make(Manifest, len(needed))}, make(map[SyncKey]bool, len(needed))
	for key, hash := range m {
		step.Has[key] = hash
	}
	for _, object := range needed {
		wanted[object.SyncKey] = true
	}
	for key := range m {
		if !wanted[key] {
			step.Gone = append(step.Gone, key)
		}
	}
	slices.SortFunc(step.Gone, compareSyncKeys)
	if len(step.Gone) > limit {
		step.Gone, step.More = step.Gone[:limit], true
	}
	for _, key := range step.Gone {
		delete(step.Has, key)
	}
	size := 0
	for _, object := range needed {
		hash := object.Hash()
		if known, has := m[object.SyncKey]; has && known == hash {
			continue
		}
		full := len(step.Gone)+len(step.Changed) >= limit
		if full || len(step.Changed) > 0 && size+len(object.Body) > maxBytes {
			step.More = true
			break
		}
		size += len(object.Body)
		step.Changed, step.Has[object.SyncKey] = append(step.Changed, object), hash
	}
	return step
}

// Empty says whether the phone has everything as it is.
func (s SyncStep) Empty() bool { return len(s.Changed) == 0 && len(s.Gone) == 0 }

// Hash is the hash of the object's state.
func (o SyncObject) Hash() SyncHash {
	sum := sha256.Sum256(o.Body)
	return SyncHash(sum[:len(SyncHash{})])
}

func compareSyncKeys(left, right SyncKey) int {
	if order := slices.Index(SyncKinds, left.Kind) - slices.Index(SyncKinds, right.Kind); order != 0 {
		return order
	}
	return strings.Compare(string(left.ID), string(right.ID))
}

// manifestEntry is the length of an object in an encoded manifest: kind, id, hash.
const manifestEntry = 1 + 16 + len(SyncHash{})

var errManifest = errors.New("models: not a manifest")

// Encode writes the manifest as bytes, the same for the same manifest. They are ids and hashes: nothing makes them shorter.
func (m Manifest) Encode() ([]byte, error) {
	keys := make([]SyncKey, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, compareSyncKeys)
	encoded := make([]byte, 0, len(m)*manifestEntry)
	for _, key := range keys {
		kind := slices.Index(SyncKinds, key.Kind)
		id, err := hex.DecodeString(strings.ReplaceAll(string(key.ID), "-", ""))
		if err != nil || len(id) != 16 || kind < 0 {
			return nil, fmt.Errorf("%w: %q", errManifest, key)
		}
		hash := m[key]
		encoded = append(encoded, byte(kind)) //nolint:gosec // a place in a short list
		encoded = append(append(encoded, id...), hash[:]...)
	}
	return encoded, nil
}

// ParseManifest reads what Encode wrote.
func ParseManifest(encoded []byte) (Manifest, error) {
	if len(encoded)%manifestEntry != 0 {
		return nil, errManifest
	}
	manifest := make(Manifest, len(encoded)/manifestEntry)
	for entry := range slices.Chunk(encoded, manifestEntry) {
		if int(entry[0]) >= len(SyncKinds) {
			return nil, errManifest
		}
		text := hex.EncodeToString(entry[1:17])
		id := ID(strings.Join([]string{text[:8], text[8:12], text[12:16], text[16:20], text[20:]}, "-"))
		manifest[SyncKey{Kind: SyncKinds[entry[0]], ID: id}] = SyncHash(entry[17:])
	}
	return manifest, nil
}
