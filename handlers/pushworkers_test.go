package handlers_test

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/push"
	"xunfang/store"
	"xunfang/store/testdb"
)

// countedSends is a provider that counts how often it was given each delivery. While it is stuck it answers nobody.
type countedSends struct {
	mutex sync.Mutex
	times map[models.ID]int
	held  atomic.Int64
	stuck chan struct{} // nil: never
}

// Send implements push.Channel.
func (c *countedSends) Send(ctx context.Context, message push.Message) push.Outcome {
	if c.stuck != nil {
		c.held.Add(1)
		select {
		case <-c.stuck:
		case <-ctx.Done():
		}
		return push.Outcome{State: push.StateRetry, Reason: push.ReasonTimeout}
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.times[message.DeliveryID]++
	return push.Outcome{State: push.StateSent, ProviderID: "m"}
}

func (c *countedSends) sent() int {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return len(c.times)
}

// mortal is an outbox whose worker's process can be killed: from then on it claims nothing and writes nothing.
type mortal struct {
	push.Outbox
	killed atomic.Bool
}

var errKilled = errors.New("this process was killed")

// ClaimShares implements push.Outbox.
func (m *mortal) ClaimShares(
	ctx context.Context, owner string, shares []models.DeliveryShare, lease time.Duration, now time.Time,
) ([]push.Delivery, error) {
	if m.killed.Load() {
		return nil, errKilled
	}
	return m.Outbox.ClaimShares(ctx, owner, shares, lease, now)
}

// FinishDeliveries implements push.Outbox.
func (m *mortal) FinishDeliveries(ctx context.Context, owner string, results []push.Result, now time.Time) error {
	if m.killed.Load() {
		return errKilled
	}
	return m.Outbox.FinishDeliveries(ctx, owner, results, now)
}

// queued writes deliveries that are due.
func queued(t *testing.T, opened *sql.DB, count int) {
	t.Helper()
	const alert = "01939c1e-8a00-7000-8000-0000000000bb"
	ids, values, now := &idMaker{clock: newClock()}, []any{}, time.Now()
	for range count {
		id := string(ids.next())
		values = append(values, id, alert, id, models.Urgency(models.SeverityHigh), now.UnixMilli(), now.Add(time.Hour).UnixMilli())
	}
	rows := strings.TrimSuffix(strings.Repeat("(?,?,?,'phone','fcm_token','fcm',?,'queued',0,?,?,'',0,'',0),", count), ",")
	_, err := opened.Exec("INSERT INTO deliveries (id, alert_id, person_id, installation_id, kind, channel, urgency, state, attempt, "+
		"next_at, expires_at, lease_owner, lease_until, reason, updated_at) VALUES "+rows, values...)
	if err != nil {
		t.Fatal(err)
	}
}

// Two servers' workers share what is due, and each delivery is sent once. Then one is killed with deliveries in its hands: the other
// sends those too, and not before their lease is over.
func TestTwoWorkersSendOnce(t *testing.T) {
	const lease, batch, count = 800 * time.Millisecond, 40, 600
	testdb.Each(t, func(t *testing.T, one *store.Store) {
		opened, provider := openSQL(t, one), &countedSends{times: map[models.ID]int{}}
		works := func(owner string, outbox push.Outbox, channel push.Channel) func() {
			t.Helper()
			worker, err := push.NewWorker(outbox, map[string]push.Channel{"fcm_token": channel}, push.WorkerConfig{
				Owner: owner, Now: time.Now, Lease: lease, Batch: batch, Poll: 20 * time.Millisecond, Grace: 50 * time.Millisecond,
			})
			if err != nil {
				t.Fatal(err)
			}
			ctx, stop := context.WithCancel(context.Background())
			ended := make(chan struct{})
			go func() { _ = worker.Run(ctx); close(ended) }()
			return sync.OnceFunc(func() {
				stop()
				<-ended
				t.Logf("%s sent %d", owner, worker.Stats().Sent)
			})
		}
		other := testdb.Reopen(t, one, nil)
		stuck := &countedSends{stuck: make(chan struct{})}
		dying := &mortal{Outbox: push.OutboxOf(one)}
		first := works("one", push.OutboxOf(one), provider)
		defer first()
		second := works("other", push.OutboxOf(other), provider)
		defer second()
		queued(t, opened, count)
		until(t, "everything is sent", func() bool { return provider.sent() == count })
		first()

		second()
		queued(t, opened, batch)
		dies := works("dying", dying, stuck)
		defer dies()
		until(t, "it has them in its hands", func() bool { return stuck.held.Load() == batch })
		dying.killed.Store(true)
		begun := time.Now()
		third := works("third", push.OutboxOf(other), provider)
		defer third()
		until(t, "the other sends them", func() bool { return provider.sent() == count+batch })
		if took := time.Since(begun); took < lease/2 {
			t.Errorf("sent after %v, while another had them", took)
		}
		for id, times := range provider.times {
			if times != 1 {
				t.Errorf("%s was sent %d times", id, times)
			}
		}
	})
}
