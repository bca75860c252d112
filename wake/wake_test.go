package wake

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"xunfang/models"
)

const someID models.ID = "01939c1e-8a00-7000-8000-000000000801"

// replica is one end of a line, and what it heard.
type replica struct {
	*Line
	heard chan models.ID
}

func newReplica(t *testing.T, address, own, password string) *replica {
	t.Helper()
	return newReplicaAt(t, "redis://"+address+"/0", own, func() (models.Secret, error) { return models.Secret(password), nil })
}

func newReplicaAt(t *testing.T, url, own string, password func() (models.Secret, error)) *replica {
	t.Helper()
	made := &replica{heard: make(chan models.ID, 2*queueLength)}
	line, err := New(Config{
		URL: url, Own: own, Logger: slog.New(slog.DiscardHandler), Password: password,
		Heard: func(_ context.Context, what models.Wake, id models.ID) error {
			if what == models.WakeAlert {
				made.heard <- id
			}
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	made.Line = line
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- line.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return made
}

// tellUntilHeard tells until the other one hears: a hint may be lost while there is no connection.
func tellUntilHeard(t *testing.T, from, to *replica, wait time.Duration) {
	t.Helper()
	for end := time.Now().Add(wait); time.Now().Before(end); {
		from.Tell(models.WakeAlert, someID)
		select {
		case id := <-to.heard:
			if id != someID {
				t.Errorf("heard %s", id)
			}
			return
		case <-time.After(50 * time.Millisecond):
		}
	}
	t.Fatal("nothing was heard")
}

func TestReplicasHearEachOtherAndNotThemselves(t *testing.T) {
	server := miniredis.RunT(t)
	server.RequireAuth("secret")
	one, other := newReplica(t, server.Addr(), "one", "secret"), newReplica(t, server.Addr(), "other", "secret")
	tellUntilHeard(t, one, other, 10*time.Second)
	tellUntilHeard(t, other, one, 10*time.Second)
	for len(other.heard) > 0 {
		<-other.heard
	}
	other.Tell(models.WakeAlert, someID)
	for _, hint := range []string{"", "x", "x y z", "x alert nothing", "x nothing " + string(someID)} {
		server.Publish(defaultPrefix, hint)
	}
	server.Publish(defaultPrefix, "third alert "+string(someID))
	<-other.heard
	if time.Sleep(50 * time.Millisecond); len(other.heard) != 0 {
		t.Error("it hears itself, or what is no hint")
	}
}

// Redis may be away at the start and in between: nothing waits for it, nothing piles up, and it is found again.
func TestReplicasOutliveRedis(t *testing.T) {
	server := miniredis.RunT(t)
	address := server.Addr()
	server.Close()
	one, other := newReplica(t, address, "one", ""), newReplica(t, address, "other", "")
	begun := time.Now()
	for range 3 * queueLength {
		one.Tell(models.WakeAlert, someID)
	}
	if took := time.Since(begun); took > time.Second || len(one.queue) > queueLength {
		t.Errorf("telling took %v, %d wait", took, len(one.queue))
	}
	if err := server.StartAddr(address); err != nil {
		t.Fatal(err)
	}
	tellUntilHeard(t, one, other, 20*time.Second)
	server.Close()
	one.Tell(models.WakeAlert, someID)
	if err := server.StartAddr(address); err != nil {
		t.Fatal(err)
	}
	for len(other.heard) > 0 {
		<-other.heard
	}
	tellUntilHeard(t, one, other, 20*time.Second)
}

func TestAddressesAreChecked(t *testing.T) {
	for url, good := range map[string]bool{
		"redis://127.0.0.1:6379/0": true, "rediss://user@redis.example:6380": true,
		"127.0.0.1:6379": false, "http://127.0.0.1": false, "redis://user:secret@127.0.0.1:6379": false, "": false,
	} {
		if err := Check(url); (err == nil) != good {
			t.Errorf("%q: %v", url, err)
		}
	}
}
