package models

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
	People      []DescribedPerson
	Devices     []Device
	Doors       []Door
}

// DescribedPerson is a person with the roles that the file gives them.
type DescribedPerson struct {
	Person
	Grants []Grant
}
