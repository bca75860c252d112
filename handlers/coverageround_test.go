package handlers_test

import (
	"testing"
	"time"

	"xunfang/models"
)

// modes gives the officer minutes at One's checkpoint by mode, and holds them against those of a recount.
func (r *rig) modes(t *testing.T, want map[string]string, why string) {
	t.Helper()
	for _, anew := range []bool{false, true} {
		if anew {
			day := models.CoverDay(r.clock.Now())
			if _, err := r.store.RecountCoverage(t.Context(), r.A, day, day, r.clock.Now()); err != nil {
				t.Fatal(err)
			}
		}
		r.count()
		for mode, figures := range want {
			if got := place(t, r.cover(r.Commander, "kind=checkpoint&mode="+mode).must(200), r.One.Checkpoint); got != figures {
				t.Errorf("%s, recounted %v: %s %s, want %s", why, anew, mode, got, figures)
			}
		}
	}
}

// A check-in counts under the mode of the round that it names for those who walk with it, whichever is known first.
func TestCoverOfARoundThatComesLater(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		squad, round := rig.addSquad(rig.Officer), rig.ids.next()
		rig.advance(time.Hour) // 11:00
		began := rig.clock.Now().Add(-10 * time.Minute)
		for _, who := range []*caller{rig.Officer, rig.Volunteer, rig.Guard} {
			rig.checkIn(who, rig.seenAt(round, rig.One.Checkpoint, rig.clock.Now())).must(200)
		}
		nobody, one, two, three := "0 0 0 1440", "1 1 1 779", "1 1 2 779", "1 1 3 779"
		rig.modes(t, map[string]string{"none": three, "night": nobody}, "no round yet")
		started := rig.startRound(rig.Officer, map[string]any{"id": round, "squad_id": squad, "started_at": at(began)}).must(201)
		rig.modes(t, map[string]string{"none": two, "night": one}, "the leader's round is known")
		rig.onRound(rig.Volunteer, round, "join", map[string]any{"join_code": started.text("join.code"), "joined_at": at(began)}).must(200)
		rig.modes(t, map[string]string{"none": two, "night": one}, "a guest waits")
		rig.onRound(rig.Officer, round, "members/"+string(rig.Volunteer.ID)+"/confirm", nil).must(200)
		rig.modes(t, map[string]string{"none": one, "night": two}, "a guest is confirmed; a stranger only names the round")
		rig.onRound(rig.Volunteer, round, "leave", map[string]any{"left_at": at(began.Add(time.Minute))}).must(200)
		rig.modes(t, map[string]string{"none": two, "night": one}, "the guest had left before")
	})
}
