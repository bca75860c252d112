package media

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if folder := os.Getenv(crashFolder); folder != "" {
		putUntilKilled(folder)
		return
	}
	goleak.VerifyTestMain(m)
}
