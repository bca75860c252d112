package store_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/store"
	"xunfang/store/testdb"
)

// attempts lists the numbers of the entries of a page.
func attempts(ctx context.Context, t testing.TB, s *store.Store, filter models.AuditFilter, before models.ID, limit int) []string {
	t.Helper()
	list, err := s.ListAudit(ctx, station, filter, before, limit)
	if err != nil {
		t.Fatal(err)
	}
	got := []string{}
	for _, record := range list {
		got = append(got, record.Facts["attempt"])
	}
	return got
}

// Every page is the same whether the entries are linked, wait, or half of each.
func TestListAudit(t *testing.T) {
	odd, even := auditID(1001), auditID(1000)
	from, to := auditTime.Add(2*time.Millisecond), auditTime.Add(8*time.Millisecond)
	tests := map[string]struct {
		filter models.AuditFilter
		before models.ID
		limit  int
		want   string
	}{
		"first page":           {limit: 3, want: "12 11 10"},
		"next page":            {limit: 3, before: auditID(10), want: "9 8 7"},
		"actor":                {filter: models.AuditFilter{ActorID: odd}, limit: 3, want: "11 9 7"},
		"actor, next page":     {filter: models.AuditFilter{ActorID: odd}, before: auditID(7), limit: 9, want: "5 3 1"},
		"actor of nothing":     {filter: models.AuditFilter{ActorID: auditID(1002)}, limit: 9, want: ""},
		"object":               {filter: models.AuditFilter{ObjectID: auditID(3002)}, limit: 10, want: "11 8 5 2"},
		"operation":            {filter: models.AuditFilter{Operation: models.OpListDoors}, limit: 10, want: ""},
		"from and to":          {filter: models.AuditFilter{From: from, To: auditTime.Add(4 * time.Millisecond)}, limit: 9, want: "3 2"},
		"actor and time":       {filter: models.AuditFilter{ActorID: even, From: from, To: to}, limit: 9, want: "6 4 2"},
		"the same, next page":  {filter: models.AuditFilter{ActorID: even, From: from, To: to}, before: auditID(6), limit: 9, want: "4 2"},
		"actor and operation":  {filter: models.AuditFilter{ActorID: even, Operation: models.OpOpenDoor}, limit: 2, want: "12 10"},
		"actor, not operation": {filter: models.AuditFilter{ActorID: even, Operation: models.OpListDoors}, limit: 2, want: ""},
		"actor and object":     {filter: models.AuditFilter{ActorID: odd, ObjectID: auditID(3002)}, limit: 9, want: "11 5"},
		"all together": {
			filter: models.AuditFilter{ActorID: even, ObjectID: auditID(3000), Operation: models.OpOpenDoor, To: auditTime.Add(time.Second)},
			before: auditID(12), limit: 9, want: "6 0",
		},
	}
	for _, linked := range []int{0, 6, 12, 13} {
		testdb.Each(t, func(t *testing.T, s *store.Store) {
			ctx := t.Context()
			record(ctx, t, s, 0, linked)
			if sealed := seal(ctx, t, s); sealed != linked {
				t.Fatalf("sealed %d", sealed)
			}
			record(ctx, t, s, linked, 13)
			for name, test := range tests {
				if got := strings.Join(attempts(ctx, t, s, test.filter, test.before, test.limit), " "); got != test.want {
					t.Errorf("%s, %d linked: got %q, want %q", name, linked, got, test.want)
				}
			}
			if other, _ := s.ListAudit(ctx, "another", models.AuditFilter{ActorID: odd}, "", 2); len(other) != 0 {
				t.Error("another station's entries are seen")
			}
		})
	}
}

func TestListAuditShowsPlaceAndReason(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		record(ctx, t, s, 0, 12)
		seal(ctx, t, s)
		record(ctx, t, s, 12, 14)
		for _, filter := range []models.AuditFilter{{}, {ActorID: auditID(1000)}, {ActorID: auditID(1001)}} {
			list, err := s.ListAudit(ctx, station, filter, "", 14)
			if err != nil || len(list) < 7 {
				t.Fatalf("%d entries, %v", len(list), err)
			}
			for _, record := range list {
				number, err := strconv.Atoi(record.Facts["attempt"])
				if err != nil {
					t.Fatal(err)
				}
				want := auditEntry(number)
				seq := int64(0)
				if number < 12 {
					seq = int64(number + 1)
				}
				if record.ID != want.ID || !record.At.Equal(want.At) || record.ActorID != want.ActorID || record.Facts["door"] != "东门" {
					t.Errorf("got %+v", record)
				}
				if record.Seq != seq || (len(record.Hash) > 0) != (seq > 0) || record.Reason.Reveal() != fmt.Sprint("理由 ", number) || record.Erased {
					t.Errorf("entry %d: got seq %d, hash %x, reason %q", number, record.Seq, record.Hash, record.Reason.Reveal())
				}
			}
		}
	})
}

func TestListAuditWalksAnIndex(t *testing.T) {
	actor, object := auditID(1001), auditID(3002)
	byActor := []string{"audit_entries_unsealed", "audit_chain_actor"}
	tests := map[string]struct {
		filter  models.AuditFilter
		indexes []string // one for each statement
	}{
		"nothing":             {models.AuditFilter{}, []string{"PRIMARY"}},
		"actor":               {models.AuditFilter{ActorID: actor}, byActor},
		"actor and operation": {models.AuditFilter{ActorID: actor, Operation: models.OpOpenDoor}, byActor},
		"actor and time":      {models.AuditFilter{ActorID: actor, From: auditTime, To: auditTime.Add(time.Second)}, byActor},
		"object":              {models.AuditFilter{ObjectID: object}, []string{"audit_entries_object"}},
		"actor and object":    {models.AuditFilter{ActorID: actor, ObjectID: object}, []string{"audit_entries_object"}},
	}
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		record(ctx, t, s, 0, 200)
		seal(ctx, t, s)
		record(ctx, t, s, 200, 210)
		for name, test := range tests {
			for _, before := range []models.ID{"", auditID(100)} {
				plans, err := s.AuditPlan(ctx, station, test.filter, before)
				if err != nil || len(plans) != len(test.indexes) {
					t.Fatalf("%s: %d plans, %v", name, len(plans), err)
				}
				for at, plan := range plans {
					driving, _, _ := strings.Cut(plan, "] map[") // the table that the others are joined to
					if walks(plan) || !strings.Contains(driving, test.indexes[at]) {
						t.Errorf("%s before %q does not walk %s alone: %s", name, before, test.indexes[at], plan)
					}
				}
			}
		}
	})
}

// walks says whether a plan reads a whole table or sorts.
func walks(plan string) bool {
	return slices.ContainsFunc([]string{"SCAN", "TEMP B-TREE", "filesort", "temporary", "type:ALL", "type:index"}, func(sign string) bool {
		return strings.Contains(plan, sign)
	})
}
