package main

import (
	"fmt"
	"os"
	"testing"
)

// TestMain lets the tests' own program be what stands beside the product, as the bench's does.
func TestMain(m *testing.M) {
	if which := os.Getenv(envFake); which != "" {
		if err := beBeside(which); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}
