package handlers_test

import (
	"context"
	"crypto/rand"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"xunfang/auth"
	"xunfang/models"
	"xunfang/store"
)

// codesMade writes passes for one visit each past the API, and gives their codes.
func (r *rig) codesMade(count int) []string {
	r.t.Helper()
	codes, now := []string{}, r.clock.Now()
	for len(codes) < count {
		r.write(func(ctx context.Context, tx *store.Store) error {
			for range min(500, count-len(codes)) {
				code, err := auth.NewVisitorCode(rand.Reader)
				if err != nil {
					return err
				}
				codes = append(codes, code.Reveal())
				if err := tx.AddVisitorPass(ctx, models.VisitorPass{
					ID: r.ids.next(), Place: r.One.Home, HostID: r.Resident.ID, VisitorName: "访客", DoorIDs: []models.ID{r.One.Gate},
					CodeMAC: r.keys.CodeMAC("visitor_code", code.Reveal()), StartsAt: now, EndsAt: now.Add(time.Hour), MaxUses: 1, CreatedAt: now,
				}); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return codes
}

// gotIn counts for each code how many of 64 simultaneous entries got in.
func gotIn(t *testing.T, codes []string, enter func(code string) bool) []int64 {
	t.Helper()
	wins := make([]int64, len(codes))
	for at, code := range codes {
		if at > 0 && at%1000 == 0 {
			t.Logf("%d of %d codes", at, len(codes))
		}
		begin, ended := make(chan struct{}), sync.WaitGroup{}
		for range 64 {
			ended.Go(func() {
				<-begin
				if enter(code) {
					atomic.AddInt64(&wins[at], 1)
				}
			})
		}
		close(begin)
		ended.Wait()
	}
	return wins
}

// Each one-time code lets in exactly one, and what is told agrees with what is recorded. XUNFANG_CODES sets how many.
func TestCodesAtOnce(t *testing.T) {
	count := 40
	if set := os.Getenv("XUNFANG_CODES"); set != "" {
		var err error
		if count, err = strconv.Atoi(set); err != nil {
			t.Fatal(err)
		}
	}
	each(t, func(t *testing.T, rig *rig) {
		token, path := rig.token(rig.Guard), "/v1/doors/"+string(rig.One.Gate)+"/code-entries"
		wins := gotIn(t, rig.codesMade(count), func(code string) bool {
			return rig.callAs(token, http.MethodPost, path, map[string]any{"code": code}).must(200).text("decision") == "open"
		})
		in := int64(0)
		for _, won := range wins {
			if in += won; won != 1 {
				t.Errorf("a code let %d in", won)
			}
		}
		granted, used := 0, 0
		if err := rig.sql.QueryRow("SELECT COUNT(*) FROM access_events WHERE outcome = 'granted'").Scan(&granted); err != nil {
			t.Fatal(err)
		}
		if err := rig.sql.QueryRow("SELECT SUM(uses) FROM visitor_passes").Scan(&used); err != nil {
			t.Fatal(err)
		}
		if in != int64(count) || granted != count || used != count || rig.wrongCodes() != 0 {
			t.Errorf("%d codes: %d told to be in, %d passages, %d uses, %d wrong codes", count, in, granted, used, rig.wrongCodes())
		}
		// Read, then save lets more in: the counting above must notice that.
		loose := int64(0)
		for _, won := range gotIn(t, rig.codesMade(20), func(code string) bool {
			uses, mac := 0, rig.keys.CodeMAC("visitor_code", code)
			if err := rig.sql.QueryRow("SELECT uses FROM visitor_passes WHERE code_mac = ?", mac).Scan(&uses); err != nil || uses > 0 {
				return false
			}
			time.Sleep(time.Millisecond) // as any real work between the two would take
			_, err := rig.sql.Exec("UPDATE visitor_passes SET uses = ? WHERE code_mac = ?", uses+1, mac)
			return err == nil
		}) {
			loose += won
		}
		if loose <= 20 {
			t.Errorf("read-then-save let %d in with 20 codes: the test above would not notice it", loose)
		}
	})
}

// A gate is attacked without pause while visitors come: the database counts as the rule says, and nobody waits longer
// than one pause. XUNFANG_ATTACK sets for how long.
func TestAttackedGate(t *testing.T) {
	length := 10 * time.Minute
	if set := os.Getenv("XUNFANG_ATTACK"); set != "" {
		var err error
		if length, err = time.ParseDuration(set); err != nil {
			t.Fatal(err)
		}
	}
	each(t, func(t *testing.T, rig *rig) {
		rules, gate, ends := models.DefaultCodeRules(), rig.One.Gate, rig.clock.Now().Add(length)
		pass := rig.pass(rig.Resident, map[string]any{"max_uses": 100, "ends_at": at(ends.Add(time.Hour))})
		qr := rig.pass(rig.Resident, map[string]any{"max_uses": 100, "ends_at": at(ends.Add(time.Hour))})
		number, visits := 0, 0
		for rig.clock.Now().Before(ends) {
			number++ // twice a pause, so that half of the attacker's tries come too early
			rig.enterWith(rig.Guard, gate, guess(t, number), "0000")
			if visits < 90 && number%7 == 0 {
				visits++
				if got := rig.enter(rig.Guard, gate, qr.text("qr_payload")); asks(got) != "open" {
					t.Fatalf("a QR code waits: %s", got.Text)
				}
				got := rig.enterWith(rig.Guard, gate, pass.text("code"), pass.text("extension"))
				if wait, slow := got.at("retry_after_s").(float64); slow {
					rig.advance(time.Duration(wait) * time.Second)
					got = rig.enterWith(rig.Guard, gate, pass.text("code"), pass.text("extension"))
				}
				if asks(got) != "open" {
					t.Fatalf("after one pause: %s", got.Text)
				}
			}
			rig.advance(rules.Pause / 2)
		}
		most := rules.Tries + int(length/rules.Pause) + 1
		if got := rig.wrongCodes(); visits == 0 || got > most || got < most/2 {
			t.Errorf("%d visits, %d tries were judged in %s, want %d at most", visits, got, length, most)
		}
	})
}
