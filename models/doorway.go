package models

import (
	"slices"
	"strings"
)

// WayKey is a metal key: a way in that no device tells of.
const WayKey = "key"

// DoorWays are the ways through a door that can be set, in the order in which they are told.
var DoorWays = []string{WayCode, WayRemote, WayCard, WayKey, WayButton, WayFace}

// defaultDoorWays are those of a door of which nobody said otherwise.
var defaultDoorWays = []string{WayCode, WayRemote}

// WaysOrDefault gives the ways set, each once and in one order, or else the default.
func WaysOrDefault(ways []string) []string {
	if len(ways) == 0 {
		ways = defaultDoorWays
	}
	kept := []string{}
	for _, way := range DoorWays {
		if slices.Contains(ways, way) {
			kept = append(kept, way)
		}
	}
	return kept
}

// CheckWays refuses a door that can be entered by face alone: there must be another way in. The button is inside, for
// leaving, and lets nobody in.
func CheckWays(ways []string) error {
	if !slices.Contains(ways, WayFace) {
		return nil
	}
	for _, way := range ways {
		if way != WayFace && way != WayButton {
			return nil
		}
	}
	return Fail(CodeFaceOnly).WithFields(FieldError{
		Field: "ways", Code: FieldTooFew, Want: strings.Join(DoorWays[:4], " | ") + " besides face",
	})
}

// TakesFaces says whether the door may be entered by face.
func (d Door) TakesFaces() bool { return slices.Contains(d.Ways, WayFace) }
