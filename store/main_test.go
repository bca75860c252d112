package store_test

import (
	"fmt"
	"os"
	"testing"

	"xunfang/store/testdb"
)

func TestMain(m *testing.M) {
	code := m.Run()
	if err := testdb.ForgetReused(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}
