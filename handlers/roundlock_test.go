package handlers_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/store"
)

func (r *rig) onMySQL() bool { return !strings.HasPrefix(r.store.Config().DSN, "sqlite:") }

// lockWaits waits until so many transactions wait for a lock, or something is over; SQLite has no such locks.
func (r *rig) lockWaits(count int, over <-chan response) {
	r.t.Helper()
	for range 50 {
		waiting := 0
		err := r.sql.QueryRow("SELECT COUNT(*) FROM information_schema.innodb_trx JOIN information_schema.processlist ON id = trx_mysql_thread_id " +
			"WHERE trx_state = 'LOCK WAIT' AND db = DATABASE()").Scan(&waiting)
		if err != nil {
			r.t.Fatal(err)
		}
		if waiting >= count || len(over) > 0 {
			return
		}
		time.Sleep(150 * time.Millisecond) // the table is of up to a tenth of a second ago, and older for who asks more often
	}
	r.t.Fatal("nothing waits for a lock")
}

// beside sends a request without waiting for its answer.
func (r *rig) beside(who *caller, method, path string, body any) <-chan response {
	answer, token := make(chan response, 1), r.token(who)
	go func() { answer <- r.callAs(token, method, path, body) }()
	return answer
}

// Of two members whose scans are settled at the same moment neither is lost: the second waits for the first. The first is held
// between what it has read and what it writes, by somebody who has the row of its stop.
func TestTwoWhoScanAtOnceBothCount(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		if !rig.onMySQL() {
			t.Skip("SQLite has one writer: nobody settles beside another")
		}
		squad := rig.addSquad(rig.Officer, rig.Auxiliary)
		started := rig.startRound(rig.Officer, map[string]any{"squad_id": squad}).must(201)
		id := started.id("id")
		rig.join(rig.Auxiliary, started).must(200)
		rig.advance(time.Minute)
		held, err := rig.sql.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = held.Rollback() }()
		if _, err := held.Exec("SELECT ordinal FROM round_stops WHERE round_id = ? AND ordinal = 1 FOR UPDATE", string(id)); err != nil {
			t.Fatal(err)
		}
		scan := func(who *caller, checkpoint models.ID) <-chan response {
			return rig.beside(who, http.MethodPost, "/v1/check-ins", map[string]any{"items": []any{rig.seenAt(id, checkpoint, rig.clock.Now())}})
		}
		first := scan(rig.Officer, rig.One.Checkpoint)
		rig.lockWaits(1, first)
		second := scan(rig.Auxiliary, rig.Street)
		rig.lockWaits(2, second)
		if err := held.Rollback(); err != nil {
			t.Fatal(err)
		}
		for _, answer := range []<-chan response{first, second} {
			(<-answer).must(200)
		}
		if got := rig.round(rig.Officer, id).must(200); stopsOf(got) != "on_time on_time" || got.at("credited") != true {
			t.Errorf("%s", got.Text)
		}
	})
}

// Squads are locked before shifts, by who ends a squad and by who changes a shift; else each can wait for the other.
func TestWhoWaitsForASquadHoldsNoShift(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		if !rig.onMySQL() {
			t.Skip("SQLite has one writer, and no locks of rows")
		}
		squad := rig.squad(nil)
		shift := rig.shift(squad, nil)
		for name, c := range map[string]struct {
			method, path string
			body         any
		}{
			"changing a shift": {http.MethodPatch, "/v1/shifts/" + shift, map[string]any{"name": "早班"}},
			"moving a shift":   {http.MethodPatch, "/v1/shifts/" + shift, map[string]any{"squad_id": squad}},
			"ending a squad":   {http.MethodPost, "/v1/squads/" + squad + "/end", nil},
		} {
			held, err := rig.sql.BeginTx(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := held.Exec("SELECT id FROM squads WHERE id = ? FOR UPDATE", squad); err != nil {
				t.Fatal(err)
			}
			answer := rig.beside(rig.Commander, c.method, c.path, c.body)
			rig.lockWaits(1, answer)
			if _, err := held.Exec("SELECT id FROM shifts WHERE id = ? FOR UPDATE NOWAIT", shift); err != nil {
				t.Errorf("%s: it waits for the squad and has the shift: %v", name, err)
			}
			if err := held.Rollback(); err != nil {
				t.Fatal(err)
			}
			<-answer
		}
	})
}

// One turn of the upkeep sees to all that is due, not to a page of it.
func TestAllThatIsDueIsAgedAtOnce(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		const due = 230
		rig.write(func(ctx context.Context, tx *store.Store) error {
			for at := range due {
				start := rig.clock.Now().Add(-time.Duration(at) * time.Minute)
				err := tx.AddRound(ctx, models.Round{
					ID: rig.ids.next(), StationID: rig.A, State: models.RoundScheduled, StartsAt: start, EndsAt: start.Add(time.Hour), CreatedAt: start,
				})
				if err != nil {
					return err
				}
			}
			return nil
		})
		rig.advance(5 * time.Hour)
		if err := rig.server.AgeRounds(t.Context()); err != nil {
			t.Fatal(err)
		}
		left := 0
		if err := rig.sql.QueryRow("SELECT COUNT(*) FROM rounds WHERE state = 'scheduled'").Scan(&left); err != nil || left != 0 {
			t.Errorf("%d of %d are left: %v", left, due, err)
		}
	})
}

// A list narrowed to a state shows that state, also before the upkeep has written what time has done.
func TestRoundsAreFilteredByTheStateThatIsShown(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.startRound(rig.Officer, nil).must(201)
		listed := func() string {
			found := ""
			for _, state := range []models.RoundState{models.RoundScheduled, models.RoundInProgress, models.RoundCompleted, models.RoundAbandoned} {
				got := rig.call(rig.Commander, http.MethodGet, "/v1/rounds?state="+string(state), nil).must(200)
				for at := range got.items() {
					found += fmt.Sprintf("%s as %s", got.text(fmt.Sprintf("items.%d.state", at)), state)
				}
			}
			return found
		}
		if got := listed(); got != "in_progress as in_progress" {
			t.Error(got)
		}
		rig.advance(models.UnplannedRound + models.UnfinishedRoundEnds)
		if got := listed(); got != "abandoned as abandoned" {
			t.Error(got)
		}
	})
}
