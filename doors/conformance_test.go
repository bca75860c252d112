package doors_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"xunfang/doors"
	"xunfang/doors/hikvision"
	"xunfang/doors/uhppote"
	"xunfang/doors/webhook"
	"xunfang/models"
)

const theDoor = models.ID("0198c000-0000-7000-8000-0000000000a1")

// everyDriver is each kind of hardware, with nobody at the other end.
func everyDriver(t *testing.T) map[string]doors.Driver {
	t.Helper()
	logger := slog.New(slog.DiscardHandler)
	board, err := uhppote.NewDriver(uhppote.Config{
		BoardConfig: uhppote.BoardConfig{Serial: 1, Address: "127.0.0.1:1", Zone: time.UTC, Timeout: 10 * time.Millisecond},
		Doors:       []uhppote.Door{{ID: theDoor, Number: 1}}, Now: time.Now, Logger: logger,
	})
	if err != nil {
		t.Fatal(err)
	}
	terminal, err := hikvision.NewDriver(hikvision.Config{
		URL: "http://127.0.0.1:1", User: "admin", Password: "password", Now: time.Now, Logger: logger,
		Doors: []hikvision.Door{{ID: theDoor, Number: 1}},
	})
	if err != nil {
		t.Fatal(err)
	}
	hook, err := webhook.NewDriver(webhook.Config{
		URL: "https://127.0.0.1:1/", Secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", Doors: []models.ID{theDoor}, Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return map[string]doors.Driver{
		"uhppote": board, "hikvision": terminal, "webhook": hook,
	}
}

// What a driver denies it answers with ErrDoorUnable, and what it claims it never does.
func TestDriversDoWhatTheyDeclare(t *testing.T) {
	for name, driver := range everyDriver(t) {
		t.Run(name, func(t *testing.T) {
			able := driver.Capabilities()
			day := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
			ended, cancel := context.WithCancel(t.Context())
			cancel()
			_, status := driver.Status(ended, theDoor)
			for what, one := range map[string]struct {
				claimed bool
				err     error
			}{
				"put a card":    {able.HoldsCards, driver.PutCard(ended, models.DoorCard{Number: 1, From: day, Until: day.AddDate(0, 0, 1), Doors: []models.ID{theDoor}})},
				"remove a card": {able.HoldsCards, driver.RemoveCard(ended, 1)},
				"set the clock": {able.ClockCanBeSet, driver.SetTime(ended)},
				"events":        {able.Events, driver.Events(ended, models.DoorEventMark{}, nil)},
				"status":        {able.KnowsLock || able.KnowsPosition, status},
			} {
				if unable := errors.Is(one.err, models.ErrDoorUnable); unable == one.claimed {
					t.Errorf("%s: claimed %v, answered %v", what, one.claimed, one.err)
				}
			}
			if able.TriedOnHardware {
				t.Error("it was tried on hardware? then docs/controllers.md says on which")
			}
			if able.HoldsCodes && !able.HoldsCards || able.EventIndex && !able.Events {
				t.Errorf("the claims do not fit together: %+v", able)
			}
		})
	}
}

// Nobody there, no time left, another's door: the same words from every driver, and never "opened".
func TestDriversAgreeOnWhatCannotOpen(t *testing.T) {
	for name, driver := range everyDriver(t) {
		t.Run(name, func(t *testing.T) {
			now := time.Now()
			for _, test := range []struct {
				command models.DoorCommand
				state   models.DoorCommandState
				reason  string
			}{
				{models.DoorCommand{ID: "c", DoorID: theDoor, ExpiresAt: now}, models.CommandExpired, models.OutcomeExpired},
				{models.DoorCommand{ID: "c", DoorID: "another", ExpiresAt: now.Add(time.Minute)}, models.CommandFailed, models.OutcomeOtherDoor},
				{models.DoorCommand{ID: "c", DoorID: theDoor, ExpiresAt: now.Add(time.Minute)}, models.CommandFailed, models.OutcomeUnreachable},
			} {
				outcome, _ := driver.Open(t.Context(), test.command)
				if outcome.State != test.state || outcome.Reason != test.reason || outcome.Confirmed || outcome.At.IsZero() {
					t.Errorf("%+v, want %s because of %s", outcome, test.state, test.reason)
				}
			}
		})
	}
}
