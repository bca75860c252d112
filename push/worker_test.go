package push

import (
	"bytes"
	"context"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// phones is a channel that records what it was asked to send, and when.
type phones struct {
	send func(ctx context.Context, address string, try int) Outcome
	took time.Duration

	mu       sync.Mutex
	tries    map[string]int
	sent     map[string]int
	under    map[string]int
	together int // the most attempts at one address at the same time
	atOnce   int // the most attempts at the same time
	late     int // attempts at or after the expiry
	order    []string
}

func newPhones(send func(ctx context.Context, address string, try int) Outcome) *phones {
	return &phones{
		send: send, took: 50 * time.Millisecond,
		tries: map[string]int{}, sent: map[string]int{}, under: map[string]int{},
	}
}

// seen is what was recorded so far: a test must not look into it while a worker writes.
func (p *phones) seen() *phones {
	p.mu.Lock()
	defer p.mu.Unlock()
	return &phones{
		tries: maps.Clone(p.tries), sent: maps.Clone(p.sent), order: slices.Clone(p.order),
		together: p.together, atOnce: p.atOnce, late: p.late,
	}
}

func (p *phones) Send(ctx context.Context, message Message) Outcome {
	address := message.Address.Reveal()
	p.mu.Lock()
	p.tries[address]++
	try := p.tries[address]
	p.order = append(p.order, address)
	p.under[address]++
	p.together = max(p.together, p.under[address])
	all := 0
	for count := range maps.Values(p.under) {
		all += count
	}
	p.atOnce = max(p.atOnce, all)
	if !time.Now().Before(message.ExpiresAt) {
		p.late++
	}
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		p.under[address]--
		p.mu.Unlock()
	}()
	time.Sleep(p.took)
	outcome := Outcome{State: StateSent}
	if p.send != nil {
		outcome = p.send(ctx, address, try)
	}
	if outcome.State == StateSent {
		p.mu.Lock()
		p.sent[address]++
		p.mu.Unlock()
	}
	return outcome
}

func testWorker(t testing.TB, outbox Outbox, channel Channel, change func(*WorkerConfig)) *Worker {
	t.Helper()
	config := WorkerConfig{Owner: "one", Concurrency: 32, Batch: 16, Now: time.Now}
	if change != nil {
		change(&config)
	}
	worker, err := NewWorker(outbox, map[string]Channel{"fcm_token": channel}, config)
	if err != nil {
		t.Fatal(err)
	}
	return worker
}

// run starts a worker and gives what stops it and waits for it.
func run(t testing.TB, worker *Worker) func() error {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- worker.Run(ctx) }()
	stop := sync.OnceValue(func() error { cancel(); return <-ended })
	t.Cleanup(func() { _ = stop() })
	return stop
}

// TestFaultStorm: two workers, phones that fail in every way, a database that is busy now and then.
func TestFaultStorm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const count = 2000
		random := rand.New(rand.NewPCG(1, 2))
		fates := map[string]string{}
		outbox := newMemoryOutbox(count, time.Now(), func(at int, delivery *Delivery) {
			address := delivery.Message.Address.Reveal()
			switch pick := random.IntN(100); {
			case pick < 5:
				fates[address] = "gone"
			case pick < 10:
				fates[address] = "invalid"
			case pick < 13:
				fates[address] = "panic"
			case pick < 18:
				fates[address] = "expired"
				delivery.Message.ExpiresAt = time.Now().Add(-time.Second)
			case pick < 23:
				fates[address] = "dying" // never taken, expires while it is tried
				delivery.Message.ExpiresAt = time.Now().Add(20 * time.Second)
			case pick < 26:
				fates[address] = "nowhere"
				delivery.Kind = "wechat_mini_program"
			default:
				fates[address] = "storm"
			}
		})
		outbox.failFinish, outbox.failClaim = 7, 3
		phones := newPhones(func(ctx context.Context, address string, try int) Outcome {
			switch fates[address] {
			case "gone":
				return Outcome{State: StateGone, Reason: ReasonUnregistered}
			case "invalid":
				return Outcome{State: StateFailed, Reason: ReasonInvalidArgument}
			case "panic":
				panic("address " + address)
			case "dying":
				return Outcome{State: StateRetry, Reason: ReasonInternal}
			}
			switch pick := rand.IntN(10); { // a repeat fails less and less
			case try > 6:
				return Outcome{State: StateSent}
			case pick < 2:
				return Outcome{State: StateRetry, Reason: ReasonUnavailable}
			case pick < 4:
				return Outcome{State: StateRetry, Reason: ReasonQuota, RetryAfter: 10 * time.Second}
			case pick < 5:
				<-ctx.Done()
				return Outcome{State: StateRetry, Reason: ReasonTimeout}
			}
			return Outcome{State: StateSent}
		})
		printed := &bytes.Buffer{}
		logger := slog.New(slog.NewTextHandler(printed, &slog.HandlerOptions{Level: slog.LevelError}))
		one := testWorker(t, outbox, phones, func(c *WorkerConfig) { c.Logger = logger })
		two := testWorker(t, outbox, phones, func(c *WorkerConfig) { c.Owner = "two"; c.Logger = logger })
		stopOne, stopTwo := run(t, one), run(t, two)
		began := time.Now()
		for outbox.waiting() > 0 && time.Since(began) < time.Hour {
			time.Sleep(time.Second)
		}
		if err := stopOne(); err != nil {
			t.Error(err)
		}
		if err := stopTwo(); err != nil {
			t.Error(err)
		}
		want := map[string]string{
			"gone": "gone:unregistered", "invalid": "failed:invalid_argument", "panic": "failed:panic", "expired": "failed:expired",
			"dying": "failed:expired", "nowhere": "failed:no_channel", "storm": "sent:",
		}
		for at := range count {
			row := outbox.row(at)
			address := row.Message.Address.Reveal()
			if got := string(row.state) + ":" + row.reason; got != want[fates[address]] {
				t.Errorf("%s ended as %s, want %s", fates[address], got, want[fates[address]])
			}
			if fates[address] == "storm" && phones.seen().sent[address] == 0 {
				t.Errorf("%s was never sent", address)
			}
			if (fates[address] == "expired" || fates[address] == "nowhere") && phones.seen().tries[address] > 0 {
				t.Errorf("%s was tried: %s", address, fates[address])
			}
			if gone := outbox.forgotten[row.PersonID]; gone != (fates[address] == "gone") {
				t.Errorf("%s forgotten: %v", fates[address], gone)
			}
		}
		if phones.seen().together > 1 || phones.seen().late > 0 || phones.seen().atOnce > 64 {
			t.Errorf("%d at one address, %d late, %d at once", phones.seen().together, phones.seen().late, phones.seen().atOnce)
		}
		if strings.Contains(printed.String(), "token-") || !strings.Contains(printed.String(), "panic in a channel") {
			t.Error("the log quotes an address, or leaves out the panic")
		}
		if stats := one.Stats(); stats.UnderWay != 0 || stats.Sent == 0 || stats.Retried == 0 {
			t.Errorf("%+v", stats)
		}
	})
}

// TestLeasesKeepWorkersApart, with its control: an outbox that ignores leases has both send.
func TestLeasesKeepWorkersApart(t *testing.T) {
	doubles := func(ignore bool) (count int) {
		synctest.Test(t, func(t *testing.T) {
			outbox := newMemoryOutbox(400, time.Now(), nil)
			outbox.ignoreLeases = ignore
			phones := newPhones(nil)
			stopOne := run(t, testWorker(t, outbox, phones, nil))
			stopTwo := run(t, testWorker(t, outbox, phones, func(c *WorkerConfig) { c.Owner = "two" }))
			time.Sleep(time.Minute)
			if stopOne() != nil || stopTwo() != nil || len(phones.seen().sent) != 400 {
				t.Errorf("%d sent", len(phones.seen().sent))
			}
			for _, sent := range phones.seen().sent {
				count += sent - 1
			}
		})
		return count
	}
	if count := doubles(false); count != 0 {
		t.Errorf("%d were sent twice", count)
	}
	if count := doubles(true); count == 0 {
		t.Error("the control did not send twice: this test proves nothing")
	}
}

// TestALapsedLeaseIsTakenOver: a worker whose channel hangs, deaf to its context, loses the delivery
// to another; what it says afterwards changes nothing.
func TestALapsedLeaseIsTakenOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		outbox := newMemoryOutbox(1, time.Now(), nil)
		hung := newPhones(func(context.Context, string, int) Outcome {
			time.Sleep(2 * time.Minute)
			return Outcome{State: StateFailed, Reason: ReasonRefused}
		})
		well := newPhones(nil)
		stopOne := run(t, testWorker(t, outbox, hung, func(c *WorkerConfig) { c.Concurrency = 1 }))
		synctest.Wait()
		stopTwo := run(t, testWorker(t, outbox, well, func(c *WorkerConfig) { c.Owner = "two" }))
		time.Sleep(29 * time.Second)
		if len(well.seen().tries) != 0 {
			t.Error("taken before the lease ended")
		}
		time.Sleep(3 * time.Second)
		if len(well.seen().sent) != 1 {
			t.Error("not taken after the lease ended")
		}
		time.Sleep(2 * time.Minute)
		if row := outbox.row(0); row.state != StateSent || outbox.fenced != 1 {
			t.Errorf("%s, %d fenced", row.state, outbox.fenced)
		}
		if stopOne() != nil || stopTwo() != nil {
			t.Error("did not stop")
		}
	})
}

func TestStopping(t *testing.T) {
	for _, row := range []struct {
		name  string
		send  func(context.Context, string, int) Outcome
		took  time.Duration // of Run after its context ended, at most
		state State
		fails bool
	}{
		{"what is under way ends", func(context.Context, string, int) Outcome {
			time.Sleep(time.Second)
			return Outcome{State: StateSent}
		}, 1100 * time.Millisecond, StateSent, false},
		{"what does not end is given back at once", func(ctx context.Context, _ string, _ int) Outcome {
			<-ctx.Done()
			return Outcome{State: StateRetry, Reason: ReasonCancelled}
		}, 3100 * time.Millisecond, "", false},
		{"what is deaf is left to its lease", func(context.Context, string, int) Outcome {
			time.Sleep(20 * time.Second)
			return Outcome{State: StateSent}
		}, 6100 * time.Millisecond, "", true},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				outbox := newMemoryOutbox(100, time.Now(), nil)
				phones := newPhones(row.send)
				stop := run(t, testWorker(t, outbox, phones, nil)) // 32 at once, four of them kept for emergencies
				time.Sleep(100 * time.Millisecond)
				began := time.Now()
				err := stop()
				if took := time.Since(began); took > row.took || (err != nil) != row.fails {
					t.Errorf("took %s: %v", took, err)
				}
				if len(phones.seen().tries) != 28 {
					t.Errorf("%d were started", len(phones.seen().tries))
				}
				for at := range 28 {
					got := outbox.row(at)
					if got.state != row.state || !row.fails && got.owner != "" {
						t.Errorf("%q held by %q", got.state, got.owner)
					}
					if row.state == "" && !row.fails && got.nextAt.After(time.Now()) {
						t.Error("not due at once")
					}
				}
				time.Sleep(time.Minute)
			})
		})
	}
}

func TestUrgentGoesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		outbox := newMemoryOutbox(200, time.Now(), func(at int, delivery *Delivery) {
			if at >= 190 {
				delivery.Message.Severity = "emergency"
			}
		})
		phones := newPhones(nil)
		stop := run(t, testWorker(t, outbox, phones, func(c *WorkerConfig) { c.Concurrency = 1 }))
		time.Sleep(time.Minute)
		for _, address := range phones.seen().order[:10] {
			if len(address) != len("token-190") || address < "token-190" {
				t.Errorf("%s went before an emergency", address)
			}
		}
		if phones.seen().atOnce > 1 || stop() != nil {
			t.Errorf("%d at once", phones.seen().atOnce)
		}
	})
}

func TestWakeAndPoll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		outbox := newMemoryOutbox(2, time.Now().Add(100*time.Millisecond), nil)
		outbox.rows[1].nextAt = time.Now().Add(300 * time.Millisecond)
		phones := newPhones(nil)
		phones.took = 0
		worker := testWorker(t, outbox, phones, nil)
		stop := run(t, worker)
		time.Sleep(150 * time.Millisecond)
		if len(phones.seen().sent) != 0 {
			t.Error("sent before it was looked for")
		}
		for range 1000 {
			worker.Wake() // never blocks
		}
		synctest.Wait()
		if len(phones.seen().sent) != 1 {
			t.Error("Wake did nothing")
		}
		time.Sleep(1100 * time.Millisecond)
		if len(phones.seen().sent) != 2 || stop() != nil {
			t.Error("polling did nothing")
		}
	})
}

func TestGivingUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		outbox := newMemoryOutbox(400, time.Now(), func(at int, delivery *Delivery) {
			delivery.Message.ExpiresAt = time.Now().Add(24 * time.Hour)
		})
		outbox.rows[0].nextAt = time.Now().Add(3 * time.Second)
		for at := range outbox.rows[2:] { // the provider takes others all the while
			outbox.rows[at+2].nextAt = time.Now().Add(time.Duration(at) * 2 * time.Second)
		}
		phones := newPhones(func(_ context.Context, address string, _ int) Outcome {
			switch address {
			case "token-0":
				return Outcome{State: StateRetry, Reason: ReasonInternal}
			case "token-1":
				return Outcome{State: "maybe"}
			}
			return Outcome{State: StateSent}
		})
		stop := run(t, testWorker(t, outbox, phones, func(c *WorkerConfig) { c.MaxAttempts = 5 }))
		time.Sleep(10 * time.Minute)
		if ends := outbox.ends(); ends["failed:gave_up"] != 1 || ends["failed:bad_outcome"] != 1 || phones.seen().tries["token-0"] != 5 {
			t.Errorf("%v %v", ends, phones.seen().tries)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

func TestNewWorkerRefuses(t *testing.T) {
	outbox := newMemoryOutbox(0, testNow, nil)
	for name, config := range map[string]WorkerConfig{"no owner": {Now: fixedNow}, "no clock": {Owner: "one"}} {
		if _, err := NewWorker(outbox, nil, config); err == nil {
			t.Error(name)
		}
	}
	if _, err := NewWorker(nil, nil, WorkerConfig{Owner: "one", Now: fixedNow}); err == nil {
		t.Error("no outbox")
	}
	worker, err := NewWorker(outbox, nil, WorkerConfig{Owner: "one", Now: fixedNow})
	if err != nil || worker.config.Concurrency != 896 || worker.config.Lease != 30*time.Second || worker.config.Poll != time.Second {
		t.Errorf("%+v %v", worker.config, err)
	}
	worker.running.Store(true)
	if err := worker.Run(t.Context()); err == nil {
		t.Error("runs twice")
	}
}
