package store_test

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/store"
	"xunfang/store/testdb"
)

// crowdOf writes residents with one phone each, past all rules.
func crowdOf(ctx context.Context, t testing.TB, s *store.Store, count int) {
	t.Helper()
	err := s.Atomically(ctx, func(tx *store.Store) error {
		for at := 0; at < count; at += 500 {
			people, grants, phones, number := []any{}, []any{}, []any{}, min(500, count-at)
			for one := at; one < at+number; one++ {
				person := fmt.Sprintf("%08d-0000-7000-8000-000000000001", one)
				people = append(people, person, station)
				grants = append(grants, person, person, station)
				phones = append(phones, person, []byte(person[:32]))
			}
			for _, table := range []struct {
				into, row string
				values    []any
			}{
				{"people (id, station_id, name_sealed, password_hash, demo, disabled_at, created_at)", "(?,?,X'78','',0,0,1)", people},
				{
					"role_grants (id, person_id, role, station_id, compound_id, building_id, unit_id, home_id, starts_at, ends_at, created_at)",
					"(?,?,'resident',?,'','','','',1,0,1)", grants,
				},
				{
					"push_addresses (person_id, installation_id, kind, platform, locale, app_version, value_sealed, value_index, updated_at)",
					"(?,'phone','fcm_token','android','zh','',X'78',?," + strconv.FormatInt(claimNow.UnixMilli(), 10) + ")", phones,
				},
			} {
				rows := strings.TrimSuffix(strings.Repeat(table.row+",", number), ",")
				if err := tx.Write(ctx).Exec("INSERT INTO "+table.into+" VALUES "+rows, table.values...).Error; err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func alertForAll(id models.ID, severity string) models.Alert {
	return models.Alert{
		ID: id, Kind: "notice", Severity: severity, Title: "t", Body: "b", SenderID: "sender", RequiresAck: true,
		CreatedAt: claimNow, ExpiresAt: claimNow.Add(time.Hour),
		Audience: models.Audience{Roles: []models.Role{models.RoleResident}, Place: models.Place{Station: station}},
	}
}

func addAlert(ctx context.Context, t testing.TB, s *store.Store, alert models.Alert) (recipients int) {
	t.Helper()
	err := s.Atomically(ctx, func(tx *store.Store) (err error) {
		recipients, err = tx.AddAlert(ctx, alert)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return recipients
}

func numberOf(ctx context.Context, t testing.TB, s *store.Store, from string, values ...any) int {
	t.Helper()
	number := 0
	if err := s.Read(ctx).Raw("SELECT COUNT(*) FROM "+from, values...).Scan(&number).Error; err != nil {
		t.Fatal(err)
	}
	return number
}

const (
	quietAlert = models.ID("01939c1e-8a00-7000-8000-0000000000a1")
	loudAlert  = models.ID("01939c1e-8a00-7000-8000-0000000000a2")
	lastPerson = "00002499-0000-7000-8000-000000000001"
)

// An alert for many is queued page by page by any number of replicas, each phone once, an emergency first; whoever has
// acknowledged meanwhile, and whose alert was cancelled or is over, is left alone.
func TestAnAlertForManyIsQueuedInPages(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		crowdOf(ctx, t, s, 2500)
		quiet, loud := alertForAll(quietAlert, models.SeverityNormal), alertForAll(loudAlert, models.SeverityEmergency)
		for _, alert := range []models.Alert{quiet, loud} {
			if got := addAlert(ctx, t, s, alert); got != 2500 {
				t.Fatalf("for %d people", got)
			}
			if got := numberOf(ctx, t, s, "deliveries WHERE alert_id = ?", alert.ID); got != 1000 {
				t.Errorf("%d queued at once", got)
			}
		}
		err := s.Atomically(ctx, func(tx *store.Store) error {
			_, err := tx.AcknowledgeAlert(ctx, lastPerson, loudAlert, claimNow)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.GoOnTelling(ctx, claimNow); err != nil {
			t.Fatal(err)
		}
		ofLoud := numberOf(ctx, t, s, "deliveries WHERE alert_id = ?", loudAlert)
		if ofQuiet := numberOf(ctx, t, s, "deliveries WHERE alert_id = ?", quietAlert); ofLoud != 2000 || ofQuiet != 1000 {
			t.Errorf("the next page: %d of the emergency, %d of the other", ofLoud, ofQuiet)
		}
		replicas := sync.WaitGroup{}
		for range 4 {
			replicas.Go(func() {
				for more := true; more; {
					var err error
					if more, err = s.GoOnTelling(ctx, claimNow); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		replicas.Wait()
		for alert, want := range map[models.ID]int{loudAlert: 2499, quietAlert: 2500} {
			if got := numberOf(ctx, t, s, "deliveries WHERE alert_id = ?", alert); got != want {
				t.Errorf("%d queued, want %d", got, want)
			}
			if got := numberOf(ctx, t, s, "(SELECT DISTINCT person_id FROM deliveries WHERE alert_id = ?) AS once", alert); got != want {
				t.Errorf("for %d people, want %d", got, want)
			}
		}
	})
}

func TestATellingEndsWithItsAlert(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		crowdOf(ctx, t, s, 1500)
		addAlert(ctx, t, s, alertForAll(quietAlert, models.SeverityNormal))
		if more, err := s.GoOnTelling(ctx, claimNow.Add(time.Hour)); !more || err != nil { // it is over
			t.Errorf("got %v, %v", more, err)
		}
		addAlert(ctx, t, s, alertForAll(loudAlert, models.SeverityNormal))
		err := s.Atomically(ctx, func(tx *store.Store) error {
			_, err := tx.CancelAlert(ctx, loudAlert, claimNow)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for more := true; more; {
			if more, err = s.GoOnTelling(ctx, claimNow); err != nil {
				t.Fatal(err)
			}
		}
		for what, want := range map[string]int{
			"deliveries WHERE alert_id = '" + string(quietAlert) + "'": 1000,
			// that it is off is told to all, the alert itself to nobody more
			"deliveries WHERE alert_id = '" + string(loudAlert) + "' AND round = 0": 1000,
			"deliveries WHERE alert_id = '" + string(loudAlert) + "' AND round > 0": 1500,
			"tellings": 0,
		} {
			if got := numberOf(ctx, t, s, what); got != want {
				t.Errorf("%s: %d, want %d", what, got, want)
			}
		}
	})
}

// TestAnAlertForAHundredThousand shows how long the writer is held: XUNFANG_AUDIENCE sets for how many people, and 100000 take a
// minute. In the alert's own transaction no more than one page is queued.
func TestAnAlertForAHundredThousand(t *testing.T) {
	count := 3000
	if set := os.Getenv("XUNFANG_AUDIENCE"); set != "" {
		var err error
		if count, err = strconv.Atoi(set); err != nil {
			t.Fatal(err)
		}
	}
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		crowdOf(ctx, t, s, count)
		begun := time.Now()
		addAlert(ctx, t, s, alertForAll(loudAlert, models.SeverityEmergency))
		written, longest := time.Since(begun), time.Duration(0)
		if got := numberOf(ctx, t, s, "deliveries"); got != min(count, 1000) {
			t.Errorf("%d queued at once", got)
		}
		for more := true; more; {
			var err error
			page := time.Now()
			if more, err = s.GoOnTelling(ctx, claimNow); err != nil {
				t.Fatal(err)
			}
			longest = max(longest, time.Since(page))
		}
		all := time.Since(begun)
		t.Logf("%d people: the alert's transaction %s, the longest page %s, all %s; with all in one it would be %.1f times as long",
			count, written, longest, all, all.Seconds()/written.Seconds())
		if got := numberOf(ctx, t, s, "deliveries"); got != count {
			t.Errorf("%d queued", got)
		}
	})
}
