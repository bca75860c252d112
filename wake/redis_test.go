package wake

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/wake/redisserver"
)

// With a real Redis: its password is replaced while the replicas run, and it is stopped and started again; each time they find
// each other anew, with nothing but the file to tell them the password.
func TestReplicasAtARealRedis(t *testing.T) {
	file := filepath.Join(t.TempDir(), "password")
	write := func(password string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(password), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	server := redisserver.Start(t, "the-first-one")
	write("the-first-one")
	password := func() (models.Secret, error) {
		text, err := os.ReadFile(file)
		return models.Secret(text), err
	}
	one, other := newReplicaAt(t, server.URL(), "one", password), newReplicaAt(t, server.URL(), "other", password)
	both := func(when string) {
		t.Helper()
		begun := time.Now()
		for _, end := range []*replica{one, other} {
			for len(end.heard) > 0 {
				<-end.heard
			}
		}
		tellUntilHeard(t, one, other, 20*time.Second)
		tellUntilHeard(t, other, one, 20*time.Second)
		t.Logf("%s: %v", when, time.Since(begun).Round(time.Millisecond))
	}
	both("at the start")

	server.SetPassword("the-second-one")
	const never models.ID = "01939c1e-8a00-7000-8000-000000000802"
	one.Tell(models.WakeAlert, never)
	time.Sleep(200 * time.Millisecond)
	for len(other.heard) > 0 {
		if <-other.heard == never {
			t.Error("heard by a password that does not hold")
		}
	}
	write("the-second-one")
	both("after the password was replaced")

	server.Stop()
	one.Tell(models.WakeAlert, someID)
	other.Tell(models.WakeAlert, someID)
	server.Start()
	both("after it was away")
}
