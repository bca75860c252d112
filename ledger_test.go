package main

import (
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"

	"xunfang/models"
)

// ledger is what clients were told: the database must agree with it, whatever happens to the server.
type ledger struct {
	mutex    sync.Mutex
	checkIns map[models.ID]bool
	tips     map[models.ID]bool
	passes   map[models.ID]bool
	alerts   map[models.ID]bool
	opened   map[string]int // code → how many entries of it were told to open
	passOf   map[string]models.ID
	keyed    []keyed // the newest requests with an Idempotency-Key, answered or not
	wrong    []string
	answers  int
}

// keyed is a request with an Idempotency-Key and its first answer, if one came.
type keyed struct {
	path, key  string
	body       any
	first      answer // status 0: none came
	byTerminal bool
	byOfficer  bool
}

func newLedger() *ledger {
	return &ledger{
		checkIns: map[models.ID]bool{}, tips: map[models.ID]bool{}, passes: map[models.ID]bool{},
		alerts: map[models.ID]bool{}, opened: map[string]int{}, passOf: map[string]models.ID{},
	}
}

// note changes the ledger under its lock.
func (l *ledger) note(change func()) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	change()
}

func (l *ledger) complain(format string, arguments ...any) {
	l.note(func() { l.wrong = append(l.wrong, fmt.Sprintf(format, arguments...)) })
}

// remember keeps a keyed request, to be repeated after the restart.
func (l *ledger) remember(request keyed) {
	l.note(func() {
		l.keyed = append(l.keyed, request)
		l.keyed = l.keyed[max(0, len(l.keyed)-12):]
	})
}

// lostOf names what was acknowledged, has an id from since on, and is not among the ids of the query.
func lostOf(t testing.TB, opened *sql.DB, what string, told map[models.ID]bool, query string, since models.ID) []string {
	t.Helper()
	there, found := map[models.ID]bool{}, []string{}
	for _, id := range column(t, opened, query, since) {
		there[models.ID(id)] = true
	}
	for id := range told {
		if id >= since && !there[id] {
			found = append(found, fmt.Sprintf("%s %s was acknowledged and is lost", what, id))
		}
	}
	return found
}

// findings compares what was told with what is in the database and what the phone was sent; nothing found is good.
// Only what has an id from since on is looked at: ids sort by the time they were made; "" looks at everything.
func (l *ledger) findings(t testing.TB, opened *sql.DB, sent []string, since models.ID) []string {
	t.Helper()
	l.mutex.Lock()
	defer l.mutex.Unlock()
	found := slices.Clone(l.wrong)
	lost := func(what string, told map[models.ID]bool, query string) {
		found = append(found, lostOf(t, opened, what, told, query, since)...)
	}
	lost("check-in", l.checkIns, "SELECT id FROM check_ins WHERE id >= ?")
	lost("tip", l.tips, "SELECT id FROM tips WHERE id >= ?")
	lost("audit of tip", l.tips, "SELECT object_id FROM audit_entries WHERE object_id >= ? AND operation = 'createTip' AND outcome = 'allowed'")
	lost("pass", l.passes, "SELECT id FROM visitor_passes WHERE id >= ?")
	lost("alert", l.alerts, "SELECT id FROM alerts WHERE id >= ?")
	redeemed := map[models.ID]bool{}
	for code, times := range l.opened {
		redeemed[l.passOf[code]] = true
		if times > 1 {
			found = append(found, fmt.Sprintf("the code of pass %s opened %d times", l.passOf[code], times))
		}
	}
	lost("redemption of pass", redeemed, "SELECT id FROM visitor_passes WHERE id >= ? AND uses = 1")
	lost("passage with pass", redeemed, "SELECT pass_id FROM access_events WHERE pass_id >= ? AND way = 'code' AND outcome = 'granted'")
	for _, id := range column(t, opened, `SELECT p.id FROM visitor_passes p WHERE p.id >= ? AND (p.uses > p.max_uses OR p.uses <>
		(SELECT COUNT(*) FROM access_events e WHERE e.pass_id = p.id AND e.way = 'code' AND e.outcome = 'granted'))`, since) {
		found = append(found, fmt.Sprintf("pass %s has other uses than passages, or too many", id))
	}
	written := map[string]bool{}
	for _, id := range column(t, opened, "SELECT id FROM alerts") {
		written[id] = true
	}
	for _, id := range sent {
		if !written[id] {
			found = append(found, fmt.Sprintf("the phone was sent alert %s, which was never written", id))
		}
	}
	slices.Sort(found)
	return found
}

// counts is one line about how much was told.
func (l *ledger) counts() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return fmt.Sprintf("%d answers: %d check-ins, %d tips, %d passes, %d redemptions, %d alerts",
		l.answers, len(l.checkIns), len(l.tips), len(l.passes), len(slices.Collect(maps.Keys(l.opened))), len(l.alerts))
}
