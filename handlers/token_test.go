package handlers_test

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/store"
)

// password signs in with an account and a password.
func (r *rig) password(account, password string) response {
	r.t.Helper()
	return r.call(nil, http.MethodPost, "/v1/auth/token", map[string]any{
		"grant_type": "password", "account": account, "password": password,
	})
}

// refresh changes a refresh token; key may be "".
func (r *rig) refresh(token, key string) response {
	r.t.Helper()
	headers := []string{}
	if key != "" {
		headers = append(headers, "Idempotency-Key", key)
	}
	return r.call(nil, http.MethodPost, "/v1/auth/token", map[string]any{
		"grant_type": "refresh_token", "refresh_token": token,
	}, headers...)
}

// me asks who holds an access token, and gives the status.
func (r *rig) me(access string) int {
	r.t.Helper()
	return r.callAs(access, http.MethodGet, "/v1/me", nil).Status
}

func TestRefreshRotates(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		first := rig.password(rig.Resident.Account, testPassword).must(200)
		if first.at("expires_in") != 600.0 || first.text("token_type") != "Bearer" {
			t.Errorf("the pair is %s", first.Text)
		}
		second := rig.refresh(first.text("refresh_token"), "").must(200)
		if second.text("refresh_token") == first.text("refresh_token") {
			t.Fatal("the refresh token did not rotate")
		}
		third := rig.refresh(second.text("refresh_token"), "").must(200)

		// The first one again: somebody has a copy, so nothing of the family holds any longer.
		rig.me(third.text("access_token"))
		again := rig.refresh(first.text("refresh_token"), "").must(401)
		if again.code() != models.CodeBadCredentials {
			t.Errorf("a reused token is answered %s", again.Text)
		}
		for name, access := range map[string]string{"first": first.text("access_token"), "newest": third.text("access_token")} {
			if status := rig.me(access); status != 401 {
				t.Errorf("the %s access token of the ended family still answers %d", name, status)
			}
		}
		rig.refresh(third.text("refresh_token"), "").must(401)
	})
}

func TestRefreshGrace(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		begin := rig.password(rig.Resident.Account, testPassword).must(200).text("refresh_token")
		first := rig.refresh(begin, "lost-answer-1").must(200)
		rig.advance(models.RefreshGrace - time.Millisecond)
		again := rig.refresh(begin, "lost-answer-1").must(200)
		if again.Text != first.Text {
			t.Errorf("the repeat got another answer:\n%s\n%s", first.Text, again.Text)
		}
		if status := rig.me(first.text("access_token")); status != 200 {
			t.Errorf("after an honest repeat the session answers %d", status)
		}
		rig.advance(time.Millisecond)
		rig.refresh(begin, "lost-answer-1").must(401) // too late: now it is a reuse
		if status := rig.me(first.text("access_token")); status != 401 {
			t.Errorf("after the grace the family still answers %d", status)
		}

		other := rig.password(rig.Resident.Account, testPassword).must(200).text("refresh_token")
		pair := rig.refresh(other, "lost-answer-2").must(200)
		rig.refresh(other, "not-that-key").must(401)
		if status := rig.me(pair.text("access_token")); status != 401 {
			t.Errorf("a reuse under another key left the family at %d", status)
		}
	})
}

func TestRefreshOnceOfMany(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		begin := rig.password(rig.Resident.Account, testPassword).must(200).text("refresh_token")
		pairs := atOnce(8, func(int) response { return rig.refresh(begin, "") })
		won := 0
		for _, pair := range pairs {
			if pair.Status == 200 {
				won++
			}
		}
		if won > 1 {
			t.Errorf("%d of 8 simultaneous uses of one refresh token got a pair", won)
		}
	})
}

// atOnce does something several times at the same moment and gives the answers in order.
func atOnce[T any](times int, do func(at int) T) []T {
	answers, start, ended := make([]T, times), make(chan struct{}), sync.WaitGroup{}
	for at := range times {
		ended.Add(1)
		go func() {
			defer ended.Done()
			<-start
			answers[at] = do(at)
		}()
	}
	close(start)
	ended.Wait()
	return answers
}

func TestTokensEnd(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		pair := rig.password(rig.Volunteer.Account, testPassword).must(200)
		access := pair.text("access_token")
		if status := rig.me(access); status != 200 {
			t.Fatal(status)
		}
		rig.advance(models.AccessTokenLife - time.Millisecond)
		if status := rig.me(access); status != 200 {
			t.Errorf("a moment before its end an access token answers %d", status)
		}
		rig.advance(time.Millisecond)
		got := rig.callAs(access, http.MethodGet, "/v1/me", nil).must(401)
		if got.code() != models.CodeTokenExpired {
			t.Errorf("an expired token, cached a moment ago, is answered %s", got.Text)
		}
		rig.refresh(pair.text("refresh_token"), "").must(200)

		old := rig.password(rig.Volunteer.Account, testPassword).must(200).text("refresh_token")
		rig.advance(models.RefreshTokenLife)
		rig.refresh(old, "").must(401)
	})
}

func TestRevoke(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		for _, by := range []string{"access_token", "refresh_token"} {
			pair := rig.password(rig.Resident.Account, testPassword).must(200)
			if status := rig.me(pair.text("access_token")); status != 200 {
				t.Fatal(status)
			}
			rig.call(nil, http.MethodPost, "/v1/auth/revoke", map[string]any{"token": pair.text(by)}).must(200)
			if status := rig.me(pair.text("access_token")); status != 401 {
				t.Errorf("revoked by its %s, the session answers %d", by, status)
			}
			rig.refresh(pair.text("refresh_token"), "").must(401)
		}
		rig.call(nil, http.MethodPost, "/v1/auth/revoke", map[string]any{"token": "nobody's"}).must(200)
	})
}

func TestDeviceSignsIn(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		sign := func(id models.ID, secret string) response {
			return rig.call(nil, http.MethodPost, "/v1/auth/token", map[string]any{
				"grant_type": "device_key", "device_id": id, "secret": secret,
			})
		}
		if status := rig.me(sign(rig.Device.ID, rig.Device.Secret).must(200).text("access_token")); status != 200 {
			t.Errorf("the device's token answers %d", status)
		}
		wrong, missing := sign(rig.Device.ID, "not its secret, but as long as one is"), sign(rig.ids.next(), rig.Device.Secret)
		for name, got := range map[string]response{"wrong secret": wrong, "no such device": missing} {
			if got.must(401).code() != models.CodeBadCredentials {
				t.Errorf("%s: %s", name, got.Text)
			}
		}
		records := rig.audit(rig.A, "createToken")
		if !slices.ContainsFunc(records, func(record models.AuditRecord) bool {
			return record.ObjectID == rig.Device.ID && record.Outcome == models.AuditRefused
		}) {
			t.Error("the refused device is not in the station's audit")
		}
	})
}

func TestDisabledAccountSignsInByNothing(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		pair := rig.password(rig.Resident.Account, testPassword).must(200)
		rig.call(rig.Admin, http.MethodPatch, "/v1/people/"+string(rig.Resident.ID), map[string]any{"disabled": true}).must(200)
		if status := rig.me(pair.text("access_token")); status != 401 {
			t.Errorf("a disabled account's token answers %d", status)
		}
		rig.refresh(pair.text("refresh_token"), "").must(401)
		disabled := rig.password(rig.Resident.Account, testPassword).must(401)
		wrong := rig.password(rig.Volunteer.Account, "not the password").must(401)
		nobody := rig.password("nobody.here", "not the password").must(401)
		if sameProblem(disabled) != sameProblem(wrong) || sameProblem(wrong) != sameProblem(nobody) {
			t.Errorf("the answers tell apart:\n%s\n%s\n%s", disabled.Text, wrong.Text, nobody.Text)
		}
		if rig.call(nil, http.MethodPost, "/v1/auth/sms-codes", map[string]any{"phone": rig.Resident.Phone}).must(202); len(rig.sms.messages()) > 0 {
			t.Error("a code went to a disabled account's phone")
		}
	})
}

// sameProblem is a problem's text without what differs from request to request.
func sameProblem(got response) string {
	return strings.ReplaceAll(got.Text, got.text("request_id"), "")
}

func TestWrongPasswordsSlowDown(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		for range 10 {
			rig.password(rig.Resident.Account, "guess").must(401)
			rig.advance(time.Second)
		}
		slow := rig.password(rig.Resident.Account, testPassword).must(429)
		if slow.code() != models.CodeTooManySignIns || slow.Header.Get("Retry-After") == "" {
			t.Errorf("the slow-down is %s, Retry-After %q", slow.Text, slow.Header.Get("Retry-After"))
		}
		rig.password(rig.Volunteer.Account, testPassword).must(200) // nobody else is slowed down

		// Knocking while it is slow makes it no longer: the holder is not locked out for ever.
		for range 20 {
			rig.advance(10 * time.Second)
			rig.password(rig.Resident.Account, "guess").must(429)
		}
		rig.advance(10*time.Minute - 210*time.Second)
		rig.password(rig.Resident.Account, testPassword).must(200)
	})
}

// Guesses that come at the same moment are bounded like guesses one after another.
func TestWrongPasswordsAtOnce(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		told := 0
		for _, got := range atOnce(40, func(int) response { return rig.password(rig.Resident.Account, "guess") }) {
			if got.Status == 401 {
				told++
			}
		}
		if told > 10 {
			t.Errorf("%d of 40 simultaneous guesses were told that they are wrong, 10 are free", told)
		}
	})
}

// Another replica may end a session: what this one keeps of it is believed for 5 s at most.
func TestSessionEndedElsewhere(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		access := rig.token(rig.Resident)
		if status := rig.me(access); status != 200 {
			t.Fatal(status)
		}
		session := rig.session(rig.Resident)
		rig.write(func(ctx context.Context, tx *store.Store) error {
			_, err := tx.RevokeSession(ctx, session, rig.clock.Now())
			return err
		})
		rig.advance(5 * time.Second)
		if status := rig.me(access); status != 401 {
			t.Errorf("5 s after another replica ended the session it answers %d", status)
		}
	})
}

// What a mobile app's backend would do with the published keys, without this project's code.
func TestJWKSVerifiesAnAccessToken(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		access := rig.password(rig.Officer.Account, testPassword).must(200).text("access_token")
		parts := strings.Split(access, ".")
		header, claims := map[string]any{}, map[string]any{}
		for at, into := range []any{&header, &claims} {
			text, err := base64.RawURLEncoding.DecodeString(parts[at])
			if err == nil {
				err = json.Unmarshal(text, into)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		set := rig.call(nil, http.MethodGet, "/.well-known/jwks.json", nil).must(200)
		keys, _ := set.JSON["keys"].([]any)
		var public ed25519.PublicKey
		for _, entry := range keys {
			key, _ := entry.(map[string]any)
			if key["kid"] == header["kid"] && key["kty"] == "OKP" && key["crv"] == "Ed25519" {
				text, _ := key["x"].(string)
				public, _ = base64.RawURLEncoding.DecodeString(text)
			}
			if key["d"] != nil {
				t.Error("a private key is published")
			}
		}
		signature, err := base64.RawURLEncoding.DecodeString(parts[2])
		if err != nil || len(public) != ed25519.PublicKeySize {
			t.Fatalf("no key %v in %s: %v", header["kid"], set.Text, err)
		}
		signed := []byte(parts[0] + "." + parts[1])
		if header["alg"] != "EdDSA" || !ed25519.Verify(public, signed, signature) {
			t.Errorf("the signature does not hold under %v", header)
		}
		signed[len(signed)-1] ^= 1
		if ed25519.Verify(public, signed, signature) {
			t.Error("an altered token verifies: this test shows nothing")
		}
		if claims["sub"] != string(rig.Officer.ID) || claims["exp"] != float64(rig.clock.Now().Add(models.AccessTokenLife).Unix()) {
			t.Errorf("the claims are %v", claims)
		}
	})
}
