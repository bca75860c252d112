package handlers_test

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

var (
	codeShown  = regexp.MustCompile(`id="code">(\d{3}) (\d{3}) (\d{4})<`)
	drawnShown = regexp.MustCompile(`(id="code">|id="extension">)[^<]*<`)
	placeShown = regexp.MustCompile(`name="place" value="([A-Za-z0-9_-]{43})"`)
)

// page reads a guest's page as somebody without an account does.
func (r *rig) page(path string, headers ...string) response {
	r.t.Helper()
	return r.call(nil, http.MethodGet, path, nil, headers...)
}

func codeOn(page response) string {
	return strings.Join(append(codeShown.FindStringSubmatch(page.Text), "", "", "", "")[1:4], "")
}

func TestGuestPageShowsTheCode(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		made := rig.pass(rig.Resident, map[string]any{"max_uses": 2, "ends_at": at(rig.clock.Now().Add(3*time.Hour + 20*time.Minute))})
		path := made.text("guest_path")
		page := rig.page(path).must(200)
		if codeOn(page) != made.text("code") || len(page.Text) > 30_000 {
			t.Errorf("%d bytes: %s", len(page.Text), page.Text)
		}
		for _, text := range []string{"还剩 3 小时 20 分钟", "有效", "<svg", "阳光小区", `lang="zh-CN"`, "还可以来访 2 次"} {
			if !strings.Contains(page.Text, text) {
				t.Errorf("the page does not say %q: %s", text, page.Text)
			}
		}
		for _, text := range []string{rig.Resident.Name, rig.Resident.Phone, "王师傅", "川J12345", made.text("id"), "<script", "http:", "https:", "src=", "url("} {
			if strings.Contains(page.Text, text) {
				t.Errorf("the page gives away, or fetches, %q: %s", text, page.Text)
			}
		}
		if rest := drawnShown.ReplaceAllString(page.Text, ""); strings.Contains(rest, "101") { // the home; drawn digits have it now and then
			t.Errorf("the page gives the home away: %s", rest)
		}
		for header, want := range map[string]string{
			"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex", "X-Content-Type-Options": "nosniff",
			"Content-Type": "text/html", "Content-Security-Policy": "default-src 'none'; style-src 'sha256-",
		} {
			if got := page.Header.Get(header); !strings.HasPrefix(got, want) {
				t.Errorf("%s: %q", header, got)
			}
		}
		if english := rig.page(path, "Accept-Language", "en").must(200); !strings.Contains(english.Text, "3 h 20 min left") || codeOn(english) == "" {
			t.Errorf("in English: %s", english.Text)
		}
		if rig.page("/guest/" + strings.Repeat("x", 43)).must(404); strings.Contains(rig.logs.all(), strings.TrimPrefix(path, "/guest/")) {
			t.Error("the address stands in the log")
		}
	})
}

// What is over shows neither code nor way: by being used, by its time, by the host, and by the host's moving out.
func TestGuestPageOfWhatIsOver(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		over := func(name, word string, made response, end func()) {
			t.Helper()
			path := made.text("guest_path")
			if codeOn(rig.page(path).must(200)) == "" {
				t.Errorf("%s: there was no code: this test shows nothing", name)
			}
			end()
			page := rig.page(path).must(200)
			if !strings.Contains(page.Text, word) || codeOn(page) != "" || strings.Contains(page.Text, "<svg") || strings.Contains(page.Text, "<li>") {
				t.Errorf("%s: %s", name, page.Text)
			}
		}
		used, revoked := rig.pass(rig.Resident, map[string]any{"door_ids": []models.ID{rig.One.Gate}}), rig.pass(rig.Resident, nil)
		over("used", "已用完", used, func() { rig.enter(rig.Guard, rig.One.Gate, used.text("code")) })
		over("revoked", "已作废", revoked, func() {
			rig.call(rig.Resident, http.MethodPost, "/v1/visitor-passes/"+revoked.text("id")+"/revoke", nil).must(200)
		})
		over("moved out", "已作废", rig.pass(rig.Neighbour, nil), func() {
			if _, err := rig.sql.Exec("UPDATE role_grants SET ends_at = 1 WHERE person_id = ?", rig.Neighbour.ID); err != nil {
				t.Fatal(err)
			}
		})
		over("expired", "已过期", rig.pass(rig.Resident, nil), func() { rig.advance(12 * time.Hour) })
	})
}

// takeCode sends the form of a group's page, without following where it leads.
func (r *rig) takeCode(path, place, name string) response {
	r.t.Helper()
	form := url.Values{"place": {place}, "name": {name}}
	client := &http.Client{
		Transport:     r.client.Transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	answer, err := client.PostForm(r.base+path, form)
	if err != nil {
		r.t.Error(err)
		return response{t: r.t, Header: http.Header{}}
	}
	defer func() { _ = answer.Body.Close() }()
	text, _ := io.ReadAll(answer.Body)
	return response{t: r.t, what: "POST " + path, Status: answer.StatusCode, Header: answer.Header, Text: string(text)}
}

func TestGuestsOfAGroupTakeTheirOwnCodes(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		made := rig.pass(rig.Resident, map[string]any{"kind": "group", "max_guests": 2, "visitor_name": "生日聚会"})
		if made.at("code") != nil || made.at("guests") != 0.0 {
			t.Errorf("a group: %s", made.Text)
		}
		path := made.text("guest_path")
		place := func() string {
			t.Helper()
			found := placeShown.FindStringSubmatch(rig.page(path).must(200).Text)
			if found == nil {
				t.Fatal("the page of the group has no form")
			}
			return found[1]
		}
		first := place()
		if again := rig.page(path); strings.Contains(again.Text, first) || codeOn(again) != "" {
			t.Errorf("two guests would have one address: %s", again.Text)
		}
		one := rig.takeCode(path, first, "小李").must(303)
		repeat := rig.takeCode(path, first, "小李").must(303)
		if one.Header.Get("Location") != "/guest/"+first || repeat.Header.Get("Location") != one.Header.Get("Location") {
			t.Errorf("it leads to %q, and again to %q", one.Header.Get("Location"), repeat.Header.Get("Location"))
		}
		second := rig.takeCode(path, place(), "").must(303).Header.Get("Location")
		codes := []string{codeOn(rig.page("/guest/" + first).must(200)), codeOn(rig.page(second).must(200))}
		if codes[0] == "" || codes[0] == codes[1] {
			t.Errorf("the guests' codes: %q", codes)
		}
		full := rig.takeCode(path, strings.Repeat("z", 43), "第三位").must(409)
		if page := rig.page(path).must(200); !strings.Contains(page.Text, "名额已满") || strings.Contains(page.Text, "<form") || !strings.Contains(full.Text, "名额已满") {
			t.Errorf("full: %s %s", full.Text, page.Text)
		}
		rig.takeCode(second, strings.Repeat("y", 43), "").must(404) // a guest's page is no group's
		rig.takeCode("/guest/"+strings.Repeat("w", 43), strings.Repeat("y", 43), "").must(404)

		list := rig.call(rig.Resident, http.MethodGet, "/v1/visitor-passes", nil).must(200)
		if len(list.items()) != 3 || !strings.Contains(list.Text, "小李") || !strings.Contains(list.Text, "生日聚会 2") {
			t.Errorf("the host sees %s", list.Text)
		}
		of := "/v1/visitor-passes?limit=1&group_id=" + made.text("id")
		newest := rig.call(rig.Resident, http.MethodGet, of, nil).must(200)
		oldest := rig.call(rig.Resident, http.MethodGet, of+"&cursor="+newest.text("next_cursor"), nil).must(200)
		if newest.text("items.0.visitor_name") != "生日聚会 2" || oldest.text("items.0.visitor_name") != "小李" {
			t.Errorf("its guests: %s, %s", newest.Text, oldest.Text)
		}
		if other := rig.call(rig.Neighbour, http.MethodGet, of, nil).must(200); len(other.items()) != 0 {
			t.Errorf("a neighbour sees %s", other.Text)
		}
		if told := rig.call(rig.Resident, http.MethodGet, "/v1/me/inbox", nil).must(200); len(told.items()) != 1 || strings.Contains(told.Text, "小李") {
			t.Errorf("the host was told %s", told.Text)
		}
		if found := rig.everywhere(first, "小李", codes[0], codes[1]); found != "" {
			t.Errorf("a guest's address, name or code lies in %s", found)
		}
		if got := len(rig.audit(rig.A, models.OpTakeGuestPass)); got != 2 {
			t.Errorf("%d guests stand in the audit", got)
		}
		if in := rig.enter(rig.Guard, rig.One.Gate, codes[0]); in.text("decision") != "open" {
			t.Errorf("a guest's code: %s", in.Text)
		}
		rig.call(rig.Resident, http.MethodPost, "/v1/visitor-passes/"+made.text("id")+"/revoke", nil).must(200)
		if in := rig.enter(rig.Guard, rig.One.Gate, codes[1]); in.text("decision") != "deny" || codeOn(rig.page(second)) != "" {
			t.Errorf("a guest of a group that was revoked: %s", in.Text)
		}
	})
}

// Of any number of guests at once exactly as many get a place as there are, and one form sent many times takes one.
func TestLastPlaceOfAGroup(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		path := rig.pass(rig.Resident, map[string]any{"kind": "group", "max_guests": 3}).text("guest_path")
		count := func(answers []response) map[int]int {
			found := map[int]int{}
			for _, one := range answers {
				found[one.Status]++
			}
			return found
		}
		same := count(atOnce(8, func(int) response { return rig.takeCode(path, strings.Repeat("a", 43), "") }))
		if same[303] != 8 {
			t.Errorf("one form eight times: %v", same)
		}
		others := count(atOnce(16, func(at int) response { return rig.takeCode(path, strings.Repeat("b", 42)+string(rune('a'+at)), "") }))
		if others[303] != 2 || others[409] != 14 {
			t.Errorf("sixteen guests for two places: %v", others)
		}
		guests, own := 0, 0
		if err := rig.sql.QueryRow("SELECT MAX(guests), COUNT(*) - 1 FROM visitor_passes").Scan(&guests, &own); err != nil || guests != 3 || own != 3 {
			t.Errorf("%d places taken, %d passes: %v", guests, own, err)
		}
	})
}
