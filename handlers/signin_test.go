package handlers_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"testing"
	"time"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// tokenFrom asks for a token from an address of the loopback net.
func (r *rig) tokenFrom(address string, body map[string]any) response {
	r.t.Helper()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}, Timeout: 5 * time.Second}
	transport := &http.Transport{DialContext: dialer.DialContext}
	defer transport.CloseIdleConnections()
	usual := r.client
	r.client = &http.Client{Transport: transport, Timeout: 30 * time.Second}
	defer func() { r.client = usual }()
	return r.call(nil, http.MethodPost, "/v1/auth/token", body)
}

func passwordGrant(account, password string) map[string]any {
	return map[string]any{"grant_type": "password", "account": account, "password": password}
}

// signInRows are the records of a station about signing in that are of a code ("" for allowed).
func (r *rig) signInRows(station models.ID, operation models.Operation, code models.Code) []models.AuditRecord {
	r.t.Helper()
	return slices.DeleteFunc(r.audit(station, operation), func(record models.AuditRecord) bool { return record.Code != code })
}

func TestAccountHasItsShape(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		for _, account := range []string{rig.Admin.Account + "   ", " " + rig.Admin.Account, "管理员", "ab"} {
			got := rig.call(nil, http.MethodPost, "/v1/auth/token", passwordGrant(account, testPassword)).must(400)
			if got.code() != models.CodeInvalidRequest || len(got.fields()) != 1 || got.fields()[0][:8] != "account " {
				t.Errorf("%q: %s", account, got.Text)
			}
		}
	})
}

// A stranger slows down their own network only; the holder gets in from theirs.
func TestStrangerLocksNobodyOut(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		for _, account := range []string{rig.Resident.Account, "nobody.here"} {
			for range models.SignInsHere {
				rig.tokenFrom("127.0.0.9", passwordGrant(account, "guess")).must(401)
			}
			slow := rig.tokenFrom("127.0.0.9", passwordGrant(account, "guess")).must(429)
			if slow.code() != models.CodeTooManySignIns || slow.Header.Get("Retry-After") != "600" {
				t.Errorf("%s: %s, Retry-After %q", account, slow.Text, slow.Header.Get("Retry-After"))
			}
		}
		rig.tokenFrom("127.0.0.9", passwordGrant(rig.Resident.Account, testPassword)).must(429)
		rig.password(rig.Resident.Account, testPassword).must(200)
	})
}

// Many networks together slow an account down to one try per pause, but not for a network that the
// holder has signed in from.
func TestManyStrangersSlowAnAccountDown(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		storm := func(account string) {
			for at := range models.SignInsFree {
				rig.tokenFrom(fmt.Sprintf("127.0.1.%d", 1+at%8), passwordGrant(account, "guess")).must(401)
			}
		}
		storm(rig.Resident.Account)
		storm("nobody.here")
		for _, account := range []string{rig.Resident.Account, "nobody.here"} {
			slow := rig.password(account, testPassword).must(429)
			if slow.code() != models.CodeTooManySignIns || slow.Header.Get("Retry-After") != "5" {
				t.Errorf("%s: %s, Retry-After %q", account, slow.Text, slow.Header.Get("Retry-After"))
			}
		}
		rig.advance(models.SignInPause)
		rig.password(rig.Resident.Account, testPassword).must(200)
		rig.tokenFrom("127.0.2.1", passwordGrant(rig.Resident.Account, "guess")).must(401)
		rig.tokenFrom("127.0.2.2", passwordGrant(rig.Resident.Account, testPassword)).must(429)
		rig.password(rig.Resident.Account, testPassword).must(200) // from here the holder has signed in
	})
}

// One address has an allowance of its own for signing in, far below what the server can hash.
func TestSigningInHasItsOwnLimit(t *testing.T) {
	limited := func(settings *rigSettings) { settings.limits = api.Limits{} }
	each(t, func(t *testing.T, rig *rig) {
		unknown := map[string]any{"grant_type": "refresh_token", "refresh_token": "nobody's"}
		for range 60 {
			rig.tokenFrom("127.0.0.9", unknown).must(401)
		}
		if got := rig.tokenFrom("127.0.0.9", unknown).must(429); got.code() != models.CodeRateLimited {
			t.Errorf("%s", got.Text)
		}
		rig.tokenFrom("127.0.0.8", unknown).must(401)
		rig.advance(time.Second)
		for range 2 {
			rig.tokenFrom("127.0.0.9", unknown).must(401)
		}
		rig.tokenFrom("127.0.0.9", unknown).must(429)
	}, limited)
}

func TestRefreshIsInTheAudit(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		facts := func() []string {
			found := []string{}
			for _, record := range rig.audit(rig.A, "createToken") {
				if fact := record.Facts["refresh_token"]; fact != "" {
					found = append([]string{fmt.Sprint(fact, " ", record.Outcome, " ", record.ActorID == rig.Resident.ID)}, found...)
				}
			}
			return found
		}
		begin := rig.password(rig.Resident.Account, testPassword).must(200).text("refresh_token")
		rig.refresh(begin, "lost-answer-1").must(200)
		rig.refresh(begin, "lost-answer-1").must(200)
		rig.refresh(begin, "").must(401)
		rig.refresh(begin, "").must(401)
		want := []string{"rotated allowed true", "repeated allowed true", "reused refused false", "ended refused false"}
		if got := facts(); !slices.Equal(got, want) {
			t.Errorf("the audit says %q, want %q", got, want)
		}
	})
}

// Nobody known was tried: the row goes to the only station there is, and to none of several.
func TestRefusedSignInsAreInAStationsChain(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.password(rig.Resident.Account, "guess").must(401)
		rig.bySMS(rig.OfficerB.Phone, "000000").must(401)
		if one, other := rig.signInRows(rig.A, "createToken", models.CodeBadCredentials),
			rig.signInRows(rig.B, "createToken", models.CodeBadCredentials); len(one) != 1 || len(other) != 1 {
			t.Errorf("known account and phone: %d rows in A, %d in B", len(one), len(other))
		}
		tryNobody := func() {
			rig.password("nobody.here", "guess").must(401)
			rig.bySMS(strangePhone, "000000").must(401)
			rig.refresh("nobody's", "").must(401)
			rig.call(nil, http.MethodPost, "/v1/auth/token", map[string]any{
				"grant_type": "device_key", "device_id": rig.ids.next(), "secret": "nobody's",
			}).must(401)
		}
		tryNobody()
		if got := rig.signInRows("", "createToken", models.CodeBadCredentials); len(got) != 4 {
			t.Errorf("with two stations %d of 4 rows are in the chain of none", len(got))
		}
		if _, err := rig.sql.Exec("DELETE FROM stations WHERE id = ?", string(rig.B)); err != nil {
			t.Fatal(err)
		}
		rig.advance(time.Minute)
		tryNobody()
		rig.askCode(strangePhone).must(202)
		if got := rig.signInRows(rig.A, "createToken", models.CodeBadCredentials); len(got) != 5 {
			t.Errorf("with one station its chain has %d of 5 rows", len(got))
		}
		if got := rig.signInRows(rig.A, "createSmsCode", ""); len(got) != 1 {
			t.Errorf("the code for an unknown phone has %d rows", len(got))
		}
	})
}

// Being told to wait is recorded, but a flood of it once a minute only.
func TestSlowingDownIsRecordedOnceAMinute(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		rig.askCode(rig.Resident.Phone).must(202)
		for range models.SignInsHere {
			rig.password(rig.Resident.Account, "guess").must(401)
		}
		for _, after := range []time.Duration{0, 10 * time.Second, time.Minute} {
			rig.advance(after)
			for range 15 {
				rig.password(rig.Resident.Account, "guess").must(429)
				if after < time.Minute {
					rig.askCode(rig.Resident.Phone).must(429)
				}
			}
		}
		if got := rig.signInRows(rig.A, "createToken", models.CodeTooManySignIns); len(got) != 2 {
			t.Errorf("two minutes of guesses left %d rows", len(got))
		}
		if got := rig.signInRows(rig.A, "createSmsCode", models.CodeSMSTooSoon); len(got) != 1 {
			t.Errorf("a minute of asking left %d rows", len(got))
		}
	})
}

// An effect and its row stand or fall together: when the row cannot be written, nothing happened.
func TestSignInsAndTheirRowsAreOne(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		begin := rig.password(rig.Resident.Account, testPassword).must(200)
		newest := rig.refresh(begin.text("refresh_token"), "").must(200)
		rig.askCode(rig.Volunteer.Phone).must(202)
		code := rig.sms.last(t, rig.Volunteer.Phone).Code

		makeID := rig.server.NewID
		rig.server.NewID = func() models.ID { return "" } // no entry without an id
		for what, got := range map[string]response{
			"reuse": rig.refresh(begin.text("refresh_token"), ""), "rotation": rig.refresh(newest.text("refresh_token"), ""),
			"sms": rig.bySMS(rig.Volunteer.Phone, code),
		} {
			if got.Status == 200 || got.Status == 401 {
				t.Errorf("%s without its row: %d", what, got.Status)
			}
		}
		rig.server.NewID = makeID

		if status := rig.me(newest.text("access_token")); status != 200 {
			t.Errorf("the session ended without a row: %d", status)
		}
		rig.refresh(newest.text("refresh_token"), "").must(200)
		rig.bySMS(rig.Volunteer.Phone, code).must(200)
		rig.refresh(begin.text("refresh_token"), "").must(401)
		if status := rig.me(newest.text("access_token")); status != 401 {
			t.Errorf("with its row the reuse leaves the session at %d", status)
		}
	})
}

// Ending a session touches the cache of its own person only, and only the first time.
func TestRevokingWakesNobodyElse(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		// The neighbour's session ends behind this process's back: while the cache is left alone it is believed.
		if status := rig.me(rig.token(rig.Neighbour)); status != 200 {
			t.Fatal(status)
		}
		session := rig.session(rig.Neighbour)
		rig.write(func(ctx context.Context, tx *store.Store) error {
			_, err := tx.RevokeSession(ctx, session, rig.clock.Now())
			return err
		})
		pair := rig.password(rig.Resident.Account, testPassword).must(200)
		other := rig.password(rig.Resident.Account, testPassword).must(200)
		for _, token := range []string{pair.text("access_token"), pair.text("access_token"), pair.text("refresh_token"), "nobody's"} {
			rig.call(nil, http.MethodPost, "/v1/auth/revoke", map[string]any{"token": token}).must(200)
			if status := rig.me(pair.text("access_token")); status != 401 {
				t.Fatalf("a revoked session answers %d", status)
			}
		}
		if status := rig.me(other.text("access_token")); status != 200 {
			t.Errorf("the same person's other session answers %d", status)
		}
		if status := rig.me(rig.token(rig.Neighbour)); status != 200 {
			t.Errorf("revoking somebody's token dropped everybody's sessions from the cache: %d", status)
		}
		if got := rig.signInRows(rig.A, "revokeToken", ""); len(got) != 1 || got[0].ActorID != rig.Resident.ID {
			t.Errorf("one session ended, and the audit has %d rows", len(got))
		}
	})
}

// A changed role holds at once for its person, in every session of theirs.
func TestChangedRoleHoldsAtOnce(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		roles := func() int {
			list, _ := rig.call(rig.Neighbour, http.MethodGet, "/v1/me", nil).must(200).at("roles").([]any)
			return len(list)
		}
		before := roles()
		rig.call(rig.Admin, http.MethodPost, "/v1/people/"+string(rig.Neighbour.ID)+"/roles", map[string]any{
			"role": "volunteer", "scope": map[string]any{"kind": "compound", "id": rig.One.ID()},
		}).must(201)
		if after := roles(); after != before+1 {
			t.Errorf("%d roles became %d", before, after)
		}
	})
}

// The clock of the rig stands still, so that no cached session runs out: the stream must look past the cache.
func TestStreamEndsWhenAnotherReplicaRevokes(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		if status := rig.me(rig.token(rig.Resident)); status != 200 {
			t.Fatal(status)
		}
		answer, err := rig.client.Do(rig.request(rig.token(rig.Resident), http.MethodGet, "/v1/stream", nil))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = answer.Body.Close() }()
		closed := make(chan struct{})
		go func() { _, _ = io.Copy(io.Discard, answer.Body); close(closed) }()
		go func() { _ = rig.server.KeepStreams(t.Context()) }()
		session := rig.session(rig.Resident)
		rig.write(func(ctx context.Context, tx *store.Store) error {
			_, err := tx.RevokeSession(ctx, session, rig.clock.Now())
			return err
		})
		select {
		case <-closed:
		case <-time.After(5 * time.Second):
			t.Error("5 s after another replica ended its session the stream is open")
		}
	})
}

func TestTidyForgetsWhatSignInsLeave(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		begin := rig.password(rig.Resident.Account, testPassword).must(200).text("refresh_token")
		rig.refresh(begin, "lost-answer-1").must(200)
		rig.askCode(rig.Volunteer.Phone).must(202)
		count := func(where string) int {
			found := 0
			if err := rig.sql.QueryRow("SELECT COUNT(*) FROM " + where).Scan(&found); err != nil {
				t.Fatal(err)
			}
			return found
		}
		tidy := func(after time.Duration) {
			t.Helper()
			rig.advance(after)
			if err := rig.server.Tidy(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		const answers, codes = "refresh_tokens WHERE answer_sealed IS NOT NULL", "sms_codes"
		tidy(models.RefreshGrace - time.Millisecond)
		if got := count(answers); got != 1 {
			t.Errorf("within the grace %d answers are kept", got)
		}
		tidy(time.Millisecond)
		if got := count(answers); got != 0 {
			t.Errorf("after the grace %d answers are kept", got)
		}
		if tidy(models.SMSCodeDay); count(codes) != 1 {
			t.Error("a code went before its day's tries stopped counting")
		}
		if tidy(models.SMSCodeLife); count(codes) != 0 {
			t.Error("a code outlived its day")
		}
		if tidy(2 * models.RefreshTokenLife); count("sessions") != 0 || count("refresh_tokens") != 0 {
			t.Error("sessions that ran out a month ago are kept")
		}
	})
}
