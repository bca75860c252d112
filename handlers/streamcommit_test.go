package handlers_test

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/store"
)

// queued waits until so many decisions stand before the one that holds the writer.
func (r *rig) queued(count int) {
	r.t.Helper()
	until(r.t, "the queue of the writer", func() bool { return r.store.Stats().Queued == count })
}

// holds takes the writer, together with those that wait for it, until what it gives is called.
func (r *rig) holds() (taken <-chan struct{}, release func()) {
	began, ended, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		done <- r.store.Atomically(context.Background(), func(tx *store.Store) error {
			if tx.Attempt() == 1 {
				close(began)
			}
			<-ended
			return nil
		})
	}()
	return began, func() {
		close(ended)
		if err := <-done; err != nil {
			r.t.Error(err)
		}
	}
}

// An alert that is decided and not committed yet may still come to nothing: no stream has it before the commit, and every
// stream has it after. The decision behind it in the same commit keeps that commit open; one connection
// commits, so that they share it.
func TestStreamTellsNothingBeforeItsCommit(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		stream, socket := rig.listen(rig.token(rig.Volunteer), ""), rig.socket(rig.Volunteer, "")
		token, answer := rig.token(rig.Officer), make(chan response, 1)
		taken, first := rig.holds()
		<-taken
		go func() {
			answer <- rig.callAs(token, http.MethodPost, "/v1/alerts", alertTo("compound", rig.One.ID(), "volunteer"))
		}()
		rig.queued(1)
		open, second := rig.holds()
		rig.queued(2)
		first()
		<-open // the alert is decided, for its turn in the commit was before
		time.Sleep(50 * time.Millisecond)
		if ids, _ := stream.got(); len(ids) != 0 {
			t.Errorf("before the commit the stream has %v", ids)
		}
		second()
		id := (<-answer).must(201).text("id")
		until(t, "the alert", stream.has(1))
		ids, _ := stream.got()
		if got := rig.frame(socket); got.ID != id || !slices.Equal(ids, []string{id}) {
			t.Errorf("the streams have %v and %s, want %s", ids, got.ID, id)
		}
	}, func(settings *rigSettings) {
		settings.store = func(config *store.Config) { config.Committers = 1 }
	})
}

// Between its commit and the streams an alert can lose who was to hand it over. The look that every server does by itself finds
// it, also after a look that was cut, and tells it once.
func TestStreamHasWhatNobodyHandedOver(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		stream := rig.listen(rig.token(rig.Volunteer), "")
		committed := func() string {
			rig.advance(time.Second)
			alert := models.Alert{
				Kind: "notice", Severity: models.SeverityEmergency, Title: "t", Body: "b", SenderID: rig.Officer.ID,
				CreatedAt: rig.clock.Now(), ExpiresAt: rig.clock.Now().Add(time.Hour),
				Audience: models.Audience{Roles: []models.Role{models.RoleVolunteer}, Place: rig.One.Place},
			}
			if err := rig.store.Atomically(context.Background(), func(tx *store.Store) error {
				alert.ID = rig.ids.next()
				_, err := tx.AddAlert(context.Background(), alert)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return string(alert.ID)
		}
		lost, cut := committed(), committed()
		gone, cancel := context.WithCancel(context.Background())
		cancel()
		if err := rig.server.Woken(gone, models.WakeAlert, models.ID(cut)); err == nil {
			t.Error("a look that was cut says nothing of it")
		}
		if ids, _ := stream.got(); len(ids) != 0 {
			t.Fatalf("the stream has %v without a look: the test shows nothing", ids)
		}
		last := rig.alert(rig.Officer, alertTo("compound", rig.One.ID(), "volunteer")).must(201).text("id")
		until(t, "all three", stream.has(3))
		runs(t, rig.server.KeepStreams)
		time.Sleep(50 * time.Millisecond)
		if ids, _ := stream.got(); !slices.Equal(ids, []string{lost, cut, last}) {
			t.Errorf("the stream has %v, want %v", ids, []string{lost, cut, last})
		}
	})
}
