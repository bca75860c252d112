package push

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/push/fcmfake"
)

// stormRun is a storm that has passed.
type stormRun struct {
	fake   *fcmfake.Server
	outbox *memoryOutbox
}

// runStorm sends through worker, real SDK and the protocol together, on a clock that runs 200 times as fast, so that back-off takes
// milliseconds. change may break the channel.
func runStorm(t *testing.T, count int, change func(*Firebase) Channel) stormRun {
	t.Helper()
	fake := startFake(t)
	fake.SetRetryAfter(5)
	began := time.Now()
	now := func() time.Time { return testNow.Add(time.Since(began) * 200) }
	storm := []fcmfake.Behaviour{
		fcmfake.Internal, fcmfake.Unavailable, fcmfake.Quota, fcmfake.Reset, fcmfake.NotFound, fcmfake.Portal, fcmfake.Silence, fcmfake.Lost,
	}
	random := rand.New(rand.NewPCG(3, 4))
	outbox := newMemoryOutbox(count, testNow, func(at int, delivery *Delivery) {
		delivery.Message.ExpiresAt = testNow.Add(24 * time.Hour)
		delivery.Message.Platform = []string{platformAndroid, platformIOS, ""}[at/10%3]
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
	worker := testWorker(t, outbox, change(channel), func(c *WorkerConfig) {
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
	return stormRun{fake, outbox}
}

// findings compare the ledger with what the fake took, and count what each phone shows; repeats are deliveries that a phone had to
// collapse.
func (s stormRun) findings() (found []string, repeats int) {
	names, accepted, unanswered := map[string]string{}, map[string]bool{}, map[string]int{} // names: accepted, and not found yet
	for _, row := range s.outbox.ledger {
		address := row.Address.Reveal()
		switch {
		case row.State == models.DeliveryAccepted:
			accepted[row.ProviderID] = true
			names[row.ProviderID] = address
		case row.State == models.DeliverySent:
			unanswered[address]++
		}
	}
	for at := range s.outbox.rows {
		row := s.outbox.row(at)
		address := row.Message.Address.Reveal()
		delivered := s.fake.Delivered(address)
		platforms := []string{row.Message.Platform}
		if row.Message.Platform == "" { // nobody knows whose it is
			platforms = []string{platformAndroid, platformIOS}
		}
		for _, platform := range platforms {
			times := map[string]int{}
			for _, one := range fcmfake.Shown(delivered, platform) {
				times[one.AlertID]++
			}
			if times[string(row.Message.AlertID)] > 1 || len(times) > 1 {
				found = append(found, "shown more than once on "+platform+": "+address)
			}
			if (row.state == StateSent) != (len(times) == 1) {
				found = append(found, "shown or not, against what is known of "+address)
			}
		}
		repeats += max(0, len(delivered)-1)
		for _, one := range delivered {
			if accepted[one.Name] {
				delete(names, one.Name)
			} else if !one.Unsaid && unanswered[address] == 0 { // nor did it come too late for who asked
				found = append(found, "the fake said yes, the ledger does not: "+address)
			}
		}
	}
	for _, address := range names {
		found = append(found, "the ledger says accepted, the fake never took it: "+address)
	}
	return found, repeats
}

// TestStormThroughTheSDK: what is accepted is what the fake took, and each phone shows each alert once, however often it came.
func TestStormThroughTheSDK(t *testing.T) {
	storm := runStorm(t, 400, func(channel *Firebase) Channel { return channel })
	found, repeats := storm.findings()
	if len(found) > 0 || repeats < 10 {
		t.Errorf("%d repeats; %v", repeats, found[:min(9, len(found))])
	}
	// What is invalid is given up before anything went through, and forgotten afterwards.
	ends := storm.outbox.ends()
	if ends["gone:unregistered"] != 40 || ends["sent:"] != 320 || ends["failed:invalid_argument"]+ends["gone:invalid_token"] != 40 {
		t.Errorf("ended as %v", ends)
	}
	for at := range 400 {
		row := storm.outbox.row(at)
		if storm.outbox.forgotten[row.PersonID] != (row.state == StateGone) || (at%10 == 0) != (row.reason == ReasonUnregistered) {
			t.Errorf("%d: %s", at, row.state)
		}
	}
}

// hasty writes that the provider said yes where it has not answered yet.
type hasty struct{ *Firebase }

func (h hasty) Send(ctx context.Context, message Message) Outcome {
	outcome := h.Firebase.Send(ctx, message)
	if outcome.State == StateRetry {
		return Outcome{State: StateSent, ProviderID: "projects/demo/messages/soon-" + string(message.AlertID)}
	}
	return outcome
}

// The comparison must see a channel whose messages no phone can collapse, and one that claims an answer before there is one.
func TestTheStormSeesWhatIsWrong(t *testing.T) {
	for name, control := range map[string]struct {
		change func(*Firebase) Channel
		want   []string
	}{
		"no collapse key": {
			func(f *Firebase) Channel { f.ForgetToCollapse(); return f }, []string{"shown more than once on android", "shown more than once on ios"},
		},
		"too soon": {
			func(f *Firebase) Channel { return hasty{f} }, []string{"the ledger says accepted, the fake never took it"},
		},
	} {
		found, _ := runStorm(t, 120, control.change).findings()
		for _, want := range control.want {
			if !slices.ContainsFunc(found, func(one string) bool { return strings.HasPrefix(one, want) }) {
				t.Errorf("%s: nobody noticed %q; %v", name, want, found[:min(9, len(found))])
			}
		}
	}
}
