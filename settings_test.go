package main

import (
	"context"
	"crypto/rand"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"xunfang/auth"
	"xunfang/models"
)

func TestHelpShowsEverySetting(t *testing.T) {
	status, printed := runProgram(t, nil, "serve", "--help")
	if status != 0 {
		t.Fatalf("exit status %d:\n%s", status, printed)
	}
	text := strings.Join(strings.Fields(printed), " ")
	parser, err := kong.New(&serveCommand{})
	if err != nil {
		t.Fatal(err)
	}
	shown := 0
	for _, flag := range parser.Model.Flags {
		if flag.Name == "help" {
			continue
		}
		shown++
		if len(flag.Envs) != 1 || !strings.HasPrefix(flag.Envs[0], "XUNFANG_") || flag.Help == "" {
			t.Errorf("--%s has no environment variable or no help", flag.Name)
			continue
		}
		want := "--" + flag.Name + "=STRING"
		if flag.Default != "" {
			want = "--" + flag.Name + "=\"" + flag.Default + "\""
		}
		for _, piece := range []string{want, "$" + flag.Envs[0]} {
			if !strings.Contains(text, piece) {
				t.Errorf("the help does not show %s", piece)
			}
		}
	}
	exported := 0
	for at := range reflect.TypeFor[settings]().NumField() {
		if reflect.TypeFor[settings]().Field(at).IsExported() {
			exported++
		}
	}
	if shown != exported {
		t.Errorf("%d settings are flags, and there are %d", shown, exported)
	}
}

func TestWrongSettingsAreToldTogether(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("geheim-in-der-datei\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	status, printed := runProgram(t, map[string]string{
		"XUNFANG_MODE": "prod", "XUNFANG_LISTEN": "nowhere", "XUNFANG_METRICS_LISTEN": "127.0.0.1:many",
		"XUNFANG_BROKER": "http://127.0.0.1:1883", "XUNFANG_BROKER_PASSWORD_FILE": secret, "XUNFANG_MIGRATE": "maybe",
		"XUNFANG_MEDIA": "s3", "XUNFANG_S3_SECRET_KEY_FILE": secret + ".missing", "XUNFANG_SMS": "tencent",
		"XUNFANG_TRUSTED_PROXIES": "10.0.0.0/8, somewhere", "XUNFANG_DOOR_NETWORKS": "10.0.0.0/8, 10.0.0.1/8",
		"XUNFANG_UHPPOTE_LISTEN": "0.0.0.0:60001", "XUNFANG_PUBLIC_URL": "xunfang.example", "XUNFANG_LOG_LEVEL": "loud", "XUNFANG_DATABASE": "mysql://u:geheim@h/d",
	}, "serve", "--log-format=xml")
	if status != 1 {
		t.Errorf("exit status %d", status)
	}
	for _, name := range []string{
		"mode", "listen", "metrics-listen", "broker", "migrate", "s3-endpoint", "s3-bucket", "s3-access-key", "s3-secret-key-file",
		"sms-secret-id", "sms-app", "sms-sign", "sms-template", "sms-secret-key-file", "trusted-proxies", "log-level", "log-format", "public-url",
		"door-networks", "uhppote-listen",
	} {
		if !strings.Contains(printed, "--"+name+": ") {
			t.Errorf("--%s is not named", name)
		}
	}
	if !strings.Contains(printed, "20 settings are wrong") {
		t.Errorf("the count is wrong:\n%s", printed)
	}
	if strings.Contains(printed, "geheim") {
		t.Errorf("a secret was printed:\n%s", printed)
	}
}

func TestGuessableCodesAreRefused(t *testing.T) {
	for settings, said := range map[string]string{
		"CODE_TRIES=10": "--code-digits: with --code-extension-digits, --code-tries, --codes-few, --codes-most and --code-pause: " +
			"a stranger would open a door within a day with a chance of 1.6e-06, at most 1e-06 is allowed",
		"CODES_MOST=5000": "a chance of 1.8e-06", "CODE_PAUSE=31": "--code-pause: must be a number from 1 to 30",
		"CODE_DIGITS=8": "--code-digits: must be a number from 9 to 12", "CODES_FEW=many": "--codes-few: must be a number",
		"CODES_MOST=50": "--codes-few: must be at most --codes-most",
	} {
		name, value, _ := strings.Cut(settings, "=")
		status, printed := runProgram(t, map[string]string{"XUNFANG_" + name: value}, "serve")
		if status != 1 || !strings.Contains(printed, said) {
			t.Errorf("%s: %d %s", settings, status, printed)
		}
	}
}

func TestProductionRefusesConveniences(t *testing.T) {
	for name, value := range map[string]string{
		"SMS": "console", "LIMITS": "off", "CHECK_CONTRACT": "yes", "FIREBASE_ENDPOINT": "http://127.0.0.1:1/v1",
		"PUBLIC_URL": "http://xunfang.example",
	} {
		status, printed := runProgram(t, map[string]string{"XUNFANG_" + name: value}, "serve")
		flag := strings.ReplaceAll(strings.ToLower(name), "_", "-")
		if status != 1 || !strings.Contains(printed, "--"+flag) || !strings.Contains(printed, "--mode=development") {
			t.Errorf("%s=%s: %d %s", name, value, status, printed)
		}
	}
}

func TestProductionRefusesTheDemo(t *testing.T) {
	tempDSN := func() string { return "sqlite:" + filepath.Join(t.TempDir(), "x.db") }
	t.Run("keys", func(t *testing.T) {
		s := newSite(t, tempDSN(), nil)
		demo, err := auth.GenerateKeys(rand.Reader, true)
		if err != nil {
			t.Fatal(err)
		}
		if err := demo.WriteFile(filepath.Join(s.folder, "demo.json")); err != nil {
			t.Fatal(err)
		}
		refused(t, s, map[string]string{"XUNFANG_KEYS": filepath.Join(s.folder, "demo.json")}, "demo keys", "pepper")
	})
	t.Run("accounts", func(t *testing.T) {
		s := newSite(t, tempDSN(), func(person *models.Person) { person.Demo = person.Account == "officer" })
		refused(t, s, nil, "demo accounts")
		started, _ := s.serve(map[string]string{"XUNFANG_MODE": "development"}) // it is the demo that is refused, nothing else
		started.stop()
	})
}

// refused expects that the server does not start, and says why.
func refused(t *testing.T, s *site, more map[string]string, said ...string) {
	t.Helper()
	status, printed := runProgram(t, s.env(more), "serve")
	if status != 1 {
		t.Errorf("exit status %d", status)
	}
	for _, piece := range said {
		if !strings.Contains(printed, piece) {
			t.Errorf("it does not say %q:\n%s", piece, printed)
		}
	}
	if strings.Contains(printed, `"msg":"serving"`) {
		t.Errorf("it served:\n%s", printed)
	}
}

func TestANewerSchemaIsRefused(t *testing.T) {
	eachDatabase(t, func(t *testing.T, dsn string) {
		s := newSite(t, dsn, nil)
		s.sql("INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)")
		refused(t, s, nil, "newer than this program knows", "9999")
		for _, arguments := range [][]string{{"migrate", "up"}, {"audit", "verify"}} {
			status, printed := runProgram(t, s.env(nil), arguments...)
			if status != 1 || !strings.Contains(printed, "newer than this program knows") {
				t.Errorf("%v: %d %s", arguments, status, printed)
			}
		}
	})
}

func TestATakenPortIsAStartUpError(t *testing.T) {
	s := newSite(t, "sqlite:"+filepath.Join(t.TempDir(), "x.db"), nil)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer closing(t, taken)
	for name, flag := range map[string]string{
		"XUNFANG_LISTEN": "--listen", "XUNFANG_METRICS_LISTEN": "--metrics-listen", "XUNFANG_BROKER_LISTEN": "--broker-listen",
	} {
		refused(t, s, map[string]string{name: taken.Addr().String()}, flag, "address already in use", taken.Addr().String())
	}
}

func TestAPasswordInTheDatabaseSettingIsNotPrinted(t *testing.T) {
	s := newSite(t, "sqlite:"+filepath.Join(t.TempDir(), "x.db"), nil)
	for _, dsn := range []string{
		"mysql://u:geheim@127.0.0.1:1/x", "mysql://u:geheim@%%/x", "u:geheim@tcp(127.0.0.1:1)/x", "postgres://u:geheim@127.0.0.1/x",
		"mysql://u:geheim@127.0.0.1:1/x?timeout=geheim",
	} {
		status, printed := runProgram(t, s.env(map[string]string{"XUNFANG_DATABASE": dsn, "XUNFANG_LOG_LEVEL": "debug"}), "serve")
		if status != 1 || strings.Contains(printed, "geheim") {
			t.Errorf("%s: %d %s", dsn, status, printed)
		}
	}
}

func TestWrongCallsExitWithTwo(t *testing.T) {
	for _, arguments := range [][]string{{}, {"dance"}, {"serve", "--no-such-flag"}, {"serve", "extra"}, {"keys"}} {
		if status, stdout, stderr := runInside(context.Background(), arguments...); status != 2 || stderr+stdout == "" {
			t.Errorf("%q: %d %s%s", arguments, status, stdout, stderr)
		}
	}
}

func TestVoiceSettings(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret")
	write := func(text string) {
		if err := os.WriteFile(secret, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const one = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n"
	for name, row := range map[string]struct{ url, file, text, timeout, said string }{
		"no file":       {"https://calls.example/ring", "", "", "5", "--voice-secret-file"},
		"no address":    {"", secret, one, "5", "--voice-url: is needed"},
		"plain http":    {"http://calls.example/ring", secret, one, "5", "--voice-url: must be https"},
		"this machine":  {"https://127.0.0.1/ring", secret, one, "5", "--voice-url: must be https"},
		"no secret":     {"https://calls.example/ring", secret, "geheim", "5", "--voice-secret-file"},
		"three secrets": {"https://calls.example/ring", secret, one + one + one, "5", "2 secrets at most"},
		"for ever":      {"https://calls.example/ring", secret, one, "31", "--voice-timeout: must be a number from 1 to 30"},
	} {
		write(row.text)
		err := withDefaults(settings{VoiceURL: row.url, VoiceSecretFile: row.file, VoiceTimeout: row.timeout}).settle()
		if err == nil || !strings.Contains(err.Error(), row.said) || strings.Contains(err.Error(), "geheim") || strings.Contains(err.Error(), "MfKQ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	write(one)
	made := withDefaults(settings{VoiceURL: "https://calls.example/ring", VoiceSecretFile: secret})
	if err := made.settle(); err != nil {
		t.Error(err)
	}
	write(one + one)
	if secrets, err := made.voiceSecrets(); err != nil || len(secrets) != 2 {
		t.Errorf("the replaced file holds %d secrets: %v", len(secrets), err)
	}
}
