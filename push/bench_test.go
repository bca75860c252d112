package push

import (
	"context"
	"fmt"
	"testing"
	"time"

	firebase "firebase.google.com/go/v4"
	"firebase.google.com/go/v4/messaging"
	"google.golang.org/api/option"

	"xunfang/models"
)

// BenchmarkPush compares, in one run and against the same fake with 50 ms per answer, this package
// with the SDK's own way of sending to many. Run with -benchtime=1x.
func BenchmarkPush(b *testing.B) {
	const count = 5000
	for _, concurrency := range []int{448, 896} {
		b.Run(fmt.Sprintf("worker-%d", concurrency), func(b *testing.B) {
			fake := startFake(b)
			fake.SetDelay(50 * time.Millisecond)
			channel := newFirebase(b, FirebaseConfig{Endpoint: fake.Endpoint()})
			b.ResetTimer()
			for range b.N {
				b.StopTimer()
				outbox := newMemoryOutbox(count, testNow, nil)
				worker := testWorker(b, &indexedOutbox{memoryOutbox: outbox}, channel, func(c *WorkerConfig) {
					c.Now, c.Concurrency, c.Batch = fixedNow, concurrency, concurrency
				})
				b.StartTimer()
				stop := run(b, worker)
				for worker.Stats().Sent < count {
					time.Sleep(time.Millisecond)
				}
				if err := stop(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(count*float64(b.N)/b.Elapsed().Seconds(), "pushes/s")
		})
	}
	b.Run("sdk-multicast", func(b *testing.B) {
		fake := startFake(b)
		fake.SetDelay(50 * time.Millisecond)
		app, err := firebase.NewApp(b.Context(), &firebase.Config{ProjectID: "demo"},
			option.WithEndpoint(fake.Endpoint()), option.WithoutAuthentication())
		if err != nil {
			b.Fatal(err)
		}
		client, err := app.Messaging(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		b.ResetTimer()
		for range b.N {
			for first := 0; first < count; first += 500 { // the most that the SDK takes at once
				tokens := make([]string, 500)
				for at := range tokens {
					tokens[at] = fmt.Sprintf("token-%d", first+at)
				}
				answer, err := client.SendEachForMulticast(b.Context(), &messaging.MulticastMessage{Tokens: tokens, Data: map[string]string{"alert_id": string(testAlert)}})
				if err != nil || answer.FailureCount > 0 {
					b.Fatal(err)
				}
			}
		}
		b.ReportMetric(count*float64(b.N)/b.Elapsed().Seconds(), "pushes/s")
	})
}

// indexedOutbox hands out the rows in order: the benchmark is not about a list in memory.
type indexedOutbox struct {
	*memoryOutbox
	next int
}

func (o *indexedOutbox) ClaimShares(_ context.Context, _ string, shares []models.DeliveryShare, _ time.Duration, _ time.Time) ([]Delivery, error) {
	claimed, limit := []Delivery{}, shares[0].Ordinary
	for ; o.next < len(o.rows) && len(claimed) < limit; o.next++ {
		claimed = append(claimed, o.rows[o.next].Delivery)
	}
	return claimed, nil
}

func (o *indexedOutbox) FinishDeliveries(context.Context, string, []Result, time.Time) error {
	return nil
}
