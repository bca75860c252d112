package wake

import (
	"testing"

	"go.uber.org/goleak"
)

// Every test must leave nothing running behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
