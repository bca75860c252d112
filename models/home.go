package models

// Home is one household's door.
type Home struct {
	ID       ID
	Place    Place // down to the home itself
	Building string
	Unit     string
	Label    string // what stands on the door: 302
}
