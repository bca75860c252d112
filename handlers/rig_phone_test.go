package handlers_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"xunfang/models"
)

// phone is a phone that keeps what GET /v1/sync gives it.
type phone struct {
	rig   *rig
	who   *caller
	token string
	fulls int               // how often it had to begin anew
	has   map[string]string // "kind id" → JSON
}

func (r *rig) newPhone(who *caller) *phone { return &phone{rig: r, who: who, has: map[string]string{}} }

// syncLists are the lists of an answer with the kinds of what they hold.
var syncLists = map[string]string{
	"squads": "squad", "people": "person", "shifts": "shift", "rounds": "round", "round_plans": "round_plan",
	"routes": "route", "street_posts": "street_post", "checkpoints": "checkpoint",
}

// ask makes one request with the phone's token.
func (p *phone) ask(limit int) response {
	p.rig.t.Helper()
	query := url.Values{"limit": {fmt.Sprint(limit)}}
	if p.token != "" {
		query.Set("since", p.token)
	}
	return p.rig.call(p.who, http.MethodGet, "/v1/sync?"+query.Encode(), nil).must(200)
}

// take does what an answer says; it tells whether there is more.
func (p *phone) take(got response) bool {
	if got.at("full") == true {
		clear(p.has)
		p.fulls++
	}
	for list, kind := range syncLists {
		objects, _ := got.at(list).([]any)
		for _, object := range objects {
			p.has[keyOf(kind, object)] = canonical(object)
		}
	}
	gone, _ := got.at("gone").([]any)
	for at := range gone {
		delete(p.has, got.text(fmt.Sprintf("gone.%d.kind", at))+" "+got.text(fmt.Sprintf("gone.%d.id", at)))
	}
	p.token = got.text("token")
	return got.at("more") == true
}

// sync asks until the phone has everything, and gives the last answer.
func (p *phone) sync(limit int) response {
	p.rig.t.Helper()
	for {
		if got := p.ask(limit); !p.take(got) {
			return got
		}
	}
}

// count says how many objects of a kind the phone has.
func (p *phone) count(kind string) int {
	count := 0
	for key := range p.has {
		if strings.HasPrefix(key, kind+" ") {
			count++
		}
	}
	return count
}

// sent counts the objects of an answer and what it says is gone.
func sent(got response) (objects, gone int) {
	for list := range syncLists {
		found, _ := got.at(list).([]any)
		objects += len(found)
	}
	found, _ := got.at("gone").([]any)
	return objects, len(found)
}

func keyOf(kind string, object any) string {
	fields, _ := object.(map[string]any)
	return fmt.Sprint(kind, " ", fields["id"])
}

func canonical(object any) string {
	text, err := json.Marshal(object)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// listed is what somebody who is no officer should have on a phone, put together from the lists of the API. names are
// everybody's.
func (r *rig) listed(who *caller, names map[models.ID]string) map[string]string {
	r.t.Helper()
	want := map[string]string{}
	for _, list := range []string{"squads", "shifts", "round_plans", "routes", "street_posts", "checkpoints"} {
		for _, object := range r.all(who, "/v1/"+strings.ReplaceAll(list, "_", "-")+"?") {
			fields, _ := object.(map[string]any)
			switch list {
			case "shifts":
				fields["occurrences"] = r.ahead(who, fields["id"])
			case "squads":
				members, _ := fields["member_ids"].([]any)
				for _, member := range members {
					person := map[string]any{"id": member, "name": names[models.ID(fmt.Sprint(member))]}
					want[keyOf("person", person)] = canonical(person)
				}
			}
			want[keyOf(syncLists[list], object)] = canonical(object)
		}
	}
	from, to := r.days(-models.SyncRoundsOld, models.SyncRoundsNew)
	for _, object := range r.all(who, "/v1/rounds?from="+from+"&to="+to) {
		round := r.call(who, http.MethodGet, "/v1/rounds/"+strings.TrimPrefix(keyOf("", object), " "), nil).must(200)
		want[keyOf("round", object)] = canonical(round.JSON)
	}
	return want
}

// ahead are a shift's occurrences of today and the days after it.
func (r *rig) ahead(who *caller, shift any) any {
	from, to := r.days(0, models.SyncShiftDays)
	return r.call(who, http.MethodGet, fmt.Sprintf("/v1/shifts/%s/occurrences?from=%s&to=%s", shift, from, to), nil).must(200).at("items")
}

// days is from the beginning of one day to the end of another, counted from today in China.
func (r *rig) days(first, last int) (from, to string) {
	china := time.FixedZone("", 8*60*60)
	today := r.clock.Now().In(china)
	midnight := time.Date(today.Year(), today.Month(), today.Day(), 0, 0, 0, 0, china)
	return at(midnight.AddDate(0, 0, first)), at(midnight.AddDate(0, 0, last+1))
}

// all reads a list to its end.
func (r *rig) all(who *caller, path string) []any {
	r.t.Helper()
	found := []any{}
	for next := path + "&limit=100"; ; {
		got := r.call(who, http.MethodGet, next, nil).must(200)
		found = append(found, got.items()...)
		if got.text("next_cursor") == "" {
			return found
		}
		next = path + "&limit=100&cursor=" + got.text("next_cursor")
	}
}

// sameReplica says how a phone differs from what it should have; "" when it does not.
func sameReplica(has, want map[string]string) string {
	lines := []string{}
	for key, object := range want {
		if has[key] != object {
			lines = append(lines, fmt.Sprintf("%s is\n\t%s\nwant\n\t%s", key, has[key], object))
		}
	}
	for key, object := range has {
		if _, wanted := want[key]; !wanted {
			lines = append(lines, fmt.Sprintf("%s should not be there: %s", key, object))
		}
	}
	return strings.Join(lines, "\n")
}

func mustBeAs(t *testing.T, p *phone, names map[models.ID]string) {
	t.Helper()
	if difference := sameReplica(p.has, p.rig.listed(p.who, names)); difference != "" {
		t.Errorf("the phone of %s: %s", p.who.Name, difference)
	}
}

// nameList are the names of people.
func nameList(people ...*caller) map[models.ID]string {
	names := map[models.ID]string{}
	for _, person := range people {
		names[person.ID] = person.Name
	}
	return names
}

// squadOf makes a squad, led by the first.
func (r *rig) squadOf(name string, people ...*caller) models.ID {
	r.t.Helper()
	commander := r.Commander
	if people[0].Station == r.B {
		commander = r.CommanderB
	}
	return r.call(commander, http.MethodPost, "/v1/squads", squadBody(name, people...)).must(201).id("id")
}

func squadBody(name string, people ...*caller) map[string]any {
	ids := []models.ID{}
	for _, person := range people {
		ids = append(ids, person.ID)
	}
	return map[string]any{"name": name, "kind": "night", "leader_id": ids[0], "member_ids": ids}
}

// countingHandler counts what is logged and keeps nothing.
type countingHandler struct{ count *atomic.Int64 }

func (h countingHandler) Enabled(context.Context, slog.Level) bool { return true }

func (h countingHandler) Handle(context.Context, slog.Record) error {
	h.count.Add(1)
	return nil
}

func (h countingHandler) WithAttrs([]slog.Attr) slog.Handler { return h }

func (h countingHandler) WithGroup(string) slog.Handler { return h }

func countingLogger(count *atomic.Int64) *slog.Logger { return slog.New(countingHandler{count}) }
