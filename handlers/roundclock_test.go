package handlers_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/store"
)

// A squad whose phones are a day ahead, or a day behind, walks a planned round from start to finish: the monotonic clock tells
// when each thing was.
func TestARoundByWrongClocks(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		for name, off := range map[string]time.Duration{"ahead": 25 * time.Hour, "behind": -25 * time.Hour} {
			squad, round := rig.addSquad(rig.Officer, rig.Auxiliary), rig.ids.next()
			begun := rig.clock.Now()
			rig.write(func(ctx context.Context, tx *store.Store) error {
				return tx.AddRound(ctx, models.Round{
					ID: round, StationID: rig.A, PlanID: rig.ids.next(), SquadID: squad, State: models.RoundScheduled,
					Date: models.DateIn(begun, time.UTC), StartsAt: begun, EndsAt: begun.Add(time.Hour),
					Stops: []models.RoundStop{
						{Ordinal: 1, CheckpointID: rig.One.Checkpoint, FromAt: begun, UntilAt: begun.Add(time.Hour), Priority: models.PriorityNormal},
						{Ordinal: 2, CheckpointID: rig.Street, FromAt: begun, UntilAt: begun.Add(time.Hour), Priority: models.PriorityNormal},
					},
				})
			})
			clocks := func(body map[string]any, field string) map[string]any { // recorded a minute ago, and sent now
				now := rig.clock.Now()
				body[field], body["boot_id"], body["monotonic_ms"] = at(now.Add(off-time.Minute)), "b1", 540_000
				body["clock"] = map[string]any{"boot_id": "b1", "monotonic_ms": 600_000, "wall_at": at(now.Add(off))}
				return body
			}
			plain := map[string]any{"started_at": at(begun.Add(off))}
			if got := rig.onRound(rig.Officer, round, "start", plain); got.Status < 400 {
				t.Errorf("%s, by the wall clock alone: %s", name, got.Text)
			}
			rig.advance(2 * time.Minute)
			was := func() string { return at(rig.clock.Now().Add(-time.Minute)) }
			started := rig.onRound(rig.Officer, round, "start", clocks(map[string]any{}, "started_at")).must(200)
			if started.text("started_at") != was() {
				t.Errorf("%s: started %s", name, started.Text)
			}
			rig.advance(time.Minute)
			join := clocks(map[string]any{"join_code": started.text("join.code")}, "joined_at")
			joined := rig.onRound(rig.Auxiliary, round, "join", join).must(200)
			if joined.text("members.1.joined_at") != was() {
				t.Errorf("%s: joined %s", name, joined.Text)
			}
			rig.advance(5 * time.Minute)
			rig.checkIn(rig.Officer, rig.seenAt(round, rig.One.Checkpoint, rig.clock.Now())).must(200)
			skip := clocks(map[string]any{"checkpoint_id": rig.Street, "reason": "封路"}, "at")
			rig.onRound(rig.Officer, round, "skips", skip).must(200)
			rig.advance(5 * time.Minute)
			left := rig.onRound(rig.Auxiliary, round, "leave", clocks(map[string]any{}, "left_at")).must(200)
			if left.text("members.1.left_at") != was() {
				t.Errorf("%s: left %s", name, left.Text)
			}
			done := rig.onRound(rig.Officer, round, "finish", clocks(map[string]any{"state": "completed"}, "ended_at")).must(200)
			if done.text("state") != "completed" || done.text("ended_at") != was() || stopsOf(done) != "on_time skipped" {
				t.Errorf("%s: finished %s", name, done.Text)
			}
			id, wall := rig.ids.next(), at(rig.clock.Now().Add(off-time.Minute))
			made := rig.startRound(rig.Officer, clocks(map[string]any{"id": id}, "started_at")).must(201)
			again := clocks(map[string]any{"id": id}, "started_at")
			again["started_at"] = wall
			rig.advance(2 * time.Second) // on its way for longer: the corrected start is later, the record the same
			if got := rig.startRound(rig.Officer, again); got.Status != http.StatusOK || got.text("started_at") != made.text("started_at") {
				t.Errorf("%s, sent again: %d %s", name, got.Status, got.Text)
			}
			told := false
			for _, record := range rig.audit(rig.A, models.OpCreateRound) {
				told = told || record.ObjectID == id && record.Facts["phone_at"] != ""
			}
			if !told {
				t.Errorf("%s: the audit does not know what the phone showed", name)
			}
			rig.advance(12 * time.Hour)
		}
	})
}
