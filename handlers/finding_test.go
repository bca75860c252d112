package handlers_test

import (
	"context"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/store"
)

// found is something found near compound One; change may be nil, and a nil value takes the field out.
func (r *rig) found(change map[string]any) map[string]any {
	item := map[string]any{
		"id": r.ids.next(), "kind": "hazard", "description": "井盖缺失，已放置路锥。", "position": spot(r.One.At, nil),
		"found_at": instant(r.clock.Now().Add(-time.Minute)),
	}
	for field, value := range change {
		item[field] = value
		if value == nil {
			delete(item, field)
		}
	}
	return item
}

func (r *rig) report(who *caller, items ...map[string]any) response {
	r.t.Helper()
	return r.call(who, http.MethodPost, "/v1/findings", map[string]any{"items": items})
}

func (r *rig) finding(who *caller, change map[string]any) string {
	r.t.Helper()
	got := r.report(who, r.found(change)).must(200)
	if got.text("items.0.status") != "recorded" {
		r.t.Fatalf("not recorded: %s", got.Text)
	}
	return got.text("items.0.id")
}

func (r *rig) movedFinding(who *caller, id string, body map[string]any) response {
	r.t.Helper()
	return r.call(who, http.MethodPost, "/v1/findings/"+id+"/transitions", body)
}

// walked makes a round with members; each is with it from the first to the second time, zero for still.
func (r *rig) walked(members map[*caller][2]time.Time) models.ID {
	r.t.Helper()
	id := r.ids.next()
	r.write(func(ctx context.Context, tx *store.Store) error {
		start := r.clock.Now().Add(-4 * time.Hour)
		err := tx.AddRound(ctx, models.Round{
			ID: id, StationID: r.A, State: models.RoundInProgress, StartsAt: start, EndsAt: start.Add(8 * time.Hour), StartedAt: start,
		})
		for member, with := range members {
			if err == nil {
				err = tx.AddRoundMember(ctx, models.RoundMember{
					RoundID: id, PersonID: member.ID, Kind: models.MemberJoined, JoinedAt: with[0], ConfirmedAt: with[0], LeftAt: with[1],
				})
			}
		}
		return err
	})
	return id
}

func TestFindingGoesItsWay(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		id := rig.finding(rig.Volunteer, nil)
		move := func(want int, code models.Code, body map[string]any) {
			t.Helper()
			if got := rig.movedFinding(rig.Officer, id, body); got.Status != want || got.code() != code {
				t.Errorf("%v: %d %s, want %d %s", body, got.Status, got.Text, want, code)
			}
		}
		move(409, models.CodeWrongState, map[string]any{"state": "resolved"})
		move(200, "", map[string]any{"state": "accepted", "note": "已联系市政"})
		move(409, models.CodeWrongState, map[string]any{"state": "accepted"})
		move(422, models.CodeUnprocessable, map[string]any{"state": "dismissed"})
		move(422, models.CodeUnprocessable, map[string]any{"state": "handed_over", "reason": "not_ours"})
		move(200, "", map[string]any{"state": "handed_over", "note": "市政管理局"})
		move(409, models.CodeWrongState, map[string]any{"state": "dismissed", "reason": "unfounded"})

		got := rig.call(rig.Volunteer, http.MethodGet, "/v1/findings/"+id, nil).must(200)
		if got.text("state") != "handed_over" || got.text("steps.2.note") != "市政管理局" || got.id("compound_id") != rig.One.ID() {
			t.Errorf("in the end: %s", got.Text)
		}
		inbox := rig.call(rig.Volunteer, http.MethodGet, "/v1/me/inbox", nil).must(200)
		if len(inbox.items()) != 2 || inbox.text("items.0.body") != "市政管理局" || inbox.text("items.0.about") != id ||
			inbox.text("items.0.kind") != "finding_update" {
			t.Errorf("the finder was told: %s", inbox.Text)
		}
		if records := rig.audit(rig.A, models.OpMoveFinding); len(records) != 7 { // two moves and five refusals
			t.Errorf("%d decisions are recorded", len(records))
		}
	})
}

// A finder who cannot be told leaves the finding where it was: both are one transaction.
func TestFindingMoveAndMessageAreOne(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		id := rig.finding(rig.Volunteer, nil)
		rig.breakTable("inbox_items")
		before := rig.rows()
		rig.movedFinding(rig.Officer, id, map[string]any{"state": "accepted"}).must(500)
		urgent := rig.report(rig.Volunteer, rig.found(map[string]any{"kind": "forced_door"}))
		if urgent.Status != 500 {
			t.Errorf("a forced door that nobody can be told of: %d %s", urgent.Status, urgent.Text)
		}
		sameRows(t, before, rig.rows())
		rig.mendTable("inbox_items")
		rig.movedFinding(rig.Officer, id, map[string]any{"state": "accepted"}).must(200)
	})
}

func TestFindingMovesOnceOfMany(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		id, token, moved := rig.finding(rig.Volunteer, nil), rig.token(rig.Officer), 0
		for _, got := range atOnce(16, func(int) response {
			return rig.callAs(token, http.MethodPost, "/v1/findings/"+id+"/transitions", map[string]any{"state": "accepted"})
		}) {
			if got.Status == 200 {
				moved++
			}
		}
		if rows := rig.rows(); moved != 1 || rows["inbox_items"] != 1 || rows["finding_steps"] != 2 {
			t.Errorf("%d of 16 moved the finding, told %d times, %d steps", moved, rows["inbox_items"], rows["finding_steps"])
		}
	})
}

// A forced door is told at once to who must know, once, and without a word of who found it or what they wrote.
func TestUrgentFindingsAreTold(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		item := rig.found(map[string]any{"kind": "forced_door", "description": "王老板家的门", "checkpoint_id": rig.One.Checkpoint})
		rig.report(rig.Volunteer, item, rig.found(map[string]any{"kind": "broken_lamp"})).must(200)
		rig.report(rig.Volunteer, item).must(200)
		for who, want := range map[*caller]int{
			rig.Officer: 1, rig.Commander: 1, rig.OfficerTwo: 0, rig.Volunteer: 0, rig.Auxiliary: 0, rig.OfficerB: 0, rig.CommanderB: 0,
		} {
			inbox := rig.call(who, http.MethodGet, "/v1/me/inbox", nil).must(200)
			if len(inbox.items()) != want {
				t.Errorf("%s was told %d times: %s", who.Name, len(inbox.items()), inbox.Text)
			}
			if want == 1 && (inbox.text("items.0.severity") != "high" || inbox.id("items.0.about") != item["id"] ||
				inbox.text("items.0.body") != rig.One.Name+" · "+rig.One.Name+"巡更点" || inbox.text("items.0.kind") != "finding") {
				t.Errorf("%s was told %s", who.Name, inbox.Text)
			}
			for _, leak := range []string{"王老板", rig.Volunteer.Name, string(rig.Volunteer.ID)} {
				if strings.Contains(inbox.Text, leak) {
					t.Errorf("the alert gives away %q", leak)
				}
			}
		}
		street := rig.found(map[string]any{"kind": "suspicious_object", "position": nil, "checkpoint_id": rig.Street})
		rig.report(rig.Volunteer, street).must(200)
		if told := len(rig.call(rig.Commander, http.MethodGet, "/v1/me/inbox", nil).items()); told != 2 {
			t.Errorf("the commander was told %d times", told)
		}
		if told := len(rig.call(rig.Officer, http.MethodGet, "/v1/me/inbox", nil).items()); told != 1 {
			t.Errorf("an officer of another place was told of the street: %d", told)
		}
	})
}

func TestOneBadFindingSpoilsNoOther(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		good, foreign := rig.found(nil), rig.photo(rig.Resident)
		got := rig.report(rig.Volunteer, good,
			rig.found(map[string]any{"kind": "ghost"}),
			rig.found(map[string]any{"position": nil}),
			rig.found(map[string]any{"checkpoint_id": rig.Three.Checkpoint}),
			rig.found(map[string]any{"media_ids": []models.ID{foreign}}),
			rig.found(map[string]any{"found_at": instant(rig.clock.Now().Add(25 * time.Hour))}),
			good,
		).must(200)
		for at, want := range []string{
			"", "items[1].kind not_one_of", "items[2].position required", "items[3].checkpoint_id no_such",
			"items[4].media_ids[0] no_such", "items[5].found_at in_the_future", "",
		} {
			item, _ := got.items()[at].(map[string]any)
			part := response{JSON: item}
			if status := map[bool]string{true: "recorded", false: "rejected"}[want == ""]; part.text("status") != status ||
				strings.Join(part.fields(), ",") != want {
				t.Errorf("item %d: %v, want %s", at, item, want)
			}
		}
		if got.at("items.0.duplicate") != false || got.at("items.6.duplicate") != true || rig.rows()["findings"] != 1 {
			t.Errorf("the good one and its repeat: %s", got.Text)
		}
		alone := rig.report(rig.Volunteer, rig.found(map[string]any{"media_ids": []models.ID{rig.ids.next()}})).must(422)
		if strings.Join(alone.fields(), "") != "items[0].media_ids[0] no_such" {
			t.Errorf("a missing photo alone: %s", alone.Text)
		}
		taken := rig.report(rig.Auxiliary, good).must(200)
		if taken.text("items.0.status") != "rejected" || taken.text("items.0.errors.0.code") != "not_unique" || strings.Contains(taken.Text, "井盖") {
			t.Errorf("somebody else's id: %s", taken.Text)
		}
	})
}

// A phone whose wall clock is a day off is corrected by its monotonic one; both times are kept.
func TestFindingTimes(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		now := rig.clock.Now()
		send := func(item map[string]any, clock map[string]any) response {
			t.Helper()
			body := map[string]any{"items": []any{item}, "clock": clock}
			rig.call(rig.Volunteer, http.MethodPost, "/v1/findings", body).must(200)
			return rig.call(rig.Volunteer, http.MethodGet, "/v1/findings/"+string(item["id"].(models.ID)), nil).must(200)
		}
		clock, wrong := map[string]any{"boot_id": "b1", "monotonic_ms": 7_200_000, "wall_at": instant(now)}, instant(now.Add(-24*time.Hour))
		for name, c := range map[string]struct {
			item map[string]any
			want time.Time
		}{
			"corrected":         {map[string]any{"found_at": wrong, "boot_id": "b1", "monotonic_ms": 3_600_000}, now.Add(-time.Hour)},
			"another start":     {map[string]any{"found_at": wrong, "boot_id": "b2", "monotonic_ms": 3_600_000}, now.Add(-24 * time.Hour)},
			"no monotonic time": {map[string]any{"found_at": wrong}, now.Add(-24 * time.Hour)},
			"ahead":             {map[string]any{"found_at": instant(now.Add(time.Hour))}, now},
			"years off":         {map[string]any{"found_at": "1970-01-01T00:00:07Z", "boot_id": "b1", "monotonic_ms": 7_199_000}, now.Add(-time.Second)},
		} {
			item := rig.found(c.item)
			got := send(item, clock)
			sent, err := time.Parse(time.RFC3339, item["found_at"].(string))
			if err != nil {
				t.Fatal(err)
			}
			if got.text("found_at") != instant(c.want) || got.text("phone_at") != instant(sent) {
				t.Errorf("%s: found %s by the phone's %s, want %s", name, got.text("found_at"), got.text("phone_at"), instant(c.want))
			}
		}
	})
}

// Two phones of one squad send one round's findings in any order, more than once and at the same time: the
// database ends the same.
func TestTwoPhonesInAnyOrder(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		start := rig.clock.Now().Add(-2 * time.Hour)
		round := rig.walked(map[*caller][2]time.Time{rig.Volunteer: {start}, rig.Auxiliary: {start}})
		phones := []*caller{rig.Volunteer, rig.Auxiliary}
		items := map[*caller][]map[string]any{}
		for _, phone := range phones {
			for number := range 12 {
				kind := []string{"broken_lamp", "forced_door", "other"}[number%3]
				items[phone] = append(items[phone], rig.found(map[string]any{"round_id": round, "kind": kind}))
			}
		}
		tokens := map[*caller]string{rig.Volunteer: rig.token(rig.Volunteer), rig.Auxiliary: rig.token(rig.Auxiliary)}
		chance := rand.New(rand.NewPCG(1, 2))
		batches := []func(){}
		for range 20 {
			for _, phone := range phones {
				order, size := chance.Perm(12), 1+chance.IntN(12)
				batches = append(batches, func() {
					batch := []any{}
					for _, at := range order[:size] {
						batch = append(batch, items[phone][at])
					}
					got := rig.callAs(tokens[phone], http.MethodPost, "/v1/findings", map[string]any{"items": batch})
					if got.Status != 200 && got.Status != 503 || strings.Contains(got.Text, "rejected") {
						t.Errorf("%d %s", got.Status, got.Text)
					}
				})
			}
		}
		atOnce(len(batches), func(at int) response { batches[at](); return response{} })
		for _, phone := range phones {
			rig.report(phone, items[phone]...).must(200)
		}
		rows := rig.rows()
		if rows["findings"] != 24 || rows["finding_steps"] != 24 || rows["alerts"] != 8 || rows["inbox_items"] != 16 {
			t.Errorf("in the end %d findings, %d steps, %d alerts, %d told", rows["findings"], rows["finding_steps"], rows["alerts"], rows["inbox_items"])
		}
		listed := rig.call(rig.Auxiliary, http.MethodGet, "/v1/findings?round_id="+string(round), nil).must(200)
		if len(listed.items()) != 24 {
			t.Errorf("a member lists %d of the round's findings", len(listed.items()))
		}
	})
}
