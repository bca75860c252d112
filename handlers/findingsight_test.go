package handlers_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

// Members of a round read what was found while both they and the finder were with it, its photos included;
// nobody else does.
func TestWhoReadsFindings(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		now := rig.clock.Now()
		at := func(minutes int) time.Time { return now.Add(time.Duration(minutes) * time.Minute) }
		round := rig.walked(map[*caller][2]time.Time{
			rig.Volunteer:    {at(-120), {}},
			rig.Auxiliary:    {at(-120), {}},      // with it all the time
			rig.Activist:     {at(-120), at(-61)}, // left a minute before
			rig.GridWorker:   {at(-59), {}},       // came a minute after
			rig.VolunteerTwo: {at(-60), at(-60)},  // at that instant only
		})
		photo := rig.photo(rig.Volunteer)
		id := rig.finding(rig.Volunteer, map[string]any{
			"round_id": round, "found_at": instant(at(-60)), "media_ids": []models.ID{photo},
		})
		for who, want := range map[*caller]int{
			rig.Volunteer: 200, rig.Auxiliary: 200, rig.VolunteerTwo: 200, rig.Officer: 200, rig.Commander: 200,
			rig.Activist: 404, rig.GridWorker: 404, rig.Guard: 404, rig.GuardTwo: 404, rig.OfficerTwo: 404, rig.OfficerB: 404,
			rig.CommanderB: 404, rig.Admin: 403, rig.Resident: 403,
		} {
			if got := rig.call(who, http.MethodGet, "/v1/findings/"+id, nil); got.Status != want || want != 200 && strings.Contains(got.Text, "井盖") {
				t.Errorf("%s: %d, want %d", who.Name, got.Status, want)
			}
			if got := rig.call(who, http.MethodGet, "/v1/media/"+string(photo), nil); (got.Status == 200) != (want == 200) {
				t.Errorf("%s reads the photo: %d", who.Name, got.Status)
			}
			if got := rig.call(who, http.MethodGet, "/v1/findings?limit=5", nil); want != 403 && (len(got.items()) == 1) != (want == 200) {
				t.Errorf("%s lists %s", who.Name, got.Text)
			}
		}
		looks := map[models.ID]int{}
		for _, record := range rig.audit(rig.A, models.OpGetFinding) {
			if record.Outcome == models.AuditAllowed {
				looks[record.ActorID]++
			}
		}
		if looks[rig.Officer.ID] != 1 || looks[rig.Auxiliary.ID] != 1 || looks[rig.Volunteer.ID] != 0 {
			t.Errorf("the looks that are recorded: %v", looks)
		}
	})
}

// Who names a round they did not walk shows their finding to none of its members.
func TestFindingOfAForeignRound(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		round := rig.walked(map[*caller][2]time.Time{rig.Auxiliary: {rig.clock.Now().Add(-time.Hour)}})
		id := rig.finding(rig.VolunteerTwo, map[string]any{"round_id": round})
		rig.call(rig.Auxiliary, http.MethodGet, "/v1/findings/"+id, nil).must(404)
		if got := rig.call(rig.Auxiliary, http.MethodGet, "/v1/findings", nil).must(200); len(got.items()) != 0 {
			t.Errorf("listed: %s", got.Text)
		}
		rig.call(rig.VolunteerTwo, http.MethodGet, "/v1/findings/"+id, nil).must(200)
	})
}

func TestFindingFiltersAndPages(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		now := rig.clock.Now()
		for number := range 5 {
			rig.finding(rig.Volunteer, map[string]any{
				"kind": []string{"hazard", "broken_lamp"}[number%2], "found_at": instant(now.Add(-time.Duration(number+1) * time.Hour)),
			})
		}
		street := rig.finding(rig.Volunteer, map[string]any{"position": nil, "checkpoint_id": rig.Street})
		rig.movedFinding(rig.Commander, street, map[string]any{"state": "dismissed", "reason": "duplicate"}).must(200)
		for query, want := range map[string]int{
			"": 6, "kind=broken_lamp": 2, "state=dismissed": 1, "state=reported": 5, "checkpoint_id=" + string(rig.Street): 1,
			"round_id=" + string(rig.ids.next()):     0,
			"from=" + instant(now.Add(-3*time.Hour)): 4,
			"from=" + instant(now.Add(-3*time.Hour)) + "&to=" + instant(now.Add(-time.Hour)) + "&kind=hazard": 1,
		} {
			if got := rig.call(rig.Commander, http.MethodGet, "/v1/findings?"+query, nil).must(200); len(got.items()) != want {
				t.Errorf("%s: %d, want %d", query, len(got.items()), want)
			}
		}
		seen, cursor := 0, ""
		for {
			got := rig.call(rig.Volunteer, http.MethodGet, "/v1/findings?limit=4"+cursor, nil).must(200)
			seen += len(got.items())
			if got.text("next_cursor") == "" {
				break
			}
			cursor = "&cursor=" + got.text("next_cursor")
		}
		if seen != 6 {
			t.Errorf("the pages show %d findings", seen)
		}
	})
}

// What is older than it may be is deleted with its photos; a photo that a tip shows stays.
func TestOldFindingsAreForgotten(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		alone, shared := rig.photo(rig.Volunteer), rig.photo(rig.Volunteer)
		old := rig.finding(rig.Volunteer, map[string]any{"media_ids": []models.ID{alone, shared}})
		rig.tip(rig.Volunteer, map[string]any{"media_ids": []models.ID{shared}}).must(201)
		rig.clock.advance(models.FindingKept - time.Hour)
		young := rig.finding(rig.Volunteer, nil)
		forget := func() {
			t.Helper()
			if err := rig.server.ForgetFindings(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
		forget()
		rig.call(rig.Volunteer, http.MethodGet, "/v1/findings/"+old, nil).must(200)
		rig.clock.advance(2 * time.Hour)
		forget()
		rig.call(rig.Volunteer, http.MethodGet, "/v1/findings/"+old, nil).must(404)
		rig.call(rig.Volunteer, http.MethodGet, "/v1/findings/"+young, nil).must(200)
		rig.call(rig.Volunteer, http.MethodGet, "/v1/media/"+string(alone), nil).must(404)
		rig.call(rig.Volunteer, http.MethodGet, "/v1/media/"+string(shared), nil).must(200)
		if rows := rig.rows(); rows["finding_steps"] != 1 || rows["finding_media"] != 0 || rows["media"] != 1 {
			t.Errorf("left behind: %v", rows)
		}
	})
}
