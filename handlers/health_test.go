package handlers_test

import (
	"net/http"
	"testing"

	"xunfang/models"
)

func TestReadinessTellsPartsApart(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		ready := func(status int) response { return rig.call(nil, http.MethodGet, "/readyz", nil).must(status) }
		if got := ready(200); got.text("status") != "ready" || got.text("push") != "off" || got.text("broker") != "up" {
			t.Errorf("in order: %s", got.Text)
		}
		rig.server.PushOn, rig.server.PushAway = true, func() bool { return true }
		if got := ready(200); got.text("status") != "degraded" || got.text("push") != "down" || got.text("broker") != "up" {
			t.Errorf("without a provider of pushes: %s", got.Text)
		}
		rig.server.PushOn = false
		rig.doors.fail(errBrokerGone)
		if got := ready(200); got.text("status") != "degraded" || got.text("broker") != "down" || got.text("database") != "up" {
			t.Errorf("without the broker: %s", got.Text)
		}
		rig.call(nil, http.MethodGet, "/healthz", nil).must(200)
	})
}

// The words of a problem follow Accept-Language; its code does not.
func TestProblemsSpeakBothLanguages(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		for _, try := range []struct{ asked, title, words string }{
			{without, "请求不符合约定", "zh-CN"},
			{"zh-CN", "请求不符合约定", "zh-CN"},
			{"en", "The request breaks the contract", "en"},
			{"en-GB,en;q=0.9", "The request breaks the contract", "en"},
			{"fr", "请求不符合约定", "zh-CN"},
			{"zh;q=0.3, en;q=0.8", "The request breaks the contract", "en"},
		} {
			elsewhere := rig.seen(map[string]any{"position": map[string]any{"lat": 30.5, "lng": 105.6, "crs": "MARS"}})
			got := rig.call(rig.Volunteer, http.MethodPost, "/v1/tips", elsewhere, "Accept-Language", try.asked).must(400)
			if got.text("title") != try.title || got.code() != models.CodeInvalidRequest || got.text("errors.0.code") != "not_one_of" {
				t.Errorf("%s: %s", try.asked, got.Text)
			}
			if language := got.Header.Get("Content-Language"); language != try.words {
				t.Errorf("%s: Content-Language %q", try.asked, language)
			}
		}
	})
}
