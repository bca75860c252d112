package handlers_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

const (
	wechatTemplate = "tmpl-alert-0001"
	wechatAlways   = "tmpl-always-0002"
)

// fakeWeChat takes the codes js-X as those of openid open-X.
type fakeWeChat struct{}

func (fakeWeChat) OpenID(_ context.Context, code models.Secret) (models.Secret, error) {
	name, ours := strings.CutPrefix(code.Reveal(), "js-")
	if !ours {
		return "", models.Fail(models.CodeBadCredentials)
	}
	if name == "busy" {
		return "", models.Fail(models.CodeBusy).After(time.Second)
	}
	return models.Secret("open-" + name), nil
}

func (fakeWeChat) Templates() []models.WeChatTemplate {
	return []models.WeChatTemplate{{ID: wechatTemplate}, {ID: wechatAlways, Kinds: []string{"sos"}, LongTerm: true}}
}

func (r *rig) byWeChat(code string) response {
	return r.call(nil, "POST", "/v1/auth/token", map[string]any{"grant_type": "wechat_code", "code": code})
}

func TestWeChatSignsInWhoBoundIt(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		if got := rig.byWeChat("js-lin"); got.Status != 401 || got.code() != models.CodeWeChatNotBound {
			t.Fatalf("nobody's openid: %d %s", got.Status, got.Text)
		}
		rig.call(rig.Resident, "PUT", "/v1/me/wechat", map[string]any{"code": "js-lin"}).must(200)
		if got := rig.byWeChat("js-lin").must(200); got.JSON["access_token"] == "" {
			t.Error("no token")
		}
		if got := rig.byWeChat("else"); got.Status != 401 || got.code() != models.CodeBadCredentials {
			t.Errorf("a code that WeChat does not know: %d %s", got.Status, got.Text)
		}
		if got := rig.byWeChat("js-busy"); got.Status != 503 || got.code() != models.CodeBusy {
			t.Errorf("WeChat away: %d %s", got.Status, got.Text)
		}
		// Whoever proves it last has it: the other's sign-in and address are gone with it.
		rig.call(rig.Flatmate, "PUT", "/v1/me/wechat", map[string]any{"code": "js-lin"}).must(200)
		if rows := rig.rows(); rows["wechat_accounts"] != 1 || rows["push_addresses"] != 1 {
			t.Errorf("after it changed hands: %d accounts, %d addresses", rows["wechat_accounts"], rows["push_addresses"])
		}
		rig.call(rig.Flatmate, "DELETE", "/v1/me/wechat", nil).must(204)
		if got := rig.byWeChat("js-lin"); got.code() != models.CodeWeChatNotBound {
			t.Errorf("after unbinding: %d %s", got.Status, got.Text)
		}
		if rows := rig.rows(); rows["wechat_accounts"]+rows["push_addresses"]+rows["wechat_consents"] != 0 {
			t.Errorf("something stays: %v", rows)
		}
		if logs := rig.logs.all(); strings.Contains(logs, "open-lin") || strings.Contains(logs, "js-lin") {
			t.Error("a log holds an openid or a code")
		}
	})
}

func TestWeChatConsents(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		give := func(ids ...any) response {
			return rig.call(rig.Resident, "POST", "/v1/me/wechat-consents", map[string]any{"template_ids": ids})
		}
		if got := give(wechatTemplate); got.Status != 409 || got.code() != models.CodeWrongState {
			t.Errorf("not bound: %d %s", got.Status, got.Text)
		}
		rig.call(rig.Resident, "PUT", "/v1/me/wechat", map[string]any{"code": "js-lin"}).must(200)
		if got := give(wechatTemplate, "unknown-template").must(422).fields(); len(got) != 1 || got[0] != "template_ids[1] no_such" {
			t.Errorf("an unknown template: %v", got)
		}
		give(wechatTemplate, wechatTemplate).must(200)
		got := rig.call(rig.Resident, "GET", "/v1/me/wechat", nil).must(200)
		if !strings.Contains(got.Text, `"consents":2`) || strings.Contains(got.Text, "open-") {
			t.Errorf("the binding is shown as %s", got.Text)
		}
		if got := rig.call(rig.Resident, "PUT", "/v1/me/wechat", map[string]any{"code": "else"}).must(422).fields(); len(got) != 1 || got[0] != "code no_such" {
			t.Errorf("a code that WeChat does not know: %v", got)
		}
		// A fresh openid begins without consents.
		if got := rig.call(rig.Resident, "PUT", "/v1/me/wechat", map[string]any{"code": "js-other"}).must(200); strings.Contains(got.Text, `"consents":2`) {
			t.Errorf("the consents went along: %s", got.Text)
		}
	})
}
