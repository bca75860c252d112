package handlers_test

import (
	"bufio"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

// exported reads the lines of an export.
func (r *rig) exported(who *caller, c *compound, query string) []response {
	r.t.Helper()
	got := r.call(who, http.MethodGet, inGroupOf(c, "export")+"?reason="+url.QueryEscape("案件调查需要")+query, nil).must(200)
	if got.Header.Get("Content-Type") != "application/x-ndjson" {
		r.t.Errorf("it comes as %s", got.Header.Get("Content-Type"))
	}
	lines := []response{}
	for text := bufio.NewScanner(strings.NewReader(got.Text)); text.Scan(); {
		line := got
		line.Text, line.JSON = text.Text(), nil
		if err := json.Unmarshal(text.Bytes(), &line.JSON); err != nil {
			r.t.Fatalf("%s: %v", text.Text(), err)
		}
		lines = append(lines, line)
	}
	return lines
}

func TestGroupIsExported(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		photo := rig.photo(rig.Property)
		rig.tellGroup(rig.Property, rig.One, map[string]any{"text": "被盗 <b>&", "media_ids": []models.ID{photo}}).must(201)
		deleted := rig.tellGroup(rig.Property, rig.One, words("canary-taken-back")).must(201).text("id")
		rig.call(rig.Property, http.MethodDelete, inGroupOf(rig.One, "messages", deleted), nil).must(204)
		hidden := rig.tellGroup(rig.Property, rig.One, words("住户电话在此")).must(201).text("id")
		hide := inGroupOf(rig.One, "messages", hidden, "hide")
		rig.call(rig.Commander, http.MethodPost, hide, map[string]any{"reason": "个人信息"}).must(200)
		rig.advance(time.Hour)
		since := rig.clock.Now()
		notice := rig.notice(rig.Officer, rig.One, time.Hour)
		rig.call(rig.Committee, http.MethodPost, inGroupOf(rig.One, "messages", notice, "acknowledge"), nil).must(200)
		rig.tellGroup(rig.PropertyTwo, rig.Two, words("别的小区")).must(201)

		lines, all := rig.exported(rig.Commander, rig.One, ""), ""
		for _, line := range lines {
			all += line.Text + "\n"
		}
		if len(lines) != 6 || lines[0].text("exported_by") != string(rig.Commander.ID) || lines[0].text("group_id") != string(rig.One.ID()) ||
			lines[5].text("kind") != "end" || lines[5].at("messages") != 4.0 || lines[5].at("next_after") != nil {
			t.Fatalf("exported %s", all)
		}
		if lines[1].text("text") != "被盗 <b>&" || lines[1].at("media_ids.0") != string(photo) || lines[2].text("state") != "deleted" ||
			lines[3].text("state") != "hidden" || lines[3].text("text") != "住户电话在此" ||
			lines[4].at("acknowledgements.0.person_id") != string(rig.Committee.ID) || lines[4].at("acknowledgements.1") != nil {
			t.Errorf("exported %s", all)
		}
		if strings.Contains(all, "canary-taken-back") || strings.Contains(all, "别的小区") {
			t.Errorf("what is gone, or another group's: %s", all)
		}
		for query, want := range map[string]string{
			"&from=" + instant(since):                             "4",
			"&to=" + instant(since):                               "123",
			"&after=3":                                            "4",
			"&from=" + instant(since.Add(time.Second)):            "",
			"&after=1&to=" + instant(since.Add(time.Millisecond)): "234",
		} {
			got := ""
			for _, line := range rig.exported(rig.Commander, rig.One, query) {
				if line.text("kind") == "message" {
					got += line.Text[len(`{"kind":"message","ordinal":`):][:1]
				}
			}
			if got != want {
				t.Errorf("%s exports %q, want %q", query, got, want)
			}
		}
		path := inGroupOf(rig.One, "export") + "?reason=case-12"
		for who, want := range map[*caller]int{rig.Officer: 403, rig.Property: 403, rig.Resident: 403, rig.CommanderB: 404} {
			if got := rig.call(who, http.MethodGet, path, nil); got.Status != want {
				t.Errorf("%s exports: %d, want %d", who.Name, got.Status, want)
			}
		}
		rig.call(rig.Commander, http.MethodGet, inGroupOf(rig.One, "export"), nil).must(400)
		rig.call(rig.Commander, http.MethodGet, path+"&from="+instant(since)+"&to="+instant(since), nil).must(422)
		done := rig.audit(rig.A, models.OpExportGroup)
		if len(done) == 0 || done[len(done)-1].Reason.Reveal() == "" || len(rig.audit(rig.B, models.OpExportGroup)) == 0 {
			t.Errorf("%d exports are recorded", len(done))
		}
	})
}
