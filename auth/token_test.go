package auth

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

const (
	somebody     models.ID = "01890a5d-ac96-774b-bcce-b302099a8057"
	someSession  models.ID = "01890a5d-ac96-774b-bcce-b302099a8058"
	otherSession models.ID = "01890a5d-ac96-774b-bcce-b302099a8059"
	someStation  models.ID = "01890a5d-ac96-774b-bcce-b302099a805a"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 250_000_000, time.UTC)

func tokensFrom(t testing.TB, keys *Keys) *Tokens {
	t.Helper()
	tokens, err := NewTokens(keys, "https://station.example", "xunfang", 10*time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	return tokens
}

func someClaims(session models.ID) Claims {
	return Claims{
		Subject: somebody, Session: session, Station: someStation,
		Roles: []models.Role{models.RoleOfficer, models.RoleCommander},
	}
}

func issue(t testing.TB, tokens *Tokens, claims Claims, now time.Time) string {
	t.Helper()
	token, err := tokens.Issue(claims, now)
	if err != nil {
		t.Fatal(err)
	}
	return token.Reveal()
}

// part decodes one part of a token.
func part(t testing.TB, token string, at int) map[string]any {
	t.Helper()
	text, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[at])
	if err != nil {
		t.Fatal(err)
	}
	members := map[string]any{}
	if err := json.Unmarshal(text, &members); err != nil {
		t.Fatal(err)
	}
	return members
}

func TestTokenRoundTrip(t *testing.T) {
	tokens := tokensFrom(t, keysFrom(t, 1))
	want := someClaims(someSession)
	for _, device := range []bool{false, true} {
		want.Device = device
		token := issue(t, tokens, want, noon)
		for range 2 { // verified, then remembered
			got, err := tokens.Verify(token, noon.Add(time.Second))
			want.ExpiresAt = noon.Add(10 * time.Minute).Truncate(time.Second)
			if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
				t.Fatalf("%v, %v", got, err)
			}
			got.Roles[0] = models.RoleAdmin // a caller's change stays with the caller
		}
	}
	token := issue(t, tokens, want, noon)
	header, payload := part(t, token, 0), part(t, token, 1)
	if len(header) != 3 || header["typ"] != "at+jwt" || header["alg"] != "EdDSA" ||
		header["kid"] != tokens.keys.ring().access[0].kid {
		t.Errorf("header %v", header)
	}
	for _, name := range []string{"iss", "sub", "aud", "exp", "iat", "sid", "station_id", "device", "roles"} {
		if payload[name] == nil {
			t.Errorf("no %s in the payload", name)
		}
	}
}

func TestTokenEndsAtTheExactEdge(t *testing.T) {
	keys := keysFrom(t, 1)
	end := noon.Add(10 * time.Minute).Truncate(time.Second)
	for _, warm := range []bool{false, true} {
		tokens := tokensFrom(t, keys)
		token := issue(t, tokens, someClaims(someSession), noon)
		if warm {
			if _, err := tokens.Verify(token, noon); err != nil {
				t.Fatal(err)
			}
		}
		for _, test := range []struct {
			at   time.Time
			want models.Code
		}{
			{end.Add(-time.Nanosecond), ""},
			{end, models.CodeTokenExpired},
			{end.Add(time.Nanosecond), models.CodeTokenExpired},
			{end.Add(24 * time.Hour), models.CodeTokenExpired},
		} {
			if _, err := tokens.Verify(token, test.at); models.CodeOf(err) != test.want {
				t.Errorf("remembered %v, at %v: %v", warm, test.at, err)
			}
		}
	}
}

func TestTokensOutliveARotation(t *testing.T) {
	keys := keysFrom(t, 1)
	token := issue(t, tokensFrom(t, keys), someClaims(someSession), noon)
	rotated, err := keys.Rotate(stream(2))
	if err != nil {
		t.Fatal(err)
	}
	after := tokensFrom(t, rotated)
	if _, err := after.Verify(token, noon); err != nil {
		t.Errorf("an old token: %v", err)
	}
	fresh := issue(t, after, someClaims(someSession), noon)
	if part(t, fresh, 0)["kid"] == part(t, token, 0)["kid"] {
		t.Error("the new key does not sign")
	}
	if _, err := tokensFrom(t, keys).Verify(fresh, noon); models.CodeOf(err) != models.CodeUnauthenticated {
		t.Errorf("a token of a key that is not known yet: %v", err)
	}
}

func TestIssueRefusesWhatVerifyWould(t *testing.T) {
	tokens := tokensFrom(t, keysFrom(t, 1))
	for name, change := range map[string]func(*Claims){
		"no subject":     func(c *Claims) { c.Subject = "" },
		"no session":     func(c *Claims) { c.Session = "" },
		"odd station":    func(c *Claims) { c.Station = "x" },
		"unknown role":   func(c *Claims) { c.Roles = []models.Role{"emperor"} },
		"too many roles": func(c *Claims) { c.Roles = make([]models.Role, 13) },
	} {
		claims := someClaims(someSession)
		change(&claims)
		if token, err := tokens.Issue(claims, noon); err == nil || token != "" {
			t.Errorf("%s: issued", name)
		}
	}
	for name, err := range map[string]error{
		"no keys":     second(NewTokens(nil, "i", "a", time.Minute)),
		"no issuer":   second(NewTokens(tokens.keys, "", "a", time.Minute)),
		"no audience": second(NewTokens(tokens.keys, "i", "", time.Minute)),
		"no life":     second(NewTokens(tokens.keys, "i", "a", 0)),
	} {
		if err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	everyRole := someClaims(someSession)
	everyRole.Roles, everyRole.Station = models.AllRoles, ""
	if _, err := tokens.Verify(issue(t, tokens, everyRole, noon), noon); err != nil {
		t.Errorf("every role at once: %v", err)
	}
}

func second[T any](_ T, err error) error { return err }

func FuzzVerify(f *testing.F) {
	tokens := tokensFrom(f, keysFrom(f, 1))
	good := issue(f, tokens, someClaims(someSession), noon)
	f.Add(good[:len(good)-1])
	f.Add("e30.e30.")
	f.Add("..")
	f.Fuzz(func(t *testing.T, token string) {
		if _, err := tokens.Verify(token, noon); err == nil && token != good {
			t.Errorf("%q holds", token)
		} else if ours := (*models.Error)(nil); err != nil && !errors.As(err, &ours) {
			t.Errorf("%q: an error of no code: %v", token, err)
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	keys := keysFrom(b, 1)
	b.Run("cached", func(b *testing.B) {
		tokens := tokensFrom(b, keys)
		token := issue(b, tokens, someClaims(someSession), noon)
		b.ReportAllocs()
		b.RunParallel(func(loop *testing.PB) {
			for loop.Next() {
				if _, err := tokens.Verify(token, noon); err != nil {
					b.Error(err)
				}
			}
		})
	})
	b.Run("uncached", func(b *testing.B) {
		tokens := tokensFrom(b, keys)
		token := issue(b, tokens, someClaims(someSession), noon)
		b.ReportAllocs()
		b.RunParallel(func(loop *testing.PB) {
			for loop.Next() {
				if _, err := tokens.verify(token, noon); err != nil {
					b.Error(err)
				}
			}
		})
	})
}
