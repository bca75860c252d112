// Package models says what the neighbourhood is and what may happen in it.
// It imports nothing but the standard library: no database, no HTTP, no clock.
// Everybody imports models; models imports nobody.
package models
