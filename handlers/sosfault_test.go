package handlers_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

func (r *rig) exec(statement string, values ...any) {
	r.t.Helper()
	if _, err := r.sql.Exec(statement, values...); err != nil {
		r.t.Fatal(err)
	}
}

// lose takes a table away until it is found again, at the test's end at the latest: the next test uses the same database.
func (r *rig) lose(table string) (find func()) {
	r.t.Helper()
	lost := true
	r.exec("ALTER TABLE " + table + " RENAME TO lost_" + table)
	find = func() {
		if lost {
			lost = false
			r.exec("ALTER TABLE lost_" + table + " RENAME TO " + table)
		}
	}
	r.t.Cleanup(find)
	return find
}

// Something that is spoilt, whatever it is, keeps nobody from calling for help, nor from being asked who can be read.
func TestSOSWhateverIsSpoilt(t *testing.T) {
	shift := `INSERT INTO shifts (id, station_id, squad_id, post_id, name, start_minute, length_minutes, recurrence, weekdays, dates,
		from_date, until_date, created_at, ended_at) VALUES (?, ?, ?, '', 'night', 0, 1440, 'dates', 0, 'soon', '2026-11-01', '', 1, 0)`
	for name, spoil := range map[string]func(rig *rig){
		"the caller's name": func(rig *rig) {
			rig.exec("UPDATE people SET name_sealed = ? WHERE id = ?", []byte("spoilt"), string(rig.Volunteer.ID))
		},
		"a shift": func(rig *rig) {
			rig.exec(shift, string(rig.ids.next()), string(rig.A), string(rig.ids.next()))
		},
		"the time zone": func(rig *rig) {
			rig.exec(shift, string(rig.ids.next()), string(rig.A), string(rig.ids.next()))
			rig.exec("UPDATE stations SET time_zone = 'Nowhere' WHERE id = ?", string(rig.A))
		},
		"the squads":    func(rig *rig) { rig.lose("squad_members") },
		"the compounds": func(rig *rig) { rig.lose("compounds") },
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, rig *rig) {
				rig.onDuty(rig.A, models.SquadFoot, rig.Auxiliary)
				rig.standsAt(rig.Auxiliary, rig.One.At)
				spoil(rig)
				id := rig.sos(rig.Volunteer, nil).must(201).text("id")
				if got, want := rig.told(id, 1), ids(rig.Auxiliary, rig.Commander); !slices.Equal(got, want) {
					t.Errorf("asked %v, want %v", got, want)
				}
				rig.sos(rig.Volunteer, map[string]any{"kind": "man_down"}).must(200)
				rig.sos(rig.Volunteer, map[string]any{"kind": "duress"}).must(200)
				rig.view(rig.Auxiliary, id).must(200)
				if count := rig.inboxHas(rig.Auxiliary.ID, "sos", id); count != 2 {
					t.Errorf("told %d times", count)
				}
				for range 3 {
					rig.advance(30 * time.Second)
					rig.widen(rig.server)
				}
				if got := rig.told(id, 3); !slices.Contains(got, rig.Officer.ID) {
					t.Errorf("at last asked %v", got)
				}
			})
		})
	}
}

// Where nobody at all can be read the call is written all the same, and people are asked as soon as they can be read.
func TestSOSAsksWhenItCan(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.onDuty(rig.A, models.SquadFoot, rig.Auxiliary)
		rig.standsAt(rig.Auxiliary, rig.One.At)
		rig.call(rig.Volunteer, http.MethodGet, "/v1/me", nil).must(200) // who calls is known for the next seconds
		find := rig.lose("role_grants")
		id := rig.sos(rig.Volunteer, nil).must(201).text("id")
		for range 20 {
			rig.widen(rig.server)
			rig.advance(5 * time.Second)
		}
		rig.widen(rig.server)
		find()
		if rows := rig.rows(); rows["sos"] != 1 || rows["sos_helpers"] != 0 {
			t.Errorf("while nobody can be read: %v", rows)
		}
		rig.widen(rig.server)
		if rows := rig.rows(); rows["sos_helpers"] != 0 {
			t.Errorf("it looks again without a pause: %v", rows)
		}
		rig.advance(5 * time.Second)
		rig.widen(rig.server)
		if got := rig.told(id, 3); !slices.Equal(got, ids(rig.Auxiliary, rig.Commander, rig.Officer, rig.OfficerTwo)) {
			t.Errorf("asked %v", got)
		}
		if count := rig.inboxHas(rig.Auxiliary.ID, "sos", id); count != 1 {
			t.Errorf("told %d times", count)
		}
		steps := []string{}
		for _, record := range rig.audit(rig.A, models.OpCreateSOS) {
			steps = append(steps, record.Facts["step"]+":"+record.Facts["asked"])
		}
		if got := strings.Join(steps, " "); got != "3:4 1:0" {
			t.Errorf("audit: %s", got)
		}
		rig.advance(time.Minute)
		rig.widen(rig.server)
		if got := rig.view(rig.Commander, id).must(200); got.at("sos.step") != 3.0 {
			t.Errorf("step %v", got.at("sos.step"))
		}
	})
}
