package hostile

import (
	"crypto/rand"
	"testing"

	"xunfang/auth"
	"xunfang/doors"
)

func makeKeys(t *testing.T) (keys, stranger *auth.Keys) {
	t.Helper()
	made := [2]*auth.Keys{}
	for at := range made {
		one, err := auth.GenerateKeys(rand.Reader, false)
		if err != nil {
			t.Fatal(err)
		}
		made[at] = one
	}
	return made[0], made[1]
}

// The short form; the long one is go run ./bench --only door-hostile.
func TestNoDoorOpensThatMustNot(t *testing.T) {
	keys, stranger := makeKeys(t)
	result := Run(Campaign{Seed: 1, Commands: 2000}, keys, stranger)
	t.Logf("%+v", result)
	if err := result.Err(); err != nil {
		t.Error(err)
	}
}

func TestTheSameSeedIsTheSameCampaign(t *testing.T) {
	keys, stranger := makeKeys(t)
	first := Run(Campaign{Seed: 7, Commands: 300}, keys, stranger)
	second := Run(Campaign{Seed: 7, Commands: 300}, stranger, keys) // the keys are no part of it
	if other := Run(Campaign{Seed: 8, Commands: 300}, keys, stranger); first != second || other.Digest == first.Digest {
		t.Errorf("%+v\n%+v\n%+v", first, second, other)
	}
}

// shown is what each fault must lead to.
func shown(fault Fault, result Result) int {
	switch fault {
	case FaultSignature:
		return result.Unsigned
	case FaultRetained:
		return result.Kept
	case Fault(doors.ReasonUnknownAction):
		return result.Other
	case Fault(doors.ReasonOtherDoor), Fault(doors.ReasonOtherDevice):
		return result.WrongDoor
	case Fault(doors.Repeated), Fault(doors.ReasonOldNonce):
		return result.Twice
	default:
		return result.Late
	}
}

// A campaign that would not notice a missing check proves nothing about the others.
func TestEveryFaultIsFound(t *testing.T) {
	keys, stranger := makeKeys(t)
	for _, fault := range Faults() {
		t.Run(string(fault), func(t *testing.T) {
			result := Run(Campaign{Seed: 1, Commands: 4000, Fault: fault}, keys, stranger)
			t.Logf("%+v", result)
			if shown(fault, result) == 0 {
				t.Error("nobody noticed that a check was missing")
			}
		})
	}
}
