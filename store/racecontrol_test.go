//go:build race

package store_test

import (
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"xunfang/store/testdb"
)

// racing in the environment makes this test program a victim that races on purpose.
const racing = "XUNFANG_TEST_RACING"

// The database's own code is compiled without the race detector (tools/test.sh): what our code does wrong around it,
// and what is wrong with memory that the database's rows are written to, must be found all the same.
func TestTheRaceDetectorWatchesTheCodeAroundSQLite(t *testing.T) {
	for _, which := range []string{"counter", "row", "none"} {
		victim := exec.Command(os.Args[0], "-test.run=^TestRacingOnPurpose$")
		victim.Env = append(os.Environ(), racing+"="+which, "GORACE=atexit_sleep_ms=0")
		output, err := victim.CombinedOutput()
		found := strings.Contains(string(output), "WARNING: DATA RACE")
		if wanted := which != "none"; found != wanted || (err != nil) != wanted {
			t.Errorf("%s: a race was found: %v, %v\n%s", which, found, err, output)
		}
	}
}

// TestRacingOnPurpose is the victim. Both goroutines have what they ask for before either of them writes, so that nothing
// which a database connection orders comes between the two writes.
func TestRacingOnPurpose(t *testing.T) {
	which := os.Getenv(racing)
	if which == "" {
		t.Skip("only for TestTheRaceDetectorWatchesTheCodeAroundSQLite")
	}
	s := testdb.SQLite(t)
	shared, own := 0, [2]int{}
	var ready, done sync.WaitGroup
	ready.Add(2)
	for number := range own {
		done.Go(func() {
			rows, err := s.Read(t.Context()).Raw("SELECT 1").Rows()
			ready.Done()
			ready.Wait()
			if err != nil {
				t.Error(err)
				return
			}
			target := &own[number]
			if which == "row" {
				target = &shared
			}
			if !rows.Next() || rows.Scan(target) != nil {
				t.Error("there is no row")
			}
			if which == "counter" {
				shared++
			}
			_, _ = rows.Close(), rows.Err()
		})
	}
	done.Wait()
}
