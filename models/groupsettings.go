package models

import "time"

// How long a station keeps what is written in the security groups of its compounds, and how much of it is exported at once.
const (
	GroupKeepDays    = int(GroupMessageKept / (24 * time.Hour)) // where nothing is set
	MinGroupKeepDays = 90                                       // the contract's bounds
	MaxGroupKeepDays = 3653                                     // ten years
	// GroupKeepNotice is how long a shorter period waits before anything is deleted by it: what a slip of the finger would
	// delete is gone for good.
	GroupKeepNotice = 7 * 24 * time.Hour
	// MaxGroupExport is how many messages one export holds; the next goes on after it.
	MaxGroupExport = 2000
)

// GroupSettings are what a station has set for its groups.
type GroupSettings struct {
	KeepDays   int
	BeforeDays int       // what counted when they were set
	Version    int       // how often they were set; 0: these are the defaults
	UpdatedAt  time.Time // zero: never
}

// DefaultGroupSettings count for a station that has set nothing.
func DefaultGroupSettings() GroupSettings {
	return GroupSettings{KeepDays: GroupKeepDays, BeforeDays: GroupKeepDays}
}

// Set is these settings with another period, over the version that they have.
func (s GroupSettings) Set(days int, now time.Time) GroupSettings {
	return GroupSettings{KeepDays: days, BeforeDays: s.daysAt(now), Version: s.Version, UpdatedAt: now}
}

// AppliesAt is when the period begins to count; zero: it does.
func (s GroupSettings) AppliesAt(now time.Time) time.Time {
	if begins := s.UpdatedAt.Add(GroupKeepNotice); s.KeepDays < s.BeforeDays && now.Before(begins) {
		return begins
	}
	return time.Time{}
}

// KeptFor is how long a message is kept, as it counts now.
func (s GroupSettings) KeptFor(now time.Time) time.Duration {
	return time.Duration(s.daysAt(now)) * 24 * time.Hour
}

func (s GroupSettings) daysAt(now time.Time) int {
	if s.AppliesAt(now).IsZero() {
		return s.KeepDays
	}
	return s.BeforeDays
}

// GroupExportPart is as many of the messages found as one export holds, and the ordinal after which the next goes on; 0: there
// are no more. Whoever looks asks for one more than it holds.
func GroupExportPart(found []GroupMessage, holds int) (part []GroupMessage, nextAfter int) {
	if len(found) <= holds {
		return found, 0
	}
	return found[:holds], found[holds-1].Ordinal
}
