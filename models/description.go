package models

import (
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// Description is a whole station as a file describes it, with every id resolved: ids are made
// from the file's own keys, so that the same file again means the same things.
type Description struct {
	Station     StationInfo
	Compounds   []Compound
	Buildings   []Building
	Units       []Unit
	Homes       []Home
	Checkpoints []Checkpoint
	Routes      []Route
	StreetPosts []StreetPost
	Squads      []Squad
	Shifts      []Shift
	RoundPlans  []RoundPlan
	People      []DescribedPerson
	Devices     []Device
	Doors       []Door

	Keys map[ID]string // what the file calls each thing: its key, or the path of a building, unit or home
}

// DescribedPerson is a person with the roles that the file gives them. A role without
// StartsAt begins when it is imported.
type DescribedPerson struct {
	Person
	Grants []Grant
}

// describedAt is the instant in the ids of everything that is described. It lies before any
// other id of ours, so that such ids can be told from those that the server makes.
var describedAt = time.Date(2020, time.January, 1, 0, 0, 0, 0, time.UTC)

// DescribedID derives the id of a described thing from what it is called: a version 7 UUID
// (RFC 9562) with a fixed instant and, instead of random bits, those of a hash of the parts.
func DescribedID(parts ...string) ID {
	hash := sha256.New()
	for _, part := range parts {
		hash.Write(appendCounted(nil, part))
	}
	bits := hex.EncodeToString(hash.Sum(nil))
	variant := hexDigits[8+bits[18]&3]
	return idAt(describedAt) + ID("-7"+bits[:3]+"-"+string(variant)+bits[3:6]+"-"+bits[6:18])
}

// Described says whether the id was derived by DescribedID.
func (id ID) Described() bool { return id.Time().Equal(describedAt) }
