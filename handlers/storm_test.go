package handlers_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/push"
	"xunfang/push/fcmfake"
)

// storm stands before a fake Firebase: three calls of ten come to nothing, in every way, and for a night all of them do.
type storm struct {
	fake *fcmfake.Fake

	mutex sync.Mutex
	away  bool
	lost  map[string]bool // names of messages that were taken while the answer was lost
	names map[string]bool // that were given out
	calls int
	bad   int
}

func (s *storm) ServeHTTP(writer http.ResponseWriter, request *http.Request) {
	s.mutex.Lock()
	s.calls++
	fate := rand.IntN(1000)
	if s.away {
		fate = fate * 240 / 1000 // never the last two
	}
	if fate < 300 {
		s.bad++
	}
	s.mutex.Unlock()
	switch {
	case fate < 60:
		writer.Header().Set("Retry-After", "30")
		http.Error(writer, `{"error":{"code":429,"status":"RESOURCE_EXHAUSTED"}}`, http.StatusTooManyRequests)
	case fate < 120:
		http.Error(writer, `{"error":{"code":503,"status":"UNAVAILABLE"}}`, http.StatusServiceUnavailable)
	case fate < 180:
		http.Error(writer, `{"error":{"code":500,"status":"INTERNAL"}}`, http.StatusInternalServerError)
	case fate < 220:
		panic(http.ErrAbortHandler)
	case fate < 240: // silence
		_, _ = io.Copy(io.Discard, request.Body)
		<-request.Context().Done()
	default:
		answer := httptest.NewRecorder()
		s.fake.ServeHTTP(answer, request)
		name := strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(answer.Body.String()), `{"name":"`), `"}`)
		s.mutex.Lock()
		s.names[name], s.lost[name] = true, fate < 300
		s.mutex.Unlock()
		if fate < 300 { // taken, and nobody is told
			panic(http.ErrAbortHandler)
		}
		writer.Header().Set("Content-Type", "application/json")
		if _, err := writer.Write(answer.Body.Bytes()); err != nil || request.Context().Err() != nil { // too late for who asked
			s.mutex.Lock()
			s.lost[name] = true
			s.mutex.Unlock()
		}
	}
}

func (s *storm) turn(away bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.away = away
}

// stormPhone is a phone's address.
func stormPhone(number int) string { return fmt.Sprintf("storm-phone-%d", number) }

// told is a row of the ledger, as the database has it.
type told struct{ alert, phone, state, name string }

// discrepancies compares the ledger with what the fake saw, both ways.
func discrepancies(ledger []told, received map[string][]string, names, lost map[string]bool, living, dead []string) []string {
	found, accepted, attempted := []string{}, map[string]bool{}, map[string]bool{}
	for _, row := range ledger {
		if row.state == "queued" {
			found = append(found, "still queued: "+row.alert)
		}
		attempted[row.alert+row.phone] = attempted[row.alert+row.phone] || row.state != "queued" && row.state != "expired"
		if row.state != "provider_accepted" {
			continue
		}
		accepted[row.name] = true
		if !names[row.name] || !slices.Contains(received[row.phone], row.alert) {
			found = append(found, "the ledger says accepted, the fake never took it: "+row.name)
		}
	}
	for name := range names {
		if !accepted[name] && !lost[name] {
			found = append(found, "the fake said yes, the ledger does not: "+name)
		}
	}
	for phone, alerts := range received {
		for _, alert := range alerts {
			if !attempted[alert+phone] {
				found = append(found, "the phone has what the ledger does not: "+alert)
			}
		}
		for _, alert := range living {
			if !slices.Contains(alerts, alert) {
				found = append(found, "never came to "+phone+": "+alert)
			}
		}
		for _, alert := range dead {
			if slices.Contains(alerts, alert) {
				found = append(found, "rang after it was over: "+alert)
			}
		}
	}
	return found
}

// TestAlertsOutliveAStorm: the ledger, the worker, the real SDK and the protocol, with a provider that fails three times in ten
// and is wholly away for eight hours.
func TestAlertsOutliveAStorm(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		const phones = 4
		for number := range phones {
			rig.phone(rig.Volunteer, fmt.Sprintf("installation-%d", number), stormPhone(number))
		}
		storm := &storm{fake: fcmfake.New(), names: map[string]bool{}, lost: map[string]bool{}}
		rig.weather(storm)
		sent := func(severity string, ttl time.Duration) string {
			body := alertTo("compound", rig.One.ID(), "volunteer")
			body["severity"], body["ttl_s"] = severity, ttl.Seconds()
			return rig.alert(rig.Officer, body).must(201).text("id")
		}
		pass := func(simulated time.Duration) {
			for range simulated / (20 * time.Second) {
				rig.advance(20 * time.Second)
				time.Sleep(time.Millisecond)
			}
		}
		living, dead := []string{}, []string{}
		for range 8 {
			living = append(living, sent(models.SeverityHigh, 24*time.Hour))
		}
		pass(10 * time.Minute)
		storm.turn(true)
		for range 4 {
			living = append(living, sent(models.SeverityNormal, 24*time.Hour))
			dead = append(dead, sent(models.SeverityEmergency, 30*time.Minute)) // as a call at the door: over before the night is
		}
		dead = append(dead, sent(models.SeverityInfo, 30*time.Minute)) // no probe of the provider comes to it: others are more urgent
		pass(8 * time.Hour)
		ledger := []told{}
		until(t, "the end of what is over, while the provider is away", func() bool { // who asks in the night is told no more than there is
			ledger = rig.ledger()
			return rig.server.ExpireDeliveries(t.Context()) == nil && !slices.ContainsFunc(ledger, func(row told) bool {
				return row.state == "queued" && slices.Contains(dead, row.alert)
			})
		})
		storm.turn(false)
		until(t, "the end of the queue", func() bool {
			rig.advance(20 * time.Second)
			ledger = rig.ledger()
			return !slices.ContainsFunc(ledger, func(row told) bool { return row.state == "queued" })
		})
		received, repeats := map[string][]string{}, 0
		for number := range phones {
			phone := stormPhone(number)
			received[phone] = storm.fake.Received(phone)
			shown, times := fcmfake.Shown(storm.fake.Delivered(phone), "android"), map[string]int{}
			for _, one := range shown {
				if times[one.AlertID]++; times[one.AlertID] > 1 {
					t.Errorf("%s shows %s %d times", phone, one.AlertID, times[one.AlertID])
				}
			}
			repeats += len(received[phone]) - len(shown)
		}
		storm.mutex.Lock()
		defer storm.mutex.Unlock()
		for _, finding := range discrepancies(ledger, received, storm.names, storm.lost, living, dead) {
			t.Error(finding)
		}
		t.Logf("%d calls, %d came to nothing, %d attempts in the ledger, %d repeats collapsed by id", storm.calls, storm.bad, len(ledger), repeats)
		if storm.bad < 20 || len(ledger) > 40*phones*len(living) {
			t.Errorf("%d calls came to nothing, %d attempts: it proves nothing", storm.bad, len(ledger))
		}
		// What the comparison trusts must be able to see each of these.
		first := slices.IndexFunc(ledger, func(row told) bool { return row.state == "provider_accepted" })
		for name, broken := range map[string][]string{
			"a row is lost":       discrepancies(slices.Delete(slices.Clone(ledger), first, first+1), received, storm.names, storm.lost, living, dead),
			"a row claims more":   discrepancies(append(slices.Clone(ledger), told{living[0], stormPhone(0), "provider_accepted", "made up"}), received, storm.names, storm.lost, living, dead),
			"an alert never came": discrepancies(ledger, map[string][]string{stormPhone(0): {}}, storm.names, storm.lost, living, nil),
			"an expired one rang": discrepancies(ledger, received, storm.names, storm.lost, nil, living),
		} {
			if len(broken) == 0 {
				t.Errorf("%s, and nothing was noticed", name)
			}
		}
	})
}

// weather sends what is queued through the real SDK and a storm, until the test ends.
func (r *rig) weather(storm *storm) {
	r.t.Helper()
	r.sendThrough(storm, push.FirebaseConfig{SendTimeout: 500 * time.Millisecond},
		push.WorkerConfig{Poll: 2 * time.Millisecond, Lease: 48 * time.Hour}, storm.fake.Close)
}

// ledger reads every attempt, with the address of its phone.
func (r *rig) ledger() []told {
	r.t.Helper()
	rows, err := r.sql.Query("SELECT alert_id, installation_id, state, provider_id FROM deliveries")
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	ledger := []told{}
	for rows.Next() {
		one := told{}
		if err := rows.Scan(&one.alert, &one.phone, &one.state, &one.name); err != nil {
			r.t.Fatal(err)
		}
		one.phone = strings.Replace(one.phone, "installation-", "storm-phone-", 1)
		ledger = append(ledger, one)
	}
	if err := rows.Err(); err != nil {
		r.t.Fatal(err)
	}
	return ledger
}
