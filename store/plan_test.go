package store_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"xunfang/models"
	"xunfang/store"
	"xunfang/store/testdb"
)

// sentBy are the queries that something sends, each with its values.
func sentBy(t *testing.T, s *store.Store, do func() error) (queries []string, values [][]any) {
	t.Helper()
	noted := func(db *gorm.DB) {
		queries, values = append(queries, db.Statement.SQL.String()), append(values, slices.Clone(db.Statement.Vars))
	}
	callbacks := s.Read(t.Context()).Callback()
	err := callbacks.Query().After("gorm:query").Register("test:sent", noted)
	if err == nil {
		err = callbacks.Row().After("gorm:row").Register("test:sent", noted)
	}
	if err != nil {
		t.Fatal(err)
	}
	failed := do()
	if err := callbacks.Query().Remove("test:sent"); err != nil || failed != nil {
		t.Fatal(failed, err)
	}
	if err := callbacks.Row().Remove("test:sent"); err != nil {
		t.Fatal(err)
	}
	return queries, values
}

var scanned = regexp.MustCompile(`^SCAN (rounds|check_ins|r|c)\b`)

// walksAll says where the plan of a query reads all rounds or all check-ins, be it along an index; "" where it does not.
func walksAll(ctx context.Context, t *testing.T, s *store.Store, query string, values ...any) string {
	t.Helper()
	prefix := "EXPLAIN QUERY PLAN "
	if s.IsMySQL() {
		prefix = "EXPLAIN "
	}
	plan := []map[string]any{}
	if err := s.Read(ctx).Raw(prefix+query, values...).Scan(&plan).Error; err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	for _, row := range plan {
		text := func(column string) string {
			switch value := row[column].(type) {
			case nil:
				return ""
			case []byte:
				return string(value)
			default:
				return fmt.Sprint(value)
			}
		}
		table, kind := text("table"), text("type")
		if scanned.MatchString(text("detail")) || (table == "rounds" || table == "check_ins") && (kind == "ALL" || kind == "index") {
			return fmt.Sprint(plan)
		}
	}
	return ""
}

const planStations, planRounds = 6, 3000

// manyRounds writes rounds of two years at several stations, nearly all of them over, and who walked them.
func manyRounds(ctx context.Context, t *testing.T, s *store.Store, now time.Time) []models.ID {
	t.Helper()
	stations, rounds := []models.ID{}, []models.Round{}
	for at := range planStations {
		stations = append(stations, models.OrderID(now, models.ID(fmt.Sprint("station", at))))
	}
	for at := range planRounds {
		starts := now.Add(-time.Duration(at) * 6 * time.Hour).Add(24 * time.Hour)
		round := models.Round{
			ID: models.OrderID(starts, models.ID(fmt.Sprint("round", at))), StationID: stations[at%planStations], PlanID: stations[0],
			SquadID: models.OrderID(now, models.ID(fmt.Sprint("squad", at%40))), State: models.RoundScheduled, StartsAt: starts, EndsAt: starts.Add(4 * time.Hour),
		}
		if at > 12 {
			round.State, round.StartedAt, round.EndedAt = models.RoundCompleted, starts, round.EndsAt
		}
		rounds = append(rounds, round)
	}
	addRounds(ctx, t, s, rounds)
	err := s.Atomically(ctx, func(tx *store.Store) error {
		err := tx.Write(ctx).Exec("INSERT INTO round_stops (round_id, ordinal, checkpoint_id, from_at, until_at, priority, state, seen_at, seen_by, check_in_id) " +
			"SELECT id, 1, id, starts_at, ends_at, 'normal', 'pending', 0, '', '' FROM rounds").Error
		if err == nil {
			err = tx.Write(ctx).Exec("INSERT INTO round_members (round_id, person_id, kind, joined_at, confirmed_at, left_at) " +
				"SELECT id, squad_id, 'member', starts_at, starts_at, 0 FROM rounds").Error
		}
		if err == nil {
			err = tx.Write(ctx).Exec("INSERT INTO squad_members (squad_id, person_id, ordinal) SELECT DISTINCT squad_id, squad_id, 1 FROM rounds").Error
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return stations
}

func analyse(ctx context.Context, t *testing.T, s *store.Store, tables ...string) {
	t.Helper()
	statement := "ANALYZE"
	if s.IsMySQL() {
		statement = "ANALYZE TABLE " + strings.Join(tables, ", ")
	}
	if err := s.Schema(ctx, statement); err != nil {
		t.Fatal(err)
	}
}

// Lists of rounds, the upkeep of every minute and watching cost what there is to find, not what there ever was.
func TestNoQueryOfRoundsReadsThemAll(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx, now := t.Context(), pageEpoch.Add(24*time.Hour)
		manyCheckIns(ctx, t, s)
		w := newCoverWorld(ctx, t, s, "慈音")
		stations := manyRounds(ctx, t, s, now)
		squad := models.OrderID(now, "squad7")
		err := s.Atomically(ctx, func(tx *store.Store) error { // a shift that stands at a post now
			err := tx.Write(ctx).Exec("UPDATE rounds SET plan_id = id, station_id = ? WHERE station_id = ?", w.station.ID, stations[0]).Error
			if err == nil {
				err = tx.AddSquad(ctx, models.Squad{ID: w.posts[0].ID, StationID: w.station.ID, Name: "夜巡", Kind: models.SquadKind("night"), LeaderID: w.people[0], Members: w.people})
			}
			if err == nil {
				err = tx.AddShift(ctx, models.Shift{
					ID: w.id(), StationID: w.station.ID, SquadID: w.posts[0].ID, PostID: w.posts[0].ID, LengthMinutes: 1440, Recurrence: "daily",
					FromDate: models.Date{Year: 2026, Month: 1, Day: 1}, CreatedAt: now.Add(-time.Hour),
				})
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		analyse(ctx, t, s, "check_ins", "rounds", "round_stops", "round_members", "squad_members")
		sights := map[string][]models.Sight{"station": {{Within: models.Place{Station: stations[1]}}}, "own": {{Owner: squad}}}
		type look struct {
			name string
			do   func() error
		}
		looks := []look{
			{"watching", func() error { _, err := s.WatchFacts(ctx, w.station.ID, now); return err }},
			{"the open concerns", func() error { _, err := s.OpenConcerns(ctx, w.station.ID); return err }},
			{"what is due", func() error { _, _, err := s.DueRounds(ctx, now, store.Page{Limit: 100}); return err }},
			{"what is due, a later page", func() error {
				_, _, err := s.DueRounds(ctx, now, store.Page{After: models.FirstIDAt(now.Add(-time.Hour)), Limit: 100})
				return err
			}},
			{"rounds ahead", func() error { _, err := s.RoundsAhead(ctx, stations[1], now); return err }},
		}
		for whose, sight := range sights {
			for _, state := range []models.RoundState{"", models.RoundScheduled, models.RoundInProgress, models.RoundCompleted, models.RoundAbandoned} {
				for _, filter := range []store.RoundFilter{{}, {SquadID: squad}, {PersonID: squad}, {From: now.Add(-time.Hour)}} {
					for _, after := range []models.ID{"", models.FirstIDAt(now.Add(-200 * 24 * time.Hour))} {
						filter.State, filter.Now = state, now
						looks = append(looks, look{fmt.Sprintf("rounds of %s %+v after %q", whose, filter, after), func() error {
							_, err := s.Rounds(ctx, sight, filter, store.Page{After: after, Limit: 50})
							return err
						}})
					}
				}
			}
		}
		for _, look := range looks {
			queries, values := sentBy(t, s, look.do)
			if len(queries) == 0 {
				t.Errorf("%s: no query was seen", look.name)
			}
			for at, query := range queries {
				if plan := walksAll(ctx, t, s, query, values[at]...); plan != "" {
					t.Errorf("%s: %s: %s", look.name, query, plan)
				}
			}
		}
		if walksAll(ctx, t, s, "SELECT * FROM rounds WHERE leader_id = 'nobody'") == "" { // the negative control
			t.Error("a walk through all rounds does not show in its plan")
		}
	})
}

// Members of a squad and stops of a round are read together, however many they are.
func TestManyAreReadAtOnce(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		w := newCoverWorld(ctx, t, s, "慈音")
		ids := []models.ID{w.checkpoints[0].ID, w.checkpoints[2].ID, w.station.ID}
		queries, _ := sentBy(t, s, func() error {
			places, err := s.CheckpointPlaces(ctx, ids)
			if len(places) != 2 || places[ids[0]] != w.checkpoints[0].Place || places[ids[1]] != w.checkpoints[2].Place {
				t.Errorf("%v", places)
			}
			return err
		})
		if len(queries) != 1 {
			t.Errorf("checkpoints: %q", queries)
		}
		disabled := w.now.Add(time.Hour)
		err := s.Atomically(ctx, func(tx *store.Store) error {
			for at, id := range w.people {
				person := models.Person{ID: id, StationID: w.station.ID, Name: "某", CreatedAt: w.now}
				if at == 1 {
					person.DisabledAt = disabled
				}
				if err := tx.AddPerson(ctx, person); err != nil {
					return err
				}
				for range at {
					grant := models.Grant{ID: w.id(), PersonID: id, Role: models.RoleVolunteer, Place: models.Place{Station: w.station.ID}, StartsAt: w.now}
					if err := tx.AddGrant(ctx, grant, w.now); err != nil {
						return err
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		queries, _ = sentBy(t, s, func() error {
			people, held, err := s.Patrollers(ctx, append(ids, w.people...))
			if len(people) != 3 || people[w.people[1]].DisabledAt != disabled || people[w.people[0]].StationID != w.station.ID ||
				len(held[w.people[0]]) != 0 || len(held[w.people[1]]) != 1 || len(held[w.people[2]]) != 2 || held[w.people[1]][0].Role != models.RoleVolunteer {
				t.Errorf("%v %v", people, held)
			}
			return err
		})
		if len(queries) != 2 {
			t.Errorf("people: %q", queries)
		}
	})
}
