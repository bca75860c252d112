package handlers_test

import (
	"context"
	"net/http"
	"slices"
	"time"

	"xunfang/models"
	"xunfang/store"
)

// onDuty puts people on a round that is in progress, led by the first.
func (r *rig) onDuty(station models.ID, kind models.SquadKind, people ...*caller) {
	r.t.Helper()
	round, squad, now := r.ids.next(), r.ids.next(), r.clock.Now()
	_, err := r.sql.Exec("INSERT INTO squads (id, station_id, name, kind, leader_id, created_at, ended_at) VALUES (?, ?, ?, ?, ?, 1, 0)",
		string(squad), string(station), string(squad), string(kind), string(people[0].ID))
	if err != nil {
		r.t.Fatal(err)
	}
	r.write(func(ctx context.Context, tx *store.Store) error {
		err := tx.AddRound(ctx, models.Round{
			ID: round, StationID: station, SquadID: squad, LeaderID: people[0].ID, State: models.RoundInProgress,
			StartsAt: now, EndsAt: now.Add(8 * time.Hour), StartedAt: now, CreatedAt: now,
		})
		for at, one := range people {
			member := models.RoundMember{RoundID: round, PersonID: one.ID, Kind: models.MemberJoined, JoinedAt: now, ConfirmedAt: now}
			if at == 0 {
				member.Kind = models.MemberLeader
			}
			if err == nil {
				err = tx.AddRoundMember(ctx, member)
			}
		}
		return err
	})
}

// seenAt writes where somebody is, as a track does.
func (r *rig) standsAt(who *caller, at models.Position) {
	r.t.Helper()
	now := r.clock.Now()
	r.write(func(ctx context.Context, tx *store.Store) error {
		return tx.AddTrackPoints(ctx, []models.TrackPoint{{
			Fix: models.Fix{Position: at, ReportedCRS: models.WGS84}, PersonID: who.ID, StationID: who.Station, RoundID: r.ids.next(),
			At: now, PhoneAt: now, ReceivedAt: now, Source: models.SourceApp,
		}}, r.clock.Now())
	})
}

// help is a call for help from compound One; change may be nil.
func (r *rig) help(change map[string]any) map[string]any {
	body := map[string]any{"id": r.ids.next(), "kind": "panic", "position": spot(r.One.At, nil), "raised_at": instant(r.clock.Now())}
	for field, value := range change {
		body[field] = value
	}
	return body
}

func (r *rig) sos(who *caller, change map[string]any) response {
	r.t.Helper()
	return r.call(who, http.MethodPost, "/v1/sos", r.help(change))
}

func (r *rig) view(who *caller, id string) response {
	r.t.Helper()
	return r.call(who, http.MethodGet, "/v1/sos/"+id, nil)
}

// told lists whom an SOS was put to at a step, by id.
func (r *rig) told(sos string, step int) []models.ID {
	r.t.Helper()
	rows, err := r.sql.Query("SELECT person_id FROM sos_helpers WHERE sos_id = ? AND step = ? ORDER BY person_id", sos, step)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	found := []models.ID{}
	for rows.Next() {
		id := ""
		if err := rows.Scan(&id); err != nil {
			r.t.Fatal(err)
		}
		found = append(found, models.ID(id))
	}
	if err := rows.Err(); err != nil {
		r.t.Fatal(err)
	}
	return found
}

// inboxHas says how many alerts of a kind about something are in somebody's inbox, past the API.
func (r *rig) inboxHas(who models.ID, kind, about string) int {
	r.t.Helper()
	count := 0
	err := r.sql.QueryRow(`SELECT COUNT(*) FROM inbox_items JOIN alerts ON alerts.id = inbox_items.alert_id
		WHERE inbox_items.person_id = ? AND alerts.kind = ? AND alerts.about_id = ?`, string(who), kind, about).Scan(&count)
	if err != nil {
		r.t.Fatal(err)
	}
	return count
}

func ids(people ...*caller) []models.ID {
	found := []models.ID{}
	for _, one := range people {
		found = append(found, one.ID)
	}
	slices.Sort(found)
	return found
}

func off(at models.Position, metresNorth, metresEast float64) models.Position {
	return models.Position{Lat: at.Lat + metresNorth/111_195, Lng: at.Lng + metresEast/95_800}
}
