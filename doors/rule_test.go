package doors

import (
	"testing"
	"time"

	"xunfang/models"
)

const (
	deviceA = models.ID("0198c000-0000-7000-8000-00000000000a")
	deviceB = models.ID("0198c000-0000-7000-8000-00000000000b")
	doorA1  = models.ID("0198c000-0000-7000-8000-0000000000a1")
	doorA2  = models.ID("0198c000-0000-7000-8000-0000000000a2")
	doorB1  = models.ID("0198c000-0000-7000-8000-0000000000b1")
	anID    = models.ID("0198c000-0000-7000-8000-000000000001")
	nonceA  = "AAECAwQFBgcICQoLDA0ODw"
	nonceB  = "Dw4NDAsKCQgHBgUEAwIBAA"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func goodCommand() Command {
	return Command{
		ID: anID, DoorID: doorA1, DeviceID: deviceA, Action: ActionOpen, Nonce: nonceA,
		IssuedAt: noon, ExpiresAt: noon.Add(10 * time.Second),
	}
}

func goodState() State {
	return State{DeviceID: deviceA, DoorIDs: []models.ID{doorA1, doorA2}, Nonce: nonceA}
}

func TestJudgeWindows(t *testing.T) {
	const tick = time.Millisecond
	cases := []struct {
		name   string
		change func(command *Command, state *State) time.Time // gives the controller's clock
		want   string                                         // reason; "" acts
	}{
		{"as it should be", func(*Command, *State) time.Time { return noon }, ""},
		{"the controller's other door", func(c *Command, _ *State) time.Time { c.DoorID = doorA2; return noon }, ""},
		{"last moment before expiry", func(c *Command, _ *State) time.Time { return c.ExpiresAt.Add(-tick) }, ""},
		{"at expiry", func(c *Command, _ *State) time.Time { return c.ExpiresAt }, ReasonExpired},
		{"after expiry", func(c *Command, _ *State) time.Time { return c.ExpiresAt.Add(tick) }, ReasonExpired},
		{"controller 30 s behind", func(c *Command, _ *State) time.Time { return c.IssuedAt.Add(-MaxClockSkew) }, ""},
		{"controller further behind", func(c *Command, _ *State) time.Time { return c.IssuedAt.Add(-MaxClockSkew - tick) }, ReasonNotYet},
		{"lives 60 s", func(c *Command, _ *State) time.Time { c.ExpiresAt = c.IssuedAt.Add(MaxLifetime); return noon }, ""},
		{"lives longer", func(c *Command, _ *State) time.Time { c.ExpiresAt = c.IssuedAt.Add(MaxLifetime + tick); return noon }, ReasonBadLifetime},
		{"lives 1 ms", func(c *Command, _ *State) time.Time { c.ExpiresAt = c.IssuedAt.Add(tick); return noon }, ""},
		{"lives not at all", func(c *Command, _ *State) time.Time { c.ExpiresAt = c.IssuedAt; return noon.Add(-tick) }, ReasonBadLifetime},
		{"ends before it begins", func(c *Command, _ *State) time.Time {
			c.ExpiresAt = c.IssuedAt.Add(-tick)
			return noon.Add(-time.Second)
		}, ReasonBadLifetime},
		{"no session on either side", func(c *Command, s *State) time.Time { c.Nonce, s.Nonce = "", ""; return noon }, ReasonOldNonce},
		{"door of nobody", func(c *Command, s *State) time.Time { s.DoorIDs = nil; return noon }, ReasonOtherDoor},
	}
	for _, one := range cases {
		t.Run(one.name, func(t *testing.T) {
			command, state := goodCommand(), goodState()
			now := one.change(&command, &state)
			verdict := Judge(command, state, now)
			if verdict.Act != (one.want == "") || verdict.Answer.Reason != one.want {
				t.Fatalf("got %+v, want reason %q", verdict, one.want)
			}
			if !verdict.Act && (verdict.Answer.Result != ResultRefused || verdict.Answer.ID != command.ID || !verdict.Answer.At.Equal(now)) {
				t.Fatalf("answer %+v", verdict.Answer)
			}
		})
	}
}

// Each check is the only thing between its fault and an open door: with the check left out,
// the same command opens.
func TestEveryCheckIsNeeded(t *testing.T) {
	first := Ack{ID: anID, DoorID: doorA1, Result: ResultOpened, At: noon}
	faults := map[string]func(command *Command, state *State) time.Time{
		ReasonOtherDevice:   func(c *Command, _ *State) time.Time { c.DeviceID = deviceB; return noon },
		Repeated:            func(_ *Command, s *State) time.Time { s.Acted = map[models.ID]Ack{anID: first}; return noon },
		ReasonOtherDoor:     func(c *Command, _ *State) time.Time { c.DoorID = doorB1; return noon },
		ReasonOldNonce:      func(c *Command, _ *State) time.Time { c.Nonce = nonceB; return noon },
		ReasonUnknownAction: func(c *Command, _ *State) time.Time { c.Action = "hold_open"; return noon },
		ReasonBadLifetime:   func(c *Command, _ *State) time.Time { c.ExpiresAt = noon.Add(time.Hour); return noon },
		ReasonNotYet:        func(c *Command, _ *State) time.Time { return c.IssuedAt.Add(-time.Minute) },
		ReasonExpired:       func(c *Command, _ *State) time.Time { return c.ExpiresAt.Add(time.Minute) },
		ReasonMemoryFull:    func(_ *Command, s *State) time.Time { s.Full = true; return noon },
	}
	all := Checks()
	if len(faults) != len(all) {
		t.Fatalf("%d checks, %d faults", len(all), len(faults))
	}
	for at, left := range all {
		t.Run(left.Reason, func(t *testing.T) {
			command, state := goodCommand(), goodState()
			now := faults[left.Reason](&command, &state)
			if verdict := JudgeBy(all, command, state, now); verdict.Act {
				t.Fatal("opened with every check in place")
			}
			without := append(append([]Check{}, all[:at]...), all[at+1:]...)
			if verdict := JudgeBy(without, command, state, now); !verdict.Act {
				t.Fatalf("another check hides this one: %+v", verdict)
			}
		})
	}
}

func TestJudgeRepeatsTheFirstAnswer(t *testing.T) {
	first := Ack{ID: anID, DoorID: doorA1, Result: ResultFailed, Reason: ReasonRelay, At: noon}
	command, state := goodCommand(), goodState()
	state.Acted = map[models.ID]Ack{anID: first}
	command.Nonce = nonceB // a new session, and long after expiry
	if verdict := Judge(command, state, noon.Add(time.Hour)); verdict.Act || verdict.Answer != first {
		t.Fatalf("got %+v", verdict)
	}
}

func TestMemoryForgetsOnlyWhatExpired(t *testing.T) {
	memory := newMemory(2)
	early, late := goodCommand(), goodCommand()
	late.ID, late.ExpiresAt = deviceA, noon.Add(MaxLifetime)
	for _, command := range []Command{early, early, late} { // a second time is not a second entry
		if memory.full(noon) {
			t.Fatal("full too soon")
		}
		memory.remember(command, Ack{ID: command.ID})
	}
	if !memory.full(early.ExpiresAt) {
		t.Fatal("forgot a command whose expiry another clock may not have seen")
	}
	if memory.full(early.ExpiresAt.Add(MaxClockSkew)) {
		t.Fatal("kept an expired command at the price of a live one")
	}
	if _, known := memory.acked[late.ID]; !known || len(memory.acked) != 1 || len(memory.expires) != 1 {
		t.Fatalf("remembers %v", memory.acked)
	}
}
