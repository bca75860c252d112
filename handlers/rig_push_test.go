package handlers_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"time"

	"xunfang/models"
	"xunfang/push"
)

// sendThrough sends what is queued through the real SDK to a fake Firebase behind a handler, until the test ends; then release lets
// go of what the fake holds.
func (r *rig) sendThrough(handler http.Handler, firebase push.FirebaseConfig, work push.WorkerConfig, release func()) {
	r.t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetHTTP1(true)
	server.Config.Protocols.SetUnencryptedHTTP2(true) // as the SDK's tuned client speaks
	server.Start()
	firebase.ProjectID, firebase.Endpoint, firebase.Now = "demo", server.URL+"/v1", r.clock.Now
	channel, err := push.NewFirebase(context.Background(), firebase)
	if err != nil {
		r.t.Fatal(err)
	}
	work.Owner, work.Now, work.Logger = "rig", r.clock.Now, r.logs.logger()
	worker, err := push.NewWorker(push.OutboxOf(r.store), map[string]push.Channel{"fcm_token": channel}, work)
	if err != nil {
		r.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- worker.Run(ctx) }()
	r.t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			r.t.Error(err)
		}
		channel.Close()
		release()
		server.Close()
	})
}

// claimed leases what is due, of every channel, as the worker does.
func (r *rig) claimed(limit int) []push.Delivery {
	r.t.Helper()
	shares := []models.DeliveryShare{{Channels: models.Channels, Limit: limit, Ordinary: limit}}
	claimed, err := push.OutboxOf(r.store).ClaimShares(r.t.Context(), "test", shares, time.Minute, r.clock.Now())
	if err != nil {
		r.t.Fatal(err)
	}
	return claimed
}

// finished writes how attempts ended that were leased by claimed.
func (r *rig) finished(results ...push.Result) {
	r.t.Helper()
	if err := push.OutboxOf(r.store).FinishDeliveries(r.t.Context(), "test", results, r.clock.Now()); err != nil {
		r.t.Fatal(err)
	}
}
