package handlers_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/store"
)

// nightRounds makes a daily shift of a squad over midnight, with a round planned on it, and the rounds from it.
func (r *rig) nightRounds(squad models.ID) {
	r.t.Helper()
	shift := r.call(r.Commander, http.MethodPost, "/v1/shifts", map[string]any{
		"name": "夜班", "squad_id": squad, "start_time": "22:00", "length_minutes": 480, "recurrence": "daily",
	}).must(201).id("id")
	r.call(r.Commander, http.MethodPost, "/v1/round-plans", map[string]any{
		"name": "夜巡", "shift_id": shift, "route_id": r.Route,
	}).must(201)
	if err := r.server.MakeRounds(context.Background()); err != nil {
		r.t.Fatal(err)
	}
}

func TestSyncGivesAPhoneWhatItsShiftNeeds(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		names := nameList(rig.Auxiliary, rig.Guard, rig.GridWorker, rig.Volunteer)
		squad := rig.squadOf("夜巡一队", rig.Auxiliary, rig.Guard)
		rig.squadOf("别的队", rig.GridWorker, rig.Volunteer)
		rig.squadOf("邻所的队", rig.OfficerB, rig.VolunteerB)
		rig.nightRounds(squad)
		rig.call(rig.Commander, http.MethodPost, "/v1/street-posts", map[string]any{"name": "屯警点", "position": spot(rig.One.At, nil)}).must(201)
		rig.call(rig.Commander, http.MethodPost, "/v1/checkpoints", map[string]any{
			"name": "标签", "position": spot(rig.One.At, nil), "methods": []string{"nfc", "qr"}, "nfc_uid": "04A1B2C3D4",
		}).must(201)
		started := rig.startRound(rig.Guard, nil).must(201)
		rig.join(rig.Auxiliary, started).must(200)

		phone := rig.newPhone(rig.Auxiliary)
		got := phone.sync(500)
		if got.at("full") != true || got.text("time_zone") != "Asia/Shanghai" || got.text("server_time") != at(rig.clock.Now()) {
			t.Errorf("the first answer: %s", got.Text)
		}
		mustBeAs(t, phone, names)
		if phone.count("round") < 3 || phone.count("person") != 2 || phone.count("checkpoint") != 4 || phone.count("shift") != 1 {
			t.Errorf("too little: %v", phone.has)
		}
		for _, text := range []string{
			"nfc_uid", "04A1B2C3D4", "manual_code", "XF1.C.", string(rig.B), string(rig.Three.Checkpoint), string(rig.GridWorker.ID),
			rig.Guard.Phone, string(rig.OfficerB.ID), "邻所的队", "别的队",
		} {
			if strings.Contains(got.Text, text) {
				t.Errorf("the answer gives away %q: %s", text, got.Text)
			}
		}
		looks := rig.audit(rig.A, models.OpGetSync)
		if len(looks) != 1 || looks[0].ActorID != rig.Auxiliary.ID || strings.Join(looks[0].Subjects, " ") != string(rig.Guard.ID) {
			t.Errorf("audit: %+v", looks)
		}

		before := rig.rows()
		again := phone.sync(500)
		if objects, gone := sent(again); objects+gone != 0 || again.text("token") != got.text("token") || again.at("full") != false {
			t.Errorf("nothing has changed, and: %s", again.Text)
		}
		sameRows(t, before, rig.rows())
		if len(rig.audit(rig.A, models.OpGetSync)) != 1 {
			t.Error("an answer without names was recorded as a look")
		}
		rig.checkIn(rig.Guard, rig.seenAt(started.id("id"), rig.Street, rig.clock.Now())).must(200)
		if objects, gone := sent(phone.sync(500)); objects != 1 || gone != 0 {
			t.Errorf("after one check-in: %d objects, %d gone", objects, gone)
		}
		mustBeAs(t, phone, names)
		rig.advance(24 * time.Hour)
		phone.sync(500)
		mustBeAs(t, phone, names)
	})
}

func TestSyncTakesBackWhatIsNoLongerTheirs(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		names := nameList(rig.Auxiliary, rig.Guard, rig.GridWorker, rig.Volunteer)
		squad := rig.squadOf("夜巡一队", rig.Auxiliary, rig.Guard, rig.Volunteer)
		rig.nightRounds(squad)
		phone, elsewhere := rig.newPhone(rig.Guard), rig.newPhone(rig.GridWorker)
		phone.sync(500)
		elsewhere.sync(500)
		if phone.count("round") == 0 || phone.count("person") != 3 || elsewhere.count("round")+elsewhere.count("person") != 0 {
			t.Fatalf("before: %v and %v", phone.has, elsewhere.has)
		}
		rig.call(rig.Commander, http.MethodPatch, "/v1/squads/"+string(squad), map[string]any{
			"member_ids": []models.ID{rig.Auxiliary.ID, rig.GridWorker.ID},
		}).must(200)
		got := phone.sync(500)
		if objects, gone := sent(got); objects != 0 || gone < 7 || strings.Contains(got.Text, rig.Auxiliary.Name) {
			t.Errorf("who has left was sent: %s", got.Text)
		}
		if rest := phone.count("squad") + phone.count("person") + phone.count("shift") + phone.count("round") + phone.count("round_plan"); rest != 0 {
			t.Errorf("who has left still has: %v", phone.has)
		}
		elsewhere.sync(500)
		if elsewhere.count("person") != 2 || elsewhere.count("round") == 0 {
			t.Errorf("who has come has: %v", elsewhere.has)
		}
		mustBeAs(t, phone, names)
		mustBeAs(t, elsewhere, names)
		rig.call(rig.Commander, http.MethodPost, "/v1/squads/"+string(squad)+"/end", nil).must(200)
		elsewhere.sync(500)
		mustBeAs(t, elsewhere, names)
		if elsewhere.count("person") != 0 {
			t.Errorf("of a squad that has ended: %v", elsewhere.has)
		}
	})
}

func TestSyncOnlyWhereSomebodyPatrols(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.squadOf("夜巡一队", rig.Auxiliary, rig.VolunteerTwo)
		rig.write(func(ctx context.Context, tx *store.Store) error {
			m := &maker{rig: rig, ctx: ctx, tx: tx}
			m.grant(rig.VolunteerTwo, models.RoleVolunteer, rig.Three.Place)
			return m.err
		})
		both := rig.newPhone(rig.VolunteerTwo)
		both.sync(500)
		if both.count("checkpoint") != 4 || both.count("person") != 2 {
			t.Errorf("of two stations: %v", both.has)
		}
		rig.write(func(ctx context.Context, tx *store.Store) error {
			grants, err := tx.Grants(ctx, rig.VolunteerTwo.ID)
			for _, grant := range grants {
				if grant.Place.Station == rig.A {
					err = errors.Join(err, tx.EndGrant(ctx, rig.VolunteerTwo.ID, grant.ID, rig.clock.Now()))
				}
			}
			return err
		})
		rig.advance(10 * time.Second) // what is remembered of roles
		both.sync(500)
		if both.count("checkpoint") != 1 || both.count("person")+both.count("squad") != 0 {
			t.Errorf("whose role at the first has ended, and who still stands in a squad there: %v", both.has)
		}
	})
}

func TestSyncTokens(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		squad := rig.squadOf("夜巡一队", rig.Auxiliary, rig.Guard)
		rename := func() {
			rig.ids.mutex.Lock()
			name := fmt.Sprint("队", rig.ids.count)
			rig.ids.mutex.Unlock()
			rig.call(rig.Commander, http.MethodPatch, "/v1/squads/"+string(squad), map[string]any{"name": name}).must(200)
		}
		first, second, foreign := rig.newPhone(rig.Auxiliary), rig.newPhone(rig.Auxiliary), rig.newPhone(rig.Guard)
		first.sync(500)
		second.sync(500)
		for _, token := range []string{first.token, string(rig.ids.next())} {
			foreign.token = token
			if got := foreign.ask(500); got.at("full") != true || got.text("token") == token {
				t.Errorf("a token that is not theirs: %s", got.Text)
			}
		}
		for _, query := range []string{"since=x", "since=", "limit=0", "limit=501", "limit=x"} {
			if got := rig.call(rig.Auxiliary, http.MethodGet, "/v1/sync?"+query, nil); got.Status != 400 {
				t.Errorf("%s: %s", query, got.Text)
			}
		}

		// The same token twice, and both answers hold.
		rename()
		one, other := first.ask(500), first.ask(500)
		for _, got := range []response{one, other} {
			if objects, _ := sent(got); objects != 1 || got.at("full") != false {
				t.Errorf("the same token twice: %s", got.Text)
			}
			follower := rig.newPhone(rig.Auxiliary)
			follower.token = got.text("token")
			if next := follower.ask(500); next.at("full") != false || next.text("token") != got.text("token") {
				t.Errorf("a token from the same token: %s", next.Text)
			}
		}
		first.take(other)

		// A phone that syncs all the time does not use up the other's token, nor do lost answers the phone's own.
		for range 2 * models.MaxSyncTokens {
			rename()
			first.sync(500)
		}
		for range 2 * models.MaxSyncTokens {
			rename()
			first.ask(500)
		}
		first.sync(500)
		if first.fulls != 1 {
			t.Errorf("the phone had to begin anew %d times", first.fulls-1)
		}
		if kept := rig.syncTokens(rig.Auxiliary); kept > models.MaxSyncTokens {
			t.Errorf("%d tokens are kept", kept)
		}

		rig.advance(models.SyncTokenKept)
		if got := first.ask(500); got.at("full") != false {
			t.Errorf("a token of just a week: %s", got.Text)
		}
		rig.advance(time.Millisecond)
		if got := first.ask(500); got.at("full") != true {
			t.Errorf("an old token: %s", got.Text)
		}
		for touched := int64(1); touched > 0; {
			var err error
			if touched, err = rig.store.ForgetOld(context.Background(), rig.clock.Now()); err != nil {
				t.Fatal(err)
			}
		}
		if kept := rig.syncTokens(rig.Auxiliary); kept != 1 {
			t.Errorf("%d tokens are kept, want the last one", kept)
		}
	})
}

func TestSyncSecondPhoneKeepsItsToken(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		squad := rig.squadOf("夜巡一队", rig.Auxiliary, rig.Guard)
		busy, idle := rig.newPhone(rig.Auxiliary), rig.newPhone(rig.Auxiliary)
		busy.sync(500)
		idle.sync(500)
		for round := range 3 * models.MaxSyncTokens {
			rig.call(rig.Commander, http.MethodPatch, "/v1/squads/"+string(squad), map[string]any{"name": fmt.Sprint("队", round)}).must(200)
			busy.sync(500)
		}
		if got := idle.sync(500); got.at("full") != false {
			t.Errorf("the other phone used up its token: %s", got.Text)
		}
		mustBeAs(t, idle, nameList(rig.Auxiliary, rig.Guard))
	})
}

// syncTokens counts the tokens that are kept of somebody.
func (r *rig) syncTokens(who *caller) int {
	r.t.Helper()
	count := 0
	if err := r.sql.QueryRow("SELECT COUNT(*) FROM sync_manifests WHERE person_id = ?", string(who.ID)).Scan(&count); err != nil {
		r.t.Fatal(err)
	}
	return count
}

func TestSyncInPages(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		squad := rig.squadOf("夜巡一队", rig.Auxiliary, rig.Guard)
		rig.manyCheckpoints(2000)
		phone := rig.newPhone(rig.Auxiliary)
		pages := 0
		for more := true; more; pages++ {
			got := phone.ask(500)
			if objects, gone := sent(got); objects+gone > 500 || got.at("full") != (pages == 0) {
				t.Fatalf("page %d: %d and %d", pages, objects, gone)
			}
			more = phone.take(got)
			if pages == 1 { // what was sent with the first page changes, and something is gone
				rig.call(rig.Commander, http.MethodPatch, "/v1/squads/"+string(squad), map[string]any{
					"name": "改名", "member_ids": []models.ID{rig.Auxiliary.ID},
				}).must(200)
			}
		}
		if pages < 5 || pages > 6 {
			t.Errorf("%d pages", pages)
		}
		mustBeAs(t, phone, nameList(rig.Auxiliary, rig.Guard))
	})
}

// manyCheckpoints adds checkpoints to station A.
func (r *rig) manyCheckpoints(count int) {
	r.t.Helper()
	r.write(func(ctx context.Context, tx *store.Store) error {
		m := &maker{rig: r, ctx: ctx, tx: tx}
		for number := range count {
			m.checkpoint(models.Place{Station: r.A}, fmt.Sprint("点位", number), r.One.At, []models.CheckInMethod{models.MethodQR})
		}
		return m.err
	})
}

func TestSyncOfNothingAtAll(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		station := rig.newStation()
		phone := rig.newPhone(rig.addPerson(models.RoleVolunteer, models.Place{Station: station}))
		phone.sync(500)
		if got := phone.sync(500); len(phone.has) != 0 || phone.fulls != 1 || got.at("full") != false {
			t.Errorf("%d, %v: %s", phone.fulls, phone.has, got.Text)
		}
	})
}

// newStation adds a station with nothing in it.
func (r *rig) newStation() models.ID {
	r.t.Helper()
	id := r.ids.next()
	_, err := r.sql.Exec("INSERT INTO stations (id, name, time_zone, lat, lng, created_at) VALUES (?, ?, ?, ?, ?, ?)",
		string(id), "所"+string(id), "Asia/Shanghai", 30.52, 105.60, r.clock.Now().UnixMilli())
	if err != nil {
		r.t.Fatal(err)
	}
	return id
}

// A sync costs the same number of statements, however much there is to send.
func TestSyncAsksAFixedNumberOfQuestions(t *testing.T) {
	statements := atomic.Int64{}
	count := func(settings *rigSettings) {
		settings.store = func(config *store.Config) {
			config.SlowStatement, config.Logger = time.Nanosecond, countingLogger(&statements)
		}
	}
	each(t, func(t *testing.T, rig *rig) {
		ask := func() int64 {
			rig.token(rig.Auxiliary)
			rig.call(rig.Auxiliary, http.MethodGet, "/v1/me", nil).must(200) // session and roles are remembered by now
			before := statements.Load()
			rig.newPhone(rig.Auxiliary).ask(500)
			return statements.Load() - before
		}
		rig.nightRounds(rig.squadOf("夜巡一队", rig.Auxiliary, rig.Guard))
		few := ask()
		for number := range 10 {
			rig.nightRounds(rig.squadOf(fmt.Sprint("队", number), rig.Auxiliary, rig.GridWorker, rig.Volunteer))
		}
		rig.manyCheckpoints(100)
		many := ask()
		t.Logf("%d statements", many)
		if few == 0 || many > few+1 || many > 24 { // one more: the token before is there to be looked for
			t.Errorf("%d statements, and %d with ten times as much", few, many)
		}
	}, count)
}
