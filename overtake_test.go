package main

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/push"
	"xunfang/store"
	"xunfang/store/testdb"
)

// slowProvider answers after a while, and notes when it was asked for one certain alert.
type slowProvider struct {
	alarm models.ID
	asked chan time.Time
	sent  atomic.Int64
}

// Send implements push.Channel.
func (p *slowProvider) Send(_ context.Context, message push.Message) push.Outcome {
	if message.AlertID == p.alarm {
		p.asked <- time.Now()
	}
	time.Sleep(50 * time.Millisecond)
	p.sent.Add(1)
	return push.Outcome{State: push.StateSent, ProviderID: "x"}
}

// backlog queues deliveries of one alert, due at a time.
func backlog(t *testing.T, opened *sql.DB, alert string, urgency, count int, due time.Time) {
	t.Helper()
	for at := 0; at < count; at += 500 {
		values, number := []any{}, min(500, count-at)
		for one := range number {
			values = append(values, string(newID()), alert, fmt.Sprint("person-", at+one), urgency, due.UnixMilli(), due.Add(time.Hour).UnixMilli())
		}
		rows := strings.TrimSuffix(strings.Repeat("(?,?,?,'phone','fcm_token','fcm',?,'queued',0,?,?,'',0,'',0),", number), ",")
		_, err := opened.ExecContext(t.Context(), "INSERT INTO deliveries (id, alert_id, person_id, installation_id, kind, channel, urgency, "+
			"state, attempt, next_at, expires_at, lease_owner, lease_until, reason, updated_at) VALUES "+rows, values...)
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestAnEmergencyOvertakes: the worker is in the middle of a backlog when an emergency is to go out.
func TestAnEmergencyOvertakes(t *testing.T) {
	count := 10_000
	if asked, err := strconv.Atoi(os.Getenv("XUNFANG_BACKLOG")); err == nil {
		count = asked
	}
	eachDatabase(t, func(t *testing.T, dsn string) {
		made := newSite(t, dsn, nil)
		s, err := store.Open(t.Context(), testdb.Config(dsn))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = s.Close(context.Background()) }()
		const alarm = "01939c1e-8a00-7000-8000-0000000000aa"
		opened := made.raw()
		backlog(t, opened, "01939c1e-8a00-7000-8000-0000000000bb", models.Urgency(models.SeverityInfo), count, time.Now())
		due := time.Now().Add(time.Second)
		backlog(t, opened, alarm, models.Urgency(models.SeverityEmergency), 1, due)
		closing(t, opened)
		provider := &slowProvider{alarm: alarm, asked: make(chan time.Time, 1)}
		worker, err := push.NewWorker(push.OutboxOf(s), map[string]push.Channel{"fcm_token": provider}, push.WorkerConfig{
			Owner: "one", Now: time.Now, Logger: slog.New(slog.DiscardHandler),
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- worker.Run(ctx) }()
		eventually(t, func() bool { return provider.sent.Load() > 200 && time.Now().After(due) }, "the worker is at it")
		worker.Wake()
		select {
		case at := <-provider.asked:
			t.Logf("%d behind %d, %d of them sent: %s", 1, count, provider.sent.Load(), at.Sub(due))
			if at.Sub(due) > time.Second {
				t.Errorf("it took %s", at.Sub(due))
			}
		case <-time.After(patience):
			t.Error("the emergency was not sent")
		}
		if int(provider.sent.Load()) > count*9/10 {
			t.Error("there was nothing to overtake")
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}
