package main

import (
	"database/sql"
	"fmt"
	"testing"

	"xunfang/models"
)

// thanksLedger is what clients were told of whole tips. The ledger's mutex guards it.
type thanksLedger struct {
	messages, merged, resolved, claimed, uploaded map[models.ID]bool

	rounds   int
	story    story
	begun    string         // the path of an upload under way
	untold   map[string]any // the last tip without a name
	receipt  string         // of it, if that was answered
	receipts int            // of tips that are surely written
}

func newThanksLedger() thanksLedger {
	return thanksLedger{
		messages: map[models.ID]bool{}, merged: map[models.ID]bool{}, resolved: map[models.ID]bool{},
		claimed: map[models.ID]bool{}, uploaded: map[models.ID]bool{},
	}
}

func (l *thanksLedger) told() map[string]int {
	return map[string]int{
		"messages about tips": len(l.messages), "merges": len(l.merged), "resolved tips": len(l.resolved), "claims": len(l.claimed),
		"uploads": len(l.uploaded), "receipts": l.receipts,
	}
}

func (l *thanksLedger) counts() string {
	return fmt.Sprintf("%d messages, %d merges, %d claims, %d uploads, %d receipts",
		len(l.messages), len(l.merged), len(l.claimed), len(l.uploaded), l.receipts)
}

// halves are what no transaction may leave behind: each query finds ids of what is half done.
var halves = []struct{ what, query string }{
	{"the clock of tip %s is not there", `SELECT id FROM tips t WHERE id >= ? AND NOT EXISTS (SELECT 1 FROM tip_clocks c WHERE c.tip_id = t.id)`},
	{"a clock ticks for tip %s, which is not there", `SELECT tip_id FROM tip_clocks c WHERE tip_id >= ? AND
		NOT EXISTS (SELECT 1 FROM tips t WHERE t.id = c.tip_id)`},
	// The alert about a nameless tip is held, sealed, for a minute: while any is, it may be that one's.
	{"nobody was told of tip %s", `SELECT id FROM tips t WHERE id >= ? AND NOT EXISTS (SELECT 1 FROM alerts a WHERE a.about_id = t.id AND a.kind = 'tip')
		AND (reporting <> 'anonymous' OR NOT EXISTS (SELECT 1 FROM held_alerts))`},
	{"tip %s has another state than its last step", `SELECT t.id FROM tips t JOIN tip_steps s ON s.tip_id = t.id WHERE t.id >= ? AND s.state <> t.state
		AND s.ordinal = (SELECT MAX(ordinal) FROM tip_steps l WHERE l.tip_id = t.id)`},
	{"the messages of tip %s have a gap", `SELECT tip_id FROM tip_messages WHERE tip_id >= ? GROUP BY tip_id HAVING COUNT(*) <> MAX(ordinal)`},
	{"tip %s is merged and open", `SELECT m.tip_id FROM tip_merges m JOIN tips t ON t.id = m.tip_id WHERE m.tip_id >= ? AND t.closed_reason <> 'duplicate'`},
	{"tip %s is a duplicate of nothing", `SELECT id FROM tips t WHERE id >= ? AND closed_reason = 'duplicate' AND
		NOT EXISTS (SELECT 1 FROM tip_merges m WHERE m.tip_id = t.id)`},
	{"the points for tip %s are not there once", `SELECT t.id FROM tips t WHERE t.id >= ? AND t.state = 'resolved' AND
		(SELECT COUNT(*) FROM point_entries p WHERE p.about_id = t.id) <> 1`},
	{"reward %s is claimed without its record, or has two", `SELECT r.id FROM rewards r WHERE r.id >= ? AND
		(SELECT COUNT(*) FROM audit_entries e WHERE e.object_id = r.id AND e.operation = 'createRewardClaim' AND e.outcome = 'allowed')
		<> CASE WHEN r.claimed_at > 0 THEN 1 ELSE 0 END`},
	{"reward %s is claimed by half", `SELECT id FROM rewards WHERE id >= ? AND (claimed_at > 0) <> (state IN ('claimed', 'paid'))`},
	{"upload %s has ended without its media", `SELECT id FROM uploads u WHERE id >= ? AND ended_at > 0 AND
		NOT EXISTS (SELECT 1 FROM media m WHERE m.id = u.id)`},
	{"media %s is there and its upload goes on", `SELECT m.id FROM media m JOIN uploads u ON u.id = m.id WHERE m.id >= ? AND u.ended_at = 0`},
}

// findings compares as the ledger's own does.
func (l *thanksLedger) findings(t testing.TB, opened *sql.DB, since models.ID) []string {
	t.Helper()
	found := []string{}
	for _, half := range halves {
		for _, id := range column(t, opened, half.query, since) {
			found = append(found, fmt.Sprintf(half.what, id))
		}
	}
	lost := func(what string, told map[models.ID]bool, query string) {
		found = append(found, lostOf(t, opened, what, told, query, since)...)
	}
	lost("message", l.messages, "SELECT id FROM tip_messages WHERE id >= ?")
	lost("merge of tip", l.merged, "SELECT tip_id FROM tip_merges WHERE tip_id >= ?")
	lost("end of tip", l.resolved, "SELECT id FROM tips WHERE id >= ? AND state = 'resolved'")
	lost("claim of reward", l.claimed, "SELECT id FROM rewards WHERE id >= ? AND state = 'claimed'")
	lost("media of upload", l.uploaded, "SELECT id FROM media WHERE id >= ?")
	// Ids of tips without a name say only their minute, so that all are counted: each has a sealed half and a plain one.
	sealed := column(t, opened, `SELECT tip_id FROM anonymous_tips a WHERE EXISTS
		(SELECT 1 FROM tips t JOIN tip_clocks c ON c.tip_id = t.id WHERE t.id = a.tip_id AND t.reporting = 'anonymous')`)
	halved := column(t, opened, `SELECT COUNT(*) FROM (SELECT id FROM tips WHERE reporting = 'anonymous' UNION SELECT tip_id FROM anonymous_tips) x`)
	unanswered := 0
	if l.untold != nil && l.receipt == "" {
		unanswered = 1
	}
	if halved[0] != fmt.Sprint(len(sealed)) || len(sealed) < l.receipts || len(sealed) > l.receipts+unanswered {
		found = append(found, fmt.Sprintf("%d receipts and %d without an answer, but %d tips without a name, %s with halves",
			l.receipts, unanswered, len(sealed), halved[0]))
	}
	return found
}
