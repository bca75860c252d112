package handlers_test

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"xunfang/store/testdb"
)

// thenForget drops the databases that tests shared before leaks are looked for.
type thenForget struct{ *testing.M }

// Run implements goleak.TestingM.
func (m thenForget) Run() int {
	code := m.M.Run()
	if err := testdb.ForgetReused(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(thenForget{m}, // what these libraries start and never end is not ours
		goleak.IgnoreAnyFunction("gorm.io/gorm/internal/lru.NewLRU[...].func1"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
	)
}
