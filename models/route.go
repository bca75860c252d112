package models

import "time"

// Route is a key patrol route: checkpoints in order.
type Route struct {
	ID          ID
	StationID   ID
	Name        string
	Direction   string // north_south, east_west, other
	Checkpoints []ID
	CreatedAt   time.Time
}
