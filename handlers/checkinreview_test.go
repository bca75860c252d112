package handlers_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/store"
)

// reviews is the whole queue of somebody, one line for each: number of the item, findings with the numbers of theirs.
func (r *rig) reviews(who *caller, query string, number map[string]int) []string {
	r.t.Helper()
	lines := []string{}
	for path := "/v1/check-in-reviews?" + query; ; {
		got := r.call(who, http.MethodGet, path, nil).must(200)
		for at := range got.items() {
			item := fmt.Sprintf("items.%d.", at)
			line := fmt.Sprintf("%d %s", number[got.text(item+"check_in.id")], got.text(item+"check_in.status"))
			findings, _ := got.at(item + "findings").([]any)
			for one := range findings {
				finding := fmt.Sprintf("%sfindings.%d.", item, one)
				with, _ := got.at(finding + "with").([]any)
				numbers := []int{}
				for _, id := range with {
					numbers = append(numbers, number[fmt.Sprint(id)])
				}
				line += fmt.Sprintf(" %s%v", got.text(finding+"reason"), numbers)
			}
			lines = append(lines, line)
		}
		next := got.text("next_cursor")
		if next == "" {
			return lines
		}
		path = "/v1/check-in-reviews?" + query + "&cursor=" + next
	}
}

// A night of one person, on a phone without a network: 1 to 3 race to and fro, 4 repeats 3, 5 has no position,
// 6 follows 5 too fast, at another place, 7 is as it should be.
func (r *rig) night() ([]map[string]any, map[string]int) {
	begun := r.clock.Now().Add(-10 * time.Hour)
	sign := func(checkpoint models.ID) string {
		return r.call(r.Commander, http.MethodGet, "/v1/checkpoints/"+string(checkpoint)+"/sign", nil).must(200).text("qr_payload")
	}
	one, two, street := sign(r.One.Checkpoint), sign(r.Two.Checkpoint), sign(r.Street)
	scanned := func(after time.Duration, checkpoint models.ID, code string) map[string]any {
		return r.here(map[string]any{
			"captured_at": at(begun.Add(after)), "checkpoint_id": checkpoint, "method": "qr", "code": code, "position": nil,
		})
	}
	items := []map[string]any{
		scanned(0, r.One.Checkpoint, one),
		scanned(30*time.Second, r.Two.Checkpoint, two), // 1.4 km away
		scanned(60*time.Second, r.One.Checkpoint, one),
		scanned(4*time.Minute, r.One.Checkpoint, one),
		r.here(map[string]any{"captured_at": at(begun.Add(2 * time.Hour)), "position": nil}),
		scanned(3*time.Hour, r.One.Checkpoint, one),
		scanned(3*time.Hour+15*time.Second, r.Street, street),
		scanned(4*time.Hour, r.One.Checkpoint, one),
	}
	number := map[string]int{}
	for at, item := range items {
		number[fmt.Sprint(item["id"])] = at + 1
	}
	return items, number
}

var nightReviews = []string{
	"7 accepted too_fast_between[6]",
	"5 review",
	"4 accepted repeated_scan[3]",
	"3 accepted impossible_speed[1 2] repeated_scan[1]",
}

func TestReviewsOfANight(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		items, number := rig.night()
		rig.checkIn(rig.Volunteer, items...).must(200)
		rig.checkIn(rig.Auxiliary, rig.here(nil)).must(200) // somebody else, nothing to say
		for name, query := range map[string]string{
			"at once": "", "page by page": "limit=1", "from the third on": "from=" + fmt.Sprint(items[2]["captured_at"]),
		} {
			if got := rig.reviews(rig.Commander, query, number); !slices.Equal(got, nightReviews) {
				t.Errorf("%s:\n%s", name, strings.Join(got, "\n"))
			}
		}
		if records := rig.audit(rig.A, models.OpListCheckInReviews); len(records) == 0 {
			t.Error("the audit does not know who looked")
		}
		// The officer of compound One sees what happened there; where else the person was he is not told.
		officer := []string{"5 review", "4 accepted repeated_scan[3]", "3 accepted impossible_speed[1] repeated_scan[1]"}
		if got := rig.reviews(rig.Officer, "", number); !slices.Equal(got, officer) {
			t.Errorf("the officer of One:\n%s", strings.Join(got, "\n"))
		}
		if got := rig.reviews(rig.CommanderB, "", number); len(got) != 0 {
			t.Errorf("another station:\n%s", strings.Join(got, "\n"))
		}
		rig.call(rig.Volunteer, http.MethodGet, "/v1/check-in-reviews", nil).must(403)
	})
}

// A night arrives in parts, in any order and more than once: the verdicts and the queue are always the same.
func TestReviewsDoNotDependOnArrival(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		random := rand.New(rand.NewPCG(1, 2))
		for round := range 12 {
			who := rig.addPerson(models.RoleVolunteer, rig.One.Place)
			items, number := rig.night()
			sent := append(slices.Clone(items), items[:3]...)
			random.Shuffle(len(sent), func(i, j int) { sent[i], sent[j] = sent[j], sent[i] })
			for len(sent) > 0 {
				part := min(1+random.IntN(3), len(sent))
				rig.checkIn(who, sent[:part]...).must(200)
				sent = sent[part:]
			}
			mine := slices.DeleteFunc(rig.reviews(rig.Commander, "limit=100", number), func(line string) bool {
				return strings.HasPrefix(line, "0 ") // of the rounds before
			})
			if !slices.Equal(mine, nightReviews) {
				t.Fatalf("round %d:\n%s", round, strings.Join(mine, "\n"))
			}
			rig.advance(12 * time.Hour)
		}
	})
}

// A late neighbour brings a finding; the verdict that was given stays, and the row with it.
func TestALateNeighbourChangesNoVerdict(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		items, number := rig.night()
		first := rig.checkIn(rig.Volunteer, items[0], items[2]).must(200)
		id := fmt.Sprint(items[2]["id"])
		before := rig.keptAs(id)
		if got := rig.reviews(rig.Commander, "", number); !slices.Equal(got, []string{"3 accepted repeated_scan[1]"}) {
			t.Errorf("before:\n%s", strings.Join(got, "\n"))
		}
		rig.checkIn(rig.Volunteer, items[1]).must(200)
		if got := rig.reviews(rig.Commander, "", number); !slices.Equal(got, nightReviews[3:]) {
			t.Errorf("after:\n%s", strings.Join(got, "\n"))
		}
		again := rig.checkIn(rig.Volunteer, items[2]).must(200)
		if again.text("items.0.status") != first.text("items.1.status") || rig.keptAs(id) != before || reasonsAt(again, 0) != "" {
			t.Errorf("the verdict changed: %s", again.Text)
		}
	})
}

// How fast is too fast depends on how the squad of the round goes: what is nothing by car is impossible on foot.
func TestSpeedIsThatOfTheSquad(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		for kind, want := range map[models.SquadKind]int{models.SquadFoot: 1, models.SquadVehicle: 0, "": 0} {
			squad, round := rig.ids.next(), models.ID("")
			if kind != "" {
				round = rig.ids.next()
				_, err := rig.sql.Exec("INSERT INTO squads (id, station_id, name, kind, leader_id, created_at, ended_at) VALUES (?, ?, ?, ?, '', 0, 0)",
					string(squad), string(rig.A), string(squad), string(kind))
				if err != nil {
					t.Fatal(err)
				}
				rig.write(func(ctx context.Context, tx *store.Store) error {
					return tx.AddRound(ctx, models.Round{
						ID: round, StationID: rig.A, SquadID: squad, State: models.RoundInProgress,
						StartsAt: rig.clock.Now(), EndsAt: rig.clock.Now().Add(time.Hour),
					})
				})
			}
			who, items := rig.addPerson(models.RoleVolunteer, rig.One.Place), []map[string]any{}
			for at, seconds := range []int{0, 100, 200} { // 1.4 km in 100 s
				place := []*compound{rig.One, rig.Two, rig.One}[at]
				item := rig.here(map[string]any{
					"checkpoint_id": place.Checkpoint, "position": spot(place.At, nil),
					"captured_at": instant(rig.clock.Now().Add(time.Duration(seconds-600) * time.Second)),
				})
				if round != "" {
					item["round_id"] = round
				}
				items = append(items, item)
			}
			rig.checkIn(who, items...).must(200)
			got := rig.call(rig.Commander, http.MethodGet, "/v1/check-in-reviews", nil).must(200)
			if found := strings.Count(got.Text, "impossible_speed"); found != want {
				t.Errorf("%q: %d, want %d: %s", kind, found, want, got.Text)
			}
			rig.advance(24 * time.Hour)
			if want > 0 { // what is found here must not count for the next
				rig.write(func(ctx context.Context, tx *store.Store) error {
					return tx.AddCorrection(ctx, models.Correction{
						ID: rig.ids.next(), OrderID: rig.ids.next(), Place: rig.One.Place, CheckInID: got.id("items.0.check_in.id"),
						Status: models.StatusAccepted, State: models.CorrectionApproved,
					})
				})
			}
			rig.advance(time.Minute)
		}
	})
}

// What was corrected leaves the queue; what waits for a decision says so.
func TestCorrectedLeaveTheQueue(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		checkIn := rig.doubtful(rig.Volunteer)
		number := map[string]int{checkIn: 1}
		correction := rig.propose(rig.Officer, checkIn, nil).must(201).text("id")
		got := rig.call(rig.Commander, http.MethodGet, "/v1/check-in-reviews", nil).must(200)
		if len(got.items()) != 1 || got.text("items.0.correction_id") != correction {
			t.Errorf("proposed: %s", got.Text)
		}
		rig.decideOn(rig.Commander, correction, "decline").must(200)
		got = rig.call(rig.Commander, http.MethodGet, "/v1/check-in-reviews", nil).must(200)
		if len(got.items()) != 1 || got.at("items.0.correction_id") != nil {
			t.Errorf("declined: %s", got.Text)
		}
		correction = rig.propose(rig.Officer, checkIn, nil).must(201).text("id")
		rig.decideOn(rig.Commander, correction, "approve").must(200)
		if left := rig.reviews(rig.Commander, "", number); len(left) != 0 {
			t.Errorf("approved:\n%s", strings.Join(left, "\n"))
		}
	})
}

// Somebody who is at home at another station sees corrections, and what places make of each other, as everybody does.
func TestReviewsOfAVisitingOfficer(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		visitor := rig.addPerson(models.RoleOfficer, rig.Three.Place)
		rig.write(func(ctx context.Context, tx *store.Store) error {
			return tx.AddGrant(ctx, models.Grant{
				ID: rig.ids.next(), PersonID: visitor.ID, Role: models.RoleOfficer, Place: rig.One.Place, StartsAt: rig.clock.Now(),
			}, rig.clock.Now())
		})
		items, number := rig.night()
		rig.checkIn(rig.Volunteer, items...).must(200)
		checkIn := rig.doubtful(rig.Volunteer)
		number[checkIn] = 9
		open := append([]string{"9 review"}, rig.reviews(rig.Officer, "to="+at(rig.clock.Now()), number)...)
		if got := rig.reviews(visitor, "", number); len(got) != 4 || !slices.Equal(got, open) {
			t.Errorf("before:\n%s", strings.Join(got, "\n"))
		}
		rig.decideOn(rig.Commander, rig.propose(rig.Officer, checkIn, nil).must(201).text("id"), "approve").must(200)
		rig.advance(time.Minute)
		if got := rig.reviews(visitor, "", number); !slices.Equal(got, open[1:]) {
			t.Errorf("corrected:\n%s", strings.Join(got, "\n"))
		}
		listed := rig.call(visitor, http.MethodGet, "/v1/check-ins?limit=1", nil).must(200)
		if listed.text("items.0.id") != checkIn || listed.text("items.0.effective_status") != "accepted" {
			t.Errorf("the list: %s", listed.Text)
		}
	})
}

// One that needs a look lies behind thousands that do not: it is found, page by page.
func TestReviewsWalkFar(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		now := rig.clock.Now()
		deep := rig.here(map[string]any{"position": nil, "captured_at": at(now.Add(-40 * time.Hour))})
		rig.checkIn(rig.Volunteer, deep).must(200)
		for batch := range 5 {
			items := []map[string]any{}
			for place := range 500 {
				captured := now.Add(-time.Duration(batch*500+place) * time.Minute / 2)
				items = append(items, rig.here(map[string]any{"captured_at": at(captured)}))
			}
			who := rig.addPerson(models.RoleAuxiliary, rig.One.Place)
			for at := range items { // at no checkpoint: nothing to find
				items[at]["checkpoint_id"] = nil
				delete(items[at], "checkpoint_id")
				items[at]["position"] = spot(models.Position{Lat: 30.60, Lng: 105.60}, nil)
			}
			rig.checkIn(who, items...).must(200)
		}
		first := rig.call(rig.Commander, http.MethodGet, "/v1/check-in-reviews", nil).must(200)
		if len(first.items()) != 0 || first.text("next_cursor") == "" {
			t.Errorf("the first page: %s", first.Text)
		}
		if got := rig.reviews(rig.Commander, "", map[string]int{fmt.Sprint(deep["id"]): 1}); !slices.Equal(got, []string{"1 review"}) {
			t.Errorf("found: %v", got)
		}
	})
}
