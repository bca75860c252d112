package handlers_test

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"xunfang/models"
)

// scenario is one request and everything that must be true of its answer.
type scenario struct {
	name    string
	who     *caller // nil: no token
	method  string
	path    string
	body    any
	headers []string
	want    int
	code    models.Code    // of the problem
	fields  []string       // "field code", each among the problem's errors
	has     map[string]any // path → value; numbers as float64
	hasNot  []string       // texts that stand nowhere in the body
	after   func(t *testing.T, rig *rig, got response)
}

// play runs scenarios in order, each as a subtest.
func (r *rig) play(t *testing.T, scenarios ...scenario) {
	t.Helper()
	for _, one := range scenarios {
		t.Run(one.name, func(t *testing.T) { r.playOne(t, one) })
	}
}

func (r *rig) playOne(t *testing.T, one scenario) {
	t.Helper()
	got := r.call(one.who, one.method, one.path, one.body, one.headers...)
	got.t = t
	if got.Status != one.want {
		t.Fatalf("%d, want %d: %s", got.Status, one.want, got.Text)
	}
	if one.code != "" && got.code() != one.code {
		t.Errorf("code %q, want %q", got.code(), one.code)
	}
	for _, field := range one.fields {
		if !strings.Contains("\n"+strings.Join(got.fields(), "\n")+"\n", "\n"+field+"\n") {
			t.Errorf("errors %q, want %q among them", got.fields(), field)
		}
	}
	for path, want := range one.has {
		if id, ok := want.(models.ID); ok {
			want = string(id)
		}
		if have := got.at(path); !reflect.DeepEqual(have, want) {
			t.Errorf("%s is %v, want %v", path, have, want)
		}
	}
	for _, text := range one.hasNot {
		if strings.Contains(got.Text, text) {
			t.Errorf("the answer gives away %q: %s", text, got.Text)
		}
	}
	if one.after != nil {
		one.after(t, r, got)
	}
}

// audit reads the newest audit records of a station about an operation ("" for all), newest first.
func (r *rig) audit(station models.ID, operation models.Operation) []models.AuditRecord {
	r.t.Helper()
	records, err := r.store.ListAudit(context.Background(), station, models.AuditFilter{Operation: operation}, "", 100)
	if err != nil {
		r.t.Fatal(err)
	}
	return records
}

// tables are all tables but the audit's, which grow with refusals too, and the schema's own.
var tables = []string{
	"stations", "compounds", "buildings", "units", "homes", "people", "role_grants", "sessions", "refresh_tokens",
	"track_points", "track_waiting", "trackers",
	"sms_codes", "push_addresses", "alert_settings", "held_pushes", "wechat_accounts", "wechat_consents", "checkpoints", "routes", "route_checkpoints", "check_ins", "media", "tips",
	"tip_settings", "tip_merges", "tip_clocks", "tip_helpers", "deputies", "open311_keys", "open311_tips", "tip_categories",
	"check_in_corrections",
	"tip_messages", "tip_message_media", "tip_notes", "quick_answers",
	"sos", "sos_calls", "sos_helpers", "sos_positions", "welfare_timers",
	"watch_concerns",
	"point_rules", "point_levels", "point_entries", "point_balances", "commendations", "rewards",
	"squads", "squad_members", "shifts", "street_posts", "round_plans", "round_plan_stops",
	"rounds", "round_stops", "round_members", "round_skips", "round_guests", "sync_manifests",
	"tip_media", "tip_steps", "findings", "finding_media", "finding_steps",
	"face_consents", "face_enrolments",
	"vehicles", "arrivals", "plate_reads",
	"group_heads", "group_messages", "group_message_media", "group_acknowledgements", "group_marks", "group_settings",
	"concern_sources", "concern_reports", "concern_figures",
	"device_lists",
	"repairs", "repair_media", "repair_steps",
	"devices", "doors", "visitor_passes", "visitor_pass_doors", "visitor_visits", "door_commands", "access_events", "alerts", "tellings", "held_alerts", "anonymous_tips", "inbox_items", "deliveries", "idempotency_keys", "wrong_codes", "calls", "call_consents", "call_settings", "device_events", "device_epochs", "door_aspects", "door_alarms", "door_alarm_settings", "device_drivers", "door_channels", "device_cursors", "device_claims", "device_health", "alert_ladders", "climbs", "alert_webhooks", "text_counts", "voice_counts", "voice_callbacks",
	"hidden_tips", "identity_openings",
	"uploads", "upload_parts", "media_originals", "media_signals",
}

// rows counts the rows of every table but the audit's.
func (r *rig) rows() map[string]int {
	r.t.Helper()
	if r.counting == nil { // asked thousands of times by the matrix: read once
		parts := make([]string, 0, len(tables))
		for _, table := range tables {
			parts = append(parts, fmt.Sprintf("SELECT '%s', COUNT(*) FROM %s", table, table))
		}
		counting, err := r.sql.Prepare(strings.Join(parts, " UNION ALL "))
		if err != nil {
			r.t.Fatal(err)
		}
		r.counting = counting // until the database is closed: r.t may be a part of the test
	}
	found, err := r.counting.Query()
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = found.Close() }()
	counts := map[string]int{}
	for found.Next() {
		table, count := "", 0
		if err := found.Scan(&table, &count); err != nil {
			r.t.Fatal(err)
		}
		counts[table] = count
	}
	if err := found.Err(); err != nil {
		r.t.Fatal(err)
	}
	return counts
}
