package main

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

// leaks lists the secrets that stand in a text.
func leaks(text string, secrets map[string]string) []string {
	found := []string{}
	for name, secret := range secrets {
		if secret == "" {
			found = append(found, name+" is empty and was not looked for")
		} else if strings.Contains(text, secret) {
			found = append(found, name)
		}
	}
	return found
}

// keySecrets are the values of the key file.
func keySecrets(t *testing.T, path string, secrets map[string]string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	file := map[string]any{}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"index_key", "pepper", "audit_key"} {
		secrets[name], _ = file[name].(string)
	}
	for _, name := range []string{"access_keys", "door_keys", "data_keys"} {
		list, _ := file[name].([]any)
		for _, one := range list {
			entry, _ := one.(map[string]any)
			for _, field := range []string{"seed", "key"} {
				if value, there := entry[field].(string); there {
					secrets[name] = value
				}
			}
		}
	}
}

// serviceAccount is a Firebase key file whose tokens come from an address where nobody listens.
func serviceAccount(t *testing.T, path string) (private string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	text := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	file, err := json.Marshal(map[string]string{
		"type": "service_account", "project_id": "xunfang-test", "private_key_id": "k1", "private_key": text,
		"client_email": "push@xunfang-test.example", "client_id": "1", "token_uri": "http://127.0.0.1:1/token",
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	return strings.Split(text, "\n")[3]
}

// Whatever is done, and however it fails: nothing that must stay secret is printed, at the chattiest level.
func TestNothingSecretIsPrinted(t *testing.T) {
	eachDatabase(t, func(t *testing.T, dsn string) {
		s, secrets := newSite(t, dsn, nil), map[string]string{"password": password}
		keySecrets(t, filepath.Join(s.folder, "keys.json"), secrets)
		file := func(name, text string) string {
			path := filepath.Join(s.folder, name)
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			return path
		}
		secrets["sms key"] = "tencent-secret-key-0815"
		secrets["firebase key"] = serviceAccount(t, filepath.Join(s.folder, "firebase.json"))
		if _, after, found := strings.Cut(dsn, ":"); found && !strings.HasPrefix(dsn, "sqlite:") {
			secrets["database password"], _, _ = strings.Cut(after, "@")
		}
		server, at := s.serve(map[string]string{
			"XUNFANG_LOG_LEVEL": "debug", "XUNFANG_DATABASE": "", "XUNFANG_DATABASE_FILE": file("dsn", dsn),
			"XUNFANG_FIREBASE_CREDENTIALS": filepath.Join(s.folder, "firebase.json"),
			"XUNFANG_SMS":                  "tencent", "XUNFANG_SMS_SECRET_ID": "id", "XUNFANG_SMS_SECRET_KEY_FILE": file("sms", secrets["sms key"]),
			"XUNFANG_SMS_APP": "1400000000", "XUNFANG_SMS_SIGN": "慈音", "XUNFANG_SMS_TEMPLATE": "1",
		})
		s.chatter(at, secrets)
		metrics, err := http.Get(at.metrics)
		if err != nil {
			t.Fatal(err)
		}
		shown, err := io.ReadAll(metrics.Body)
		closing(t, metrics.Body)
		if err != nil {
			t.Fatal(err)
		}
		server.stop()
		printed := server.printed.String() + string(shown)
		for _, name := range leaks(printed, secrets) {
			t.Errorf("printed: %s", name)
		}
		if requests := strings.Count(printed, `"msg":"request"`); requests < 20 {
			t.Errorf("only %d requests were logged: nothing was tested", requests)
		}
		for name, secret := range secrets { // the search itself must be able to find
			if found := leaks(printed+secret, secrets); len(found) == 0 {
				t.Errorf("%s would not be found", name)
			}
		}
	})
}

// chatter does and fails at everything that handles a secret, and adds those that it is given.
func (s *site) chatter(at addresses, secrets map[string]string) {
	t := s.t
	send := func(who *caller, method, path string, body any, headers ...string) answer {
		t.Helper()
		got, err := who.send(method, path, body, headers...)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	key := func() []string { return []string{"Idempotency-Key", string(newID())} }
	nobody := newCaller(at.api)
	secrets["wrong password"], secrets["wrong token"], secrets["query"] = "falsches-Kennwort-1", "not.a.token-9", "in-der-Abfrage-7"
	secrets["device secret"], secrets["phone"] = s.secret.Reveal(), phoneOf(models.RoleOfficer)
	secrets["other phone"], secrets["id number"], secrets["new name"] = "10099887766", "11010519491231002X", "王不留行"
	secrets["tip"], secrets["bad tip"], secrets["reason"], secrets["alert"] = "三栋有人撬锁", "坏掉的线索", "听到呼救声", "请大家注意看门"
	secrets["push address"], secrets["wrong code"], secrets["sms code"] = "cUsH:APA91bAddressOfAPhone", "4711004711", "135790"
	secrets["visitor"], secrets["plate"] = "来访者", "川J00X77"

	send(nobody, "POST", "/v1/auth/token", map[string]any{"grant_type": "password", "account": "officer", "password": secrets["wrong password"]})
	send(nobody, "POST", "/v1/auth/token", map[string]any{"grant_type": "sms_code", "phone": secrets["other phone"], "code": secrets["sms code"]})
	send(nobody, "POST", "/v1/auth/sms-codes", map[string]any{"phone": secrets["other phone"]})
	send(nobody, "POST", "/v1/auth/token", map[string]any{"grant_type": "refresh_token", "refresh_token": secrets["wrong token"]})
	send(nobody, "GET", "/v1/me?x="+secrets["query"], nil, "Authorization", "Bearer "+secrets["wrong token"])
	send(nobody, "GET", "/"+secrets["query"], nil)
	pair := send(nobody, "POST", "/v1/auth/token", map[string]any{"grant_type": "password", "account": "officer", "password": password})
	secrets["access token"], secrets["refresh token"] = pair.field("access_token"), pair.field("refresh_token")
	next := send(nobody, "POST", "/v1/auth/token", map[string]any{"grant_type": "refresh_token", "refresh_token": secrets["refresh token"]})
	secrets["next refresh token"] = next.field("refresh_token")
	send(nobody, "POST", "/v1/auth/token", map[string]any{"grant_type": "refresh_token", "refresh_token": secrets["refresh token"]})

	volunteer, resident := s.signedIn(at.api, models.RoleVolunteer), s.signedIn(at.api, models.RoleResident)
	terminal, officer := s.terminal(at.api), s.signedIn(at.api, models.RoleOfficer)
	secrets["terminal's token"] = terminal.token
	send(volunteer, "POST", "/v1/tips", map[string]any{"id": newID(), "category": "theft", "description": secrets["tip"]})
	send(volunteer, "POST", "/v1/tips", map[string]any{"id": "x", "category": secrets["bad tip"], "description": secrets["bad tip"]})
	secrets["finding"] = "后院卷帘门被撬"
	found := func(kind string) map[string]any {
		return map[string]any{"items": []any{map[string]any{
			"id": newID(), "kind": kind, "description": secrets["finding"], "found_at": stamp(time.Now()),
			"position": map[string]any{"lat": 30.52, "lng": 105.6, "crs": "WGS84"},
		}}}
	}
	send(volunteer, "POST", "/v1/findings", found("forced_door"))
	send(volunteer, "POST", "/v1/findings", found("no kind"))
	send(volunteer, "PUT", "/v1/me/push-addresses/phone-1", map[string]any{"kind": "fcm_token", "value": secrets["push address"], "platform": "android"})
	body := s.pass()
	body["visitor_name"], body["plate"] = secrets["visitor"], secrets["plate"]
	pass := send(resident, "POST", "/v1/visitor-passes", body, key()...)
	secrets["code"] = pass.field("code")
	for _, code := range []string{secrets["wrong code"], secrets["code"], secrets["code"]} {
		send(terminal, "POST", "/v1/doors/"+string(s.gate)+"/code-entries", map[string]any{"code": code}, key()...)
	}
	send(officer, "POST", "/v1/doors/"+string(s.gate)+"/open", map[string]any{"reason": secrets["reason"]}, key()...)
	admin, commander := s.signedIn(at.api, models.RoleAdmin), s.signedIn(at.api, models.RoleCommander)
	person := map[string]any{"name": secrets["new name"], "phone": secrets["other phone"], "id_number": secrets["id number"]}
	send(admin, "POST", "/v1/people", person, key()...)
	send(admin, "POST", "/v1/people", person, key()...) // the number is taken
	alert := s.alert()
	alert["body"] = secrets["alert"]
	send(commander, "POST", "/v1/alerts", alert, key()...)
	eventually(t, func() bool {
		return s.one("SELECT COUNT(*) FROM deliveries WHERE attempt > 0 AND state = 'queued'") != "0"
	},
		"a push was tried and failed")
	send(commander, "GET", "/v1/tips", nil)
	for range 3 { // what looks slow at debug level is looked at more than once
		send(officer, "GET", "/v1/check-ins?from="+stamp(time.Now().Add(-time.Hour)), nil)
	}
}
