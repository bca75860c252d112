package handlers_test

import (
	"net/http"
	"strings"
	"testing"
	"unicode"

	"xunfang/models"
)

func hasChinese(text string) bool {
	return strings.ContainsFunc(text, func(letter rune) bool { return unicode.Is(unicode.Han, letter) })
}

// What the alerts about tips say is in the language of whoever reads it, wherever they do; what people wrote stays as it is.
func TestTipAlertsSpeakBothLanguages(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		inbox := func(who *caller, language string) response {
			return rig.call(who, http.MethodGet, "/v1/me/inbox", nil, "Accept-Language", language).must(200)
		}
		id := rig.tip(rig.Volunteer, map[string]any{"category": models.CategoryCrime}).must(201).text("id")
		rig.call(rig.Officer, http.MethodPost, "/v1/tips/"+id+"/assignment", map[string]any{"person_id": rig.Commander.ID}).must(200)
		other := rig.tip(rig.Resident, nil).must(201).text("id")
		rig.call(rig.Officer, http.MethodPost, "/v1/tips/"+other+"/merges", map[string]any{"into_id": id}).must(200)
		rig.advanceTip(rig.Commander, id, map[string]any{"state": "acknowledged"}).must(200)
		rig.call(rig.Officer, http.MethodPost, "/v1/tips/"+id+"/messages", map[string]any{"id": rig.ids.next(), "text": "Thank you"}).must(201)
		rig.call(rig.Volunteer, http.MethodPost, "/v1/tips/"+id+"/withdrawal", nil).must(200)
		for name, who := range map[string]*caller{"officer": rig.Officer, "commander": rig.Commander, "volunteer": rig.Volunteer, "resident": rig.Resident} {
			chinese, english := inbox(who, "zh-CN"), inbox(who, "en-GB,en;q=0.8")
			if len(english.items()) == 0 || len(english.items()) != len(chinese.items()) {
				t.Fatalf("%s was told %s", name, english.Text)
			}
			for at, item := range english.items() {
				said, _ := item.(map[string]any)
				in, _ := chinese.items()[at].(map[string]any)
				if title, _ := said["title"].(string); title == "" || hasChinese(title) {
					t.Errorf("%s is told in English: %v", name, said)
				}
				if body, _ := said["body"].(string); hasChinese(body) {
					t.Errorf("%s is told in English: %v", name, said)
				}
				if title, _ := in["title"].(string); !hasChinese(title) {
					t.Errorf("%s is told in Chinese: %v", name, in)
				}
			}
		}
		if got := inbox(rig.Officer, "en"); got.text("items."+last(got)+".title") != "New tip" || got.text("items."+last(got)+".body") != "Crime in progress" {
			t.Errorf("the officer's first: %s", got.Text)
		}
		if got := inbox(rig.Officer, "zh"); got.text("items."+last(got)+".body") != "正在发生的违法犯罪" {
			t.Errorf("the officer's first: %s", got.Text)
		}
		alert := rig.call(rig.Officer, http.MethodGet, "/v1/me/inbox", nil).must(200).text("items.0.alert_id")
		if got := rig.call(rig.Officer, http.MethodGet, "/v1/alerts/"+alert, nil, "Accept-Language", "en").must(200); hasChinese(got.Text) {
			t.Errorf("the alert by itself: %s", got.Text)
		}
	})
}

func last(list response) string {
	return string(rune('0' + len(list.items()) - 1))
}

// Words that somebody wrote are not turned into any other.
func TestWrittenAlertsStayAsTheyAre(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		id := rig.tip(rig.Volunteer, nil).must(201).text("id")
		rig.advanceTip(rig.Officer, id, map[string]any{"state": "acknowledged", "note": "民警正在赶来"}).must(200)
		got := rig.call(rig.Volunteer, http.MethodGet, "/v1/me/inbox", nil, "Accept-Language", "en").must(200)
		if got.text("items.0.title") != "Officers have your tip" || got.text("items.0.body") != "民警正在赶来" {
			t.Errorf("the reporter is told %s", got.Text)
		}
	})
}
