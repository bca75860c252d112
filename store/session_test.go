package store_test

import (
	"context"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/store"
	"xunfang/store/testdb"
)

var sessionNow = time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)

const (
	aStation models.ID = "01939c1e-8a00-7000-8000-000000000001"
	aPerson  models.ID = "01939c1e-8a00-7000-8000-000000000101"
)

// withStore runs a test on every database with a bounded context.
func withStore(t *testing.T, test func(ctx context.Context, t *testing.T, s *store.Store)) {
	t.Helper()
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		test(ctx, t, s)
	})
}

// do runs one transaction that must succeed.
func do(ctx context.Context, t *testing.T, s *store.Store, change func(tx *store.Store) error) {
	t.Helper()
	if err := s.Atomically(ctx, change); err != nil {
		t.Fatal(err)
	}
}

// A row that is there is told from a new one on both databases, also when they come at the same moment.
func TestSMSCodeIsKeptOnce(t *testing.T) {
	withStore(t, func(ctx context.Context, t *testing.T, s *store.Store) {
		phone := s.PhoneIndex("10012345678")
		first, err := models.SMSCode{PhoneIndex: phone}.Next([]byte("first"), sessionNow)
		if err != nil {
			t.Fatal(err)
		}
		added := 0
		for _, err := range together(ctx, s, repeat(8, func(tx *store.Store) error { return tx.AddSMSCode(ctx, first) })...) {
			switch models.CodeOf(err) {
			case "":
				added++
			case models.CodeAlreadyExists:
			default:
				t.Error(err)
			}
		}
		if added != 1 {
			t.Fatalf("%d of 8 wrote the first code", added)
		}
		second, err := first.Next([]byte("second"), sessionNow.Add(models.SMSCodeEvery))
		if err != nil {
			t.Fatal(err)
		}
		kept := make(chan bool, 8)
		for _, err := range together(ctx, s, repeat(8, func(tx *store.Store) error {
			done, err := tx.PutSMSCode(ctx, first, second)
			kept <- done
			return err
		})...) {
			if err != nil {
				t.Error(err)
			}
		}
		close(kept)
		won := 0
		for done := range kept {
			if done {
				won++
			}
		}
		if won != 1 {
			t.Errorf("%d of 8 replaced the code", won)
		}
		do(ctx, t, s, func(tx *store.Store) error {
			held, err := tx.TakeSMSCode(ctx, phone)
			if string(held.CodeMAC) != "second" || held.Codes != 2 || !held.CountedFrom.Equal(sessionNow) {
				t.Errorf("what is kept is %+v", held)
			}
			return err
		})
	})
}

func repeat(times int, one func(tx *store.Store) error) []func(tx *store.Store) error {
	all := make([]func(tx *store.Store) error, times)
	for at := range all {
		all[at] = one
	}
	return all
}

// Tries at the same moment each see the one before, so that none is judged uncounted.
func TestSMSCodeTriesAtOnceAreCounted(t *testing.T) {
	withStore(t, func(ctx context.Context, t *testing.T, s *store.Store) {
		phone := s.PhoneIndex("10012345678")
		code, err := models.SMSCode{PhoneIndex: phone}.Next([]byte("right"), sessionNow)
		if err != nil {
			t.Fatal(err)
		}
		do(ctx, t, s, func(tx *store.Store) error { return tx.AddSMSCode(ctx, code) })
		try := func(tx *store.Store) error {
			before, err := tx.TakeSMSCode(ctx, phone)
			if err != nil {
				return err
			}
			after, _ := before.Try([]byte("wrong"), sessionNow.Add(time.Second))
			if kept, err := tx.PutSMSCode(ctx, before, after); err != nil || !kept {
				t.Errorf("a held row changed: %v, %v", kept, err)
			}
			return nil
		}
		for _, err := range together(ctx, s, repeat(12, try)...) {
			if err != nil {
				t.Error(err)
			}
		}
		do(ctx, t, s, func(tx *store.Store) error {
			held, err := tx.TakeSMSCode(ctx, phone)
			if held.Attempts != models.SMSCodeAttempts || held.Wrong != models.SMSCodeAttempts {
				t.Errorf("12 tries counted %+v", held)
			}
			return err
		})
		do(ctx, t, s, func(tx *store.Store) error { return tx.ForgetSMSCodes(ctx, sessionNow.Add(time.Millisecond)) })
		err = s.Atomically(ctx, func(tx *store.Store) error { _, err := tx.TakeSMSCode(ctx, phone); return err })
		if models.CodeOf(err) != models.CodeNotFound {
			t.Errorf("a forgotten code is %v", err)
		}
	})
}

// MySQL compares texts without their trailing spaces; an account is its exact text.
func TestAccountIsExact(t *testing.T) {
	withStore(t, func(ctx context.Context, t *testing.T, s *store.Store) {
		do(ctx, t, s, func(tx *store.Store) error {
			return tx.AddPerson(ctx, models.Person{
				ID: aPerson, StationID: aStation, Name: "罗小舟", Account: "admin", CreatedAt: sessionNow,
			})
		})
		for account, want := range map[string]models.Code{
			"admin": "", "admin ": models.CodeNotFound, "admin   ": models.CodeNotFound, "Admin": models.CodeNotFound, " admin": models.CodeNotFound,
		} {
			if _, err := s.PersonByAccount(ctx, account); models.CodeOf(err) != want {
				t.Errorf("%q: %v", account, err)
			}
		}
	})
}

// The answer kept with a used token holds the next one: it goes when its time is over.
func TestRefreshAnswerIsForgotten(t *testing.T) {
	withStore(t, func(ctx context.Context, t *testing.T, s *store.Store) {
		session := models.Session{
			ID: "01939c1e-8a00-7000-8000-000000000201", SubjectID: aPerson, StationID: aStation,
			CreatedAt: sessionNow, LastUsedAt: sessionNow, ExpiresAt: sessionNow.Add(models.RefreshTokenLife),
		}
		token := models.RefreshToken{Hash: []byte("hash"), SessionID: session.ID, IssuedAt: sessionNow, ExpiresAt: session.ExpiresAt}
		do(ctx, t, s, func(tx *store.Store) error { return tx.AddSession(ctx, session, token) })
		token.RetryHash, token.Answer = []byte("key"), []byte("the next token")
		do(ctx, t, s, func(tx *store.Store) error { _, err := tx.UseRefreshToken(ctx, token, sessionNow); return err })
		for _, step := range []struct {
			after time.Duration
			want  string
		}{{models.RefreshGrace - time.Millisecond, "the next token"}, {models.RefreshGrace, ""}} {
			do(ctx, t, s, func(tx *store.Store) error { return tx.ForgetRefreshAnswers(ctx, sessionNow.Add(step.after)) })
			held, err := s.RefreshToken(ctx, token.Hash)
			if err != nil || string(held.Answer) != step.want || held.UsedAt.IsZero() || (len(held.RetryHash) > 0) != (step.want != "") {
				t.Errorf("after %v: %+v, %v", step.after, held, err)
			}
		}
		if used, err := useAgain(ctx, s, token); err != nil || used {
			t.Errorf("a token without its answer was used again: %v, %v", used, err)
		}
	})
}

func useAgain(ctx context.Context, s *store.Store, token models.RefreshToken) (used bool, err error) {
	err = s.Atomically(ctx, func(tx *store.Store) error { used, err = tx.UseRefreshToken(ctx, token, sessionNow); return err })
	return used, err
}

func TestForgetSessions(t *testing.T) {
	withStore(t, func(ctx context.Context, t *testing.T, s *store.Store) {
		ids := map[string]models.ID{
			"live": "01939c1e-8a00-7000-8000-000000000301", "revoked": "01939c1e-8a00-7000-8000-000000000302",
			"run out": "01939c1e-8a00-7000-8000-000000000303",
		}
		do(ctx, t, s, func(tx *store.Store) error {
			for name, id := range ids {
				session := models.Session{
					ID: id, SubjectID: aPerson, StationID: aStation, CreatedAt: sessionNow, LastUsedAt: sessionNow,
					ExpiresAt: sessionNow.Add(time.Hour),
				}
				if name == "run out" {
					session.ExpiresAt = sessionNow.Add(-time.Hour)
				}
				token := models.RefreshToken{Hash: []byte(name), SessionID: id, IssuedAt: sessionNow, ExpiresAt: session.ExpiresAt}
				if err := tx.AddSession(ctx, session, token); err != nil {
					return err
				}
			}
			_, err := tx.RevokeSession(ctx, ids["revoked"], sessionNow.Add(-time.Minute))
			return err
		})
		do(ctx, t, s, func(tx *store.Store) error { return tx.ForgetSessions(ctx, sessionNow, sessionNow) })
		for name, id := range ids {
			want := models.CodeNotFound
			if name == "live" {
				want = ""
			}
			if _, err := s.Session(ctx, id); models.CodeOf(err) != want {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := s.RefreshToken(ctx, []byte("run out")); models.CodeOf(err) != models.CodeNotFound {
			t.Errorf("a token that ran out: %v", err)
		}
	})
}
