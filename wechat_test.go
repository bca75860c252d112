package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/push/wechatfake"
)

// templatesOfTheDocs is the example of docs/wechat.md.
func templatesOfTheDocs(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("docs", "wechat.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(text), "```json wechat-templates\n")
	example, _, ended := strings.Cut(rest, "```")
	if !found || !ended {
		t.Fatal("docs/wechat.md has no example of templates")
	}
	return example
}

// The whole way: bind, sign in, consent, and one message for it; through the real worker, the database and the protocol.
func TestWeChatFromSignInToMessage(t *testing.T) {
	s := newSite(t, "sqlite:"+filepath.Join(t.TempDir(), "x.db"), nil)
	const template, always, secret = "nVUTVjQrTdsT4p8Qm2c0", "k3Jd8sLq0vXw2ZtYb7Rn", "app-secret-canary"
	fake := wechatfake.New("wx0123456789", secret, time.Now, template, always)
	defer fake.Close()
	write := func(name, content string) string {
		path := filepath.Join(s.folder, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	server, at := s.serve(map[string]string{
		"XUNFANG_MODE": "development", "XUNFANG_WECHAT_APP": "wx0123456789", "XUNFANG_WECHAT_ENDPOINT": fake.URL(),
		"XUNFANG_WECHAT_SECRET_FILE": write("wechat-secret", secret+"\n"),
		"XUNFANG_WECHAT_TEMPLATES":   write("templates.json", templatesOfTheDocs(t)), "XUNFANG_LOG_LEVEL": "debug",
	})
	volunteer, officer, stranger := s.signedIn(at.api, models.RoleVolunteer), s.signedIn(at.api, models.RoleCommander), newCaller(at.api)
	defer stranger.close()
	signIn := func(status int) answer {
		return stranger.want(t, status, "POST", "/v1/auth/token", map[string]any{"grant_type": "wechat_code", "code": fake.Login("o-lin")})
	}
	signIn(401)
	volunteer.want(t, 200, "PUT", "/v1/me/wechat", map[string]any{"code": fake.Login("o-lin")})
	signIn(200)
	fake.Consent("o-lin", template, 1)
	volunteer.want(t, 200, "POST", "/v1/me/wechat-consents", map[string]any{"template_ids": []string{template}}, "Idempotency-Key", string(newID()))
	for range 2 {
		officer.want(t, 201, "POST", "/v1/alerts", s.alert(), "Idempotency-Key", string(newID()))
	}
	eventually(t, func() bool { return len(fake.Messages()) == 1 }, "the message arrives")
	message := fake.Messages()[0]
	if message.OpenID != "o-lin" || message.Data["thing1"] != "社区通知" || !strings.HasPrefix(message.Page, "pages/alert/index?alert_id=") {
		t.Errorf("the message is %+v", message)
	}
	server.stop()
	if messages := fake.Messages(); len(messages) != 1 || fake.Requests("/cgi-bin/message/subscribe/send") != 1 {
		t.Errorf("one consent let %d messages through, of %d sent", len(messages), fake.Requests("/cgi-bin/message/subscribe/send"))
	}
	for _, hidden := range []string{"o-lin", secret, "js-code", "access-token-", "session-key"} {
		if strings.Contains(server.printed.String(), hidden) {
			t.Errorf("the log holds %q", hidden)
		}
	}
}

func TestWeChatSettings(t *testing.T) {
	folder := t.TempDir()
	wrong := filepath.Join(folder, "wrong.json")
	if err := os.WriteFile(wrong, []byte(`[{"id": "nVUTVjQrTdsT4p8Qm2c0", "page": "pages/a", "fields": {"thing1": "body"}}]`), 0o600); err != nil {
		t.Fatal(err)
	}
	status, printed := runProgram(t, map[string]string{
		"XUNFANG_WECHAT_APP": "wx1", "XUNFANG_WECHAT_TEMPLATES": wrong, "XUNFANG_WECHAT_STATE": "beta", "XUNFANG_WECHAT_ENDPOINT": "http://127.0.0.1:1",
	}, "serve")
	for _, name := range []string{"wechat-secret-file", "wechat-templates", "wechat-state", "wechat-endpoint"} {
		if status != 1 || !strings.Contains(printed, "--"+name+": ") {
			t.Errorf("exit status %d, and nothing of %s:\n%s", status, name, printed)
		}
	}
}
