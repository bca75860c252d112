package main

import (
	"crypto/rand"
	"errors"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/valyala/fasthttp"

	"xunfang/auth"
)

func TestPercentileIsTheNearestRank(t *testing.T) {
	hundred := []time.Duration{}
	for number := range 100 {
		hundred = append(hundred, time.Duration(number+1))
	}
	for _, wanted := range []struct {
		sorted []time.Duration
		share  float64
		is     time.Duration
	}{
		{hundred, 0.50, 50},
		{hundred, 0.99, 99},
		{hundred, 1, 100},
		{hundred, 0, 1},
		{hundred[:10], 0.99, 10},
		{hundred[:10], 0.5, 5},
		{hundred[:1], 0.5, 1},
		{nil, 0.5, 0},
	} {
		if got := percentile(wanted.sorted, wanted.share); got != wanted.is {
			t.Errorf("of %d, %.2f: %d, not %d", len(wanted.sorted), wanted.share, got, wanted.is)
		}
	}
}

func TestMedian(t *testing.T) {
	if got := median([]float64{9, 1, 5}); got != 5 {
		t.Errorf("of three: %v", got)
	}
	if got := median([]float64{4, 1, 9, 2}); got != 3 {
		t.Errorf("of four: %v", got)
	}
	if !math.IsNaN(median(nil)) {
		t.Error("of none: a number")
	}
}

// A machine that gets slower by half between the pairs must not move the ratio.
func TestRatiosCompareNeighbours(t *testing.T) {
	made := func(requests int, latency time.Duration) round {
		return round{latencies: slices.Repeat([]time.Duration{latency}, requests), elapsed: time.Second}
	}
	bare := []round{made(100, 8), made(50, 16), made(25, 32)}
	ours := []round{made(20, 16), made(10, 32), made(5, 64)}
	got := ratiosOf(ours, bare, 50)
	if got.perSecond != 10 || got.p50 != 2 || got.p99 != 2 {
		t.Errorf("%+v", got)
	}
}

// The ids of a batch must be new in every request and within it, or repeats would be measured.
func TestBatchesRepeatNoID(t *testing.T) {
	body := &batchBody{text: []byte(`{"a":"` + zeroID + `","b":"` + zeroID + `"}`), ids: []int{6, 6 + len(zeroID) + 7}}
	seen := map[string]bool{}
	for range 100 {
		text := string(body.next())
		for _, at := range body.ids {
			id := text[at : at+len(zeroID)]
			if _, err := uuid.Parse(id); err != nil || seen[id] {
				t.Fatalf("%s: %v, seen before: %v", id, err, seen[id])
			}
			seen[id] = true
		}
		if strings.Contains(text, zeroID) {
			t.Fatal("an id was left out:", text)
		}
	}
}

// A program that fails quickly must not look quick.
func TestWrongAnswersAreNoFigures(t *testing.T) {
	sent := traffic{proof: []byte("accepted"), times: 2}
	answer := func(status int, body string) *fasthttp.Response {
		response := &fasthttp.Response{}
		response.SetStatusCode(status)
		response.SetBodyString(body)
		return response
	}
	if err := sent.check(answer(200, "accepted accepted")); err != nil {
		t.Error("a right answer:", err)
	}
	for name, response := range map[string]*fasthttp.Response{
		"too few": answer(200, "accepted rejected"), "too many": answer(200, "accepted accepted accepted"),
		"refused": answer(429, "accepted accepted"), "failed": answer(500, "accepted accepted"), "moved": answer(302, "accepted accepted"),
	} {
		if sent.check(response) == nil {
			t.Error(name, "passed")
		}
	}
}

// A small world; bench/hostile has the tests of what such worlds show.
func TestDoorsHoldAgainstAHostileBroker(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a second")
	}
	keys, err := auth.GenerateKeys(rand.Reader, false)
	if err != nil {
		t.Fatal(err)
	}
	total, err := allWorlds(t.Context(), options{commands: 400, seed: 3}, keys, keys)
	out := &strings.Builder{}
	if err := errors.Join(err, printHostile(out, total)); err != nil || total.Commands != 400 || !strings.HasPrefix(out.String(), "late 0, ") {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestMistakesInFlagsAreRefused(t *testing.T) {
	for _, arguments := range [][]string{
		{"--db", "oracle"},
		{"--only", "nothing"},
		{"--callers", "0"},
		{"--callers", "65"},
		{"--callers", "many"},
		{"--seconds", "0"},
		{"--rounds", "0"},
		{"--rows", "0"},
		{"--only", caseHostile, "--commands", "0"},
		{"--unknown"},
	} {
		if _, err := parse(arguments, io.Discard); err == nil {
			t.Error(arguments, "passed")
		}
	}
	asked, err := parse([]string{"--quick"}, io.Discard)
	if err != nil || asked.rows > 50_000 || asked.rounds != 1 {
		t.Errorf("--quick: %+v, %v", asked, err)
	}
}

// The whole program, short: both programs are built and run, every case is asked of both, and every answer
// is a right one, or run would return its error.
func TestItRuns(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes seconds")
	}
	out := &strings.Builder{}
	err := run(t.Context(), options{
		databases: []string{kindSQLite}, callers: []int{4}, round: 300 * time.Millisecond, rounds: 1, rows: 13_000,
		data: t.TempDir(), maxDoors: 8,
	}, out)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range caseNames() {
		if !strings.Contains(out.String(), "\n"+name+" ") {
			t.Errorf("%s is not in the table:\n%s", name, out)
		}
	}
	if !strings.Contains(out.String(), "\nsqlite            100 ") {
		t.Errorf("the depth of the list is not in it:\n%s", out)
	}
}
