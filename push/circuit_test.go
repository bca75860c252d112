package push

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"xunfang/models"
)

var (
	taken  = Outcome{State: StateSent}
	away   = Outcome{State: StateRetry, Reason: ReasonUnavailable}
	unsaid = Outcome{State: StateRetry, Reason: ReasonCancelled}
)

// ends has attempts end one after another.
func ends(c Circuit, now time.Time, outcomes ...Outcome) Circuit {
	for at, outcome := range outcomes {
		c, _ = c.Ended(models.ID(fmt.Sprint(at)), outcome, now)
	}
	return c
}

func times(count int, outcome Outcome) []Outcome {
	many := make([]Outcome, count)
	for at := range many {
		many[at] = outcome
	}
	return many
}

func TestCircuitOpens(t *testing.T) {
	for name, row := range map[string]struct {
		before []Outcome
		after  time.Duration
		then   []Outcome
		want   CircuitState
	}{
		"nothing happened":              {nil, 0, nil, CircuitClosed},
		"one failure too few":           {nil, 0, times(CircuitFailures-1, away), CircuitClosed},
		"as many as it takes":           {nil, 0, times(CircuitFailures, away), CircuitOpen},
		"half of the attempts":          {times(5, taken), 0, times(5, away), CircuitOpen},
		"less than half":                {times(6, taken), 0, times(5, away), CircuitClosed},
		"three of ten, for long":        {append(times(700, taken), times(300, away)...), 0, nil, CircuitClosed},
		"the older half still counts":   {times(4, away), CircuitWindow - time.Nanosecond, times(1, away), CircuitOpen},
		"what is older does not":        {times(4, away), CircuitWindow, times(1, away), CircuitClosed},
		"good days long ago do not":     {times(100, taken), CircuitWindow, times(5, away), CircuitOpen},
		"nobody was asked":              {nil, 0, times(100, unsaid), CircuitClosed},
		"refusals of one are answers":   {nil, 0, times(100, Outcome{State: StateFailed, Reason: ReasonInvalidArgument}), CircuitClosed},
		"an address that is gone is so": {nil, 0, times(100, Outcome{State: StateGone, Reason: ReasonUnregistered}), CircuitClosed},
	} {
		c := ends(ends(Circuit{}, testNow, row.before...), testNow.Add(row.after), row.then...)
		if c.State() != row.want {
			t.Errorf("%s: %s", name, c.State())
		}
	}
}

func TestCircuitProbes(t *testing.T) {
	open := ends(Circuit{}, testNow, times(CircuitFailures, away)...)
	at := testNow.Add(MinCircuitPause)
	if open.Room(8, at.Add(-time.Nanosecond)) != 0 || open.Room(8, at) != 1 || open.Room(0, at) != 0 || (Circuit{}).Room(8, at) != 8 {
		t.Error("room")
	}
	probed := open.Begin("probe")
	if probed.State() != CircuitHalfOpen || probed.Room(8, at) != 0 {
		t.Errorf("%+v", probed)
	}
	if straggler, counted := probed.Ended("other", taken, at); straggler.State() != CircuitHalfOpen || counted {
		t.Error("one that began before is taken for the probe")
	}
	if closed, counted := probed.Ended("probe", taken, at); closed.State() != CircuitClosed || counted || closed.Room(8, at) != 8 {
		t.Error("a good probe does not close it")
	}
	if again, _ := probed.Ended("probe", unsaid, at); again.State() != CircuitOpen || again.Room(8, at) != 1 {
		t.Error("a probe that tells nothing holds it up")
	}
	c, pauses := open, []time.Duration{}
	for range 6 {
		c, _ = c.Begin("probe").Ended("probe", away, at)
		pauses = append(pauses, c.until.Sub(at))
	}
	if fmt.Sprint(pauses) != "[10s 20s 40s 1m0s 1m0s 1m0s]" {
		t.Error(pauses)
	}
	for asked, want := range map[time.Duration]time.Duration{0: MinCircuitPause, 90 * time.Second: 90 * time.Second, 24 * time.Hour: MaxAskedPause} {
		if c := ends(Circuit{}, testNow, times(CircuitFailures, Outcome{State: StateRetry, RetryAfter: asked})...); c.until.Sub(testNow) != want {
			t.Errorf("asked for %s: %s", asked, c.until.Sub(testNow))
		}
	}
}

// TestCountedAttempts: an attempt counts only while the provider takes messages.
func TestCountedAttempts(t *testing.T) {
	well := ends(Circuit{}, testNow, taken)
	for name, row := range map[string]struct {
		circuit Circuit
		at      time.Time
		want    bool
	}{
		"it took another just now": {well, testNow.Add(CircuitWindow - time.Nanosecond), true},
		"that was too long ago":    {well, testNow.Add(CircuitWindow), false},
		"it never took any":        {Circuit{}, testNow, false},
		"this one opens it":        {ends(well, testNow, times(4, away)...), testNow, false},
		"it is open":               {ends(Circuit{}, testNow, times(5, away)...), testNow, false},
	} {
		if _, counted := row.circuit.Ended("one", away, row.at); counted != row.want {
			t.Errorf("%s: %v", name, counted)
		}
	}
}

// TestADeadProviderHoldsNobodyBack: one provider answers nothing for eight hours, the other one is well; both have a backlog.
// Nothing is lost or given up, the dead one is asked a few hundred times and not for every row, and the other is not slower.
func TestADeadProviderHoldsNobodyBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const count, night = 2000, 8 * time.Hour
		began := time.Now()
		outbox := newMemoryOutbox(count, began, func(at int, delivery *Delivery) {
			delivery.Message.ExpiresAt = began.Add(24 * time.Hour)
			if at%2 == 0 {
				delivery.Kind = models.PushWeChat
			}
		})
		well, dead := newPhones(nil), newPhones(func(ctx context.Context, _ string, _ int) Outcome {
			if time.Since(began) < night {
				<-ctx.Done()
				return Outcome{State: StateRetry, Reason: ReasonTimeout}
			}
			return taken
		})
		worker, err := NewWorker(outbox, map[string]Channel{"fcm_token": well, models.PushWeChat: dead}, WorkerConfig{Owner: "one", Concurrency: 32, Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		stop := run(t, worker)
		time.Sleep(5 * time.Second)
		if sent := len(well.seen().sent); sent != count/2 {
			t.Errorf("%d of %d went out beside a dead provider", sent, count/2)
		}
		time.Sleep(night - 6*time.Second)
		asked := 0
		for _, tries := range dead.seen().tries {
			asked += tries
		}
		if stats := worker.Channels(); len(dead.seen().sent) != 0 || asked > 32+int(night/MaxCircuitPause) || !worker.Away() || stats[1].Circuit == CircuitClosed {
			t.Errorf("asked %d times, %+v", asked, stats)
		}
		time.Sleep(10 * time.Minute)
		if sent := len(dead.seen().sent); sent != count/2 || outbox.waiting() > 0 || worker.Away() || stop() != nil {
			t.Errorf("%d of %d went out afterwards: %v", sent, count/2, outbox.ends())
		}
		for at := range count {
			if row := outbox.row(at); row.Spent > 0 {
				t.Fatalf("an attempt counted: %+v", row)
			}
		}
	})
}

// TestEmergenciesHaveSlots: all slots that others may have are taken by slow ones; an emergency begins at once. The control is
// an ordinary one, which waits.
func TestEmergenciesHaveSlots(t *testing.T) {
	for _, severity := range []string{models.SeverityEmergency, models.SeverityHigh} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			outbox := newMemoryOutbox(1001, began, func(at int, delivery *Delivery) { delivery.Message.Severity = models.SeverityInfo })
			last := outbox.rows[1000]
			last.Message.Severity, last.nextAt = severity, began.Add(time.Hour)
			phones := newPhones(nil)
			phones.took = 14 * time.Second // just under half of a lease
			worker := testWorker(t, outbox, phones, nil)
			stop := run(t, worker)
			time.Sleep(1500 * time.Millisecond)
			outbox.mu.Lock()
			last.nextAt = time.Now()
			outbox.mu.Unlock()
			worker.Wake()
			synctest.Wait()
			if begun := phones.seen().tries["token-1000"] == 1; begun != (severity == models.SeverityEmergency) {
				t.Errorf("%s begun at once: %v", severity, begun)
			}
			time.Sleep(time.Hour)
			if err := stop(); err != nil || outbox.waiting() > 0 {
				t.Error(err, outbox.waiting())
			}
		})
	}
}
