package api

import (
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
