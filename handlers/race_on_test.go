//go:build race

package handlers_test

// underRace says that the race detector is on, which makes the database of the tests many times slower.
const underRace = true
