package main

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/push/fcmfake"
	"xunfang/store"
)

// kills is how often the program is killed on each database.
func kills(dsn string) int {
	asked, err := strconv.Atoi(os.Getenv("XUNFANG_KILLS"))
	switch {
	case err == nil:
		return asked
	case testing.Short():
		return 4
	case strings.HasPrefix(dsn, "sqlite:"):
		return 50
	default:
		return 20
	}
}

const phone = "dGVzdA:APA91bOfTheVolunteer"

// crash is a site whose server is killed again and again.
type crash struct {
	site  *site
	fake  *fcmfake.Server
	crowd *crowd
	env   map[string]string
	since models.ID // where the present round begins
	kills []time.Time
}

func newCrash(t *testing.T, dsn string) *crash {
	t.Helper()
	fake, err := fcmfake.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(fake.Close)
	made := &crash{site: newSite(t, dsn, nil), fake: fake, env: map[string]string{
		"XUNFANG_MODE": "development", "XUNFANG_LIMITS": "off",
		"XUNFANG_FIREBASE_ENDPOINT": fake.Endpoint(), "XUNFANG_FIREBASE_PROJECT": "xunfang-test",
	}}
	made.site.takeStationKey()
	server, at := made.site.serve(made.env)
	made.crowd = newCrowd(t, made.site, at.api)
	made.crowd.as(at.api, made.crowd.tokens[models.RoleVolunteer]).want(t, 200, "PUT", "/v1/me/push-addresses/phone-1",
		map[string]any{"kind": "fcm_token", "value": phone, "platform": "android"})
	server.kill()
	return made
}

// round starts the server, lets everybody work, and kills it in the middle.
func (c *crash) round(t *testing.T, after time.Duration) {
	t.Helper()
	c.site.sql("UPDATE visitor_passes SET revoked_at = 1 WHERE id < ?", c.since) // a door holds only so many that are live
	c.since = newID()
	c.crowd.thanks.rounds++
	if c.crowd.thanks.begun == "" { // an upload whose beginning was never told counts against the person for a day
		c.site.sql("DELETE FROM uploads WHERE ended_at = 0")
	}
	server, at := c.site.serve(c.env)
	c.repeat(t, at.api)
	c.repeatUntold(t, at.api)
	c.crowd.work(at.api)
	time.Sleep(after) // the random moment itself, not a wait for something
	server.kill()
	c.kills = append(c.kills, time.Now())
	c.crowd.rest()
}

// killsAfter counts the kills since something was made.
func (c *crash) killsAfter(id string) int {
	made, count := models.ID(id).Time(), 0
	for _, kill := range c.kills {
		if kill.After(made) {
			count++
		}
	}
	return count
}

// repeat sends the last keyed requests again: what was answered is answered the same, and what was not is
// answered the same from now on.
func (c *crash) repeat(t *testing.T, base string) {
	t.Helper()
	ledger := c.crowd.ledger
	ledger.mutex.Lock()
	requests := slices.Clone(ledger.keyed)
	ledger.keyed = nil
	ledger.mutex.Unlock()
	for _, request := range requests {
		token := c.crowd.tokens[models.RoleResident]
		switch {
		case request.byTerminal:
			token = c.crowd.device
		case request.byOfficer:
			token = c.crowd.tokens[models.RoleCommander]
		}
		who := c.crowd.as(base, token)
		first := request.first
		if first.status == 0 {
			first = c.answered(t, who, request)
			if request.byTerminal && first.field("decision") == models.DecisionOpen { // it opened, and the answer was lost
				code, _ := request.body.(map[string]any)["code"].(string)
				ledger.note(func() { ledger.opened[code]++ })
			}
		}
		got := c.answered(t, who, request)
		if got.status != first.status || string(got.body) != string(first.body) {
			t.Errorf("%s with a repeated key: %d %s, first %d %s", request.path, got.status, got.body, first.status, first.body)
		}
		if got.header.Get("Idempotency-Replayed") != "true" {
			t.Errorf("%s with a repeated key was carried out again", request.path)
		}
		who.close()
	}
}

// answered repeats a request.
func (c *crash) answered(t *testing.T, who *caller, request keyed) answer {
	t.Helper()
	got, err := who.send("POST", request.path, request.body, "Idempotency-Key", request.key)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// findings are what the ledger finds in the database as it lies there, with no server on it.
func (c *crash) findings(t *testing.T, since models.ID) []string {
	t.Helper()
	opened := c.site.raw()
	defer closing(t, opened)
	return append(c.crowd.ledger.findings(t, opened, c.fake.Received(phone), since), c.crowd.thanks.findings(t, opened, since)...)
}

func TestKillLosesNothing(t *testing.T) {
	eachDatabase(t, func(t *testing.T, dsn string) {
		c, total := newCrash(t, dsn), kills(dsn)
		for at := range total {
			if at%10 == 9 { // in the middle of starting
				starting := launch(t, c.site.env(c.env), "serve")
				time.Sleep(rand.N(200 * time.Millisecond))
				starting.kill()
			}
			c.round(t, rand.N(600*time.Millisecond))
			if found := c.findings(t, c.since); len(found) > 0 {
				t.Fatalf("after kill %d:\n%s", at+1, strings.Join(found[:min(20, len(found))], "\n"))
			}
		}
		server, at := c.site.serve(c.env)
		c.repeat(t, at.api)
		c.repeatUntold(t, at.api)
		if len(c.idle()) > 0 { // a slow machine got no further between the kills
			c.crowd.work(at.api)
			eventually(t, func() bool { return len(c.idle()) == 0 }, "everything is told of")
			c.crowd.rest()
		}
		eventually(t, func() bool { return allSealed(t, c.site) }, "the audit is sealed after %d kills", total)
		if os.Getenv("XUNFANG_KILLS") != "" { // what the last dead worker held comes back when its lease ends
			for tries := 0; tries < 900 && !c.allSent(t); tries++ {
				time.Sleep(100 * time.Millisecond)
			}
			if !c.allSent(t) {
				t.Error("something still waits to be sent")
			}
		}
		server.stop()
		for _, found := range c.untold(t, c.fake.Delivered(phone)) {
			t.Error(found)
		}
		if found := c.untold(t, nil); len(found) == 0 {
			t.Error("a phone that got nothing was not noticed")
		}
		if found := c.findings(t, ""); len(found) > 0 {
			t.Errorf("in the end:\n%s", strings.Join(found[:min(20, len(found))], "\n"))
		}
		if status, printed := runProgram(t, c.site.env(nil), "audit", "verify"); status != 0 {
			t.Errorf("audit verify: %d\n%s", status, printed)
		}
		t.Logf("%d kills; %s; %s; %d messages to the phone",
			total, c.crowd.ledger.counts(), c.crowd.thanks.counts(), len(c.fake.Received(phone)))
		c.workedAtAll(t)
	})
}

// untold compares what people were told was sent, the ledger of deliveries and what came to the phone. What is neither there
// nor waits is lost; what the ledger calls accepted must be there; no kill repeats anything more than once, and whatever is
// repeated the phone shows once.
func (c *crash) untold(t *testing.T, delivered []fcmfake.Delivered) []string {
	t.Helper()
	opened := c.site.raw()
	defer closing(t, opened)
	const which = "SELECT alert_id FROM deliveries WHERE installation_id = 'phone-1' AND state = ?"
	came, shown, found, waits := map[string]int{}, map[string]int{}, []string{}, column(t, opened, which, "queued")
	for _, one := range delivered {
		// One more than there were kills since: an answer can come too late by itself.
		if came[one.AlertID]++; came[one.AlertID] == 1+c.killsAfter(one.AlertID)+2 {
			found = append(found, "came more often than there were kills: "+one.AlertID)
		}
	}
	for _, one := range fcmfake.Shown(delivered, "android") {
		if shown[one.AlertID]++; shown[one.AlertID] == 2 {
			found = append(found, "the phone shows it twice: "+one.AlertID)
		}
	}
	for _, id := range column(t, opened, which, "provider_accepted") {
		if came[id] == 0 {
			found = append(found, "the ledger says accepted, and it never came: "+id)
		}
	}
	c.crowd.ledger.note(func() {
		for id := range c.crowd.ledger.alerts {
			if came[string(id)] == 0 && !slices.Contains(waits, string(id)) {
				found = append(found, "neither came nor waits: "+string(id))
			}
		}
	})
	return found
}

// allSent says whether nothing waits that is due: at night what is not urgent waits for the morning.
func (c *crash) allSent(t *testing.T) bool {
	t.Helper()
	opened := c.site.raw()
	defer closing(t, opened)
	due := column(t, opened, "SELECT COUNT(*) FROM deliveries WHERE state = 'queued' AND next_at <= ?", time.Now().UnixMilli())
	return due[0] == "0"
}

// workedAtAll keeps the test from proving nothing: everything that could be lost was there.
func (c *crash) workedAtAll(t *testing.T) {
	t.Helper()
	for _, what := range c.idle() {
		t.Errorf("no %s were acknowledged: nothing was tested", what)
	}
}

// idle names what nobody was told of yet.
func (c *crash) idle() []string {
	ledger, idle, told := c.crowd.ledger, []string{}, map[string]int{"messages": len(c.fake.Received(phone))}
	ledger.note(func() {
		maps.Copy(told, c.crowd.thanks.told())
		maps.Copy(told, map[string]int{
			"check-ins": len(ledger.checkIns), "tips": len(ledger.tips), "passes": len(ledger.passes),
			"redemptions": len(ledger.opened), "alerts": len(ledger.alerts),
		})
	})
	for what, count := range told {
		if count == 0 {
			idle = append(idle, what)
		}
	}
	return idle
}

func allSealed(t testing.TB, s *site) bool {
	opened := s.raw()
	defer closing(t, opened)
	return column(t, opened, "SELECT COUNT(*) FROM audit_entries WHERE sealed = 0")[0] == "0"
}

// What the test above trusts must be able to see a loss: each of these is one.
func TestTheLedgerSeesALoss(t *testing.T) {
	eachDatabase(t, func(t *testing.T, dsn string) {
		c := newCrash(t, dsn)
		for rounds := 0; rounds == 0 || len(c.idle()) > 0 && rounds < 10; rounds++ { // on a slow machine one is not enough
			c.round(t, 700*time.Millisecond)
		}
		c.workedAtAll(t)
		if found := c.findings(t, ""); len(found) > 0 {
			t.Fatalf("before anything was taken away: %v", found)
		}
		c.noticesHaste(t)
		ledger := c.crowd.ledger
		var code string
		for code = range ledger.opened {
			break
		}
		losses := []struct{ finding, statement string }{
			{"check-in " + string(anyOf(ledger.checkIns)), "DELETE FROM check_ins WHERE id = ?"},
			{"the clock of tip " + string(anyOf(ledger.tips)), "DELETE FROM tip_clocks WHERE tip_id = ?"},
			{"tip " + string(anyOf(ledger.tips)), "DELETE FROM tips WHERE id = ?"},
			{"redemption of pass " + string(ledger.passOf[code]), "UPDATE visitor_passes SET uses = 0 WHERE id = ?"},
			{"message " + string(anyOf(c.crowd.thanks.messages)), "DELETE FROM tip_messages WHERE id = ?"},
			{"merge of tip " + string(anyOf(c.crowd.thanks.merged)), "DELETE FROM tip_merges WHERE tip_id = ?"},
			{"claim of reward " + string(anyOf(c.crowd.thanks.claimed)), "UPDATE rewards SET state = 'notified', claimed_at = 0 WHERE id = ?"},
			{"media of upload " + string(anyOf(c.crowd.thanks.uploaded)), "DELETE FROM media WHERE id = ?"},
			{"the phone was sent alert " + c.fake.Received(phone)[0], "DELETE FROM alerts WHERE id = ?"},
		}
		for _, loss := range losses {
			id := loss.finding[strings.LastIndexByte(loss.finding, ' ')+1:]
			if changed := c.site.sql(loss.statement, id); changed != 1 {
				t.Fatalf("%s changed %d rows", loss.statement, changed)
			}
			found := strings.Join(c.findings(t, ""), "\n")
			if !strings.Contains(found, loss.finding) {
				t.Errorf("%s was not noticed: %s", loss.statement, found)
			}
		}
		ledger.opened[code]++
		if found := strings.Join(c.findings(t, ""), "\n"); !strings.Contains(found, "opened 2 times") {
			t.Errorf("a second opening was not noticed: %s", found)
		}
	})
}

// noticesHaste has a worker write that the provider said yes, before it sends, and die: what the database says then no phone has.
func (c *crash) noticesHaste(t *testing.T) {
	t.Helper()
	c.fake.Script(phone, fcmfake.Silence)
	defer c.fake.Script(phone)
	const haste = "the ledger says accepted, and it never came: "
	hasty := func(found []string) bool {
		return slices.ContainsFunc(found, func(one string) bool { return strings.HasPrefix(one, haste) })
	}
	for rounds := 0; rounds < 10 && !hasty(c.untold(t, c.fake.Delivered(phone))); rounds++ { // on a slow machine one is not enough
		c.round(t, 400*time.Millisecond)
		if found := c.untold(t, c.fake.Delivered(phone)); len(found) > 0 {
			t.Fatalf("before anything was claimed: %v", found)
		}
		c.site.within(func(ctx context.Context, opened *store.Store) {
			later, results := time.Now().Add(time.Minute), []models.DeliveryResult{} // the dead one's leases have ended
			claimed, err := opened.ClaimDeliveries(ctx, "hasty", 1000, time.Minute, later)
			for at, delivery := range claimed {
				results = append(results, models.DeliveryResult{
					Delivery: delivery, State: models.DeliveryAccepted, ProviderID: fmt.Sprint("projects/xunfang-test/messages/soon-", at),
				})
			}
			if err == nil {
				err = opened.FinishDeliveries(ctx, "hasty", results, later)
			}
			if err != nil {
				t.Fatal(err)
			}
		})
	}
	if !hasty(c.untold(t, c.fake.Delivered(phone))) {
		t.Error("a worker that says yes before it sends, and dies, was not noticed")
	}
}

func anyOf(told map[models.ID]bool) models.ID {
	for id := range told {
		return id
	}
	return ""
}
