package handlers_test

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

func notice(rig *rig) map[string]any {
	return map[string]any{
		"kind": "notice", "severity": "high", "title": "谨防电动车被盗", "body": "今晚请将电动车停入车棚。",
		"audience": map[string]any{
			"roles": []string{"volunteer"}, "scope": map[string]any{"kind": "compound", "id": rig.One.ID()},
		},
	}
}

func TestKeyIsNeeded(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		before := rig.rows()
		got := rig.call(rig.Officer, http.MethodPost, "/v1/alerts", notice(rig), "Idempotency-Key", without).must(400)
		if got.code() != models.CodeKeyMissing {
			t.Errorf("without a key: %s", got.Text)
		}
		sameRows(t, before, rig.rows())
	})
}

// sameRows fails the test for each table that grew or shrank.
func sameRows(t *testing.T, before, after map[string]int) {
	t.Helper()
	for table, count := range before {
		if after[table] != count && table != "sessions" && table != "refresh_tokens" {
			t.Errorf("%s had %d rows and has %d", table, count, after[table])
		}
	}
}

func TestRepeatGetsTheFirstAnswer(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		first := rig.call(rig.Officer, http.MethodPost, "/v1/alerts", notice(rig), "Idempotency-Key", "the-same-key").must(201)
		if first.Header.Get("Idempotency-Replayed") != "" {
			t.Error("the first answer says it is a repeat")
		}
		rig.advance(time.Minute)
		before := rig.rows()
		again := rig.call(rig.Officer, http.MethodPost, "/v1/alerts", notice(rig), "Idempotency-Key", "the-same-key").must(201)
		if again.Text != first.Text || again.Header.Get("Idempotency-Replayed") != "true" ||
			again.Header.Get("Content-Type") != first.Header.Get("Content-Type") {
			t.Errorf("the repeat got\n%s\n%s\nReplayed %q", first.Text, again.Text, again.Header.Get("Idempotency-Replayed"))
		}
		sameRows(t, before, rig.rows())

		other := notice(rig)
		other["title"] = "另一条"
		reused := rig.call(rig.Officer, http.MethodPost, "/v1/alerts", other, "Idempotency-Key", "the-same-key").must(422)
		if reused.code() != models.CodeKeyReused {
			t.Errorf("another body: %s", reused.Text)
		}
		// The same body to another object is another request.
		door := "/v1/doors/%s/open"
		rig.call(rig.Guard, http.MethodPost, strings.ReplaceAll(door, "%s", string(rig.One.Gate)), nil, "Idempotency-Key", "door-key").must(202)
		rig.call(rig.Guard, http.MethodPost, strings.ReplaceAll(door, "%s", string(rig.One.UnitDoor)), nil, "Idempotency-Key", "door-key").must(422)

		// Somebody else's key of the same name is another key.
		foreign := rig.call(rig.Commander, http.MethodPost, "/v1/alerts", notice(rig), "Idempotency-Key", "the-same-key").must(201)
		if foreign.id("id") == first.id("id") || foreign.Header.Get("Idempotency-Replayed") != "" {
			t.Errorf("another caller got the first one's answer: %s", foreign.Text)
		}
	})
}

func TestFailureDoesNotBurnTheKey(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		bad := notice(rig)
		bad["audience"] = map[string]any{"roles": []string{"volunteer"}, "scope": map[string]any{"kind": "compound", "id": rig.Two.ID()}}
		rig.call(rig.Officer, http.MethodPost, "/v1/alerts", bad, "Idempotency-Key", "corrected-key").must(422)
		rig.call(rig.Officer, http.MethodPost, "/v1/alerts", notice(rig), "Idempotency-Key", "corrected-key").must(201)
	})
}

func TestKeyInFlight(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		entered, leave := make(chan struct{}), make(chan struct{})
		rig.doors.set(func(sentCommand) (acknowledge, opened bool) {
			close(entered)
			<-leave
			return false, false
		})
		path := "/v1/doors/" + string(rig.One.Gate) + "/open"
		first := make(chan response, 1)
		token := rig.token(rig.Guard)
		go func() { first <- rig.callAs(token, http.MethodPost, path, nil, "Idempotency-Key", "in-flight-key") }()
		<-entered
		got := rig.callAs(token, http.MethodPost, path, nil, "Idempotency-Key", "in-flight-key").must(409)
		if got.code() != models.CodeKeyInFlight || got.Header.Get("Retry-After") == "" {
			t.Errorf("while the first is under way: %s", got.Text)
		}
		close(leave)
		done := (<-first).must(202)
		rig.doors.set(nil)
		again := rig.callAs(token, http.MethodPost, path, nil, "Idempotency-Key", "in-flight-key").must(202)
		if again.Text != done.Text || len(rig.doors.commands()) != 1 {
			t.Errorf("%d commands left; the repeat got\n%s\n%s", len(rig.doors.commands()), done.Text, again.Text)
		}
	})
}

func TestOneEffectOfFifty(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		token, body := rig.token(rig.Officer), notice(rig)
		answers := atOnce(50, func(int) response {
			return rig.callAs(token, http.MethodPost, "/v1/alerts", body, "Idempotency-Key", "fifty-at-once")
		})
		texts := map[string]int{}
		for _, got := range answers {
			switch got.Status {
			case 201:
				texts[got.Text]++
			case 409:
			default:
				t.Errorf("%d: %s", got.Status, got.Text)
			}
		}
		if len(texts) != 1 || rig.rows()["alerts"] != 1 {
			t.Errorf("%d different answers, %d alerts", len(texts), rig.rows()["alerts"])
		}
		// Without the key there is an effect each: the number above is the key's doing.
		atOnce(5, func(int) response { return rig.callAs(token, http.MethodPost, "/v1/alerts", body) })
		if count := rig.rows()["alerts"]; count != 6 {
			t.Errorf("%d alerts after five more keys", count)
		}
	})
}

// An answer that holds a secret comes again, but to its owner only, and lies sealed in the database.
func TestSecretAnswerIsReplayedToItsOwner(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		body := passBody(rig, nil)
		first := rig.call(rig.Resident, http.MethodPost, "/v1/visitor-passes", body, "Idempotency-Key", "secret-key").must(201)
		code := first.text("code")
		again := rig.call(rig.Resident, http.MethodPost, "/v1/visitor-passes", body, "Idempotency-Key", "secret-key").must(201)
		flatmate := rig.call(rig.Flatmate, http.MethodPost, "/v1/visitor-passes", body, "Idempotency-Key", "secret-key").must(201)
		if again.text("code") != code || flatmate.text("code") == code {
			t.Errorf("the code is %s, repeated %s, the flatmate's %s", code, again.text("code"), flatmate.text("code"))
		}
		device := map[string]any{"name": "新终端", "kind": "terminal", "compound_id": rig.One.ID()}
		made := rig.call(rig.Admin, http.MethodPost, "/v1/devices", device, "Idempotency-Key", "secret-key").must(201)
		other := rig.call(rig.Commander, http.MethodPost, "/v1/devices", device, "Idempotency-Key", "secret-key")
		if made.text("secret") == "" || strings.Contains(other.Text, made.text("secret")) {
			t.Errorf("another administrator got %s", other.Text)
		}
		if found := rig.everywhere(code, made.text("secret")); found != "" {
			t.Errorf("a secret lies open in %s", found)
		}
	})
}

// everywhere looks for texts in every column of every table, the audit's too, and names the first that holds one.
func (r *rig) everywhere(texts ...string) string {
	r.t.Helper()
	all := append([]string{"audit_entries", "audit_reasons", "audit_chain", "audit_heads"}, tables...)
	for _, table := range all {
		if found := r.inTable(table, texts...); found != "" {
			return found
		}
	}
	return ""
}

func (r *rig) inTable(table string, texts ...string) string {
	r.t.Helper()
	rows, err := r.sql.QueryContext(context.Background(), "SELECT * FROM "+table)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		r.t.Fatal(err)
	}
	cells, into := make([][]byte, len(columns)), make([]any, len(columns))
	for at := range cells {
		into[at] = &cells[at]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			r.t.Fatal(err)
		}
		for at, cell := range cells {
			for _, text := range texts {
				if text != "" && bytes.Contains(cell, []byte(text)) {
					return table + "." + columns[at] + ": " + string(cell)
				}
			}
		}
	}
	if err := rows.Err(); err != nil {
		r.t.Fatal(err)
	}
	return ""
}
