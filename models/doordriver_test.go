package models

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestDoorEventReplaysAtBothEdges(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name string
		at   time.Time
		want bool
	}{
		{"now", now, false},
		{"as old as it may be", now.Add(-DoorReplayAge), false},
		{"a millisecond older", now.Add(-DoorReplayAge - time.Millisecond), true},
		{"as far ahead as it may be", now.Add(DoorReplayAge), false},
		{"a millisecond further", now.Add(DoorReplayAge + time.Millisecond), true},
		{"no time at all", time.Time{}, true},
	} {
		if got := (DoorEvent{OccurredAt: test.at}).Replays(now); got != test.want {
			t.Errorf("%s: replayed %v", test.name, got)
		}
	}
}

func TestDoorCardNumberIsNeverPrinted(t *testing.T) {
	card := DoorCard{Number: 12345678, Doors: []ID{"a"}}
	text := &strings.Builder{}
	slog.New(slog.NewTextHandler(text, nil)).Info("card", "card", card)
	for _, printed := range []string{text.String(), fmt.Sprint(card), fmt.Sprintf("%v %+v %s", card, card, card)} {
		if strings.Contains(printed, "12345678") {
			t.Errorf("the number is printed: %s", printed)
		}
	}
}

func TestUnknownDoorStatusGuessesNothing(t *testing.T) {
	status := UnknownDoorStatus("d", time.Time{})
	for _, word := range []string{
		string(status.Mode), string(status.Position), string(status.Lock),
		string(status.Alarm), string(status.Tamper), string(status.Fault),
	} {
		if word != "unknown" {
			t.Errorf("%q is a guess", word)
		}
	}
}
