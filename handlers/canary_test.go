package handlers_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"xunfang/models"
)

// The canary: what somebody without a name sends is planted with words that stand nowhere else, and then everything that
// is kept, logged, counted or sent is searched for them.
func TestNothingTellsWhoSentAnAnonymousTip(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		headers := []string{
			"User-Agent", "canary-agent-7f3a", "X-Forwarded-For", "203.0.113.77", "X-Request-Id", "canary-request-7f3a",
			"Accept-Language", "en", "Referer", "https://canary-referer-7f3a/",
		}
		canaries := []string{
			"canary-text-7f3a", "canary-agent-7f3a", "203.0.113.77", "canary-request-7f3a", "canary-referer-7f3a",
			"canary-push-7f3a", "30.5200234", "canary-kept-7f3a",
		}
		tip := rig.untold(map[string]any{
			"description": "canary-text-7f3a", "position": map[string]any{"lat": 30.5200234, "lng": 105.601, "crs": "WGS84"},
		})
		receipt := rig.call(nil, http.MethodPost, "/v1/anonymous-tips", tip, headers...).must(201).text("receipt")
		rig.call(nil, http.MethodPost, "/v1/anonymous-tips", change(tip, map[string]any{"description": "canary-kept-7f3a"}), headers...).must(409)
		token := rig.call(nil, http.MethodPost, "/v1/receipt-sessions", map[string]any{"receipt": receipt}, headers...).must(201).text("access_token")
		rig.callAs(token, http.MethodGet, "/v1/receipt/tip", nil, headers...).must(200)
		rig.callAs(token, http.MethodPut, "/v1/receipt/push-address",
			map[string]any{"kind": "fcm_token", "value": "canary-push-7f3a", "platform": "android"}, headers...).must(204)
		rig.callAs(token, http.MethodGet, "/v1/tips", nil, headers...).must(403)
		listed := rig.call(rig.Officer, http.MethodGet, "/v1/tips", nil).must(200)
		id := listed.text("items.0.id")
		rig.advanceTip(rig.Officer, id, map[string]any{"state": "acknowledged"}).must(200)
		rig.callAs(token, http.MethodPost, "/v1/receipt/withdrawal", nil, headers...).must(200)
		// The control: a plain field of a thing that is no secret must be found by the same search.
		rig.call(rig.Commander, http.MethodPost, "/v1/checkpoints", map[string]any{
			"name": "canary-control-7f3a", "position": somewhere, "methods": []string{"gps"},
		}).must(201)

		kept := rig.everythingKept()
		if !strings.Contains(kept["metrics"], "createAnonymousTip") {
			t.Error("the metrics do not count anonymous tips")
		}
		canaries = append(canaries, receipt, receipt[:4]+" "+receipt[4:8], "127.0.0.1", tip["proof"].(map[string]any)["challenge"].(string), token)
		for place, text := range kept {
			for _, canary := range canaries {
				if strings.Contains(text, canary) {
					t.Errorf("%s holds %q", place, canary)
				}
			}
		}
		if place := "table checkpoints"; !strings.Contains(kept[place], "canary-control-7f3a") {
			t.Error("the search does not find what is there")
		}
		if file, there := kept["file xunfang.db"]; there && !strings.Contains(file+kept["file xunfang.db-wal"], "canary-control-7f3a") {
			t.Error("the search of the files does not find what is there")
		}
		rig.nothingTellsWhen(t, models.ID(id))
	})
}

// nothingTellsWhen looks that of the tip, and of what its reporter did, no time is finer than a minute, and that
// nothing says who acted.
func (r *rig) nothingTellsWhen(t *testing.T, id models.ID) {
	t.Helper()
	exact := 0
	row := r.sql.QueryRow("SELECT COUNT(*) FROM tips WHERE id = ? AND (occurred_at % 60000 <> 0 OR received_at % 60000 <> 0)", string(id))
	if err := row.Scan(&exact); err != nil || exact != 0 {
		t.Errorf("the tip's times are exact: %v", err)
	}
	if id.Time().UnixMilli()%60000 != 0 {
		t.Errorf("the tip's id tells that it was made at %s", id.Time())
	}
	for _, operation := range []models.Operation{
		models.OpCreateAnonymousTip, models.OpPutReceiptPushAddress, models.OpCreateReceiptWithdrawal, models.OpListTips,
	} {
		records := r.audit(r.A, operation)
		if len(records) == 0 {
			t.Errorf("%s is not recorded", operation)
		}
		for _, record := range records {
			if record.ActorID == r.Officer.ID {
				continue
			}
			if record.At.UnixMilli()%60000 != 0 || record.ID.Time().UnixMilli()%60000 != 0 || record.SessionID != "" ||
				record.ActorID != "" && record.ActorID != id {
				t.Errorf("%s is recorded with %+v", operation, record)
			}
		}
	}
}

// everythingKept is the text of all that the service keeps or shows: each table, the files of SQLite, the log, the metrics.
func (r *rig) everythingKept() map[string]string {
	r.t.Helper()
	kept := map[string]string{"log": r.logs.all()}
	answer := httptest.NewRecorder()
	r.metrics.Handler().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody))
	kept["metrics"] = answer.Body.String()
	query := "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()"
	path, file := strings.CutPrefix(r.store.Config().DSN, "sqlite:")
	if file {
		query = "SELECT name FROM sqlite_master WHERE type = 'table'"
		for _, name := range []string{path, path + "-wal"} {
			if text, err := os.ReadFile(name); err == nil { //nolint:gosec // the test's own
				kept["file xunfang.db"+strings.TrimPrefix(filepath.Base(name), filepath.Base(path))] = string(text)
			}
		}
	}
	for _, table := range r.column(query) {
		kept["table "+table] = r.dump(table)
	}
	return kept
}

func (r *rig) column(query string) []string {
	r.t.Helper()
	found, err := r.sql.Query(query)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = found.Close() }()
	texts := []string{}
	for found.Next() {
		text := ""
		if err := found.Scan(&text); err != nil {
			r.t.Fatal(err)
		}
		texts = append(texts, text)
	}
	if err := found.Err(); err != nil {
		r.t.Fatal(err)
	}
	return texts
}

// dump is every value of a table as text, those of columns of bytes as they are.
func (r *rig) dump(table string) string {
	r.t.Helper()
	found, err := r.sql.Query("SELECT * FROM " + table) //nolint:gosec // the database's own names
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = found.Close() }()
	columns, err := found.Columns()
	if err != nil {
		r.t.Fatal(err)
	}
	text := bytes.Buffer{}
	for found.Next() {
		values := make([]sql.RawBytes, len(columns))
		into := make([]any, len(columns))
		for at := range values {
			into[at] = &values[at]
		}
		if err := found.Scan(into...); err != nil {
			r.t.Fatal(err)
		}
		for _, value := range values {
			_, _ = fmt.Fprintf(&text, "%s\n", value)
		}
	}
	if err := found.Err(); err != nil {
		r.t.Fatal(err)
	}
	return text.String()
}
