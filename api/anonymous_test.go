package api

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestAnAddressHasAnotherHashEachHour(t *testing.T) {
	salt, now := hourlySalt{}, time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)
	salt.turn(now)
	first := salt.hash("203.0.113.7")
	if salt.hash("203.0.113.7") != first || salt.hash("203.0.113.8") == first {
		t.Error("within the hour one address has one hash, and another another")
	}
	salt.turn(now.Add(saltLife - 1))
	if salt.hash("203.0.113.7") != first {
		t.Error("the salt was thrown away early")
	}
	salt.turn(now.Add(saltLife))
	if salt.hash("203.0.113.7") == first {
		t.Error("the salt outlived its hour")
	}
}

// Of a request without a name the log says where something broke, and nothing of what was in it: neither what an error says, which
// may repeat what was sent, nor what lay on the stack.
func TestTheLogOfWhatBrokeHoldsNothingThatWasSent(t *testing.T) {
	b := newBench(t, nil)
	breaks := func(hidden bool, end func() (GetMeResponseObject, error)) string {
		before := len(b.log.String())
		b.fake.me = func(ctx context.Context) (GetMeResponseObject, error) {
			if hidden {
				Hide(ctx)
			}
			return end()
		}
		if got := b.do(t, "GET", "/v1/me", "", as("officer")); got.status != 500 {
			t.Errorf("%d %s", got.status, got.body)
		}
		return b.log.String()[before:]
	}
	words := errors.New("near 'somebody forces a lock'")
	fails := func() (GetMeResponseObject, error) { return nil, fmt.Errorf("storing: %w", words) }
	panics := func() (GetMeResponseObject, error) { panic(words) }
	for name, end := range map[string]func() (GetMeResponseObject, error){"an error": fails, "a panic": panics} {
		if log := breaks(false, end); !strings.Contains(log, "forces a lock") {
			t.Errorf("control, %s: %s", name, log)
		}
		log := breaks(true, end)
		if strings.Contains(log, "forces") || strings.Contains(log, "(0x") || strings.Contains(log, "person-officer") {
			t.Errorf("%s: %s", name, log)
		}
		if !strings.Contains(log, "*errors.errorString") || name == "a panic" && !strings.Contains(log, "anonymous_test.go:") {
			t.Errorf("%s: it does not say what broke: %s", name, log)
		}
	}
}
