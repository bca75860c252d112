package push

import (
	"math/rand/v2"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/push/fcmfake"
)

// TestStormThroughTheSDK: worker, real SDK and the protocol together, on a clock that runs 200 times
// as fast, so that back-off takes milliseconds.
func TestStormThroughTheSDK(t *testing.T) {
	const count = 400
	fake := startFake(t)
	fake.SetRetryAfter(5)
	began := time.Now()
	now := func() time.Time { return testNow.Add(time.Since(began) * 200) }
	storm := []fcmfake.Behaviour{
		fcmfake.Internal, fcmfake.Unavailable, fcmfake.Quota, fcmfake.Reset, fcmfake.NotFound, fcmfake.Portal, fcmfake.Silence,
	}
	random := rand.New(rand.NewPCG(3, 4))
	outbox := newMemoryOutbox(count, testNow, func(at int, delivery *Delivery) {
		delivery.Message.ExpiresAt = testNow.Add(24 * time.Hour)
		script := []fcmfake.Behaviour{}
		switch {
		case at%10 == 0:
			script = append(script, fcmfake.Unregistered)
		case at%10 == 1:
			script = append(script, fcmfake.Invalid)
		case at%10 > 4:
			for range 1 + random.IntN(3) {
				script = append(script, storm[random.IntN(len(storm))])
			}
			script = append(script, fcmfake.OK)
		}
		fake.Script(delivery.Message.Address.Reveal(), script...)
	})
	channel := newFirebase(t, FirebaseConfig{Endpoint: fake.Endpoint(), SendTimeout: 100 * time.Millisecond, Now: now})
	worker := testWorker(t, outbox, channel, func(c *WorkerConfig) {
		c.Now, c.Poll, c.Lease, c.Concurrency, c.Batch = now, 2*time.Millisecond, time.Hour, 64, 64
	})
	stop := run(t, worker)
	deadline := time.Now().Add(20 * time.Second)
	for outbox.waiting() > 0 && time.Now().Before(deadline) {
		time.Sleep(5 * time.Millisecond)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
	// What is invalid is given up before anything went through, and forgotten afterwards.
	ends := outbox.ends()
	if ends["gone:unregistered"] != 40 || ends["sent:"] != 320 || ends["failed:invalid_argument"]+ends["gone:invalid_token"] != 40 {
		t.Errorf("ended as %v", ends)
	}
	for at := range count {
		row := outbox.row(at)
		received := fake.Received(row.Message.Address.Reveal())
		if row.state == StateSent && (len(received) == 0 || models.ID(received[0]) != row.Message.AlertID) {
			t.Errorf("%d is called sent, and %v arrived", at, received)
		}
		if row.state != StateSent && len(received) != 0 || outbox.forgotten[row.PersonID] != (row.state == StateGone) || (at%10 == 0) != (row.reason == ReasonUnregistered) {
			t.Errorf("%d: %s, received %v", at, row.state, received)
		}
	}
}
