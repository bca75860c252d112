package models

import "time"

// Route is a key patrol route: checkpoints in order.
type Route struct {
	ID          ID
	StationID   ID
	Name        string
	Direction   string // north_south, east_west, other
	Checkpoints []ID
	OfficerID   ID // who is given the tips along it that lie in no officer's compound; "" for nobody
	CreatedAt   time.Time
}
