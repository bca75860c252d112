package store_test

import (
	"slices"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/store"
	"xunfang/store/testdb"
)

// On duty are those who walk a round now, and those whose shift is now, by the station's clock and over midnight.
func TestOnDuty(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx, now := t.Context(), time.Date(2026, 11, 24, 18, 30, 0, 0, time.UTC) // 02:30 on the 25th in Sichuan
		id := func(name string) models.ID { return models.OrderID(now, models.ID(name)) }
		station, other := id("station"), id("other")
		run := func(statement string, values ...any) {
			t.Helper()
			err := s.Atomically(ctx, func(tx *store.Store) error { return tx.Write(ctx).Exec(statement, values...).Error })
			if err != nil {
				t.Fatal(err)
			}
		}
		for _, one := range []models.ID{station, other} {
			run("INSERT INTO stations (id, name, time_zone, lat, lng, created_at) VALUES (?, ?, 'Asia/Shanghai', 30, 105, 1)", string(one), string(one))
		}
		person := func(name string, at models.ID) models.ID {
			one := models.Person{ID: id(name), StationID: at, Name: models.Secret(name)}
			if name == "closed" {
				one.DisabledAt = now
			}
			err := s.Atomically(ctx, func(tx *store.Store) error {
				if err := tx.AddPerson(ctx, one); err != nil {
					return err
				}
				return tx.AddGrant(ctx, models.Grant{
					ID: id("grant " + name), PersonID: one.ID, Role: models.RoleAuxiliary, Place: models.Place{Station: at}, StartsAt: now,
				}, now)
			})
			if err != nil {
				t.Fatal(err)
			}
			return one.ID
		}
		walks := func(round string, at models.ID, state models.RoundState, member models.RoundMember) {
			err := s.Atomically(ctx, func(tx *store.Store) error {
				err := tx.AddRound(ctx, models.Round{ID: id(round), StationID: at, State: state, LeaderID: id("leader"), StartsAt: now, EndsAt: now})
				if err != nil {
					return err
				}
				member.RoundID, member.Kind = id(round), models.MemberJoined
				return tx.AddRoundMember(ctx, member)
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		walks("now", station, models.RoundInProgress, models.RoundMember{PersonID: person("walks", station), ConfirmedAt: now})
		walks("done", station, models.RoundCompleted, models.RoundMember{PersonID: person("done", station), ConfirmedAt: now})
		walks("guest", station, models.RoundInProgress, models.RoundMember{PersonID: person("unconfirmed", station)})
		walks("left", station, models.RoundInProgress, models.RoundMember{PersonID: person("left", station), ConfirmedAt: now, LeftAt: now})
		walks("closed", station, models.RoundInProgress, models.RoundMember{PersonID: person("closed", station), ConfirmedAt: now})
		walks("other", other, models.RoundInProgress, models.RoundMember{PersonID: person("elsewhere", other), ConfirmedAt: now})
		walks("foreign", station, models.RoundInProgress, models.RoundMember{PersonID: person("foreign", other), ConfirmedAt: now})

		squad := func(name string, start, length int, recurrence string, weekdays int, dates, until string, ended int64) {
			run("INSERT INTO squads (id, station_id, name, kind, leader_id, created_at, ended_at) VALUES (?, ?, ?, 'vehicle', ?, 1, 0)",
				string(id("squad "+name)), string(station), name, string(id("leader")))
			run("INSERT INTO squad_members (squad_id, person_id, ordinal) VALUES (?, ?, 1)", string(id("squad "+name)), string(person(name, station)))
			run(`INSERT INTO shifts (id, station_id, squad_id, post_id, name, start_minute, length_minutes, recurrence, weekdays, dates,
				from_date, until_date, created_at, ended_at) VALUES (?, ?, ?, '', ?, ?, ?, ?, ?, ?, '2026-11-01', ?, 1, ?)`,
				string(id("shift "+name)), string(station), string(id("squad "+name)), name, start, length, recurrence, weekdays, dates, until, ended)
		}
		squad("night", 22*60, 8*60, "daily", 0, "", "", 0)                                  // from 22:00 on the 24th
		squad("tuesday", 22*60, 4*60+30, "weekdays", 1<<time.Tuesday, "", "", 0)            // until 02:30: just over
		squad("tuesday long", 22*60, 4*60+31, "weekdays", 1<<time.Tuesday, "", "", 0)       // a minute more
		squad("dates", 2*60+30, 60, "dates", 0, "2026-11-20,2026-11-25", "2026-11-25", 0)   // from 02:30: just begun
		squad("was", 22*60, 8*60, "daily", 0, "", "2026-11-23", 0)                          // no more
		squad("given up", 22*60, 8*60, "daily", 0, "", "", now.Add(-time.Hour).UnixMilli()) // ended
		squad("day", 8*60, 10*60, "daily", 0, "", "", 0)

		found, err := s.OnDuty(ctx, station, now)
		if err != nil {
			t.Fatal(err)
		}
		got, want := []models.ID{}, []models.ID{id("walks"), id("night"), id("tuesday long"), id("dates")}
		for _, one := range found {
			got = append(got, one.PersonID)
			if one.Role != models.RoleAuxiliary || one.LeaderID != id("leader") || (one.Mode == models.SquadVehicle) == (one.PersonID == id("walks")) {
				t.Errorf("%+v", one)
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("on duty are %v, want %v", got, want)
		}
		squad("spoilt", 0, 60, "dates", 0, "soon", "", 0) // keeps nobody else from being found
		if again, err := s.OnDuty(ctx, station, now); err == nil || len(again) != len(found) {
			t.Errorf("beside a shift that cannot be read: %d of %d, %v", len(again), len(found), err)
		}
	})
}
